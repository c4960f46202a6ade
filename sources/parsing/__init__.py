"""What the parsers share: dates, links, languages, words, names; texts in, values out.

May import: errors, record, verdict, cache.
"""
