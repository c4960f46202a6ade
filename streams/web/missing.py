"""What is missing: works that were made without some source, the newest first, and why. Pure but for the reading."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from cache import clock
from streams.broker.records import Lacking, Records
from streams.web.html import Child, document, el, moment, table, to_record

SHOWN = 200
DAYS = 30


async def lacking(records: Records) -> list[tuple[Lacking, str]]:
    """The works looked at lately that lack a source, with their titles, the newest first."""
    found = deque[Lacking](maxlen=SHOWN)
    async for one in records.lacking(int((clock.now() - DAYS * 86_400) * 1000)):
        if one.missing:
            found.append(one)
    newest = list(reversed(found))
    return list(zip(newest, await records.titles([one.anime_id for one in newest]), strict=True))


def missing_page(works: Sequence[tuple[Lacking, str]], waiting: int) -> bytes:
    """The page; ``waiting`` is how many wait for a person."""
    rows: list[Sequence[Child]] = [
        (
            el("a", title or one.anime_id, href=to_record(one.anime_id)),
            ", ".join(one.missing),
            ", ".join(sorted(set(one.missing.values()))),
            moment(int(one.at) / 1000) if one.at.isdecimal() else "-",
        )
        for one, title in works
    ]
    review = el("p", el("a", f"{waiting} wait for a decision", href="/review"), class_="empty")
    return document(
        "Missing",
        "/missing",
        review,
        table(
            "Records without some source, the newest first",
            ("title", "without", "why", "looked at"),
            rows,
            _NONE,
        ),
    )


_NONE = f"Nothing that was looked at in the last {DAYS} days lacks a source."
