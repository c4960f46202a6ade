"""What a title may be meant to say that is not written as any site writes it: a file's name, a year, words beside it. Pure.

A reading is tried only where nothing bears the title as it was asked for.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from streams.matching.ranking import Wanted
from streams.text.invisible import visible
from streams.text.normalization import form

_EXTENSION = re.compile(r"(?i)\.(?:mkv|mp4|m4v|avi|webm|mov|ogm|wmv|ts|srt|ass)$")
_TAG = r"(?:480|540|720|1080|2160)[pi]|4k|blu-?ray|bd|bdrip|web|web-?dl|web-?rip|dvd|dvdrip|[xh]\.?26[45]|hevc|av1|10-?bit"
_PICTURE = re.compile(r"(?i)\b(?:480|540|720|1080|2160)[pi]\b")
_BRACKETED = re.compile(rf"(?i)^\[[^\]]*\]|[\[(][^\])]*\b(?:{_TAG}|[\da-f]{{8}})\b[^\])]*[\])]")
_EPISODE = re.compile(
    r"(?i)(?:\bs(?P<season>\d{1,2}) ?e\d+|(?<=\s)- \d{1,4}(?:v\d)?(?!\S)|\b(?:episode|ep\.?|e) ?\d+\b).*$"
)
_QUALITY = re.compile(rf"(?i)\s(?:{_TAG})\b.*$")
_BESIDE = re.compile(
    r"(?i)[\s(\[]+(?:(?<!mini )anime|(?:eng(?:lish)?[ -])?(?:dub(?:bed)?|sub(?:bed|s|titles)?)|uncensored|uncut|bd|blu-?ray|dvd)[\s)\]]*$"
)
_WIDE = re.compile("[\uff10-\uff5a\uff66-\uff9f]")
_QUOTES = ('""', "''", "“”", "「」", "『』", "«»")


def readings(wanted: Wanted) -> Iterator[Wanted]:
    """Other ways to take what is asked for, the nearest first."""
    if not wanted.title:
        return
    title = plain(wanted.title)
    if title != wanted.title:
        yield replace(wanted, title=title)
    dated = form(title)
    if dated.year and not wanted.year:
        yield replace(wanted, title=dated.bare, year=dated.year)


def plainest(wanted: Wanted) -> str | None:
    """The title to search for when the one asked for finds nothing, if there is another."""
    return next((one.title for one in reversed(list(readings(wanted)))), None)


def legible(title: str) -> str:
    """The same title in the characters that sites search for: no entities of HTML, no letters of another width or of none."""
    text = " ".join(visible(html.unescape(title)).split())
    return unicodedata.normalize("NFKC", text) if _WIDE.search(text) else text


def plain(title: str) -> str:
    """A title without what is not of it; itself if nothing would be left."""
    text = legible(title)
    if _EXTENSION.search(text) or _PICTURE.search(text):
        text = _of_file(text)
    elif " " not in text:
        text = text.replace("_", " ").strip()
    while (match := _BESIDE.search(text)) and match.start():
        text = text[: match.start()]
    if len(text) > 2 and text[0] + text[-1] in _QUOTES:
        text = text[1:-1]
    return text if any(ch.isalnum() for ch in text) else title


def _of_file(name: str) -> str:
    """The title, and the season if it is a later one, that a file of an episode names."""
    text = _EXTENSION.sub("", name)
    if " " not in text:
        text = re.sub(r"[._]", " ", text)
    text = " ".join(_BRACKETED.sub(" ", text).split())
    episode = _EPISODE.search(text)
    season = int(episode["season"] or 1) if episode else 1
    text = _QUALITY.sub("", _EPISODE.sub("", text)).strip(" -")
    return f"{text} Season {season}" if season > 1 else text
