#!/usr/bin/env python3
"""Sets everything up inside this folder and runs the tests; arguments go to pytest."""

import os
import sys

from run_enrichment import HERE, run

if __name__ == "__main__":
    os.chdir(HERE)
    sys.exit(run("--group", "dev", "pytest", "-n", "2", "--dist", "worksteal", *sys.argv[1:]))
