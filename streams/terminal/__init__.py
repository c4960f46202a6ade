"""Records, progress and outcomes as text on a terminal.

May import: client, config, contract, records, text, cache, sources.
"""
