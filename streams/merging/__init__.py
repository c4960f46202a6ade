"""One record from many answers, and who said what. Pure.

May import: contract, text, sources.
"""
