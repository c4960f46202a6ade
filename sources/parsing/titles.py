"""Lists of titles without repetitions."""

from __future__ import annotations

from collections.abc import Iterable

from sources.parsing.languages import native_language
from sources.record import Title


def distinct(titles: Iterable[Title]) -> list[Title]:
    """Each text once per language; an unlabelled synonym that repeats a labelled title is left out."""
    kept: dict[tuple[str, str | None], Title] = {}
    for title in titles:
        kept.setdefault((title.text, title.language), title)
    labelled = {text for text, language in kept if language}
    return [title for (text, language), title in kept.items() if language or text not in labelled]


def synonym(text: str) -> Title:
    """A further title whose language only its script can tell."""
    return Title(text=text, language=native_language(text), kind="synonym")
