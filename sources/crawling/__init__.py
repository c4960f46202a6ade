"""How the two sites without an interface are read: engines, politeness, memory of pages.

May import: base, candidates, crawl, errors, http, record, redirects, verdict, cache.
"""
