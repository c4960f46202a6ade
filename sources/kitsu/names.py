"""Titles and names of Kitsu: objects from language keys to texts, some of them null."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sources.parsing.json_reply import mapping, words
from sources.parsing.languages import by_key
from sources.parsing.text import title_text
from sources.parsing.titles import distinct, synonym
from sources.record import Name, Title


def by_language(texts: object) -> list[tuple[str | None, str]]:
    """Language tag and text of every filled key of a ``titles`` or ``names`` object."""
    pairs = [(by_key(key), title_text(text)) for key, text in mapping(texts).items()]
    return [(tag, text) for tag, text in pairs if text]


def titles(attributes: Mapping[str, Any]) -> list[Title]:
    """All titles of an anime or episode, the canonical one first and marked as main."""
    canonical = title_text(attributes.get("canonicalTitle"))
    named = by_language(attributes.get("titles"))
    if canonical and canonical not in {text for _, text in named}:
        named.insert(0, (None, canonical))
    main = next((pair for pair in named if pair[1] == canonical), named[0] if named else None)
    found = [
        Title(text=text, language=tag, kind="main" if (tag, text) == main else "official")
        for tag, text in named
    ]
    shorts = (title_text(text) for text in words(attributes.get("abbreviatedTitles")))
    found += [_labelled(text) for text in shorts if text]
    return distinct(sorted(found, key=lambda title: title.kind != "main"))


def _labelled(text: str) -> Title:
    """A synonym; some carry their language behind them, as in ``Die Macht des Zaubersteins [de]``."""
    label = re.fullmatch(r"(.+?)\s*\[([a-z]{2})\]", text)
    return Title(text=label[1], language=by_key(label[2])) if label else synonym(text)


def in_language(found: list[Title], *tags: str) -> str | None:
    """The first title in one of the languages ``tags``, tried in order; synonyms do not count."""
    texts = {title.language: title.text for title in reversed(found) if title.kind != "synonym"}
    return next((texts[tag] for tag in tags if tag in texts), None)


def names(attributes: Mapping[str, Any]) -> list[Name]:
    """All names of a character or person, the canonical one first."""
    canonical = title_text(attributes.get("canonicalName")) or title_text(attributes.get("name"))
    named = by_language(attributes.get("names"))
    tags = {text: tag for tag, text in reversed(named)}
    ordered = dict.fromkeys([*([canonical] if canonical else []), *(text for _, text in named)])
    return [Name(text=text, language=tags.get(text)) for text in ordered]
