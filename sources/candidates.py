"""Search results: made from an entry, and put in order."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz

from sources.base import Candidate, Query
from sources.record import SourceRecord

_LOOKS_LIKE = 75.0  # per cent of likeness above which a result is moved to the front


def from_entry(record: SourceRecord) -> Candidate:
    """An entry as a search result: for searches that lead straight to one, lists of whole entries, and look-ups by id."""
    named = [record.title_english, record.title_native, *(title.text for title in record.titles)]
    titles = [text for text in named if text]
    return Candidate(
        source=record.source,
        id=record.source_id,
        title=record.title or next(iter(titles), ""),
        titles=tuple(dict.fromkeys(titles)),
        type=record.type,
        year=record.year,
        start_date=record.start_date,
        episode_count=record.episode_count,
        ids=record.ids,
        url=record.url,
        picture=next((image.url for image in record.images if image.kind in {"poster", "cover"}), None),
    )


def closest_first(candidates: Iterable[Candidate], query: Query) -> list[Candidate]:
    """The first ``query.limit`` results, those that look like a wanted title first, else in the site's order.

    For sites that sort by title, so that the wanted one may be anywhere in their list.
    """
    # punctuation stays: it is all that tells "K-On!!" from "K-On!"
    wanted = [title.casefold() for title in (query.title, *query.titles)]

    def likeness(candidate: Candidate) -> float:
        names = [name.casefold() for name in (candidate.title, *candidate.titles)]
        best = max((fuzz.ratio(a, b) for a in wanted for b in names), default=0.0)
        return best if best >= _LOOKS_LIKE else 0.0

    return sorted(candidates, key=likeness, reverse=True)[: max(1, query.limit)]
