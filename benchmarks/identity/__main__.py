"""``python -m benchmarks.identity``."""

from benchmarks.identity.evaluation import main

main()
