"""How fast the cache is, against the raw store and against others, interleaved in one run."""
