"""Opening and ending songs, which Jikan gives as lines of text."""

from __future__ import annotations

import re
from typing import Literal

from sources.parsing.json_reply import mapping, words
from sources.parsing.text import clean
from sources.record import ThemeSong

_LINE = re.compile(
    r"""(?:\#?(?:OP|ED)?\s*(?P<number>\d{1,3})\s*(?:[:.]|[–-](?=\s*["“]))\s*|\#?R\d{1,3}\s*[:.]\s*|\#(?P<bare_number>\d{1,3})\s*(?=["“]))?
        (?:["“](?P<quoted>.{1,300}?)["”](?:\s*(?<=["”\s])by\s+(?P<artist>.{1,300}?))?|(?P<bare>[^\s"“].{0,299}?))
        (?:\s*\(ep(?:isode)?s?\.?\s*(?P<episodes>[^()]{1,200})\))?""",
    re.VERBOSE | re.IGNORECASE,
)
"""The first closing quote after which the rest makes sense ends the title: quotes inside it are part of it."""

_LONGEST = 2000
_GLUE = re.compile(
    r"""[\r\n]+|(?<!^)(?=\#R?\d{1,3}\s*[:.]\s*["“])|(?<=[)"”])\s*(?=\#\d{1,3}\s*["“])
        |(?<=[)"”])\s*(?=\d{1,3}\s*[:.]\s*["“][^"“”]+["”])
        |(?<=[^\s#])\s*[,;/|]?\s+(?=\d{1,3}\s*[:.]\s*["“][^"“”]+["”])
        |(?<=[^\s,;/|])\s*[,;/|]\s*(?=["“][^"“”]+["”]\s*by\b)""",
    re.VERBOSE,
)
"""Where another song begins in the middle of a line: a new line, its number, or its title behind the episodes of the one before."""

_NONE = re.compile(r"\s*No (?:opening|ending) themes? ha(?:ve|s) been added", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/][^<>]{0,200}>")
_NATIVE = re.compile(
    r"(?P<title>.+?)\s*[(（](?P<native>[^()（）]*[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3][^()（）]*)[)）]"
)


def theme_songs(theme: object) -> list[ThemeSong]:
    """Songs of a ``theme`` object (``openings`` and ``endings``, lists of lines)."""
    lists = mapping(theme)
    return [
        *(theme_song("opening", line) for line in _lines(lists.get("openings"))),
        *(theme_song("ending", line) for line in _lines(lists.get("endings"))),
    ]


def _lines(value: object) -> list[str]:
    """One line a song; two that were glued together are parted, the site's word for none is none."""
    glued = (line for text in words(value) for line in _parted(text[:_LONGEST]))
    lines = (line.strip().rstrip(" ,;|") for line in glued)
    return [line for line in lines if clean(line) and not _NONE.match(line)]


def _parted(text: str) -> list[str]:
    """The songs in one line; a split inside quotes would have been none."""
    parts = _GLUE.split(text)
    return parts if all(part.count('"') % 2 == 0 for part in parts) else [text]


def theme_song(kind: Literal["opening", "ending"], line: str) -> ThemeSong:
    """One song from ``1: "We Are! (ウィーアー!)" by Hiroshi Kitadani (eps 1-47)``; without quotes all is title.

    Several artists stay one text, as the site joins them in several ways (``,``, ``&``, ``feat.``, ``with``).
    """
    text = " ".join(_MARKUP.sub("", line[:1000]).split())
    found = _LINE.fullmatch(text)
    if found is None:
        return ThemeSong(kind=kind, title=text)
    title, native = _split_native((found["quoted"] or found["bare"]).strip())
    return ThemeSong(
        kind=kind,
        title=title,
        title_native=native,
        number=int(number) if (number := found["number"] or found["bare_number"]) else None,
        artist=clean(found["artist"]),
        episodes=clean(found["episodes"]),
    )


def _split_native(title: str) -> tuple[str, str | None]:
    found = _NATIVE.fullmatch(title)
    return (found["title"], found["native"].strip()) if found else (title, None)
