"""One title in the many ways in which people write it."""

from __future__ import annotations

import random
import re


def unmarked(text: str, taken: set[str]) -> str:
    """A title as people type it, without its punctuation; empty if that is no other text, or the title of a work."""
    bare = " ".join(re.sub(r"[^\w\s]", " ", text.replace("'", "")).split())
    return "" if bare == text or bare.casefold() in taken else bare


def misspell(text: str, chance: random.Random) -> str:
    """One or two slips of the hand in the words of a title; empty for a title too short for that."""
    for _ in range(1 + (chance.random() < 0.3)):
        places = [m.start() for m in re.finditer(r"(?<=[a-zA-Z])[a-z](?=[a-z])", text)]
        if len(places) < 4:
            return ""
        at = chance.choice(places)
        slip = chance.choice(["drop", "double", "swap", "other"])
        if slip == "drop":
            text = text[:at] + text[at + 1 :]
        elif slip == "double":
            text = text[:at] + text[at] + text[at:]
        elif slip == "swap":
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        else:
            text = text[:at] + chance.choice("aeioustnrk") + text[at + 1 :]
    return text


_ORDINALS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}
_NAMES = {number: word.title() for word, number in _ORDINALS.items()}
_ROMAN = {2: "II", 3: "III", 4: "IV", 5: "V", 6: "VI"}
_KANJI = "〇一二三四五六七八九"
_LATIN_SEASON = re.compile(
    r"(?i)[ :-]*\b(?:season (?P<a>\d)|(?P<b>\d)(?:st|nd|rd|th) season|(?P<c>second|third|fourth|fifth) season)\b"
)
_LATIN_PART = re.compile(r"(?i)[ :-]*\b(?:part (?P<a>\d)|(?P<b>\d)(?:nd|rd|th) part|cour (?P<c>\d))\b")
_HAN_SEASON = re.compile(r" ?第(?P<n>[二三四五六七八九]|\d)(?P<word>期|季)")
_ROMAN_TAIL = re.compile(r" (?P<n>II|III|IV)$")


def season(text: str, chance: random.Random) -> str:
    """The season or part of a title in other words."""
    if match := _HAN_SEASON.search(text):
        number = int(match["n"]) if match["n"].isdigit() else _KANJI.index(match["n"])
        ways = [
            f"第{number}{match['word']}",
            f"第{_KANJI[number]}{match['word']}",
            f"{number}{match['word']}",
        ]
        ways += [f"Season {number}"]
    elif match := _LATIN_SEASON.search(text):
        said = match["a"] or match["b"] or match["c"].lower()
        ways = _season_in_words(_ORDINALS[said] if said in _ORDINALS else int(said))
    elif match := _LATIN_PART.search(text):
        number = int(match["a"] or match["b"] or match["c"])
        ways = [
            f"Part {number}",
            f"Part {_ROMAN.get(number, 'I')}",
            f"Cour {number}",
            f"{nth(number)} Cour",
            f"Pt. {number}",
        ]
        ways = ways if number > 1 else ways[::2]
    elif match := _ROMAN_TAIL.search(text):
        number = {word: n for n, word in _ROMAN.items()}[match["n"]]
        ways = [f"{number}", f"Season {number}", f"{nth(number)} Season"]
    else:
        return text
    return f"{text[: match.start()]} {chance.choice(ways)}{text[match.end() :]}".strip()


def _season_in_words(number: int) -> list[str]:
    ways = [f"Season {number}", f"{nth(number)} Season", f"S{number}", f"S0{number}", f"{number}"]
    ways += [f"({nth(number)} season)", f"- Season {number}", f"Staffel {number}", f"Saison {number}"]
    ways += [f"Temporada {number}", f"{number}ª temporada"]
    if number in _ROMAN and number > 1:
        ways += [_ROMAN[number], f"Season {_ROMAN[number]}"]
    return [*ways, f"{_NAMES[number]} Season"] if number in _NAMES else ways


def nth(number: int) -> str:
    """``2nd``."""
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number, 'th') }"


_LONG = [
    ("ou", "ō"),
    ("ou", "o"),
    ("ou", "oo"),
    ("uu", "ū"),
    ("uu", "u"),
    ("ou", "oh"),
    ("aa", "ā"),
    ("ei", "ē"),
]
_PARTICLES = [(" wo ", " o "), (" o ", " wo "), (" wa ", " ha "), (" e ", " he ")]
_KUNREI = [
    ("shi", "si"),
    ("chi", "ti"),
    ("tsu", "tu"),
    ("fu", "hu"),
    ("ji", "zi"),
    ("sha", "sya"),
    ("cho", "tyo"),
    ("sho", "syo"),
]
_SPLITS = [
    ("-", " "),
    ("-", ""),
    ("n'", "n"),
    ("mb", "nb"),
    ("np", "mp"),
    (" no ", "-no-"),
    (" ni wa ", " niwa "),
    (" de wa ", " dewa "),
    (" desu ka", " desuka"),
]


def romanised(text: str, chance: random.Random) -> str:
    """A romaji title spelled by another system, all through: long vowels, particles, syllables, or where words end."""
    lowered = text.lower()
    for swaps in chance.sample([_LONG, _LONG, _PARTICLES, _KUNREI, _SPLITS], 5):
        able = [(old, new) for old, new in swaps if old in lowered]
        if able:
            old, new = chance.choice(able)
            return re.sub(re.escape(old), new, text, flags=re.IGNORECASE)
    return text


_SIGNS = [
    (": ", " - "),
    (": ", " "),
    (":", "："),
    ("!", "！"),
    ("?", "？"),
    ("'", "’"),
    (" - ", ": "),
    ("-", "–"),
    ("☆", "★"),
    ("☆", " "),
    ("×", "x"),
    ("&", "and"),
    (" and ", " & "),
    ("; ", " "),
    (";", " "),
    (", ", " "),
    ("/", " "),
    ("~", "〜"),
    ("...", "…"),
    (".", ""),
]


def punctuated(text: str, chance: random.Random) -> str:
    """Another punctuation that says the same."""
    able = [(old, new) for old, new in _SIGNS if old in text]
    old, new = chance.choice(able) if able else ("", "")
    return text.replace(old, new) if old else text


def wide_or_loud(text: str, chance: random.Random) -> str:
    """Full width, capitals, or blanks where none belong."""
    wide = "".join(chr(ord(ch) + 0xFEE0) if "!" <= ch <= "~" else ch for ch in text)
    return chance.choice(
        [wide, text.upper(), text.lower(), f"  {text.replace(' ', '  ')} ", text.replace(" ", "_")]
    )


def with_junk(text: str, on_tv: bool, chance: random.Random) -> str:
    """Words around a title that are not of it."""
    frames = [
        "{} anime",
        "{} (Anime)",
        "{} (English Dub)",
        "{} (Dub)",
        "{} [Sub]",
        "{} (Uncensored)",
        '"{}"',
        "{} English Sub",
        "「{}」",
        "{} BD",
    ] + ["{} (TV)"] * on_tv
    return chance.choice(frames).format(text)


def fit_for_files(text: str) -> str:
    """A title without the signs that no name of a file has."""
    return re.sub(r'[\\/:*?"<>|]', "", text)


def file_name(text: str, chance: random.Random) -> str:
    """A file of the first episode."""
    plain = fit_for_files(text)
    frames = [
        "[Group] {} - 01 (1080p) [A1B2C3D4].mkv",
        "[Group] {} - 01.mkv",
        "{} - 01.mkv",
        "{} - S01E01.mkv",
        "[Group] {} - 01v2 [BD 1080p HEVC].mkv",
    ]
    dotted = plain.replace(" ", ".") + ".S01E01.1080p.WEB.x264-GROUP.mkv"
    return chance.choice([*frames, dotted]).format(plain)


def swapped(text: str, chance: random.Random) -> str:
    """The words in another order."""
    words = text.split()
    at = chance.randrange(max(1, len(words) - 1))
    return " ".join([*words[:at], *words[at : at + 2][::-1], *words[at + 2 :]])


def never_made(text: str, chance: random.Random) -> str:
    """A sequel that nobody made: a number beyond any that a series has, after whatever the title counts itself."""
    number = chance.randint(8, 15)
    ways = [f"Season {number}", f"{nth(number)} Season", f"{number}", f"S{number}", f"Part {number}"]
    ways += [
        f"Season {number} Part 2",
        f"OVA {number}",
        f"Movie {number}",
        f"(Season {number})",
        f"Cour {number}",
    ]
    return f"{text} {chance.choice(ways)}"


def left_out(text: str, chance: random.Random) -> str:
    """A title without one or two of its words, in the middle or in front; empty where too few would be left."""
    kept = text.split()
    for _ in range(chance.choice([1, 1, 2])):
        if len(kept) < 4 or kept[at := chance.randrange(len(kept) - 1)][0].isdigit():
            break
        kept = [*kept[:at], *kept[at + 1 :]]
    return " ".join(kept).strip(" :-") if len(kept) > 2 else ""


def words(text: str) -> frozenset[str]:
    """The words of a title, without signs."""
    return frozenset(re.findall(r"\w+", text.casefold()))


def hidden(text: str, chance: random.Random) -> str:
    """A title with characters that nobody sees."""
    signs = ["\u200b", "\ufeff", "\ufe0f", "\u200e", "\u202a", "\u00ad", "\u2060", "\x00"]
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(signs) + text[at:]
