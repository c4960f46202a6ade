"""When to look at a known work again, and at which site. Pure: what is due follows from what was heard, and when.

Often while something happens, ever more rarely when nothing does; shortly after an episode was to air, again and again
until the site knows it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from cache import clock
from sources.base import Source
from sources.discovery import discover
from streams.broker.records import Known
from streams.contract.record import EnrichedRecord
from streams.merging.rules import instant
from streams.records.known import ANSWERS, Gathered, is_record

HOUR, DAY = 3600.0, 86_400.0
CAP = 90 * DAY
UNDATED = 14 * DAY
AFTER_AIRING, LONGEST_PAUSE = 600.0, 5400.0
"""Seconds from an episode's time to the first look, and between two looks at most."""
WHOLE_AIRING, WHOLE = 14 * DAY, 180 * DAY
"""How old the tail (episodes, people) of an airing work and of any other may become."""
GIVE_UP = 2 * DAY
"""An episode that a site does not know after so long is left to the looks by age."""
ABSENT = 3.0
"""How many times longer a site is left alone that had no such entry."""
_TRANSIENT = frozenset({"timeout", "unreachable", "rate_limited", "upstream_error", "bad_reply", "deadline"})


@dataclass(frozen=True, slots=True)
class Heard:
    """What one source said last: when, how often it has failed since, which episode comes next there, and when.

    ``whole_at`` is when it told everything and not its main document alone; of one that has no such entry there is none.
    Times are Unix seconds; 0 for none.
    """

    at: float
    failed: int = 0
    airs_at: float = 0.0
    episode: int = 0
    whole_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Work:
    """A known work, as far as looking again needs; ``unchanged`` counts the looks in a row that found nothing new."""

    anime_id: str
    status: str | None = None
    start: str | None = None
    end: str | None = None
    heard: Mapping[str, Heard] = field(default_factory=dict)
    unchanged: int = 0

    def packed(self) -> str:
        """As JSON, to be kept beside the record; `unchanged` is kept there anyway."""
        heard = {
            source: [round(one.at), one.failed, round(one.airs_at), one.episode, round(one.whole_at)]
            for source, one in self.heard.items()
        }
        return json.dumps({"status": self.status, "start": self.start, "end": self.end, "heard": heard})


@dataclass(frozen=True, slots=True)
class Due:
    """When to look at a source again (Unix seconds), why, and how long the wait was meant to be."""

    at: float
    why: Literal["refresh", "aired"]
    wait: float


def unpacked(anime_id: str, packed: bytes, unchanged: int = 0) -> Work:
    """The work that was packed. Raises ``ValueError`` for anything else."""
    said: dict[str, Any] = json.loads(packed)
    try:
        heard = {
            source: Heard(float(at), int(failed), float(airs), int(episode), float(whole))
            for source, (at, failed, airs, episode, whole) in said["heard"].items()
        }
        return Work(anime_id, said["status"], said["start"], said["end"], heard, unchanged)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no facts of a work: {packed[:80]!r}") from error


def work_of(record: EnrichedRecord, heard: Mapping[str, Heard], unchanged: int = 0) -> Work:
    """The work of a record."""
    return Work(record.anime_id, record.status, record.start_date, record.end_date, heard, unchanged)


def heard_in(record: EnrichedRecord) -> dict[str, Heard]:
    """What a record alone tells, for those that were made before this was kept; it does not tell who names which episode."""
    return {
        source: Heard(
            at := instant(report.fetched_at).timestamp(), int(report.reason in _TRANSIENT), whole_at=at
        )
        for source, report in record.sources.items()
        if report.fetched_at and (report.outcome in ANSWERS or report.reason in _TRANSIENT)
    }


def heard_before(known: Known) -> Mapping[str, Heard]:
    """What was heard by the last look; nothing where that was not kept, or cannot be read."""
    try:
        return unpacked(known.anime_id, known.looks).heard if known.looks else {}
    except ValueError:
        return {}


def heard_now(gathered: Gathered, now: float, before: Mapping[str, Heard] | None = None) -> dict[str, Heard]:
    """What was heard of each source, those included that failed at ``now``; who was not asked or not set up is left out.

    ``before`` is what was known: what a main document leaves out was told then.
    """
    found = {}
    for source, partial in gathered.partials.items():
        reason = gathered.failed.get(source) or (partial.reason if partial.outcome not in ANSWERS else "")
        if partial.outcome not in ANSWERS and reason not in _TRANSIENT:
            continue
        said_at = now if reason or not partial.fetched_at else instant(partial.fetched_at).timestamp()
        record = partial.record if is_record(partial) else None
        following = record.broadcast if record else None
        airs = following.next_episode_at if following else None
        last = (before or {}).get(source, Heard(0.0))
        is_new = source in gathered.copy and source not in gathered.carried
        found[source] = Heard(
            min(said_at, now),
            last.failed + 1 if reason in _TRANSIENT else 0,
            instant(airs).timestamp() if airs else 0.0,
            (following.next_episode or 0) if following else 0,
            last.whole_at if reason else _whole_at(said_at, last, is_new=is_new) if record else 0.0,
        )
    return found


def _whole_at(said_at: float, last: Heard, *, is_new: bool) -> float:
    return said_at if is_new or not last.whole_at else last.whole_at


def has_tail(source: str) -> bool:
    """Whether a source tells more than its main document, by further requests that can be left out."""
    cls = discover().get(source)
    return bool(cls and cls.tail)


def wants_all(work: Work, source: str, now: float) -> bool:
    """Whether a look should ask for everything: the source tells it in one request, or its tail is old."""
    heard = work.heard.get(source)
    if heard is None or not has_tail(source):
        return True
    return now - heard.whole_at > (WHOLE_AIRING if work.status == "AIRING" else WHOLE)


def dues(work: Work, whys: Collection[str] = ("refresh", "aired")) -> dict[str, Due]:
    """When each source that was heard of is to be asked again for one of ``whys``; one that nobody knows is left out."""
    found: dict[str, Due] = {}
    for source, due in reasons(work, whys):
        if source not in found or due.at < found[source].at:
            found[source] = due
    return found


def reasons(work: Work, whys: Collection[str] = ("refresh", "aired")) -> Iterator[tuple[str, Due]]:
    """The same, each source as often as there are reasons."""
    known = discover()
    for source, heard in work.heard.items():
        if source not in known:
            continue
        if "refresh" in whys:
            yield source, _by_age(work, known[source], heard)
        if "aired" in whys and (airing := _by_airing(work, known[source], heard)):
            yield source, airing


def next_look(work: Work) -> float:
    """The first of them, Unix seconds; long after it was made where nobody was heard of."""
    return min((due.at for due in dues(work).values()), default=clock.now() + CAP)


def _by_age(work: Work, source: type[Source], heard: Heard) -> Due:
    wait, least = _wait(work, heard.at), source.freshness.ttl
    if heard.failed:
        wait, least = min(wait, HOUR * _doubled(heard.failed)), HOUR
    wait = max(wait, least) * (1.0 if heard.whole_at or heard.failed else ABSENT)
    wait = _spread(work, min(wait, CAP))
    return Due(heard.at + wait, "refresh", wait)


def _by_airing(work: Work, source: type[Source], heard: Heard) -> Due | None:
    """The look for the next episode; where all shows stand in one timetable, that is read instead."""
    if not heard.airs_at or work.status not in {"AIRING", "UPCOMING"}:
        return None
    listed = any(listing.kind == "timetable" for listing in source.lists)
    return None if listed else _after_airing(heard)


def _after_airing(heard: Heard) -> Due | None:
    """Shortly after the next episode; if the site has not heard of it by then, again with pauses that grow."""
    late = heard.at - heard.airs_at
    if late < AFTER_AIRING:
        return Due(heard.airs_at + AFTER_AIRING, "aired", AFTER_AIRING)
    if late >= GIVE_UP:
        return None
    pause = min(max(late / 2, AFTER_AIRING), LONGEST_PAUSE)
    return Due(heard.at + pause, "aired", pause)


def _wait(work: Work, at: float) -> float:
    if work.status == "AIRING":
        return DAY
    if work.status == "HIATUS":
        return 7 * DAY
    if work.status == "CANCELLED":
        return CAP
    if work.status == "UPCOMING":
        return _until_premiere(work, at)
    if work.status == "FINISHED":
        return _since_end(work, at) * _doubled(work.unchanged // max(1, len(work.heard)))
    return UNDATED


def _doubled(times: int) -> int:
    return 1 << min(times, 10)


def _until_premiere(work: Work, at: float) -> float:
    """A quarter of the time that is left, daily at the end; a premiere known by its year or month is far off."""
    start = _first_day(work.start)
    return UNDATED if start is None else min(max((start - at) / 4, DAY), UNDATED)


def _since_end(work: Work, at: float) -> float:
    """A tenth of the age: two days in the first weeks, a month after a year."""
    end = _first_day(work.end or work.start)
    return UNDATED if end is None else max((at - end) / 10, 2 * DAY)


def _first_day(partial: str | None) -> float | None:
    if not partial:
        return None
    full = f"{partial}-01-01"[:10] if len(partial) == 4 else f"{partial}-01"[:10]
    return dt.datetime.fromisoformat(full).replace(tzinfo=dt.UTC).timestamp()


def _spread(work: Work, wait: float) -> float:
    """Up to a tenth more, the same for the same work, so that a back-fill does not come round as one wave."""
    return wait * (1 + _place(work.anime_id) / 2560)


@lru_cache(maxsize=10_000)
def _place(anime_id: str) -> int:
    """Where a work stands among the others, 0 to 255."""
    return hashlib.sha256(anime_id.encode()).digest()[0]
