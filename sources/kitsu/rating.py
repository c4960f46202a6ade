"""Who may watch it: ``ageRating`` has four steps, the guide beside it, which people type, tells finer ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sources.parsing.json_reply import word
from sources.parsing.vocabulary import read
from sources.record import Unmapped

_FINER = (
    ("PG", re.compile(r"(?<![\d.:])13(?![\d.:-]\d)|\bteens?\b", re.IGNORECASE), "PG13"),
    ("R", re.compile(r"\bnudity\b|\bR\+", re.IGNORECASE), "R_PLUS"),
    (None, re.compile(r"\b17\b"), "R17"),
    (None, re.compile(r"\ball ages\b", re.IGNORECASE), "G"),
    (None, re.compile(r"\b(?:children|kids)\b", re.IGNORECASE), "PG"),
)
"""A rating, what its guide says, and our word for both: most works rated PG say "Teens 13 or older", which is PG-13.

Where there is no rating the guide alone speaks.
"""


def content_rating(attributes: Mapping[str, Any], unmapped: list[Unmapped]) -> str | None:
    """Our word for rating and guide; a guide that says nothing finer leaves the rating as it is."""
    rating, guide = word(attributes.get("ageRating")), word(attributes.get("ageRatingGuide")) or ""
    finer = (ours for given, said, ours in _FINER if rating in {given, None} and said.search(guide))
    return next(finer, None) or read("content_rating", "kitsu", rating, unmapped)
