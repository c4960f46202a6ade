"""Title keys in layers, from the letter to the sound.

Punctuation tells works apart (K-On! and K-On!!), so it is folded in one layer and never lost in any.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from streams.text.folding import unaccented
from streams.text.invisible import visible
from streams.text.romaji import one_spelling
from streams.text.season_markers import Signature, counts, split

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
_WORD = re.compile(r"[^\W_]+")
_ARTICLES = frozenset({"the", "a", "an", "and"})
_READING = re.compile("\\([\u3040-\u30ff]+\\)")
_YEAR = re.compile(r"[\s(\[]+((?:19|20)\d\d)[\s)\]]*$")
_TYPE = re.compile(
    r"\s*[(\[](?:(?P<before>\d{4}),? )?(?P<type>tv|movie|ova|ona|oad|specials?|music|pv)(?:,? (?P<after>\d{4}))?[)\]]\s*$"
)
_TYPES = {"oad": "OVA", "specials": "SPECIAL"}


@dataclass(frozen=True, slots=True, eq=False)
class TitleForm:
    """One title in all layers.

    ``bare`` lacks a year or type in brackets, ``year`` and ``type`` are what those say; ``marks`` are the signs that tell
    works apart; ``in_series`` is the stem and the place in its series, which titles of one work have in common, however
    they are worded; ``articleless`` are its letters without articles; ``counted`` says whether it holds a number, ``signature`` what that means.
    """

    exact: str
    written: str
    bare: str
    letters: str
    marks: str
    stem: str
    words: str
    signature: Signature
    in_series: tuple[str, str, int]
    year: int | None = None
    type: str | None = None
    counted: bool = False
    articleless: str = ""

    @property
    def sure_year(self) -> int | None:
        """The year in brackets, by which sites tell works apart; without them it may be part of the title."""
        beside = self.written[len(self.bare) :]
        return self.year if any(ch in "([)]" for ch in beside) else None

    @property
    def tail(self) -> str:
        """The signs at its end."""
        return self.marks.rpartition("|")[2]


@lru_cache(maxsize=8_192)
def form(title: str) -> TitleForm:
    """The layers of ``title``."""
    exact = " ".join(unicodedata.normalize("NFC", visible(title)).casefold().split())
    written = _written(exact)
    bare, year, kind = _qualifiers(written)
    stem, signature = split(bare)
    letters = _letters(written)
    letters_of_stem = letters if stem == written else _letters(stem)
    return TitleForm(
        exact,
        written,
        bare,
        letters,
        _marks(bare),
        letters_of_stem,
        unaccented(stem),
        signature,
        (letters_of_stem, signature.place, signature.part or 1),
        year,
        kind,
        counts(written),
        _articleless(bare),
    )


def _written(exact: str) -> str:
    text = exact.translate(_FOLD)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).casefold().translate(_FOLD)
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
    words = _WORD.findall(_READING.sub("", unaccented(text)))
    return "".join(map(one_spelling, words)) or text


def _articleless(text: str) -> str:
    """The letters of all words but articles; empty for a single word, which an article may set apart from another.

    What stands at the end is none: `Galaxy Angel A`.
    """
    found = _WORD.findall(unaccented(text))
    words = [word for word in found[:-1] if word not in _ARTICLES] + found[-1:]
    return "".join(map(one_spelling, words)) if len(words) > 1 else ""


def _marks(text: str) -> str:
    """Signs that tell works apart: all inside that do not merely separate, and every one at the end."""
    body = text.rstrip(_CLOSERS)
    end = len(body)
    while end and not body[end - 1].isalnum():
        end -= 1
    inside = "".join(ch for ch in _SEPARATORS.sub("", body[:end]) if not ch.isalnum())
    tail = body[end:].replace(" ", "")
    return f"{inside}|{tail}" if inside or tail else ""
