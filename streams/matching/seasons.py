"""Which entry is the season that somebody counts of a series that they call by another of its names. Pure.

``aot season 3 part 2`` is *Shingeki no Kyojin Season 3 Part 2*, which no site lists so: the series is found by its alias,
then the season by the titles of its entries, and where those do not count by their years.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sources.base import Candidate
from streams.matching.clusters import Work
from streams.matching.rarity import words
from streams.matching.series import goes_on
from streams.text.normalization import TitleForm, form

_EPISODIC = frozenset({"TV"})
_SHORTEST = 4
"""Letters that a name of a series must have for titles to be known by it."""


@dataclass(frozen=True, slots=True)
class Series:
    """The names under which a series is known in the answers: titles of the entry that bears the name asked for."""

    names: tuple[TitleForm, ...]

    def holds(self, candidate: Candidate) -> bool:
        """Whether an entry is of the series by one of its titles."""
        return any(self._is_of(form(text)) for text in candidate.called)

    def _is_of(self, title: TitleForm) -> bool:
        return any(title.stem == name.stem or goes_on(name, title) for name in self.names)

    def counts(self, asked: TitleForm, work: Work) -> str:
        """The title by which a work is the season asked for; empty if none is."""
        if _headed_otherwise(asked, work):
            return ""
        counting = [title for title in work.traits.titles if self._is_season(asked, title)]
        heads = any(title in work.traits.main for title in counting)
        sites = sum(
            any(self._is_season(asked, form(text)) for text in entry.called) for entry in work.candidates
        )
        known = heads or sites > 1 or len(work.candidates) == 1
        return counting[0].written if counting and known else ""

    def _is_season(self, asked: TitleForm, title: TitleForm) -> bool:
        same = title.signature.agrees(asked.signature, frozenset(), frozenset())
        return same and not title.year and any(title.stem == name.stem for name in self.names)


def _headed_otherwise(asked: TitleForm, work: Work) -> bool:
    """Whether no heading that counts agrees with the asker, or most of them count another part."""
    heads = [form(entry.title).signature for entry in work.candidates]
    counting = [head for head in heads if head.is_sequel]
    agreeing = [head for head in counting if head.agrees(asked.signature, frozenset(), frozenset())]
    apart = sum((head.part or 1) != (asked.signature.part or 1) for head in counting)
    return len(agreeing) < min(len(counting), 1) or 2 * apart > len(counting)


def series_of(asked: TitleForm, results: Mapping[str, Sequence[Candidate]]) -> Series | None:
    """The series whose later season is asked for by one of its names, or by words of one, if an entry bears that name."""
    if not _counts(asked) or asked.year:
        return None
    every = list(_all(results))
    bearing = [entry for entry in every if _bears(asked, entry)] or [
        entry for entry in every if _holds(asked, entry)
    ]
    titles = [form(text) for entry in bearing for text in entry.called]
    plain = [t for t in titles if not t.signature.is_sequel and not t.year]
    names = {t.stem: t for t in plain if len(t.stem) >= _SHORTEST}
    return Series(tuple(names.values())) if names else None


def series_name(asked: TitleForm) -> str | None:
    """The name of the series whose later season is asked for; ``None`` where none is."""
    return " ".join(asked.words.split()).strip(" -:") if _counts(asked) else None


def is_named(asked: TitleForm, results: Mapping[str, Sequence[Candidate]]) -> bool:
    """Whether an entry bears the very name by which the series is called, not only words of it."""
    return any(_bears(asked, entry) for entry in _all(results))


def series_heading(asked: TitleForm, results: Mapping[str, Sequence[Candidate]]) -> str | None:
    """The heading of the first season that bears the name by which the series is called, on most sites; none without one."""
    if not _counts(asked) or asked.year:
        return None
    heads = Counter(entry.title for entry in _all(results) if _bears(asked, entry))
    return heads.most_common(1)[0][0] if heads else None


def by_links(asked: TitleForm, works: Sequence[Work], series: Series) -> Work | None:
    """The season by its place in the chain of sequels from the first, where titles do not count; parts are one season."""
    place = asked.signature.place
    if asked.signature.kinds or (asked.signature.part or 1) > 1:
        return None
    chain = _chain(works, series)
    seasons = [work for work in chain if _is_season(work)]
    years = [min(season.traits.years) for season in seasons if season.traits.years]
    counted = any(_place(season, series) not in {None, number} for number, season in enumerate(seasons, 1))
    if counted or years != sorted(years) or len(seasons) < int(place):
        return None
    return seasons[int(place) - 1]


def _chain(works: Sequence[Work], series: Series) -> list[Work]:
    """The works from the one that bears the series' name on, each the only sequel of one before."""
    chain = [work for work in works if _named_plainly(work, series) and not _follows(work)]
    if len(chain) != 1:
        return []
    while True:
        ids = set(chain[-1].traits.ids.items())
        following = [work for work in works if work not in chain and _follows(work) & ids]
        if len(following) != 1:
            return chain
        chain += following


def _follows(work: Work) -> set[tuple[str, str]]:
    return {key for entry in work.candidates for key in entry.follows}


def _counts(asked: TitleForm) -> bool:
    later = 2 <= int(asked.signature.place) <= 20
    return later or (asked.signature.part or 1) > 1 or "final" in asked.signature.kinds


def _bears(asked: TitleForm, entry: Candidate) -> bool:
    titles = [form(text) for text in entry.called]
    return any(t.letters == asked.stem for t in titles) and not titles[0].signature.is_sequel


def _holds(asked: TitleForm, entry: Candidate) -> bool:
    """Whether a first season's title begins or ends with all the words by which the series is called."""
    asked_words = words(asked.exact)
    titles = [words(text) for text in entry.called]
    if len("".join(asked_words)) < _SHORTEST or form(entry.title).signature.is_sequel:
        return False
    return any(
        title[: len(asked_words)] == asked_words or title[-len(asked_words) :] == asked_words
        for title in titles
    )


def _is_season(work: Work) -> bool:
    heads = work.traits.main
    parts = any((head.signature.part or 1) > 1 or head.signature.kinds - {"final"} for head in heads)
    return bool(work.traits.types & _EPISODIC) and not parts


def _named_plainly(work: Work, series: Series) -> bool:
    stems = {name.stem for name in series.names}
    return any(title.letters in stems for title in work.traits.titles)


def _place(work: Work, series: Series) -> int | None:
    """The season that a work's titles count, if any does."""
    stems = {name.stem for name in series.names}
    places = {t.signature.place for t in work.traits.titles if t.stem in stems}
    numbers = [int(place) for place in places if place != "1"]
    return numbers[0] if len(numbers) == 1 else None


def _all(results: Mapping[str, Sequence[Candidate]]) -> Iterable[Candidate]:
    return (entry for entries in results.values() for entry in entries)
