"""What the sites are searched for: at first, and once more where no answer is sure. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from sources.base import Candidate
from streams.matching.alternatives import corrected, legible, plainest, readings
from streams.matching.clusters import Work, group
from streams.matching.hits import Hit, Wanted
from streams.matching.rarity import shipped, split_parts, telling, words
from streams.matching.seasons import series_heading, series_name
from streams.text.normalization import TitleForm, form
from streams.text.similarity import Likeness

MOST_LISTED = 20
"""Entries that a list on the own disk is asked for: a series may have more than ten."""
_WORTH_IT = 70.0
"""Per cent of the asker's letters that a title must share to be searched for."""
_SURELY = 80.0
"""From so many per cent a title is the one that was meant, whatever word of it is put right."""
_BESIDE = 3.0
_WORD = re.compile(r"[^\W_]+")
_FEWEST = 2
"""Words that say something, of which a search needs so many."""


@dataclass(frozen=True, slots=True)
class Again:
    """What is asked for once more: a work by its ``title``, or by the ``ids`` that are known of it where a site can be asked so.

    ``known`` are the sources that have shown it, which need not be asked; ``beside`` are other titles of it.
    """

    title: str
    ids: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    beside: tuple[str, ...] = ()

    def on_disk(self) -> list[str]:
        """All titles to search a list on the own disk for."""
        return [self.title, *self.beside]


def first(wanted: Wanted) -> str:
    """The title to search for: legible, and without what is of a file's name or stands beside the title."""
    return plainest(wanted) or legible(wanted.title or "")


def on_disk(wanted: Wanted) -> list[str]:
    """All that a title may mean, for a list of titles on the own disk, which costs nothing to search."""
    if not wanted.title:
        return []
    series = series_name(form(wanted.title))
    every = [legible(wanted.title), *(reading.title for reading in readings(wanted)), series]
    return list(dict.fromkeys(title for title in every if title))


def again(wanted: Wanted, hits: Sequence[Hit], results: Mapping[str, Sequence[Candidate]]) -> Again | None:
    """What would make sure of an unsure answer: the series whose season was asked for, else the work that is nearest."""
    if not wanted.title:
        return None
    asked = form(wanted.title)
    best = max((hit.level for hit in hits), default=Likeness.NONE)
    if best < Likeness.SPELLED and (series := series_heading(asked, results) or series_name(asked)):
        return Again(series, beside=_counted(series, asked))
    if sum(hit.level >= Likeness.ARTICLE for hit in hits) > 1:
        return None  # two works bear it, whoever is asked
    share, nearest = _nearest(wanted.title, results)
    work = hits[0].work if hits else nearest
    if best <= Likeness.BEGINNING and share < _SURELY and (text := corrected(wanted.title, results)):
        return Again(text)
    shown = work is not None and results.keys() <= set(work.sources)
    if best <= Likeness.BEGINNING and (shown or not work) and (text := fewer(wanted.title, results)):
        return Again(text)
    return of_work(work) if work else None


def fewer(title: str, results: Mapping[str, Sequence[Candidate]]) -> str | None:
    """Words of a title that find it where the whole has not: sites show a longer title that has all words searched for.

    The name of the series in front is left out, whose other entries fill a page, else the first word, and slips are put
    right by the words that titles often have.
    """
    asked = form(first(Wanted(title))).bare
    rest = " ".join(split_parts(asked)[1:])
    text = rest if len(telling(words(rest))) >= _FEWEST else " ".join(_WORD.findall(asked)[1:])
    text = corrected(text, results, shipped().counts) or text
    return text if len(telling(words(text))) >= _FEWEST else None


def of_work(work: Work) -> Again:
    """What asks for a work that some sites have shown."""
    return Again(work.candidates[0].title, work.traits.ids, frozenset(work.sources))


def _counted(series: str, asked: TitleForm) -> tuple[str, ...]:
    """The season that was asked for under the name of its series, as most sites word it."""
    place, part = asked.signature.place, asked.signature.part
    season = f"{series} Season {place}" if place.isdigit() and place != "1" else series
    if "final" in asked.signature.kinds:
        season = f"{series} Final Season"
    return (f"{season} Part {part}" if part else season,)


def _nearest(title: str, results: Mapping[str, Sequence[Candidate]]) -> tuple[float, Work | None]:
    """The work that has most of the asker's letters in one of its titles, and how many; of those alike the one on most sites."""
    asked = form(title).written
    every = [entry for entries in results.values() for entry in entries]
    near = {(entry.source, entry.id): _share(asked, entry) for entry in every}
    best = max(near.values(), default=0.0)
    if best < _WORTH_IT:
        return best, None
    kept = {
        s: [entry for entry in entries if near[s, entry.id] >= best - _BESIDE]
        for s, entries in results.items()
    }
    works = group(kept)

    def rank(work: Work) -> tuple[int, float]:
        return len(work.candidates), max(near[entry.source, entry.id] for entry in work.candidates)

    return best, max(works, key=rank)


def _share(asked: str, entry: Candidate) -> float:
    titles = dict.fromkeys(form(text).written for text in entry.called)
    return max((_alike(asked, title) for title in titles), default=0.0)


def _alike(asked: str, title: str) -> float:
    inside = fuzz.partial_ratio(asked, title) if len(title) > len(asked) else 0.0
    return max(fuzz.ratio(asked, title), 0.95 * fuzz.token_sort_ratio(asked, title), 0.9 * inside)
