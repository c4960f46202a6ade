"""What a title may be meant to say that is not written as any site writes it: a file's name, a year, words beside it. Pure.

A reading is tried only where nothing bears the title as it was asked for.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from rapidfuzz.distance import OSA

from sources.base import Candidate
from streams.matching.file_names import Cut, cuts, is_file
from streams.matching.hits import Wanted
from streams.text.folding import unaccented
from streams.text.invisible import visible
from streams.text.normalization import form
from streams.text.romaji import one_spelling

_BESIDE = re.compile(
    r"(?i)[\s(\[]+(?:(?<!mini )anime|(?:eng(?:lish)?[ -])?(?:dub(?:bed)?|sub(?:bed|s|titles)?)|uncensored|uncut|bd|blu-?ray|dvd)[\s)\]]*$"
)
_WIDE = re.compile("[\uff10-\uff5a\uff66-\uff9f]")
_WORD = re.compile(r"[^\W_]+")
_LEAST_LETTERS = 5
"""Letters of a word that is put right."""
_QUOTES = ('""', "''", "“”", "「」", "『』", "«»")


def readings(wanted: Wanted) -> Iterator[Wanted]:
    """Other ways to take what is asked for, the nearest first; of a file's name the longest title first."""
    if not wanted.title:
        return
    for title in _titles(wanted.title):
        if title != wanted.title:
            yield replace(wanted, title=title)
        dated = form(title)
        if dated.year and not wanted.year:
            yield replace(wanted, title=dated.bare, year=dated.year)


def plainest(wanted: Wanted) -> str | None:
    """The title to search for when the one asked for finds nothing, if there is another."""
    return next((reading.title for reading in reversed(list(readings(wanted)))), None)


def cut_of(wanted: Wanted, reading: Wanted) -> Cut | None:
    """The cut of a file's name that a reading is, if it is one."""
    text = legible(wanted.title or "")
    possible = cuts(text) if is_file(text) else []
    return next((cut for cut in possible if _without_words(cut.title) == reading.title), None)


def legible(title: str) -> str:
    """The same title in the characters that sites search for: no entities of HTML, no letters of another width or of none."""
    text = " ".join(visible(html.unescape(title)).split())
    return unicodedata.normalize("NFKC", text) if _WIDE.search(text) else text


def plain(title: str) -> str:
    """A title without what is not of it; itself if nothing would be left."""
    return _titles(title)[-1]


def _titles(title: str) -> list[str]:
    """All that the title may be without what is not of it, the longest first; itself if nothing would be left."""
    text = legible(title)
    texts = [cut.title for cut in cuts(text)] if is_file(text) else [text]
    plain = (_without_words(text) for text in texts)
    return list(dict.fromkeys(text for text in plain if any(ch.isalnum() for ch in text))) or [title]


def _without_words(text: str) -> str:
    if " " not in text:
        text = text.replace("_", " ").strip()
    while (match := _BESIDE.search(text)) and match.start():
        text = text[: match.start()]
    return text[1:-1] if len(text) > 2 and text[0] + text[-1] in _QUOTES else text


def corrected(
    title: str, results: Mapping[str, Sequence[Candidate]], beside: Collection[str] = ()
) -> str | None:
    """The title with each word put right that no title in the answers has, where one word of theirs alone is within a slip.

    ``beside`` are other words that titles have, in one spelling. None where nothing is to be put right.
    """
    known = set(beside) | {word for text in _texts(results) for word in _words(text)}
    asked = unaccented(form(title).written)
    right = known | {word for word in _WORD.findall(asked) if one_spelling(word) in beside}
    meant = _WORD.sub(lambda found: found[0] if found[0] in right else _meant(found[0], known), asked)
    return None if meant == asked else meant


def _words(title: str) -> list[str]:
    return list(_WORD.findall(unaccented(form(title).written)))


def _meant(word: str, known: set[str]) -> str:
    if len(word) < _LEAST_LETTERS or not word.isalpha():
        return word
    near = [other for other in known if other.isalpha() and OSA.distance(word, other, score_cutoff=1) <= 1]
    return near[0] if len(near) == 1 else word


def _texts(results: Mapping[str, Sequence[Candidate]]) -> set[str]:
    return {text for entries in results.values() for entry in entries for text in entry.called}
