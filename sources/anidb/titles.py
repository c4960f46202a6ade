"""Titles of an anime, and which of them is the English and which the native one."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from sources.anidb.wording import language, words
from sources.record import Title, TitleKind, Unmapped

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
KINDS: dict[str, TitleKind] = {
    "main": "main",
    "official": "official",
    "synonym": "synonym",
    "syn": "synonym",
    "short": "short",
    "kana": "synonym",
    "card": "synonym",
}
"""AniDB's kinds of title; the dump says ``syn``, the documents ``synonym``."""


def read_title(element: Element, unmapped: list[Unmapped]) -> Title | None:
    """One ``title`` of an anime; ``None`` when it is empty."""
    text = words(element.text)
    kind = element.get("type", "").strip().lower()
    if text is None:
        return None
    if kind not in KINDS:
        unmapped.append(Unmapped(field="title_kind", raw=kind[:40]))
    return Title(text=text, language=language(element.get(LANG), unmapped), kind=KINDS.get(kind, "synonym"))


def main_title(titles: list[Title]) -> str | None:
    """The title that AniDB itself puts first."""
    order: tuple[TitleKind, ...] = ("main", "official", "synonym", "short")
    return next((t.text for kind in order for t in titles if t.kind == kind), None)


def origin(titles: list[Title]) -> str | None:
    """The language of the work: that of the romanised main title, otherwise Japanese if it has a Japanese title."""
    main = next((t.language for t in titles if t.kind == "main" and t.language), None)
    if main and main.endswith("-Latn"):
        return main.split("-")[0]
    return "ja" if any(t.language == "ja" and t.kind == "official" for t in titles) else main


def english_title(titles: list[Title]) -> str | None:
    """The first official English title; the main title when that is English."""
    return next((t.text for t in titles if t.language == "en" and t.kind in {"official", "main"}), None)


def native_title(titles: list[Title]) -> str | None:
    """The official title in the language and script of the work."""
    home = origin(titles)
    official = [t for t in titles if t.kind in {"official", "main"} and t.language]
    return next((t.text for t in official if home and _same(t.language, home)), None)


def _same(tag: str | None, home: str) -> bool:
    parts = (tag or "").split("-")
    return parts[0] == home.split("-", maxsplit=1)[0] and "Latn" not in parts
