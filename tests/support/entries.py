"""Search results for tests of matching, in few words."""

from __future__ import annotations

from typing import Any

from sources.base import Candidate
from streams.matching.identify import Identity


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
