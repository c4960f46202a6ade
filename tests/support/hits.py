"""How works answer a request, in few words: for tests of what is decided on them."""

from __future__ import annotations

from typing import Any

from streams.matching.clusters import Work
from streams.matching.hits import Hit
from streams.matching.profile import of_candidates
from streams.text.similarity import Likeness
from tests.support.entries import entry

ONE, TWO, THREE = ("jikan",), ("jikan", "kitsu"), ("jikan", "kitsu", "anilist")
WITH_A_LIST = ("jikan", "anidb")


def works(on: tuple[str, ...], *titles: str, **facts: Any) -> Work:
    """A work with an entry on each of some sites."""
    candidates = tuple(entry(source, 1, *(titles or ("Alpha",)), **facts) for source in on)
    return Work(candidates, of_candidates(candidates))


def hit(level: Likeness, on: tuple[str, ...] = TWO, **how: Any) -> Hit:
    """How a work on some sites answers; nothing is asked for but a title, and it heads an entry unless said otherwise."""
    work = how.pop("work", None) or works(on)
    basis = {"main": True, "ids": 0, "year": None, "fits": True}
    return Hit(work, level, **{**basis, **how})


def listed(level: Likeness, on: tuple[str, ...] = TWO, **how: Any) -> Hit:
    """The same of a title that heads no entry."""
    return hit(level, on, main=False, **how)
