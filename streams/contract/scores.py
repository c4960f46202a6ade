"""Ratings as a record carries them: the one of all sites, and each site's own."""

from __future__ import annotations

from sources.shapes import Shape


class CombinedScore(Shape):
    """The one rating, 0 to 10, and the rule that made it."""

    value: float
    """The rating, 0 to 10."""
    votes: int | None = None
    """How many people rated it, over all sites."""
    rule: str
    """The rule that made it."""


class SourceScore(Shape):
    """One site's rating on its own scale; ``as_of`` is ISO 8601."""

    value: float
    """The rating on the site's own scale."""
    scale_min: float
    """The lowest rating of that scale."""
    scale_max: float
    """The highest rating of that scale."""
    votes: int | None = None
    """How many people rated it there."""
    as_of: str | None = None
    """When it was read, ISO 8601."""
