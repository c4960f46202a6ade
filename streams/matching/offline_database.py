"""An anime-offline-database file, imported by those who have one: one more witness, and the list behind ``--index``.

An entry has ``title``, ``synonyms``, ``sources`` (addresses of its pages), ``type``, ``episodes`` and ``animeSeason``.
"""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from sources.base import Candidate
from sources.discovery import id_names
from sources.parsing.links import collect_ids
from streams.matching.asking import on_disk
from streams.matching.hits import Wanted
from streams.matching.rarity import WordCounts, words_of
from streams.matching.wider import slips_in, typed
from streams.text.normalization import form

NAME = "offline_database"
_TYPES = {"TV", "MOVIE", "OVA", "ONA", "SPECIAL"}
MAX_WITNESSES = 20
MAX_SLIPS_KEPT = 1024
"""Titles of which the nearest ones are kept in memory."""


class OfflineDatabase:
    """The entries of a data set in its own order, found by number, by title or by an id."""

    def __init__(self, entries: Iterable[Mapping[str, Any]], digest: str = "") -> None:
        self.digest = digest or secrets.token_hex(16)
        """Of the text that they come from; one of its own where that is not known."""
        self.entries = [_candidate(number, entry) for number, entry in enumerate(entries)]
        self._by_title = defaultdict[str, list[int]](list)
        self._typed = defaultdict[str, list[int]](list)
        self._by_id = defaultdict[tuple[str, str], list[int]](list)
        counts, titles = Counter[str](), 0
        for number, entry in enumerate(self.entries):
            forms = {title.letters: title for title in map(form, entry.called)}
            for letters, title in forms.items():
                self._by_title[letters].append(number)
                if slips_in(letters):
                    self._typed[typed(title)].append(number)
                counts.update(set(words_of(title)))
            titles += len(forms)
            for key in entry.ids.items():
                self._by_id[key].append(number)
        self._near = lru_cache(maxsize=MAX_SLIPS_KEPT)(self._within_slips)
        self.words = WordCounts(f"{NAME}: {len(self.entries)} entries, {titles} titles", titles, counts)
        """How many of all titles have each word."""

    def __len__(self) -> int:
        return len(self.entries)

    def entry(self, number: int) -> Candidate:
        """The entry at ``number``, counted from 0. Raises ``IndexError`` with the range that there is."""
        if not 0 <= number < len(self.entries):
            raise IndexError(f"there is no entry {number}: the file has 0 to {len(self.entries) - 1}")
        return self.entries[number]

    def witnesses(self, title: str | None, ids: Mapping[str, str] | None = None) -> list[Candidate]:
        """The entries that bear ``title`` or its series' name in any spelling, or else within its slips, or one of ``ids``."""
        asked = [form(text) for text in on_disk(Wanted(title))]
        numbers = [number for title in asked for number in self._by_title.get(title.letters, ())]
        numbers = numbers or [number for title in asked for number in self._near(typed(title))]
        for key in (ids or {}).items():
            numbers += self._by_id.get(key, [])
        return [self.entries[number] for number in dict.fromkeys(numbers)][:MAX_WITNESSES]

    def _within_slips(self, letters: str) -> list[int]:
        """The entries of the nearest titles that a slip makes of ``letters``, two of a long one."""
        most = slips_in(letters)
        titles = self._typed.keys() if most else ()
        nearest = process.extract(
            letters, titles, scorer=OSA.distance, score_cutoff=most, limit=MAX_WITNESSES
        )
        return [number for near, *_ in nearest for number in self._typed[near]]


def _candidate(number: int, entry: Mapping[str, Any]) -> Candidate:
    ids = {
        site: value for site, value in collect_ids(_texts(entry.get("sources"))).items() if site in id_names()
    }
    season = entry.get("animeSeason")
    year = season.get("year") if isinstance(season, dict) else None
    kind = str(entry.get("type") or "").upper()
    return Candidate(
        NAME,
        str(number),
        entry["title"].strip(),
        tuple(_texts(entry.get("synonyms"))),
        type=kind if kind in _TYPES else None,
        year=_count(year),
        episode_count=_count(entry.get("episodes")),
        ids=ids,
    )


def _texts(value: object) -> list[str]:
    return (
        [text for text in value if isinstance(text, str) and text.strip()] if isinstance(value, list) else []
    )


def _count(value: object) -> int | None:
    """A number above zero; the data set writes 0 for what is not known."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
