"""Which part of a series a title names: season, part, bare number, and words such as movie or special.

Sites word the same thing in many ways (``Season 2``, ``2nd Season``, ``II``, 第2期); the signature says it once, and what
is left of the title is its stem. A number in the middle of a title stays in the stem.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ROMAN = {"ii": 2, "iii": 3, "iv": 4, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "xi": 11, "xii": 12}
_WORDS = {word: n for n, word in enumerate(_ORDINALS, 1)}
_WORDS |= {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_WORDS |= {"i": 1, "v": 5, "x": 10} | _ROMAN
_WORDS |= {"ichi": 1, "ni": 2, "san": 3, "yon": 4, "go": 5}
_WORDS |= {"yi": 1, "er": 2, "si": 4, "wu": 5}
_WORDS |= {"ファースト": 1, "セカンド": 2, "サード": 3}
_NAMED = {
    **dict.fromkeys(("zweite", "deuxième", "seconde", "segunda", "seconda", "второй"), 2),
    **dict.fromkeys(("dritte", "troisième", "tercera", "terceira", "terza", "третий"), 3),
    **dict.fromkeys(("vierte", "quatrième", "cuarta", "quarta", "четвертый", "четвёртый"), 4),
}
"""Ordinals of other languages, which count only before the word for a season."""
_KANJI = {digit: n for n, digit in enumerate("一二三四五六七八九", 1)}

_N = r"(?P<n>\d{1,2}|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
_NTH = r"(?P<n>\d{1,2}(?=st|nd|rd|th)|" + "|".join(_ORDINALS) + r")(?:st|nd|rd|th)?"
_SEASON = r"(?:staffel|saison|temporada|stagione|sezon|сезон)"
_START, _END = r"(?<![a-z\d])", r"(?![a-z\d])"
_CJK = r"(?P<n>\d{1,2}|[一二三四五六七八九十]{1,3})"


def _rules(kind: str, *patterns: str) -> list[tuple[str, re.Pattern[str]]]:
    return [(kind, re.compile(pattern)) for pattern in patterns]


_NUMBERED = [
    *_rules(
        "season",
        rf"{_START}{_NTH} ?(?:season|series|シーズン|シリーズ){_END}",
        rf"{_START}(?:season|{_SEASON}) ?{_N}{_END}",
        rf"{_START}(?P<n>{'|'.join(_NAMED)}) {_SEASON}{_END}",
        rf"{_START}(?P<n>\d{{1,2}})(?:\.|[ao]|nda|ème|e)? {_SEASON}{_END}",
        rf"{_START}s(?P<n>\d{{1,2}})(?=\W*$|\W+(?:part|pt|cour|ova|oad|specials?|movie|recap){_END})",
        rf"{_START}(?:tv|тв)[ -]?(?P<n>\d{{1,2}})(?=\W*$)",
        rf"{_START}dai[ -]?{_N}[ -]?ki{_END}",
        rf"{_START}(?P<n>\d{{1,2}})-?ki{_END}",
        rf"第? ?{_CJK} ?(?:期|季|シーズン|シリーズ)",
        r"シーズン ?(?P<n>\d{1,2})",
        r"(?P<n>ファースト|セカンド|サード) ?シーズン",
        r"(?P<n>\d{1,2}) ?기",
        r"시즌 ?(?P<n>\d{1,2})",
        rf"{_START}di[ -]?(?P<n>\d{{1,2}}|yi|er|san|si|wu)[ -]?ji{_END}",
        rf"{_START}dai[ -]?{_N}[ -]?series{_END}",
    ),
    *_rules(
        "part",
        rf"{_START}(?:part|pt\.?|cour|teil|partie|parte) ?{_N}{_END}",
        rf"{_START}{_NTH} ?(?:part|cour|クール){_END}",
        rf"第? ?{_CJK} ?(?:クール|部分?)",
        r"パート ?(?P<n>\d{1,2})",
    ),
]
_KINDS = [
    *_rules("final", rf"{_START}(?:the )?final season{_END}", r"ファイナル ?シーズン", "最[终終]季"),
    *_rules(
        "movie",
        rf"{_START}(?:the )?movies?{_END}",
        rf"{_START}(?:eiga|gekijou-?ban){_END}",
        "劇場版|剧场版|劇場片|映画|극장판",
    ),
    *_rules("ova", rf"{_START}(?:ova|oad)s?{_END}"),
    *_rules("special", rf"{_START}specials?{_END}", "スペシャル"),
    *_rules("pilot", rf"{_START}(?:pilot|pvs?|cms?){_END}", "パイロット"),
    *_rules("recap", rf"{_START}(?:recaps?|soushuu-?hen){_END}", "総集編"),
]
_HINT = re.compile(
    r"[期季部기즌クシスセサパファ最劇剧映극総]|s\d|\dki|\d-ki|season|series|staffel|sezon|сезон|(?:tv|тв)[ -]?\d|dai|di[ -]?[\dyesw]|"
    r"(?<![a-z\d])(?:saison|temporada|stagione|part|pt|cour|teil|(?:the )?movie|eiga|gekijou|ova|oad|special|pilot|pv|cm|recap|soushuu)|\d(?:st|nd|rd|th) ?(?:part|cour)"
)
"""What one of the rules above needs; most titles have none of it, and are not tried with them."""
_GOOD = r"(?!ii\b(?:(?<=\bga ii)|(?<=\bmo ii)|(?<=\bde ii)|(?<=eba ii)))"
"""No number two: the Japanese word for good, at the end of titles such as *Raise wa Tanin ga Ii*."""
_TAIL_NUMBER = re.compile(
    r"(?<=[^\d./\u2044])[ :-]*(?<![a-z\d])"
    + _GOOD
    + r"(?P<n>\d{1,2}(?=st|nd|rd|th|\W*$)|"
    + "|".join(_ROMAN)
    + r")(?:st|nd|rd|th)?\W*$"
)
_LATER = re.compile(
    r"\d|[二三四五六七八九十弐参]|(?<![a-z])(?:"
    + "|".join([*sorted(_WORDS.keys() - {"i", "go", "x", "v"}), "suite", "zoku", "zwei", "deux", "shin"])
    + r")(?![a-z])|^[続新]"
)
_TYPE_WORDS = {
    "MOVIE": "movie",
    "OVA": "ova",
    "SPECIAL": "special",
    "TV_SPECIAL": "special",
}


@dataclass(frozen=True, slots=True)
class Signature:
    """Place in a series; ``season`` and ``number`` are ``None`` where the title does not say."""

    season: int | None = None
    part: int | None = None
    number: str | None = None
    kinds: frozenset[str] = frozenset()

    @property
    def is_sequel(self) -> bool:
        """Whether it names anything but the beginning of the series itself."""
        return bool(self.kinds or self.place != "1" or (self.part or 1) > 1)

    @property
    def later(self) -> bool:
        """Whether it names a second or later season or part."""
        return (self.part or 1) > 1 or (self.place.isdigit() and 2 <= int(self.place) <= 9)

    @property
    def place(self) -> str:
        """The season, or the bare number, which may mean one; a title without either is the first."""
        return str(self.season) if self.season is not None else self.number or "1"

    def says_as(self, other: Signature) -> bool:
        """Whether both say the same themselves, a season perhaps as a bare number."""
        if self.part != other.part or self.kinds != other.kinds:
            return False
        said = (self.season is None and self.number is None) == (
            other.season is None and other.number is None
        )
        return said and self.place == other.place

    def agrees(self, other: Signature, types: frozenset[str], other_types: frozenset[str]) -> bool:
        """Whether both name the same place; a kind word that one lacks may be said by its type instead."""
        if self.place != other.place or (self.part or 1) != (other.part or 1):
            return False
        lacking, other_lacking = other.kinds - self.kinds, self.kinds - other.kinds
        return lacking <= _said(types) and other_lacking <= _said(other_types)


def counts(title: str) -> bool:
    """Whether a case-folded title holds a number or a word such as ``zwei``, in whatever place."""
    return bool(_LATER.search(title))


def _said(types: frozenset[str]) -> set[str]:
    return {_TYPE_WORDS[name] for name in types if name in _TYPE_WORDS}


def split(title: str) -> tuple[str, Signature]:
    """The stem of a case-folded title and its `Signature`; the stem is never empty."""
    stem, found, kinds = title, dict[str, int](), set[str]()
    hinted = bool(_HINT.search(title))
    for kind, pattern in _NUMBERED if hinted else ():
        rest, number = _cut(stem, pattern)
        if number is not None and found.setdefault(kind, _value(number)) == _value(number):
            stem = rest  # a second season beside the first is not understood, so it stays
    for kind, pattern in _KINDS if hinted else ():
        stem, word = _cut(stem, pattern)
        if word is not None:
            kinds.add(kind)
    season = found.get("season")
    rest, number = _cut(stem, _TAIL_NUMBER)
    tail = _tail(number)
    if tail is None or season is None or tail == str(season):
        stem = rest
    else:
        tail = None
    return stem, Signature(season, found.get("part"), tail, frozenset(kinds))


def _cut(text: str, pattern: re.Pattern[str]) -> tuple[str, str | None]:
    """``text`` without the match and what matched, unless nothing would be left."""
    match = pattern.search(text)
    if match is None:
        return text, None
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    if not any(ch.isalnum() for ch in rest):
        return text, None
    return rest, match.groupdict().get("n") or match.group()


def _tail(number: str | None) -> str | None:
    """``II`` and ``2`` are one number; ``00`` is not ``0``."""
    return str(_ROMAN[number]) if number in _ROMAN else number


def _value(number: str) -> int:
    if number.isdigit():
        return int(number)
    named = _WORDS.get(number) or _NAMED.get(number)
    return named or _kanji(number)


def _kanji(number: str) -> int:
    """十 alone is ten, before it stand the tens, after it the ones."""
    tens, ten, ones = number.rpartition("十")
    return (_KANJI.get(tens, 1) * 10 if ten else 0) + _KANJI.get(ones, 0)
