"""Asks once for many: single questions that a site takes together travel in one request, each answered as if alone.

May import: batch, errors, cache.
"""

from sources.bulk.collector import collecting
from sources.bulk.desk import Company

__all__ = ["Company", "collecting"]
