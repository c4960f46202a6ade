"""How much it says that two titles share a word: the rarer the word among titles, the more. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from streams.text.folding import unaccented
from streams.text.normalization import TitleForm, form
from streams.text.romaji import one_spelling
from streams.text.season_markers import counts

LEAST = 8
"""Titles that a word must be in to be counted in the list that comes with the program."""
_WORD = re.compile(r"[^\W_]+")
_FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "and",
        "to",
        "in",
        "on",
        "s",
        "no",
        "ni",
        "wa",
        "wo",
        "o",
        "ga",
        "de",
        "i",
        "m",
        "t",
        "d",
        "re",
        "ve",
        "ll",
    ]
)
_BESIDE = frozenset(
    map(one_spelling, ["arc", "hen", "chapter", "animation", "kun", "san", "chan", "sama", "anime"])
)
"""Words that people leave out at the end of a title, and that say nothing about the work."""


_ANEW = frozenset(
    [
        "shin",
        "zoku",
        "new",
        "moto",
        "final",
        "zero",
        "mini",
        "second",
        "third",
        "next",
        "plus",
        "tv",
        "beyond",
        "try",
        "super",
        "special",
        "tokubetsu",
        "aratame",
        "kaettekita",
    ]
)
_KINDS = frozenset(["movie", "film", "ova", "oad", "special", "specials"])
_LATIN = 0x250
_PARTS = re.compile(r"[:!?~;]\W*|\s-\s|\s\(")
_ENDS = "!?.:~-)♪☆ "
_LEAST_ALONE = 5
"""Letters of a word that stands for a whole title alone."""
_LEAST_SHARE, _HALF, _FEW = 0.6, 0.5, 2
"""Of the words of a title that is no subtitle so many must be said, half if they are the rarer, and more than so few if they are not its first and last."""


@dataclass(frozen=True, slots=True)
class WordCounts:
    """In how many of ``titles`` titles each word is; ``version`` names the list that was counted.

    A word that is not there is in fewer than ``least``.
    """

    version: str
    titles: int
    counts: Mapping[str, int]
    least: int = 1

    def bits(self, shared: Iterable[str]) -> float:
        """How often the number of titles halves until one would have all the words, were they of no one work.

        A word said twice says no more.
        """
        return sum(
            math.log2((self.titles + 1) / (self.counts.get(word, self.least - 1) + 1))
            for word in dict.fromkeys(shared)
        )


@cache
def shipped() -> WordCounts:
    """The counts that come with the program: of AniDB's titles, as the first line of ``words.tsv`` says."""
    head, *rows = files(__package__).joinpath("words.tsv").read_text(encoding="utf-8").splitlines()
    version, titles = head.removeprefix("# ").split("\t")
    return WordCounts(
        version, int(titles), {word: int(count) for word, count in (row.split("\t") for row in rows)}, LEAST
    )


@lru_cache(maxsize=8_192)
def words(title: str) -> tuple[str, ...]:
    """The words of a title in one spelling, without what names its season."""
    return words_of(form(title))


def words_of(title: TitleForm) -> tuple[str, ...]:
    """The same of a title that is read already."""
    return tuple(map(_spelled, _WORD.findall(title.words)))


def _spelled(word: str) -> str:
    """A word in one spelling, unless that makes another word of it that says nothing: *too* is not *to*."""
    found = one_spelling(word)
    return word if found in _FILLERS and word not in _FILLERS and word.isascii() else found


def _raw(part: str) -> tuple[str, ...]:
    """All words of a part of a title, those that name a season as well."""
    every = _WORD.findall(unaccented(form(part).bare))
    return tuple(_spelled(word) for word in every if word not in _KINDS)


def split_parts(bare: str) -> list[str]:
    """The parts of a title that signs divide, as a colon does."""
    return _PARTS.split(bare.rstrip(_ENDS))


def begins_parts(asked: tuple[str, ...], title: str) -> bool:
    """Whether the asker's words are a whole part of a title, with which it begins, as the name of a series is."""
    parts = split_parts(form(title).bare)
    return telling(_raw(parts[0])) == asked


def in_latin(title: TitleForm) -> bool:
    """Whether all letters of a title are Latin ones, whatever signs are between them."""
    return all(ord(ch) < _LATIN or not ch.isalnum() for ch in title.written)


def telling(title: tuple[str, ...]) -> tuple[str, ...]:
    """The words that say which work it is."""
    return tuple(word for word in title if word not in _FILLERS)


@dataclass(frozen=True, slots=True)
class Held:
    """The words of a title that the asker's stand for; ``subtitle`` if they are all of its last part, two at the least.

    ``ended`` unless the title goes on after the last of them, in the middle of one of its parts: whoever says whole parts
    may mean the series that the title begins with. ``half`` if hardly more than half of the title was said.
    """

    words: tuple[str, ...]
    subtitle: bool
    ended: bool = True
    half: bool = False


def held(asked: tuple[str, ...], title: str) -> Held | None:
    """What of ``title`` the asker's words stand for, if all of them do; an acronym stands for words in a row.

    None where a number or a word for a sequel was left out, or where too little was said.
    """
    parts, by_part = _by_part(title)
    taken, left = _taken(asked, by_part)
    if not taken or not by_part[-1] or any(map(_counts, left, by_part)):
        return None
    rest = [[word for word in part if word not in _BESIDE] for part in left]
    ends = [word for word in by_part[-1] if word not in _BESIDE][-1:]
    ended = not ends or ends[0] not in rest[-1]
    whole = len(by_part) > 1 and not rest[-1] and len([word for word in taken if word not in _BESIDE]) >= _FEW
    share = _share(asked, taken, by_part, left, rest)
    if not ended or not (whole or share or not any(rest)):
        later = any(counts(word) or len(word) <= _FEW for part in rest for word in part)
        return None if later or not _cut_inside(asked, by_part) else Held(tuple(taken), False, ended=False)
    subtitle = whole and not form(parts[-1]).signature.is_sequel
    return Held(tuple(taken), subtitle, half=not whole and any(rest) and share < _LEAST_SHARE)


def _share(
    asked: tuple[str, ...],
    taken: Sequence[str],
    by_part: Sequence[tuple[str, ...]],
    left: Sequence[Sequence[str]],
    rest: Sequence[Sequence[str]],
) -> float:
    """The share of a title's words that was said, if it is enough: more than two, or the first and last of a part, or half."""
    every = sum(map(len, by_part))
    share = (every - sum(map(len, rest))) / every
    touched = all(map(_less, left[1:], by_part[1:]))
    cut = by_part[-1][:1] if rest[-1] else ()
    enclosed = asked[:1] in {by_part[0][:1], cut}
    much = touched and (len(taken) > _FEW or enclosed) and share >= _LEAST_SHARE
    begun = enclosed or (len(by_part) > 1 and _less(left[0], by_part[0]))
    half = touched and begun and len(taken) >= _FEW and share >= _HALF
    return share if much else min(share, _HALF) if half else 0.0


def _less(left: Sequence[str], part: Sequence[str]) -> bool:
    """Whether not all words of a part are left."""
    return len(left) < len(part) or not part


def _by_part(title: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """A title's parts and the telling words of each; a last one that says nothing but a kind is none."""
    parts = split_parts(form(title).bare)
    parts = parts[:-1] if len(parts) > 1 and not _raw(parts[-1]) else parts
    return parts, [*(telling(_raw(part)) for part in parts[:-1]), telling(words(parts[-1]))]


def _cut_inside(asked: tuple[str, ...], by_part: Sequence[tuple[str, ...]]) -> bool:
    """Whether the asker's words stand in a row in one part of a title, which goes on after them.

    One word alone must be the first and no short one.
    """
    size, first = len(asked), by_part[0]
    if size == 1:
        return len(first) > 1 and first[:1] == asked and len(asked[0]) >= _LEAST_ALONE
    return any(part[at : at + size] == asked for part in by_part for at in range(len(part) - size))


def _taken(asked: tuple[str, ...], by_part: Sequence[tuple[str, ...]]) -> tuple[list[str], list[list[str]]]:
    """The words of a title's parts that were asked for and, by part, those left out; none where one is not of the title."""
    taken, left = list[str](), [list(part) for part in by_part]
    for word in asked:
        part = next((left_of_it for left_of_it in left if word in left_of_it), None)
        if part is not None:
            part.remove(word)
            taken.append(word)
            continue
        spelled = next(
            ((left_of_it, row) for left_of_it in left if (row := _spelled_by(word, left_of_it))), None
        )
        if spelled is None:
            return [], left
        taken += spelled[1]
        spelled[0][:] = [kept for kept in spelled[0] if kept not in spelled[1]]
    return taken, left


def _counts(left: Sequence[str], part: Sequence[str]) -> bool:
    """Whether what was left out of a part of a title is a number, or a word at its end or in front that tells a sequel."""
    core = [word for word in part if word not in _BESIDE]
    left = [word for word in left if word != "x" or "x" in (part[0], part[-1])]
    ends = _ANEW.intersection([*core[:1], *core[-1:]])
    return any(
        any(ch.isdigit() for ch in word) or len(word) < _FEW or not word.strip("ivx") or word in ends
        for word in left
    )


def _spelled_by(word: str, title: list[str]) -> list[str]:
    """The words in a row whose first letters are ``word``: ``tybw`` is *Thousand-Year Blood War*."""
    if not 4 <= len(word) <= len(title):
        return []
    initials = "".join(each[0] for each in title)
    at = initials.find(word)
    return title[at : at + len(word)] if at >= 0 else []
