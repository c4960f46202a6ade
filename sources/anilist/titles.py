"""Titles of an AniList entry with their languages."""

from __future__ import annotations

from typing import Any

from sources.parsing.json_reply import mapping, word, words
from sources.parsing.languages import romanised
from sources.parsing.text import script_language, title_text
from sources.parsing.titles import distinct
from sources.record import Title

LANGUAGES = {"JP": "ja", "CN": "zh", "TW": "zh-Hant", "HK": "zh-Hant", "KR": "ko"}
"""Language of the native title by country of origin."""


def titles(media: dict[str, Any]) -> list[Title]:
    """All titles, the romanised one first; AniList says the language of three of them only."""
    named = ((title_text(raw), language, kind) for raw, language, kind in [*_named(media), *_synonyms(media)])
    return distinct(
        Title.model_validate({"text": text, "language": language, "kind": kind})
        for text, language, kind in named
        if text
    )


def _named(media: dict[str, Any]) -> list[tuple[object, str | None, str]]:
    names = mapping(media.get("title"))
    native = LANGUAGES.get(word(media.get("countryOfOrigin")) or "")
    native = native or script_language(word(names.get("native")) or "")
    roman = romanised(native.split("-")[0]) if native else None
    if not any(title_text(names.get(name)) for name in ("romaji", "english", "native")):
        return [(names.get("userPreferred"), None, "main")]
    return [
        (names.get("romaji"), roman, "main"),
        (names.get("english"), "en", "official"),
        (names.get("native"), native, "official"),
    ]


def _synonyms(media: dict[str, Any]) -> list[tuple[object, str | None, str]]:
    return [(text, script_language(text), "synonym") for text in words(media.get("synonyms"))]
