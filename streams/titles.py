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

from streams.sequel import Signature, split

_FOLD = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛`´′ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»「」『』〝〟", '"'),
        **dict.fromkeys("‐‑‒–—―−－─", "-"),
        **dict.fromkeys("~〜～∼〰", "-"),
        **dict.fromkeys("★☆✩✭⭐", "☆"),
        **dict.fromkeys("♪♫♬♩", "♪"),
        **dict.fromkeys("♥♡❤", "♥"),
        **dict.fromkeys("・·•∙･", " "),
        **dict.fromkeys("×✕✖", "x"),
    }
)
_SEPARATORS = re.compile(r"[\s\-:,;/\\()\[\]{}<>&|_\"'.・☆]+")
_CLOSERS = ' -"()[]{}<>☆'
_LONG = re.compile(r"([aeiou])(?:\1|(?<=o)u|(?<=[ou])h(?![aeiouy]))+")
_YEAR = re.compile(r"[\s(\[]+((?:19|20)\d\d)[\s)\]]*$")
_TYPE = re.compile(r"[\s]*[(\[](tv|movie|ova|ona|oad|special|specials|music|pv)[)\]]\s*$")
_TYPES = {"oad": "OVA", "specials": "SPECIAL"}


class Likeness(IntEnum):
    """How like two titles are; the lower, the more else must speak for it."""

    NONE = 0
    MISSPELT = 1
    UNMARKED = 2
    SPELLED = 3
    WRITTEN = 4
    EXACT = 5


@dataclass(frozen=True, slots=True)
class TitleForm:
    """One title in all layers; ``marks`` are the signs that tell works apart, ``year`` and ``type`` what brackets say."""

    exact: str
    written: str
    letters: str
    marks: str
    stem: str
    signature: Signature
    year: int | None = None
    type: str | None = None


@lru_cache(maxsize=16_384)
def form(title: str) -> TitleForm:
    """The layers of ``title``."""
    exact = " ".join(unicodedata.normalize("NFC", title).casefold().split())
    written = _written(exact)
    bare, year, kind = _qualifiers(written)
    stem, signature = split(bare)
    return TitleForm(
        exact, written, _letters(written), _marks(bare), _letters(stem), signature, year=year, type=kind
    )


def likeness(asked: TitleForm, seen: TitleForm, types: frozenset[str] = frozenset()) -> Likeness:
    """How like ``seen``, a title of an entry whose type is one of ``types``, is to ``asked``."""
    if asked.exact == seen.exact:
        return Likeness.EXACT
    if asked.written == seen.written:
        return Likeness.WRITTEN
    same_place = asked.signature.agrees(seen.signature, types)
    if asked.letters == seen.letters or (asked.stem == seen.stem and same_place):
        return Likeness.SPELLED if asked.marks == seen.marks else Likeness.UNMARKED
    if same_place and asked.marks == seen.marks and misspelt(asked.stem, seen.stem):
        return Likeness.MISSPELT
    return Likeness.NONE


def misspelt(one: str, other: str) -> bool:
    """Whether two stems differ by as much as a slip of the hand, their digits being equal."""
    allowed = slips(min(len(one), len(other)))
    if not allowed or abs(len(one) - len(other)) > allowed:
        return False
    if OSA.distance(one, other, score_cutoff=allowed) > allowed:
        return False
    return _digits(one) == _digits(other)


def slips(length: int) -> int:
    """Slips allowed in a stem of ``length`` letters."""
    return 0 if length < 6 else 1 if length < 12 else 2


def _digits(text: str) -> str:
    return "".join(ch for ch in text if ch.isdigit())


def _written(exact: str) -> str:
    text = unicodedata.normalize("NFKC", exact.translate(_FOLD)).casefold().translate(_FOLD)
    return " ".join(text.split())


def _qualifiers(written: str) -> tuple[str, int | None, str | None]:
    """The title without a year or a type in brackets at its end, and those."""
    year = kind = None
    if match := _TYPE.search(written):
        word = match[1]
        written, kind = written[: match.start()] or written, _TYPES.get(word, word.upper())
    if (match := _YEAR.search(written)) and match.start():
        written, year = written[: match.start()], int(match[1])
    return written, year, kind


def _letters(text: str) -> str:
    """Letters and digits alone, long vowels short, accents off; a title of signs only stays as it is."""
    plain = _unaccented(text)
    folded = "".join(_short(word) for word in _SEPARATORS.split(plain))
    return "".join(ch for ch in folded if ch.isalnum()) or text


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
    return f"{inside}|{body[end:]}" if inside or body[end:] else ""
