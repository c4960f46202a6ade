"""``python -m streams`` is ``anime-enrich``."""

from streams.cli import main

main()
