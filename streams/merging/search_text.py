"""A record as one text for search and embeddings, and its hash; the same for the same content, language by language. Pure.

Only what says what a work is about goes in, nothing that moves from week to week (scores, counts, schedules): who keeps an
index embeds a work again when the hash has moved, and only then.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable

from streams.contract.record import EnrichedRecord, MergedTag

MOST_TITLES, MOST_TAGS = 8, 20
_SAYS_NOTHING = {"OTHER", "UNKNOWN"}


def search_text(record: EnrichedRecord, language: str) -> str:
    """Titles, kind, genres and tags, studios and description, a line each; what is not known has no line.

    ``language`` (BCP 47) is that of the titles and the description; the main title and the original one always stand
    there, and a description in another language where there is none in this one. Tags that give the story away are left
    out.
    """
    lines = [
        "; ".join(_titles(record, language)),
        ", ".join(
            str(one)
            for one in (record.type, record.year, record.source_material)
            if one and one not in _SAYS_NOTHING
        ),
        ", ".join(_about(record)),
        ", ".join(_once(record.studios)),
        _description(record, language),
    ]
    return "\n".join(line for line in lines if line)


def search_text_hash(text: str) -> str:
    """SHA-256 of a search text; 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _titles(record: EnrichedRecord, language: str) -> list[str]:
    own = [
        one.text
        for one in record.titles
        if one.kind != "short" and one.language and speaks(one.language, language)
    ]
    others = sorted((plain(one) for one in (record.title_native, *own) if one), key=str.casefold)
    return _once((record.title or "", *others))[:MOST_TITLES]


def speaks(said: str, language: str) -> bool:
    """Whether a text in ``said`` is one in ``language``: ``en-US`` is English, romaji is no Japanese script."""
    said, language = said.casefold(), language.casefold()
    return said == language or (said.startswith(f"{language}-") and not said.endswith("-latn"))


def _about(record: EnrichedRecord) -> list[str]:
    known = [tag for tag in record.tags if not tag.spoiler]
    common = sorted(known, key=_by_support)[:MOST_TAGS]
    tags = sorted((tag.name for tag in common), key=str.casefold)
    return _once((*sorted(record.genres), *sorted(record.demographics), *tags))


def _by_support(tag: MergedTag) -> tuple[int, str, str]:
    """Tags that more sites set come first; their weights move with every vote and decide nothing here."""
    return -len(tag.sources), tag.name.casefold(), tag.name


def _description(record: EnrichedRecord, language: str) -> str:
    """The description that the policy chose; where it is in another language, the first in this one."""
    chosen = record.synopsis
    if chosen and not speaks(chosen.language or "", language):
        chosen = next((one for one in record.synopses if speaks(one.language or "", language)), chosen)
    return plain(chosen.text) if chosen else ""


def _once(texts: Iterable[str]) -> list[str]:
    """``texts`` in their order, each once, whatever its case; the first spelling stays."""
    found: dict[str, str] = {}
    for text in map(plain, texts):
        found.setdefault(text.casefold(), text)
    return [text for text in found.values() if text]


def plain(text: str) -> str:
    """``text`` on one line, letters composed (NFC)."""
    return " ".join(unicodedata.normalize("NFC", text).split())
