"""What a source says about numbers that cannot well be true together: shown, counted and still believed."""

from __future__ import annotations

from collections.abc import Iterator

from sources.record import SourceRecord, Unmapped


def doubts(record: SourceRecord) -> Iterator[Unmapped]:
    """Counters that contradict each other, as values that nothing maps; most often a number that was misread."""
    said = record.popularity
    completed, dropped, members = (said.get(name) for name in ("completed", "dropped", "members"))
    if record.status == "FINISHED" and completed is not None and dropped is not None and completed < dropped:
        yield _doubt("popularity.completed", f"{completed:.0f} completed, {dropped:.0f} dropped")
    votes = record.score.votes if record.score else None
    if votes and members is not None and votes > members:
        yield _doubt("score.votes", f"{votes} votes of {members:.0f} members")
    aired, count = record.episodes_aired, record.episode_count
    if aired is not None and count is not None and aired > count:
        yield _doubt("episodes_aired", f"{aired} aired of {count}")
    if record.start_date and record.end_date and not _in_order(record.start_date, record.end_date):
        yield _doubt("end_date", f"{record.end_date} after {record.start_date}")


def _in_order(start: str, end: str) -> bool:
    """Whether ``end`` may lie behind ``start``, as far as both are known."""
    known = min(len(start), len(end))
    return start[:known] <= end[:known]


def _doubt(field: str, said: str) -> Unmapped:
    return Unmapped(field=field, raw=f"implausible: {said}")
