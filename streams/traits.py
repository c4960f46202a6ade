"""What identifies a work, whoever says it, and what two such accounts agree and disagree on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sources.base import Candidate
from sources.record import SourceRecord
from streams.events import Evidence
from streams.titles import Likeness, TitleForm, form, likeness

DATE_TOLERANCE_DAYS = 100
EPISODE_TOLERANCE = 2
_SITES = {"jikan": "mal"}
_SERIES = frozenset({"TV", "TV_SHORT", "ONA"})
_EXTRAS = frozenset({"OVA", "ONA", "SPECIAL", "TV_SPECIAL", "OTHER"})
_SINGLE = frozenset({"MOVIE", "TV_SPECIAL"})
_CLIPS = frozenset({"MUSIC", "PV", "CM", "ONA", "OTHER"})
_KIN = (_SERIES, _EXTRAS, _SINGLE, _CLIPS, frozenset({"SPECIAL", "MOVIE"}), frozenset({"MUSIC", "SPECIAL"}))


def site_of(source: str) -> str:
    """The name under which ids of a source's entries are kept: Jikan's are MyAnimeList's."""
    return _SITES.get(source, source)


@dataclass(frozen=True, slots=True)
class Traits:
    """One account of a work; ``main`` holds the titles that the sites head their entries with."""

    main: tuple[TitleForm, ...] = ()
    titles: tuple[TitleForm, ...] = ()
    types: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()
    dates: frozenset[str] = frozenset()
    episodes: frozenset[int] = frozenset()
    ids: Mapping[str, str] = field(default_factory=dict)


def traits(
    main: Iterable[str | None],
    titles: Iterable[str | None],
    *,
    types: Iterable[str | None] = (),
    years: Iterable[int | None] = (),
    dates: Iterable[str | None] = (),
    episodes: Iterable[int | None] = (),
    ids: Mapping[str, str] | None = None,
) -> Traits:
    """`Traits` from raw values; what is absent or says nothing is left out."""
    heads = tuple(dict.fromkeys(form(text) for text in main if text))
    rest = tuple(dict.fromkeys([*heads, *(form(text) for text in titles if text)]))
    starts = frozenset(date for date in dates if date)
    known = {year for year in years if year} or {int(date[:4]) for date in starts}
    return Traits(
        heads,
        rest,
        frozenset(name for name in types if name and name != "UNKNOWN"),
        frozenset(known),
        starts,
        frozenset(count for count in episodes if count),
        dict(ids or {}),
    )


def of_candidates(candidates: Iterable[Candidate]) -> Traits:
    """The joint account of entries that are one work; of ids said twice the first stands."""
    members = list(candidates)
    ids: dict[str, str] = {site_of(member.source): member.id for member in members}
    for member in members:
        for site, value in member.ids.items():
            ids.setdefault(site, value)
    return traits(
        [member.title for member in members],
        [title for member in members for title in member.titles],
        types=[member.type for member in members],
        years=[member.year for member in members],
        dates=[member.start_date for member in members],
        episodes=[member.episode_count for member in members],
        ids=ids,
    )


def of_evidence(evidence: Evidence) -> Traits:
    """The account that a request's evidence gives; its first title heads it."""
    return traits(
        evidence.titles[:1],
        evidence.titles,
        types=[evidence.type],
        years=[evidence.year],
        dates=[evidence.start_date],
        episodes=[evidence.episode_count],
        ids=evidence.ids,
    )


def of_record(record: SourceRecord) -> Traits:
    """The account of a fetched entry."""
    named = [record.title_english, record.title_native, *(title.text for title in record.titles)]
    return traits(
        [record.title],
        named,
        types=[record.type],
        years=[record.year],
        dates=[record.start_date],
        episodes=[record.episode_count],
        ids=record.ids | {site_of(record.source): record.source_id},
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two accounts side by side: each of ``year``, ``date``, ``type``, ``episodes`` is 1 for, 0 unknown, -1 against."""

    title: Likeness
    shared_titles: int
    shared_ids: tuple[str, ...]
    other_ids: tuple[str, ...]
    year: int
    date: int
    type: int
    episodes: int

    @property
    def time(self) -> int:
        """The dates where both are known, otherwise the years."""
        return self.date or self.year

    @property
    def contradicts(self) -> bool:
        """Whether time or type say that these are two works."""
        return self.time < 0 or self.type < 0

    @property
    def supports(self) -> int:
        """How many of time, type and episode count speak for one work."""
        return (self.time > 0) + (self.type > 0) + (self.episodes > 0)

    def words(self) -> list[str]:
        """The findings in words, for a match report."""
        found = [f"title {self.title.name.lower()}"] if self.title else ["no title in common"]
        found += [f"same {site} id" for site in self.shared_ids]
        found += [f"another {site} id" for site in self.other_ids]
        for name, value in (("time", self.time), ("type", self.type), ("episodes", self.episodes)):
            if value:
                found.append(f"{name} {'agrees' if value > 0 else 'differs'}")
        return found


def compare(one: Traits, other: Traits) -> Agreement:
    """What two accounts agree and disagree on."""
    common = [site for site in one.ids if site in other.ids]
    same = tuple(site for site in common if one.ids[site] == other.ids[site])
    return Agreement(
        title=closest(one.titles, other.titles, one.types | other.types),
        shared_titles=len({seen.written for seen in one.titles} & {seen.written for seen in other.titles}),
        shared_ids=same,
        other_ids=tuple(site for site in common if site not in same),
        year=_years(one.years, other.years),
        date=_dates(one.dates, other.dates),
        type=kinship(one.types, other.types),
        episodes=_episodes(one.episodes, other.episodes),
    )


def closest(one: Iterable[TitleForm], other: Iterable[TitleForm], types: frozenset[str]) -> Likeness:
    """The best likeness of any title of one to any of the other."""
    others = list(other)
    return max((likeness(a, b, types) for a in one for b in others), default=Likeness.NONE)


def kinship(one: frozenset[str], other: frozenset[str]) -> int:
    """1 for the same type, 0 for types that sites mix up or do not know, -1 for others."""
    if one & other:
        return 1
    pairs = [(a, b) for a in one for b in other]
    near = any(a in kin and b in kin for a, b in pairs for kin in _KIN)
    return -1 if pairs and not near else 0


def _years(one: frozenset[int], other: frozenset[int]) -> int:
    if not one or not other:
        return 0
    return 1 if min(abs(a - b) for a in one for b in other) <= 1 else -1


def _dates(one: frozenset[str], other: frozenset[str]) -> int:
    """By days where month or day are known; a year alone decides nothing here."""
    days = [(_day(a), _day(b)) for a in one for b in other if len(a) > 4 and len(b) > 4]
    if not days:
        return 0
    return 1 if min(abs((a - b).days) for a, b in days) <= DATE_TOLERANCE_DAYS else -1


def _day(date: str) -> dt.date:
    year, month, day = (*(int(part) for part in date.split("-")), 15)[:3]
    return dt.date(year, month, day)


def _episodes(one: frozenset[int], other: frozenset[int]) -> int:
    if not one or not other:
        return 0
    return 1 if min(abs(a - b) for a in one for b in other) <= EPISODE_TOLERANCE else -1
