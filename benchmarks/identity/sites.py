"""Search back ends that rank as badly as the real ones, over a sample of real anime.

A site shows only what it would show: its own few titles in its own spelling, perhaps no type, year or count, and its own
cross links, some of them missing, 0.5 % of them wrong (they name another member of the family). The competition in an
answer is the family, works of the same title, and the nearest titles of the whole sample.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from benchmarks.identity.title_list import TitleList
from sources.base import Candidate
from streams.matching.asking import MOST_LISTED
from streams.matching.offline_database import OfflineDatabase

LINKED = ("anilist", "kitsu", "jikan")
WRONG_LINKS = 0.005
UNHELD = 0.6
"""How much less a site shows an entry that has no title with all the words searched for: a guess, no recording tells.

Of titles that are longer than what was searched for and have all its words, the searches recorded of 2020 show 39 of 43:
of those that begin so 17 of 17, of others that head an entry 15 of 18, of synonyms 7 of 8.
"""
ANYWHERE = 0.4
"""How much less such a longer title comes first: Kitsu has 4 of 14 there, and 10 of 21 that are the very title."""
_PAGES = {
    "mal": "https://myanimelist.net/anime/",
    "anilist": "https://anilist.co/anime/",
    "kitsu": "https://kitsu.app/anime/",
    "anidb": "https://anidb.net/anime/",
}
FORMATS = {"TV_SPECIAL": "SPECIAL"}
ANIDB_TYPES = {"SPECIAL": "OVA", "TV_SHORT": "TV"}


@dataclass(frozen=True, slots=True)
class Site:
    """How a site searches and what it tells: chances between 0 and 1, ``links`` by the site linked to.

    One ``on_disk`` is a list of titles that we search ourselves: it is never down once it is there, and costs no request.
    """

    name: str
    id_name: str
    first: float
    found: float
    limit: int
    synonyms: float
    facts: float
    links: Mapping[str, float] = field(default_factory=dict)
    heads_english: float = 0.0
    relates: bool = False
    on_disk: bool = False


SITES = (
    Site("anilist", "anilist", 0.53, 0.79, 25, 0.5, 0.97, {"mal": 0.94}, relates=True),
    Site("kitsu", "kitsu", 0.70, 0.87, 10, 0.15, 0.95, {"mal": 0.97, "anidb": 0.69, "anilist": 0.71}, 0.3),
    Site("jikan", "mal", 0.60, 0.83, 15, 0.4, 0.97),
    Site("anidb", "anidb", 1.0, 1.0, MOST_LISTED, 1.0, 0.0, on_disk=True),
    Site("anisearch", "anisearch", 0.6, 0.85, 10, 0.5, 0.9),
    Site("anime_planet", "anime_planet", 0.6, 0.85, 10, 0.3, 0.6, {}, 0.8),
)


@dataclass(frozen=True, slots=True)
class Anime:
    """One row of the sample, as far as it matters here."""

    key: str
    title: str
    english: tuple[str, ...]
    native: tuple[str, ...]
    synonyms: tuple[str, ...]
    translated: tuple[str, ...]
    short: tuple[str, ...]
    type: str | None
    year: int | None
    episodes: int | None
    ids: Mapping[str, str]
    family: str
    family_size: int
    after: str | None = None
    """The MyAnimeList id of the work that it is the sequel of, as far as our rows know."""

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([self.title, *self.english, *self.native, *self.synonyms]))


def load(path: Path) -> list[Anime]:
    """The sample's rows."""
    return [_anime(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _anime(row: dict[str, Any]) -> Anime:
    def official(*languages: str) -> tuple[str, ...]:
        named = [
            t for t in row["titles_by_lang"] if t["lang"] in languages and t["type"] in {"official", "main"}
        ]
        return tuple(t["title"] for t in named)

    return Anime(
        row["key"],
        row["title"],
        official("en"),
        official("ja") or official("zh-Hans", "ko"),
        tuple(row["synonyms"]),
        official("de", "fr", "es", "it", "pt", "pt-BR", "ru", "pl", "ko", "zh-Hans", "zh-Hant"),
        tuple(t["title"] for t in row["titles_by_lang"] if t["type"] == "short"),
        row["type"],
        row["year"],
        row["episodes"] or None,
        row["ids"],
        row["family"],
        row["family_size"],
    )


def _in_data_set(one: Anime) -> dict[str, Any]:
    """An entry as an imported data set has it."""
    return {
        "title": one.title,
        "synonyms": list(one.titles),
        "sources": [_PAGES[site] + value for site, value in one.ids.items() if site in _PAGES],
        "type": one.type,
        "episodes": one.episodes,
        "animeSeason": {"year": one.year},
    }


def _all(**changed: Any) -> tuple[Site, ...]:
    return tuple(replace(site, **changed) if site.name != "anidb" else site for site in SITES)


WORLDS = {
    "usual": SITES,
    "bad ranks": _all(first=0.25, found=0.55),
    "good ranks": _all(first=0.85, found=0.97),
    "few synonyms": _all(synonyms=0.05),
    "few facts": _all(facts=0.4),
    "no links": _all(links={}),
    "short answers": _all(limit=4),
    "related only": _all(first=0.0, found=0.0),
}
"""Back ends that behave otherwise; ``related only`` never show what is asked for, except AniDB's list."""


class Sites:
    """All sites over one set of anime; the same seed gives the same answers."""

    def __init__(
        self,
        anime: list[Anime],
        seed: int = 7,
        sites: tuple[Site, ...] = SITES,
        dump: Path | None = None,
        data_set: bool = False,
    ) -> None:
        self.sites = sites
        self._data_set = OfflineDatabase(map(_in_data_set, anime)) if data_set else None
        self.anime = {one.key: one for one in anime}
        self.families = defaultdict(list)
        for one in anime:
            self.families[one.family].append(one.key)
        self.entries = {site.name: self._entries(site, random.Random(f"{seed}{site.name}")) for site in sites}
        self._keys = defaultdict[tuple[str, str], set[str]](set)
        for one in anime:
            for pair in one.ids.items():
                self._keys[pair].add(one.key)
        shorts = [text for one in anime for text in one.short]
        self._lists = {
            site.name: TitleList(self.entries[site.name], shorts, dump) for site in sites if site.on_disk
        }
        self._texts = [(key, text) for key, one in self.anime.items() for text in one.titles]
        self._sharing = defaultdict(set)
        self._lettered = defaultdict[str, set[str]](set)
        self._holding = defaultdict[str, set[tuple[str, frozenset[str]]]](set)
        for key, text in self._texts:
            self._sharing[" ".join(text.casefold().split())].add(key)
            self._lettered[_plain(text)].add(key)
            for word in _words(text):
                self._holding[word].add((key, _words(text)))

    def witnesses(self, title: str | None, gone: Mapping[str, str]) -> list[Candidate]:
        """What the imported data set says of a title, if there is one; nothing of a work that is ``gone``."""
        found = self._data_set.witnesses(title) if self._data_set else []
        return [one for one in found if gone.items().isdisjoint(one.ids.items())]

    def _entries(self, site: Site, chance: random.Random) -> dict[str, Candidate]:
        return {
            key: self._entry(site, one, chance) for key, one in self.anime.items() if site.id_name in one.ids
        }

    def _entry(self, site: Site, one: Anime, chance: random.Random) -> Candidate:
        own = _spelled(one.title, chance)
        english = [text for text in one.english[:1] if chance.random() < 0.9]
        native = [text for text in one.native[:1] if chance.random() < 0.95]
        others = [text for text in one.synonyms if chance.random() < site.synonyms]
        head = english[0] if english and chance.random() < site.heads_english else own
        told = chance.random() < site.facts
        kind = one.type if told else None
        return Candidate(
            site.name,
            one.ids[site.id_name],
            head,
            tuple(dict.fromkeys([own, *english, *native, *others])),
            type=FORMATS.get(kind or "", kind),
            year=one.year + chance.choice([0] * 30 + [1, -1]) if told and one.year else None,
            episode_count=one.episodes if chance.random() < site.facts else None,
            ids=self._ids(site, one, chance),
            follows=(("mal", one.after),) if site.relates and one.after else (),
        )

    def _ids(self, site: Site, one: Anime, chance: random.Random) -> dict[str, str]:
        ids = {}
        for name, share in site.links.items():
            if name not in one.ids or chance.random() > share:
                continue
            ids[name] = one.ids[name]
            kin = [self.anime[key] for key in self.families[one.family] if key != one.key]
            wrong = [other.ids[name] for other in kin if name in other.ids]
            if wrong and chance.random() < WRONG_LINKS * 2:
                ids[name] = chance.choice(wrong)
        return ids

    def rivals(self, queries: list[str]) -> list[list[str]]:
        """For each query the keys whose titles are nearest to it, by two ideas of near, best first."""
        texts = [text.casefold() for _, text in self._texts]
        asked = [query.casefold() for query in queries]
        score = process.cdist(asked, texts, scorer=fuzz.ratio, dtype=np.uint8).astype(np.int16)
        score += process.cdist(asked, texts, scorer=fuzz.token_set_ratio, dtype=np.uint8)
        found = []
        for row in score:
            order = np.argpartition(-row, 120)[:120]
            ranked = sorted(order, key=lambda at: -int(row[at]))
            found.append(list(dict.fromkeys(self._texts[at][0] for at in ranked)))
        return found

    def search(
        self, site: Site, texts: list[str], rivals: list[str], right: str | None, chance: random.Random
    ) -> list[Candidate]:
        """One site's answer; ``right`` is the key asked for, ``None`` for a work that no site has.

        Only a list on the own disk is searched for more than the first of ``texts``.
        """
        entries, query = self.entries[site.name], texts[0]
        if site.on_disk:
            return self._lists[site.name].search(texts, site.limit)
        pool = [key for key in self._pool(query, rivals, right) if key in entries]
        answer = [entries[key] for key in pool[: site.limit - 1]]
        chance.shuffle(answer)
        if right in entries:
            self._place(site, entries[right], query, answer, chance)
        return answer

    def bearing(self, text: str, meant: str) -> set[str]:
        """The keys of the works that really bear the words of a question, of whose right titles ``meant`` is the nearest.

        They have one of the two as a title but for signs; words that are no title of the right work's as they stand are
        borne by every work with a title that has all of them.
        """
        found = self._lettered.get(_plain(text), set()) | self._lettered.get(_plain(meant), set())
        if _plain(text) == _plain(meant):
            return found
        asked = _words(text)
        rarest = min((self._holding.get(word, set()) for word in asked), key=len, default=set())
        return found | {key for key, words in rarest if asked <= words}

    def by_ids(self, site: Site, ids: Mapping[str, str]) -> list[Candidate]:
        """The entries of a site whose work has one of ``ids``."""
        keys = {key for pair in ids.items() for key in self._keys.get(pair, ())}
        return [one for key, one in self.entries[site.name].items() if key in keys] if keys else []

    def _pool(self, query: str, rivals: list[str], right: str | None) -> list[str]:
        """Works of the same title first, then the family and the nearest."""
        sharing = sorted(self._sharing[" ".join(query.casefold().split())])
        return [key for key in dict.fromkeys([*sharing, *rivals]) if key != right]

    def _place(
        self, site: Site, entry: Candidate, query: str, answer: list[Candidate], chance: random.Random
    ) -> None:
        titles = dict.fromkeys((entry.title, *entry.titles))
        known = any(_plain(query) == _plain(title) for title in titles)
        held = known or any(_words(query) <= _words(title) for title in titles)
        roll = chance.random() / (1.0 if held else UNHELD)
        if roll < site.first * (1.0 if known else ANYWHERE):
            answer.insert(0, entry)
        elif roll < site.found:
            answer.insert(chance.randint(1, max(1, len(answer))), entry)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())


def _spelled(title: str, chance: random.Random) -> str:
    """A site's own spelling of a romaji title: one in eight differs a little."""
    if chance.random() > 0.125:
        return title
    swaps = [
        ("ou", "ō"),
        ("uu", "ū"),
        (" wo ", " o "),
        (": ", " "),
        (": ", " - "),
        ("-", " "),
        (" Season", ""),
        ("☆", " "),
    ]
    for old, new in chance.sample(swaps, len(swaps)):
        if old in title and new != "":
            return title.replace(old, new)
    return title
