"""What a file's name says of the title in it: every way to cut it, the longest title first. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_EXTENSION = re.compile(r"(?i)\.(?:mkv|mp4|m4v|avi|webm|mov|ogm|wmv|ts|srt|ass)$")
_TAG = (
    r"(?:480|540|576|720|1080|1440|2160)[pi]|\d{3,4}x\d{3,4}|4k|uhd|blu-?ray|bd|bdrip|bd-?box|web|web-?dl|web-?rip|dvd|"
    r"dvd-?rip|hdtv|tv-?rip|raw|[xh]\.?26[45]|hevc|avc|av1|vp9|xvid|10-?bits?|8-?bits?|hi10p?|flac|aac(?:2\.0)?|ac3|e-?ac-?3|"
    r"opus|dual[ -]?audio|multi[ -]?subs?|subs?|dubs?|subbed|dubbed|uncensored|batch|complete|end|v\d"
)
_PICTURE = re.compile(r"(?i)\b(?:480|540|720|1080|2160)[pi]\b")
_SQUARE = re.compile(r"\[[^\]]*\]|【[^】]*】|\{[^}]*\}")
_TAGGED = re.compile(rf"(?i)[\[(][^\])\[(]*\b(?:{_TAG}|[\da-f]{{8}})\b[^\])]*[\])]")
_DOTS = re.compile(r"_|\.(?!\d\b)|(?<!\d)\.")
_MADE = re.compile(
    r"(?i)[\[(][^\])\[(]*\b(?:blu-?ray|bd|bdrip|web-?dl|web-?rip|dvd-?rip|[xh]\.?26[45]|hevc|av1|10-?bits?|[\da-f]{8})\b"
)
_LEADING = re.compile(r"^\[[^\]]*\]\s*")
_RANGE = re.compile(
    r"(?i)\s+(?:\((?:ep?s?\.? ?)?\d{1,4} ?[-~–] ?\d{1,4}\)|(?:ep?s?\.? ?)?\d{2,4}[-~–]\d{2,4})\s*$"
)
_TAGS = re.compile(rf"(?i)(?:[\s._-]+(?:{_TAG}))+\s*$")
_FROM_PICTURE = re.compile(r"(?i)\s+(?:480|540|576|720|1080|1440|2160)[pi]\b.*$")
_NUMBER = r"(?P<number>\d{1,4}(?:\.\d)?)(?: ?v\d)?(?: ?(?:end|final))?"
_SEASONED = re.compile(r"(?i)[\s-]*\bs(?P<season>\d{1,2}) ?[ex]p?(?P<number>\d{1,4})(?:v\d)?\b.*$")
_MARKED = re.compile(
    rf"(?i)\s+(?:-\s+{_NUMBER}(?=\s+-\s|\s*$)|(?:-\s+)?(?:episode|ep|e|#)[ .]?{_NUMBER.replace('number', 'named')}(?=\s|$))"
)
_LAST = re.compile(rf"(?i)\s+#?{_NUMBER}\s*$")


@dataclass(frozen=True, slots=True)
class Cut:
    """A title that a file's name may hold, and the ``whole`` that it is cut from.

    Not ``sure`` where a number left out may be of the title: episode 0 is often a special that is its own work, and of
    two numbers the first may name the series.
    """

    title: str
    whole: str
    sure: bool = True


def is_file(name: str) -> bool:
    """Whether a title looks like the name of a file."""
    return bool(_EXTENSION.search(name) or _PICTURE.search(name) or _MADE.search(name))


def cuts(name: str) -> list[Cut]:
    """The titles that the name may hold, the longest first: without extension and brackets, then without the episode."""
    distinct: dict[str, Cut] = {}
    for whole in _wholes(name):
        seasoned = _SEASONED.search(whole)
        for cut in (*([] if seasoned else [Cut(whole, whole)]), *_without_episode(whole)):
            if any(ch.isalnum() for ch in cut.title):
                distinct.setdefault(cut.title, cut)
    return sorted(distinct.values(), key=lambda cut: -len(cut.title))


def _wholes(name: str) -> Iterator[str]:
    """The name without extension, brackets and tags; once more with brackets that may be of the title."""
    text = _EXTENSION.sub("", name)
    if " " not in text.strip():
        text = _DOTS.sub(" ", text)
    bare = _tidy(_TAGGED.sub(" ", _SQUARE.sub(" ", text)))
    if not bare.isdigit() or "[" not in text:
        yield bare
    if "[" in (kept := _tidy(_TAGGED.sub(" ", _LEADING.sub("", text)))):
        yield kept


def _tidy(text: str) -> str:
    text = _RANGE.sub("", " ".join(text.split()))
    text = _FROM_PICTURE.sub("", text)
    return _TAGS.sub("", text).strip(" -_")


def _without_episode(whole: str) -> Iterator[Cut]:
    if match := _SEASONED.search(whole):
        season = int(match["season"])
        title = whole[: match.start()].strip(" -_")
        yield Cut(f"{title} Season {season}" if season > 1 else title, whole, season > 0)
        return
    numbers = [*_MARKED.finditer(whole)] or [*_LAST.finditer(whole)]
    for match in numbers:
        number = match["number"] or match["named"] if match.re is _MARKED else match["number"]
        yield Cut(whole[: match.start()].strip(" -_"), whole, float(number) > 0 and match is numbers[-1])
