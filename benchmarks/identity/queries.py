"""The questions that `benchmarks.identity.evaluation` asks: titles as sites give them, and as people write them instead."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from benchmarks.identity import wordings
from benchmarks.identity.sites import LINKED, Anime
from sources.discovery import id_name
from streams.text.normalization import form
from streams.text.season_markers import split

KINDS = ("romaji", "native", "english", "synonym", "family", "misspelt", "unmarked", "with year")
REWORDED = (
    "translated",
    "year in text",
    "season reworded",
    "romanised",
    "re-punctuated",
    "wide or loud",
    "no article",
    "with junk",
    "file name",
    "abbreviation",
    "no subtitle",
    "swapped",
)
"""What is asked with ``--reworded``. ``no subtitle`` is no fair question: there ambiguous is right."""
SERIES = ("never made", "alias and season", "words left out", "hidden signs")
"""``never made`` asks for sequels that nobody made: nothing may be accepted."""
OWN = (
    "typed: abbreviation",
    "typed: alias and season",
    "typed: words left out",
    "typed: misspelt",
    "named file",
)
"""What stands in ``typed.tsv`` and ``files.tsv``."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question and its answer: no work where ``made`` is false; ``both`` where two works really bear the words."""

    kind: str
    text: str
    anime: Anime
    year: int | None = None
    made: bool = True
    both: bool = False

    @property
    def meant(self) -> str:
        """The work's own title that is nearest to what is asked."""
        asked = self.text.casefold()
        return max(self.anime.titles, key=lambda title: fuzz.ratio(asked, title.casefold()))


Maker = Callable[[Anime], str | None]


def queries(anime: list[Anime], count: int, seed: int = 11, kinds: tuple[str, ...] = KINDS) -> list[Query]:
    """``count`` questions of every kind."""
    chance = random.Random(seed)
    reachable = [one for one in anime if any(id_name(source) in one.ids for source in LINKED)]
    makers = _makers(anime, chance)
    asked: list[Query] = []
    for kind in kinds:
        texts = [(one, makers[kind](one)) for one in chance.sample(reachable, len(reachable))]
        able = [(one, text) for one, text in texts if text][:count]
        for one, text in able:
            year = one.year if kind == "with year" else None
            asked.append(Query(kind, text, one, year, made=kind != "never made"))
    return asked


def _makers(anime: list[Anime], chance: random.Random) -> dict[str, Maker]:
    taken = {text.casefold() for one in anime for text in one.titles}

    words = [wordings.words(text) for one in anime for text in one.titles]
    names = defaultdict[str, set[str]](set)
    families = defaultdict[str, list[Anime]](list)
    for one in anime:
        families[one.family].append(one)
        for text in one.titles:
            names[wordings.fit_for_files(text).casefold()].add(one.key)

    def latin(a: Anime) -> str:
        return chance.choice([a.title, *a.english[:1]])

    def other(text: str, change: Callable[[str, random.Random], str]) -> str:
        """The text changed, unless that changes nothing or makes the title of a work of it."""
        changed = change(text, chance)
        return "" if changed == text or changed.casefold() in taken else changed

    return {
        "romaji": lambda a: a.title,
        "native": lambda a: a.native[0] if a.native else None,
        "english": lambda a: a.english[0] if a.english else None,
        "synonym": lambda a: chance.choice(a.synonyms) if a.synonyms else None,
        "family": lambda a: (
            chance.choice([a.title, a.title, *a.english[:1], *a.native[:1]]) if a.family_size > 1 else None
        ),
        "misspelt": lambda a: wordings.misspell(latin(a), chance),
        "unmarked": lambda a: wordings.unmarked(latin(a), taken),
        "with year": lambda a: chance.choice(a.titles) if a.year else None,
        "translated": lambda a: chance.choice(a.translated) if a.translated else None,
        "year in text": lambda a: (
            f"{latin(a)} {chance.choice(['%d', '(%d)', '[%d]'])}" % a.year if a.year else None
        ),
        "season reworded": lambda a: other(chance.choice(a.titles), wordings.season),
        "romanised": lambda a: other(a.title, wordings.romanised) if not set(a.english) & {a.title} else None,
        "re-punctuated": lambda a: other(latin(a), wordings.punctuated),
        "wide or loud": lambda a: other(latin(a), wordings.wide_or_loud),
        "no article": lambda a: other(
            chance.choice(a.titles), lambda text, _: re.sub(r"(?i)\b(the|an?) ", "", text)
        ),
        "with junk": lambda a: wordings.with_junk(latin(a), a.type == "TV", chance),
        "file name": lambda a: _as_file(latin(a), names, chance),
        "abbreviation": lambda a: chance.choice(a.short) if a.short else None,
        "no subtitle": lambda a: other(latin(a), lambda text, _: re.split(r"(?<=\w{3}): | - ", text)[0]),
        "swapped": lambda a: other(latin(a), wordings.swapped),
        "never made": lambda a: other(latin(a), wordings.never_made),
        "alias and season": lambda a: other(_alias_and_season(a, families[a.family], chance), _unchanged),
        "words left out": lambda a: _alone(other(latin(a), wordings.left_out), a, words),
        "hidden signs": lambda a: wordings.hidden(chance.choice(a.titles), chance),
    }


def _as_file(text: str, names: Mapping[str, set[str]], chance: random.Random) -> str:
    """A name of a file, unless another work has the same without the signs that no file's name has."""
    plain = wordings.fit_for_files(text)
    return "" if len(names[plain.casefold()]) > 1 else wordings.file_name(plain, chance)


def _unchanged(text: str, _: random.Random) -> str:
    return text


def _alias_and_season(anime: Anime, family: list[Anime], chance: random.Random) -> str:
    """Another name of the series and the season that the title counts; empty where it counts none."""
    stem, found = split(form(anime.title).bare)
    number = found.season or (int(found.number) if found.number and len(found.number) == 1 else 0)
    firsts = [one for one in family if form(one.title).bare == stem.strip()]
    if number < 2 or found.kinds or found.part or not firsts:
        return ""
    names = [name for name in (*firsts[0].short, *firsts[0].english) if name.isascii()]
    plain = [name for name in names if not form(name).counted and not form(name).signature.is_sequel]
    way = chance.choice([f"season {number}", f"s{number}", f"{number}", f"{wordings.nth(number)} season"])
    return f"{chance.choice(plain).lower()} {way}" if plain else ""


def _alone(text: str, anime: Anime, titles: list[frozenset[str]]) -> str:
    """``text`` unless other titles than the work's hold all its words too."""
    asked = wordings.words(text)
    own = {wordings.words(title) for title in anime.titles}
    return "" if any(asked <= other for other in titles if other not in own) else text
