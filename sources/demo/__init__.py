"""The sites played on loopback from replies that are shipped with the product.

May import: anilist, base, discovery, cache.
"""
