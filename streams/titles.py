"""Title keys in layers, from the letter to the sound, and how like two titles are.

Punctuation tells works apart (K-On! and K-On!!), so it is folded in one layer and never lost in any: a lower layer says
only that two titles might be the same. Likeness of spelling is the lowest and never enough alone.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from streams.sequel import Signature, counts, split

_FOLD = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛`´′ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»「」『』〝〟", '"'),
        **dict.fromkeys("‐‑‒–—―−－─", "-"),
        **dict.fromkeys("~〜～∼〰", "-"),
        **dict.fromkeys("★☆✩✭⭐", "☆"),
        **dict.fromkeys("♪♫♬♩", "♪"),
        **dict.fromkeys("♥♡❤", "♥"),
        **dict.fromkeys("・·•∙･␣", " "),
        **dict.fromkeys("×✕✖", "x"),
    }
)
_SEPARATORS = re.compile(r"[\s\-:,;/\\()\[\]{}<>&|_\"'.・☆]+")
_CLOSERS = ' -"()[]{}<>☆'
_LONG = re.compile(r"([aeiou])(?:\1|(?<=o)u|(?<=[ou])h(?![aeiouy]))+")
_WORD = re.compile(r"[^\W_]+")
_READING = re.compile("\\([\u3040-\u30ff]+\\)")
_DIGIT = re.compile(r"\d")
_ANEW = frozenset({"shin", "zoku", "new"})
_YEAR = re.compile(r"[\s(\[]+((?:19|20)\d\d)[\s)\]]*$")
_TYPE = re.compile(
    r"\s*[(\[](?P<before>\d{4} )?(?P<type>tv|movie|ova|ona|oad|specials?|music|pv)(?P<after> \d{4})?[)\]]\s*$"
)
_TYPES = {"oad": "OVA", "specials": "SPECIAL"}


class Likeness(IntEnum):
    """How like two titles are; the lower, the more else must speak for it.

    ``BEGINNING``: a longer title that begins so; ``SERIES``: another part of the series; ``NEAR``: other signs such as ``!``, or a word in brackets more; ``UNMARKED``: asked for without any of the signs;
    ``REWORDED``: the same if what the sites say beside the title is counted in; ``SPELLED``: the same letters, or the
    same season in other words; ``WRITTEN``: the same but for typography.
    """

    NONE = 0
    BEGINNING = 1
    SERIES = 2
    MISSPELT = 3
    NEAR = 4
    UNMARKED = 5
    REWORDED = 6
    SPELLED = 7
    WRITTEN = 8
    EXACT = 9


@dataclass(frozen=True, slots=True, eq=False)
class TitleForm:
    """One title in all layers; ``bare`` lacks a year or type in brackets; ``marks`` are the signs that tell works apart, ``year`` and ``type`` what brackets say."""

    exact: str
    written: str
    bare: str
    letters: str
    marks: str
    stem: str
    words: str
    signature: Signature
    year: int | None = None
    type: str | None = None
    counted: bool = False

    @property
    def in_series(self) -> tuple[str, str, int]:
        """The stem and the place in its series: what titles of one work have in common, however they are worded."""
        return (self.stem, self.signature.place, self.signature.part or 1)


@lru_cache(maxsize=16_384)
def form(title: str) -> TitleForm:
    """The layers of ``title``."""
    exact = " ".join(unicodedata.normalize("NFC", title).casefold().split())
    written = _written(exact)
    bare, year, kind = _qualifiers(written)
    stem, signature = split(bare)
    return TitleForm(
        exact,
        written,
        bare,
        _letters(written),
        _marks(bare),
        _letters(stem),
        _unaccented(stem),
        signature,
        year,
        kind,
        counts(written),
    )


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
    if asked.signature.agrees(seen.signature, by_asker.types, by_site.types):
        return _reworded(asked, seen, by_asker, by_site)
    return Likeness.NONE


def _reworded(asked: TitleForm, seen: TitleForm, by_asker: Said, by_site: Said) -> Likeness:
    """The likeness of titles that name the same place in a series, perhaps in other words."""
    plain = asked.signature.says_as(seen.signature) and (asked.year, asked.type) == (seen.year, seen.type)
    if asked.stem != seen.stem:
        slip = plain and asked.marks == seen.marks and misspelt(asked.words, seen.words)
        return Likeness.MISSPELT if slip else Likeness.NONE
    if plain:
        return Likeness.SPELLED if asked.marks == seen.marks else _other_marks(asked)
    covered = _covered(asked, seen, by_asker) and _covered(seen, asked, by_site)
    return Likeness.REWORDED if covered and asked.marks == seen.marks else Likeness.NEAR


def _other_marks(asked: TitleForm) -> Likeness:
    return Likeness.NEAR if asked.marks else Likeness.UNMARKED


def _tail(title: TitleForm) -> str:
    return title.marks.rpartition("|")[2]


def _covered(one: TitleForm, other: TitleForm, said: Said) -> bool:
    """Whether what ``other`` has in brackets is also in ``one`` or said beside it."""
    year = other.year in {None, one.year} or (one.year is None and {other.year} == said.years)
    return year and (other.type in {None, one.type} or (one.type is None and other.type in said.types))


def names_another(asked: TitleForm, main: TitleForm, by_asker: Said, by_site: Said) -> bool:
    """Whether an entry headed ``main`` has the title ``asked`` only as the name of its series.

    So it is with a second season that lists the plain title too, and with what a site heads ``Title (OVA)`` or
    ``Title*`` because the plain title is another entry.
    """
    if asked.signature.is_sequel and not main.signature.is_sequel:
        return False
    if asked.stem != main.stem:
        return main.words.split(" ", 1)[0] in _ANEW and main.letters.endswith(asked.letters)
    same_place = asked.signature.agrees(main.signature, by_asker.types, by_site.types)
    return not same_place or not _covered(asked, main, by_asker) or _tail(asked) != _tail(main)


def names_later(asked: TitleForm, main: TitleForm) -> bool:
    """Whether ``main`` counts a later season and ``asked``, in other words or another language, counts nothing."""
    return main.signature.later and not asked.counted


def misspelt(one: str, other: str) -> bool:
    """Whether two case-folded titles in Latin letters differ by slips of the hand, word by word.

    A slip is one letter too many, too few, wrong or swapped in a word of four letters or more, in at most two words.
    """
    words, others = _WORD.findall(one), _WORD.findall(other)
    if len(words) != len(others) or sum(map(len, words)) < 8:
        return False
    differing = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    return len(differing) <= 2 and all(_is_slip(a, b) for a, b in differing)


def _is_slip(one: str, other: str) -> bool:
    letters = min(len(one), len(other)) >= 4 and one.isascii() and other.isascii()
    return letters and not _DIGIT.search(one + other) and OSA.distance(one, other, score_cutoff=1) <= 1


def _written(exact: str) -> str:
    text = unicodedata.normalize("NFKC", exact.translate(_FOLD)).casefold().translate(_FOLD)
    return " ".join(text.split())


def _qualifiers(written: str) -> tuple[str, int | None, str | None]:
    """The title without a year or a type in brackets at its end, and those."""
    year = kind = None
    if match := _TYPE.search(written):
        word, said = match["type"], match["before"] or match["after"]
        written, kind = written[: match.start()] or written, _TYPES.get(word, word.upper())
        year = int(said) if said else None
    if (match := _YEAR.search(written)) and match.start():
        written, year = written[: match.start()], int(match[1])
    return written, year, kind


def _letters(text: str) -> str:
    """Letters and digits alone, long vowels short, accents off; a title of signs only stays as it is."""
    words = _WORD.findall(_READING.sub("", _unaccented(text)))
    return "".join(_short(word) for word in words) or text


def _short(word: str) -> str:
    """A word of romaji with its long vowels short, which every site spells its own way; numerals stay."""
    if word == "wo" or not word.strip("ivx"):
        return "o" if word == "wo" else word
    return _LONG.sub(r"\1", word)


def _unaccented(text: str) -> str:
    """Latin accents off; the voicing marks of kana stay."""
    spread = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(ch for ch in spread if not "\u0300" <= ch <= "\u036f"))


def _marks(text: str) -> str:
    """Signs that tell works apart: all inside that do not merely separate, and every one at the end."""
    body = text.rstrip(_CLOSERS)
    end = len(body)
    while end and not body[end - 1].isalnum():
        end -= 1
    inside = "".join(ch for ch in _SEPARATORS.sub("", body[:end]) if not ch.isalnum())
    tail = body[end:].replace(" ", "")
    return f"{inside}|{tail}" if inside or tail else ""
