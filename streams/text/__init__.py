"""Titles and names folded, compared, taken apart. Pure.

May import: sources.
"""
