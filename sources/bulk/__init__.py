"""Asks once for many: single questions that a site takes together travel in one request, each answered as if alone.

May import: batch, errors, cache.
"""

from sources.bulk.collector import collecting

__all__ = ["collecting"]
