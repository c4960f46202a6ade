"""The bar under the title: ``TV (26 eps x 24 min)``, studios, years, season, average, rank."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from sources.parsing import numbers
from sources.parsing.dates import duration_seconds
from sources.parsing.html_page import attribute, text, texts
from sources.parsing.json_reply import real
from sources.parsing.sizes import episode_total
from sources.record import Score

LOWEST, HIGHEST = 0.5, 5.0
_TYPE = re.compile(r"(?P<type>[^(]+?)\s*(?:\((?P<size>.*))?$")
_SIZE = re.compile(
    r"(?P<count>\d[\d.,'’ \u00a0\u2009\u202f]*)(?P<more>\+?)\s*ep(?:isode)?s?\b(?:\s*[x×]\s*(?P<length>[^)]*))?",
    re.IGNORECASE,
)
_SEASON = re.compile(r"\b(?P<season>Winter|Spring|Summer|Fall|Autumn)\s+(?P<year>\d{4})\b", re.IGNORECASE)
_AVERAGE = re.compile(
    r"(?<![\d.,])(\d(?:[.,]\d+)?) out of 5 from (\d[\d.,'’ \u00a0\u2009\u202f]*[kKM]?) votes?"
)
_YEAR = re.compile(r"(?<![\w.,/:])((?:19|20|21)\d{2})(?!\w|[.,/:]\d|-\d\d?\b)")


@dataclass(frozen=True, slots=True)
class TypeLine:
    """``more`` is the site's plus sign: the count is that of the episodes so far."""

    raw: str | None = None
    line: str | None = None
    count: int | None = None
    more: bool = False
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Years:
    """First and last year; ``open`` when the last is a question mark, ``announced`` when it says TBA."""

    line: str | None = None
    first: str | None = None
    last: str | None = None
    open: bool = False
    announced: bool = False


def type_line(page: LexborHTMLParser) -> TypeLine:
    """The type, the number of episodes and the length of one, as far as they are said."""
    return type_line_of(text(page.css_first("section.entryBar .type")))


def type_line_of(said: str | None) -> TypeLine:
    """The same from its text, which search results carry, too."""
    found = _TYPE.match(said or "")
    if found is None:
        return TypeLine(line=said)
    size = _SIZE.match(found["size"] or "")
    if size is None:
        return TypeLine(raw=found["type"], line=said)
    return TypeLine(
        raw=found["type"],
        line=said,
        count=episode_total(numbers.count(size["count"])),
        more=bool(size["more"]),
        length=duration_seconds(size["length"]),
    )


def years(page: LexborHTMLParser) -> Years:
    """``2019 - 2020``, ``2021 - ?``, ``2024`` or ``TBA``."""
    said = text(page.css_first("section.entryBar .iconYear")) or ""
    found = _YEAR.findall(said)
    return Years(
        line=said or None,
        first=found[0] if found else None,
        last=found[1] if len(found) > 1 else None,
        open="?" in said,
        announced="TBA" in said.upper(),
    )


def season(page: LexborHTMLParser) -> tuple[str | None, int | None]:
    """The season's name and year, as the site links it; films have none."""
    anchor = page.css_first('section.entryBar a[href*="/seasons/"]')
    slug = attribute(anchor, "href").rpartition("/")[2].replace("-", " ")
    found = _SEASON.search(text(anchor) or "") or _SEASON.search(slug)
    return (found["season"].capitalize(), int(found["year"])) if found else (None, None)


def studios(page: LexborHTMLParser) -> list[str]:
    """Every studio."""
    return texts(page.css('section.entryBar a[href*="/studios/"]'))


def average(page: LexborHTMLParser) -> Score | None:
    """The average as shown; below ten votes there is none."""
    box = page.css_first("section.entryBar .avgRating")
    found = _AVERAGE.search(attribute(box, "title") or text(box) or "")
    value = real(found[1]) if found else None
    if found is None or value is None or not LOWEST <= value <= HIGHEST:
        return None
    return Score(value=value, scale_min=LOWEST, scale_max=HIGHEST, votes=numbers.count(found[2]))


def rank(page: LexborHTMLParser) -> int | None:
    """The rank by average."""
    return numbers.rank(text(page.css_first("section.entryBar")))
