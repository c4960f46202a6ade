"""Search results for tests of matching, and works as answers, in few words."""

from __future__ import annotations

from typing import Any

from sources.base import Candidate
from streams.matching.clusters import Work
from streams.matching.hits import Hit
from streams.matching.identify import Identity
from streams.matching.profile import of_candidates
from streams.text.similarity import Likeness


def entry(source: str, id_: str | int, title: str, *titles: str, **facts: Any) -> Candidate:
    """A search result; ``facts`` are the other fields of `Candidate`."""
    return Candidate(source, str(id_), title, titles, **facts)


def on_anilist(id_: int, title: str, *titles: str, mal: int | None = None, **facts: Any) -> Candidate:
    """AniList's result; it names the MAL id, which is the same number unless given."""
    return entry("anilist", id_, title, *titles, ids={"mal": str(mal or id_)}, **facts)


def on_kitsu(id_: int, title: str, *titles: str, mal: int | None = None, **facts: Any) -> Candidate:
    """Kitsu's result, with the MAL id if given."""
    return entry("kitsu", id_, title, *titles, ids={"mal": str(mal)} if mal else {}, **facts)


def ids(identity: Identity) -> dict[str, str]:
    """The chosen entries by source."""
    return {source: one.id for source, one in identity.chosen.items()}


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
