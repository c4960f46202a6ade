"""Which work a title means, or that nobody can tell. Pure.

May import: contract, text, sources.
"""
