"""What the commands do, one a file; their signatures stand in ``streams/cli_*.py``."""
