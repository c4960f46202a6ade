"""One spelling for words of romaji, which every site and every asker spells their own way. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_LONG = re.compile(r"([aeiou])(?:\1|(?<=o)u|(?<=[ou])h(?![aeiouy]))+")
_PARTICLES = {"wo": "o", "ha": "wa", "he": "e"}
_SYLLABLES = {
    **dict.fromkeys(["ty", "cy"], "ch"),
    **dict.fromkeys(["zy", "jy"], "j"),
    **dict.fromkeys(["du", "dzu"], "zu"),
    "sy": "sh",
    "s": "sh",
    "t": "ch",
    "z": "j",
    "hu": "fu",
    "tu": "tsu",
    "dz": "z",
    "m": "n",
    "tch": "cch",
}
_SYLLABLE = re.compile(r"[stczj]y(?=[aou])|[stz](?=i)|tu|hu|dz?u|dz|m(?=[bp])|tch")


@lru_cache(maxsize=8_192)
def one_spelling(word: str) -> str:
    """A word with its long vowels short, syllables and particles as Hepburn has them; numerals stay.

    It is no matter that words of other languages change as well: hardly any titles of two works become one by it.
    """
    if not word.strip("ivx"):
        return word
    return _SYLLABLE.sub(
        lambda found: _SYLLABLES[found.group()], _LONG.sub(r"\1", _PARTICLES.get(word, word))
    )
