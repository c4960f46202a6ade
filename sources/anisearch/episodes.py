"""The episodes page: numbers, lengths, dates and titles in several languages."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from sources.anisearch.frames import need_empty
from sources.anisearch.landmarks import open_page
from sources.parsing.dates import duration_seconds, month_of, partial_date
from sources.parsing.html_page import attribute, line, text
from sources.parsing.languages import native_language
from sources.parsing.sizes import episode_kind
from sources.parsing.titles import distinct
from sources.record import Episode, Title

_NUMBER = re.compile(r"\s*(\d{1,3}(?:[.,]\d{3})+|\d{1,5}(?:\.\d)?)(?!\d|[.,]\d)")
_DATE = re.compile(r"(?:(\d{1,2})\.\s*)?(?:([A-Za-z]{3})[a-z]*\.?\s+)?(\d{4})$")
_WITH_ORIGINAL = re.compile(
    r"(?P<romaji>.*\S)\s*[(（](?P<native>[^()（）]+(?:[(（][^()（）]*[)）][^()（）]*)*)[)）]\s*$"
)
_MOST = 4000


def parse_episodes(body: bytes, *, url: str = "") -> list[Episode]:
    """The episodes of ``/anime/<id>/episodes`` in the order of the page; raises `NotAnEntry`."""
    page, _ = open_page(body, url)
    rows = (page.css("tr[itemprop=episode]") or page.css("table.episodes tr[data-episode]"))[:_MOST]
    found = [episode for row in rows if (episode := _episode(row))]
    if not found:
        need_empty(page, "episodes")
    return found


def _episode(row: LexborNode) -> Episode | None:
    head = row.css_first("th")
    found = _NUMBER.match(head.text(deep=True)) if head is not None else None
    if head is None or found is None:
        return None
    number = _number(found[1])
    marks = {(text(node) or "").lower() for node in head.css("span")}
    length, aired = (_original(row, column) for column in (0, 1))
    return Episode(
        number=number,
        kind=episode_kind(number),
        filler="filler" in marks or None,
        recap="recap" in marks or None,
        duration_seconds=duration_seconds(length),
        aired=_date(aired),
        titles=distinct(title for node in row.css("[itemprop=name]")[:20] for title in _titles(node)),
    )


def _number(said: str) -> float:
    """1000 of ``1.000``, where the dot stands before three digits, 13.5 of ``13.5``."""
    return float(re.sub(r"[.,](?=\d{3})", "", said))


def _original(row: LexborNode, column: int) -> str | None:
    """What a column says of the original release, which stands first."""
    cells = row.css("td")
    if column >= len(cells):
        return None
    return text(cells[column].css_first("div[lang=ja]") or cells[column].css_first("div[lang]"))


def _date(said: str | None) -> str | None:
    found = _DATE.search(said or "")
    if found is None:
        return None
    day, name, year = found.groups()
    month = month_of(name)
    return partial_date(int(year), month, int(day) if day and month else None)


def _titles(node: LexborNode) -> list[Title]:
    """One title; a Japanese one holds the original script in brackets behind the romanisation."""
    said, language = text(node), _language(node)
    if not said:
        return []
    both = _WITH_ORIGINAL.match(said) if language == "ja" else None
    native = line(both["native"]) if both else None
    if both and native and native_language(native):
        return [
            Title(text=both["romaji"], language="ja-Latn", kind="main"),
            Title(text=native, language="ja", kind="official"),
        ]
    if language == "ja" and not native_language(said):
        language = "ja-Latn"
    return [Title(text=said, language=language, kind="main" if language == "ja-Latn" else "official")]


def _language(node: LexborNode) -> str | None:
    own = attribute(node, "lang")
    return own or attribute(node.parent, "lang") or None
