"""Settings and the user's files, each mistake named with its line or the nearest known name.

May import: broker, contract, matching, merging, text, cache, sources.
"""
