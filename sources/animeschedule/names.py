"""Titles of an AnimeSchedule entry with their languages."""

from __future__ import annotations

from typing import Any

from sources.parsing.json_reply import mapping, objects, word, words
from sources.parsing.languages import romanised
from sources.parsing.text import script_language, title_text
from sources.parsing.titles import distinct, synonym
from sources.record import Title


def media_types(entry: dict[str, Any]) -> list[str]:
    """The names of the media types, as the site writes them."""
    return words([kind.get("name") or kind.get("route") for kind in objects(entry.get("mediaTypes"))])


def titles(entry: dict[str, Any]) -> list[Title]:
    """All titles, the romanised one first; "Chinese" in the media type says what the native one is."""
    names = mapping(entry.get("names"))
    chinese = any("chinese" in kind.lower() for kind in media_types(entry))
    native = "zh" if chinese else script_language(word(names.get("native")) or "") or "ja"
    named = [
        (names.get("romaji"), romanised(native), "main"),
        (entry.get("title"), None, "synonym" if title_text(names.get("romaji")) else "main"),
        (names.get("english"), "en", "official"),
        (names.get("native"), native, "official"),
        (names.get("abbreviation"), None, "short"),
    ]
    read = [(title_text(text), language, kind) for text, language, kind in named]
    labelled = [
        Title.model_validate({"text": text, "language": language, "kind": kind})
        for text, language, kind in read
        if text
    ]
    others = (title_text(text) for text in words(names.get("synonyms")))
    return distinct([*labelled, *(synonym(text) for text in others if text)])
