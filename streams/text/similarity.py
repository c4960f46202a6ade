"""How like two titles are: in layers, of which a lower one says only that they might be the same.

Likeness of spelling is the lowest and never enough alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from streams.text.folding import unaccented
from streams.text.normalization import TitleForm, form
from streams.text.romaji import one_spelling

__all__ = ["UNSAID", "Likeness", "Said", "form", "likeness", "misspelt", "names_another", "names_later"]

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d|\b[ivx]+\b")
_LONG_TITLE = 12
MOST_SLIPS = 2
"""Letters that two titles may differ by and still be one title misspelt."""
_FILLERS = re.compile(r"\b(?:the|an?|and) |\bthe$")
_LEAST_IN_DISORDER = 2
"""Words that a title must have to be known in another order, or without its articles."""
_SENTENCE_SIGNS = frozenset("!?.,':;")
"""Signs that words in another order may lack; others, such as ``+``, set works apart."""
_ANEW = frozenset({"shin", "zoku", "new"})


class Likeness(IntEnum):
    """How like two titles are; the lower, the more else must speak for it.

    ``BEGINNING``: a longer title that begins so; ``SERIES``: another part of the series; ``AMONG``: all words of the
    asker are among those of a title that goes on after them; ``LEFT_OUT``: the same of one that ends as the asker's does; ``SLIPPED``: a slip or two in all letters together; ``MISSPELT``: the same,
    word by word; ``NEAR``: other signs such as ``!``, or a word in brackets more; ``UNMARKED``: asked for without any of
    the signs; ``COUNTED``: the season that the asker counts of a series; ``REWORDED``: the same if what the sites say
    beside the title is counted in; ``ARTICLE``: the same but for articles and ``and``; ``SPELLED``: the same letters, or the same season in other words; ``WRITTEN``: the
    same but for typography.
    """

    NONE = 0
    BEGINNING = 1
    SERIES = 2
    AMONG = 3
    LEFT_OUT = 4
    SLIPPED = 5
    MISSPELT = 6
    NEAR = 7
    UNMARKED = 8
    COUNTED = 9
    REWORDED = 10
    ARTICLE = 11
    SPELLED = 12
    WRITTEN = 13
    EXACT = 14


@dataclass(frozen=True, slots=True)
class Said:
    """Types and years that an account gives beside its titles; they answer for words in brackets that a title lacks."""

    types: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()


UNSAID = Said()
"""Nothing but the title."""


def likeness(asked: TitleForm, seen: TitleForm, by_asker: Said = UNSAID, by_site: Said = UNSAID) -> Likeness:
    """How like ``seen`` is to ``asked``, given what both sides say beside it."""
    if asked.written == seen.written:
        return Likeness.EXACT if asked.exact == seen.exact else Likeness.WRITTEN
    if asked.letters == seen.letters:
        return Likeness.SPELLED if asked.marks == seen.marks else _other_marks(asked)
    if without_articles(asked, seen):
        return Likeness.ARTICLE
    if asked.signature.agrees(seen.signature, by_asker.types, by_site.types):
        return _reworded(asked, seen, by_asker, by_site)
    return Likeness.MISSPELT if slipped(asked, seen) else Likeness.NONE


def without_articles(asked: TitleForm, seen: TitleForm) -> bool:
    """Whether two titles are one but for articles and the word ``and``.

    Of the 41,589 titles in Latin letters of AniDB's list of 2024 no more than 26 are another work's but for that, all of
    them short: a title of one word must have its article.
    """
    if not asked.articleless or asked.articleless != seen.articleless or asked.marks != seen.marks:
        return False
    same_beside = (asked.year, asked.type) == (seen.year, seen.type)
    return same_beside and asked.signature.says_as(seen.signature)


def slipped(asked: TitleForm, seen: TitleForm) -> bool:
    """Whether the asker's hand slipped, in the series' name or in the words that name the part, or the order of words."""
    if asked.year != seen.year or asked.type != seen.type:
        return False
    if _in_disorder(asked, seen):
        return True
    if asked.letters[:1] != seen.letters[:1] or asked.marks != seen.marks:
        return False
    same_part = asked.signature.says_as(seen.signature)
    return misspelt(asked.bare, seen.bare) or (same_part and misspelt(asked.words, seen.words))


def _in_disorder(asked: TitleForm, seen: TitleForm) -> bool:
    """Whether both are the same words in another order: signs that are left out end a sentence, others move with their word."""
    words = _bag(asked.bare)
    if len(words) < _LEAST_IN_DISORDER or words != _bag(seen.bare):
        return False
    if asked.marks == seen.marks:
        return True
    mine, others = sorted(asked.marks.replace("|", "")), sorted(seen.marks.replace("|", ""))
    many = len(_bag(asked.words)) > _LEAST_IN_DISORDER
    apart = set(mine) ^ set(others)
    return asked.letters != seen.letters and (mine == others or (many and apart <= _SENTENCE_SIGNS))


@lru_cache(maxsize=8_192)
def _bag(title: str) -> tuple[str, ...]:
    """The words of a title in Latin letters in alphabetical order, without articles; none of another title."""
    text = unaccented(title)
    latin = all(ch.isascii() or not ch.isalnum() for ch in text)
    return tuple(sorted(map(one_spelling, _WORD.findall(_FILLERS.sub("", text))))) if latin else ()


def _reworded(asked: TitleForm, seen: TitleForm, by_asker: Said, by_site: Said) -> Likeness:
    """The likeness of titles that name the same place in a series, perhaps in other words."""
    plain = asked.signature.says_as(seen.signature) and (asked.year, asked.type) == (seen.year, seen.type)
    if asked.stem != seen.stem:
        return Likeness.MISSPELT if slipped(asked, seen) else Likeness.NONE
    if plain:
        return Likeness.SPELLED if asked.marks == seen.marks else _other_marks(asked)
    covered = _covered(asked, seen, by_asker) and _covered(seen, asked, by_site)
    return Likeness.REWORDED if covered and asked.marks == seen.marks else Likeness.NEAR


def _other_marks(asked: TitleForm) -> Likeness:
    return Likeness.NEAR if asked.marks else Likeness.UNMARKED


def _covered(one: TitleForm, other: TitleForm, said: Said) -> bool:
    """Whether what ``other`` has in brackets is also in ``one`` or said beside it."""
    year = other.year in {None, one.year} or (one.year is None and {other.year} == said.years)
    return year and (other.type in {None, one.type} or (one.type is None and other.type in said.types))


def names_another(asked: TitleForm, main: TitleForm, by_asker: Said, by_site: Said) -> bool:
    """Whether an entry headed ``main`` has the title ``asked`` only as the name of its series.

    So it is with a second season that lists the plain title too, and with what a site heads ``Title (OVA)`` or
    ``Title*`` because the plain title is another entry.
    """
    said = asked.signature
    if (said.is_sequel or said.number or said.season) and not main.signature.is_sequel:
        return False
    if asked.stem != main.stem:
        first = main.words.split(" ", 1)[0]
        return first in _ANEW and main.letters == one_spelling(first) + asked.letters
    same_place = asked.signature.agrees(main.signature, by_asker.types, by_site.types)
    return not same_place or not _covered(asked, main, by_asker) or main.tail not in {"", asked.tail}


def names_later(asked: TitleForm, main: TitleForm) -> bool:
    """Whether ``main`` counts a later season and ``asked``, in other words or another language, counts nothing."""
    return main.signature.later and not asked.counted and not asked.signature.kinds


def misspelt(one: str, other: str) -> bool:
    """Whether two case-folded titles in Latin letters differ by a slip of the hand, in a long title by two.

    A slip is one letter too many, too few, wrong or swapped, never the first of a word and never in a number. How much is
    allowed was drawn by what sets works apart: of the 7,233 romaji and English titles of 3,000 anime, one pair of two
    works differs in one word by no more.
    """
    words, others = _WORD.findall(one), _WORD.findall(other)
    if one == other or len(words) != len(others):
        return False
    letters = min(sum(map(len, words)), sum(map(len, others)))
    slips = sum(_slips(a, b, letters) for a, b in zip(words, others, strict=True) if a != b)
    return slips <= (MOST_SLIPS if letters >= _LONG_TITLE else 1)


def _slips(one: str, other: str, letters: int) -> int:
    """How many slips make one word of the other, in a title of so many ``letters``; ``MOST_SLIPS + 1`` for other words."""
    shorter = min(len(one), len(other))
    plain = one.isascii() and other.isascii() and not _NUMBER.search(f"{one} {other}")
    slips = OSA.distance(one, other, score_cutoff=MOST_SLIPS)
    if not plain or one[0] != other[0] or slips > MOST_SLIPS:
        return MOST_SLIPS + 1
    swapped, wrong = sorted(one) == sorted(other), len(one) == len(other)
    if slips == 1:
        least, least_in_all = (3, 5) if swapped else (4, 8) if wrong else (3, 6)
    else:
        least, least_in_all = 6, _LONG_TITLE
    return slips if shorter >= least and letters >= least_in_all else MOST_SLIPS + 1
