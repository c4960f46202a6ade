"""When to ask again: often while something happens, ever more rarely when nothing does. Pure; the caller has the clock."""

from __future__ import annotations

import datetime as dt
import hashlib

from streams.contract.record import EnrichedRecord
from streams.merging.rules import instant

DAY = dt.timedelta(days=1)
SOON = dt.timedelta(hours=6)
AFTER_AIRING = dt.timedelta(hours=2)
CAP = 90 * DAY
UNDATED = 14 * DAY
_TRANSIENT = frozenset({"timeout", "unreachable", "rate_limited", "upstream_error", "bad_reply", "deadline"})


def next_refresh(record: EnrichedRecord, *, now: dt.datetime, unchanged: int = 0) -> dt.datetime:
    """The instant to ask again.

    Args:
        record: the newest revision.
        now: aware instant of the last look.
        unchanged: how many looks in a row have found nothing new; each doubles the wait of a finished work.
    """
    wait = _wait(record, now, unchanged)
    if any(reason in _TRANSIENT for reason in record.completeness.missing.values()):
        wait = min(wait, SOON * _doubled(unchanged))
    due = now + _spread(record, min(max(wait, dt.timedelta(hours=1)), CAP))
    airing = _next_airing(record, now)
    return min(due, airing) if airing else due


def _wait(record: EnrichedRecord, now: dt.datetime, unchanged: int) -> dt.timedelta:
    if record.status == "AIRING":
        return DAY
    if record.status == "HIATUS":
        return 7 * DAY
    if record.status == "CANCELLED":
        return CAP
    if record.status == "UPCOMING":
        return _until_premiere(record, now)
    if record.status == "FINISHED":
        return _since_end(record, now) * _doubled(unchanged)
    return UNDATED


def _doubled(times: int) -> int:
    return 1 << min(times, 10)


def _until_premiere(record: EnrichedRecord, now: dt.datetime) -> dt.timedelta:
    """A quarter of the time that is left, daily at the end; a premiere known by its year or month is far off."""
    start = _first_day(record.start_date)
    if start is None:
        return UNDATED
    return min(max((start - now) / 4, DAY), UNDATED)


def _since_end(record: EnrichedRecord, now: dt.datetime) -> dt.timedelta:
    """A tenth of the age: two days in the first weeks, a month after a year."""
    end = _first_day(record.end_date or record.start_date)
    return UNDATED if end is None else max((now - end) / 10, 2 * DAY)


def _first_day(partial: str | None) -> dt.datetime | None:
    if not partial:
        return None
    full = f"{partial}-01-01"[:10] if len(partial) == 4 else f"{partial}-01"[:10]
    return dt.datetime.fromisoformat(full).replace(tzinfo=dt.UTC)


def _next_airing(record: EnrichedRecord, now: dt.datetime) -> dt.datetime | None:
    """A while after the next episode, when the sites know of it; ``None`` when no time is known."""
    if record.status not in ("AIRING", "UPCOMING") or not record.broadcast:
        return None
    at = instant(record.broadcast.next_episode_at) + AFTER_AIRING
    return at if at > now else None


def _spread(record: EnrichedRecord, wait: dt.timedelta) -> dt.timedelta:
    """Up to a tenth more, the same for the same work, so that a back-fill does not come round as one wave."""
    first = hashlib.sha256(record.anime_id.encode()).digest()[0]
    return wait * (1 + first / 2560)
