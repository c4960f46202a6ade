"""Whether it runs: AniDB has no such field, so dates must tell.

With today's date (a fetch has it) the dates are compared with it. Without (``parse`` is pure) the document itself must
tell how old it is: the newest ``update`` of its episodes, characters and tags is a day that has passed for sure.
"""

from __future__ import annotations

from sources.record import AnimeStatus


def status_of(
    start: str | None, end: str | None, today: str | None, touched: str | None
) -> AnimeStatus | None:
    """The status by partial dates; ``touched`` is the newest day the document names, used where ``today`` is not known.

    ``None`` where the dates do not decide. AniDB gives no end to a running show, so an end that lies not provably
    ahead means that it is over.
    """
    clock = today or touched
    if start and clock and _first_day(start) > clock:
        return "UPCOMING"
    if end:
        return "AIRING" if today and _last_day(end) > today else "FINISHED"
    return "AIRING" if start and clock and _last_day(start) <= clock else None


def _first_day(date: str) -> str:
    return date + "-01-01"[: 10 - len(date)] if len(date) == 4 else date + "-01"[: 10 - len(date)]


def _last_day(date: str) -> str:
    """The latest day a partial date can mean, good enough to compare texts (no month has a day after 31)."""
    return date + "-12-31" if len(date) == 4 else date + "-31"[: 10 - len(date)]
