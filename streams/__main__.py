"""``python -m streams`` is ``anime-enrich``."""

from streams.cli.main import main

main()
