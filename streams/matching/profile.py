"""What identifies a work, whoever says it: titles, type, time, length, ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sources.base import Candidate
from sources.discovery import id_name, id_names
from sources.parsing.dates import sure_part
from sources.record import SourceRecord
from streams.contract.events import Evidence
from streams.text.normalization import TitleForm, form
from streams.text.similarity import UNSAID, Said


@dataclass(frozen=True, slots=True)
class Traits:
    """One account of a work; ``main`` holds the titles that the sites head their entries with, ``said``
    what it gives beside its titles."""

    main: tuple[TitleForm, ...] = ()
    titles: tuple[TitleForm, ...] = ()
    types: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()
    dates: frozenset[str] = frozenset()
    episodes: frozenset[int] = frozenset()
    ids: Mapping[str, str] = field(default_factory=dict)
    said: Said = UNSAID


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
    heads = dict.fromkeys(text for text in main if text)
    every = dict.fromkeys([*heads, *(text for text in titles if text)])
    starts = frozenset(
        sure_part(date) for date in dates if date
    )  # a day made up proves and contradicts nothing
    read = tuple(form(text) for text in heads)
    known = frozenset(year for year in years if year) or frozenset(int(date[:4]) for date in starts)
    known = known or frozenset(head.sure_year for head in read if head.sure_year)
    kinds = frozenset(name for name in types if name and name != "UNKNOWN")
    return Traits(
        read,
        tuple(form(text) for text in every),
        kinds,
        known,
        starts,
        frozenset(count for count in episodes if count),
        dict(ids or {}),
        Said(kinds, known),
    )


def of_candidates(candidates: Iterable[Candidate]) -> Traits:
    """The joint account of entries that are one work; an entry's own id stands, of others the one named most."""
    members = list(candidates)
    named = Counter((site, value) for member in members for site, value in member.ids.items())
    ids = {site: member.id for member in members if (site := id_name(member.source)) in id_names()}
    for (site, value), _ in sorted(named.items(), key=lambda row: (-row[1], row[0])):
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
        ids=record.ids | {id_name(record.source): record.source_id},
    )
