"""Notices when a site changes under us: records of one source that had a field and newly lack it. Pure; counts in, alarm out.

The idea of counting lost fields per hundred entries is modb's ("got poorer"); here it runs over the stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sources.errors import Reason
from sources.record import SourceRecord

WATCHED = (
    "title",
    "titles",
    "type",
    "status",
    "episode_count",
    "duration_seconds",
    "start_date",
    "year",
    "synopsis",
    "genres",
    "tags",
    "studios",
    "score",
    "relations",
    "images",
    "episodes",
    "characters",
    "ids",
)
"""Fields that rarely go away by themselves; each lost one is a point."""

FALLEN = 100
"""A site's own count does not become a hundredth; then it is our reading of it that has changed."""

_WORTH_WATCHING = 1000

POINTS_PER_HUNDRED = 25.0
MIN_ENTRIES = 20


def lost_fields(before: SourceRecord, after: SourceRecord) -> tuple[str, ...]:
    """Watched fields that a source had for this entry and has no more, and counts that have fallen to a hundredth.

    Parts it says it could not read do not count, except those whose layout has changed.
    """
    gone = [
        name
        for name in WATCHED
        if name not in after.incomplete and _filled(before, name) and not _filled(after, name)
    ]
    return (*gone, *changed_parts(after), *fallen_counts(before, after))


def changed_parts(record: SourceRecord) -> tuple[str, ...]:
    """The parts of an entry whose page no longer looks as it did."""
    return tuple(
        name for name, reason in sorted(record.incomplete.items()) if reason == Reason.CHANGED_LAYOUT
    )


def fallen_counts(before: SourceRecord, after: SourceRecord) -> tuple[str, ...]:
    """Counters of members and votes that are a hundredth of what they were; a rank may fall as it likes."""
    old, new = _counts(before), _counts(after)
    return tuple(
        name
        for name in sorted(old.keys() & new.keys())
        if old[name] >= _WORTH_WATCHING and new[name] * FALLEN < old[name]
    )


def _counts(record: SourceRecord) -> dict[str, float]:
    votes = {"votes": float(record.score.votes)} if record.score and record.score.votes else {}
    return {name: value for name, value in record.popularity.items() if not name.endswith("rank")} | votes


def share_filled(record: SourceRecord) -> float:
    """The share of the watched fields that have a value, 0 to 1."""
    return sum(_filled(record, name) for name in WATCHED) / len(WATCHED)


def _filled(record: SourceRecord, name: str) -> bool:
    return getattr(record, name) not in (None, [], {}, "", "UNKNOWN")


@dataclass(frozen=True, slots=True)
class FieldTally:
    """What was seen of one source in a window of time: entries compared, and how many lost each field."""

    entries: int = 0
    lost: Mapping[str, int] = field(default_factory=dict)

    def seen(self, lost: tuple[str, ...]) -> FieldTally:
        """The tally with one more entry."""
        return self + FieldTally(1, dict.fromkeys(lost, 1))

    def __add__(self, other: FieldTally) -> FieldTally:
        names = sorted({*self.lost, *other.lost})
        lost = {name: self.lost.get(name, 0) + other.lost.get(name, 0) for name in names}
        return FieldTally(self.entries + other.entries, lost)

    @property
    def points_per_hundred(self) -> float:
        """Lost fields per hundred entries."""
        return 100 * sum(self.lost.values()) / self.entries if self.entries else 0.0


@dataclass(frozen=True, slots=True)
class Alarm:
    """A source that got poorer; ``fields`` are those that make up the loss, worst first, with their share of entries."""

    source: str
    points_per_hundred: float
    entries: int
    fields: Mapping[str, float]

    @property
    def message(self) -> str:
        """One sentence for a person."""
        worst = ", ".join(f"{name} in {share:.0%}" for name, share in self.fields.items())
        return f"{self.source} newly lacks {worst} of {self.entries} entries; its page or API has probably changed"


def alarm(source: str, tally: FieldTally, *, threshold: float = POINTS_PER_HUNDRED) -> Alarm | None:
    """The alarm for a source, or ``None`` while the loss is small or too few entries were seen to tell."""
    if tally.entries < MIN_ENTRIES or tally.points_per_hundred < threshold:
        return None
    worst = sorted(tally.lost.items(), key=lambda pair: (-pair[1], pair[0]))
    shares = {name: round(count / tally.entries, 3) for name, count in worst if count}
    return Alarm(source, round(tally.points_per_hundred, 1), tally.entries, shares)
