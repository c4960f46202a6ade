"""Records, progress and outcomes as text on a terminal.

May import: client, contract, records, cache, sources.
"""
