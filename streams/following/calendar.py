"""What airs in the next days, as our records know it, and who says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, Field

from streams.broker.records import Records
from streams.records.looks import DAY, HOUR, Heard, unpacked

ALIKE = HOUR
"""Sites whose times lie no further apart mean the same broadcast."""
MAX_DAYS = 31


class Airing(BaseModel):
    """One episode that is to air; ``at`` is ISO 8601 in UTC, ``said_by`` the sources that say so, the earliest time first.

    ``others`` are the times that other sources give for the next episode of this work, by source.
    """

    at: str
    anime_id: str
    title: str
    episode: int | None = None
    said_by: list[str] = Field(default_factory=list)
    others: dict[str, str] = Field(default_factory=dict)


async def airing_soon(records: Records, now: float, days: float = 7) -> list[Airing]:
    """What airs within ``days`` of ``now`` (Unix seconds), in order of time."""
    found: list[Airing] = []
    async for anime, title, heard in _heard(records):
        if airing := next_airing(anime, title, heard, now, days):
            found.append(airing)
    return sorted(found, key=lambda one: (one.at, one.anime_id))


def next_airing(
    anime_id: str, title: str, heard: Mapping[str, Heard], now: float, days: float
) -> Airing | None:
    """The next episode of one work, at the time that most sources give, the earlier one where they are even."""
    said = {source: one for source, one in heard.items() if one.airs_at > now}
    groups = list(_alike(said))
    if not groups:
        return None
    best = max(groups, key=lambda group: (len(group), -said[group[0]].airs_at))
    at = said[best[0]].airs_at
    if at > now + days * DAY:
        return None
    return Airing(
        at=_iso(at),
        anime_id=anime_id,
        title=title,
        episode=next((said[source].episode for source in best if said[source].episode), None),
        said_by=best,
        others={source: _iso(one.airs_at) for source, one in sorted(said.items()) if source not in best},
    )


def _alike(said: Mapping[str, Heard]) -> Iterable[list[str]]:
    """The sources by the time they give, those together that mean the same."""
    group: list[str] = []
    for source in sorted(said, key=lambda one: (said[one].airs_at, one)):
        if group and said[source].airs_at - said[group[0]].airs_at > ALIKE:
            yield group
            group = []
        group.append(source)
    if group:
        yield group


async def _heard(records: Records) -> AsyncIterator[tuple[str, str, Mapping[str, Heard]]]:
    """What was heard of each known work; those of a version before say nothing before they are looked at again."""
    async for ids in records.newest_first():
        kept = {one.anime_id: one for one in await records.waiting(dict.fromkeys(ids, 0.0)) if one.looks}
        titles = await _titles(records, list(kept))
        for anime, one in kept.items():
            try:
                work = unpacked(anime, one.looks)
            except ValueError:
                continue  # damaged: `explain` shows the record itself
            if work.status in {"AIRING", "UPCOMING"}:
                yield anime, titles[anime], work.heard


async def _titles(records: Records, ids: Sequence[str]) -> dict[str, str]:
    return dict(zip(ids, await records.titles(ids), strict=True))


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
