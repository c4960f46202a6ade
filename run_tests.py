#!/usr/bin/env python3
"""Sets everything up inside this folder and runs the tests; arguments go to pytest, the reason of each skip comes last.

``--quick`` runs what needs no server and no process, and the whole pipeline once: the inner loop while you write.

TEST_EXTRAS names extras to test with: ``TEST_EXTRAS="otel crawl"`` adds the browser tests, where there is a Chromium.
"""

import os
import sys

from run_enrichment import HERE, run

if __name__ == "__main__":
    os.chdir(HERE)
    extras = [word for name in os.environ.get("TEST_EXTRAS", "otel").split() for word in ("--extra", name)]
    sys.exit(run("--group", "dev", *extras, "pytest", "-n", "2", "--dist", "worksteal", *sys.argv[1:]))
