"""Names of people and characters in the spelling that most sites share: given name first, no family name in capitals."""

from __future__ import annotations

import re

from sources.parsing.languages import native_language
from sources.parsing.text import clean
from sources.record import Name

_SHOUTED = re.compile(r"(?P<prefix>Ma?c|D[aei]|L[ae]|Van|Fitz)?(?P<rest>[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?)")
_NUMERALS = frozenset({"II", "III", "IV", "VI", "VII", "VIII", "IX", "XIII", "XIV"})


def given_first(text: str) -> str:
    """``Matsuoka, Yoshitsugu`` in the order of the other sites; ``A, B, C`` is no such pair and stays.

    An initial belongs between two names, so ``Monkey D., Luffy`` only loses its comma.
    """
    family, comma, given = text.partition(", ")
    if not comma or ", " in given:
        return text
    return f"{family} {given}" if re.search(r"\s[A-Z]\.$", family) else f"{given} {family}"


def quiet(text: str) -> str:
    """``Wendee LEE`` as ``Wendee Lee``: family names in capitals at the end, behind a word that is not in capitals.

    A name all in capitals (``TM NETWORK``), of one word (``JUN``, ``LiSA``), or with other words behind the capitals
    (``Official HIGE DANdism``) is the person's own spelling; so are numerals (``Elizabeth II``) and initials.
    """
    words = text.split(" ")
    first = len(words)
    while first > 0 and _is_shouted(words[first - 1]):
        first -= 1
    if first == len(words) or not any(_is_quiet(word) for word in words[:first]):
        return text
    return " ".join([*words[:first], *(_lowered(word) for word in words[first:])])


def family_quiet(text: str) -> Name:
    """A name off the two crawled sites, whose house style is ``Given FAMILY``."""
    return Name(text=quiet(text), language=native_language(text))


def gender(text: object) -> str | None:
    """``female`` for ``Female``; ``None`` for what is no word, or says that nobody knows."""
    said = (clean(text) or "").lower()
    return said if said.isalpha() and len(said) <= 20 and said not in {"intersexual/none", "other"} else None


def _is_quiet(word: str) -> bool:
    return word[:1].isupper() and any(letter.islower() for letter in word)


def _is_shouted(word: str) -> bool:
    found = _SHOUTED.fullmatch(word)
    if found is None or word in _NUMERALS:
        return False
    rest = found["rest"]
    return len(rest) > 1 and rest.isupper() and "." not in rest


def _lowered(word: str) -> str:
    """Each part of ``SMITH-JONES`` and ``O'BRIEN`` keeps its first capital; so does what follows ``Mc``."""
    found = _SHOUTED.fullmatch(word)
    prefix, rest = (found["prefix"] or "", found["rest"]) if found else ("", word)
    return prefix + re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), rest)
