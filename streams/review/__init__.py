"""What waits for a person, what was decided, and what follows from it.

May import: broker, config, contract, matching, merging, text, cache, sources.
"""
