"""One Anime-Planet entry page as a record."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, get_args

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cache import clock
from cache.reads import holds_until
from cache.rules import DAY
from sources.anime_planet import entry_bar, people, watch
from sources.anime_planet import relations as related
from sources.anime_planet.landmarks import SITE, open_page, sections
from sources.anime_planet.status import as_of, status
from sources.errors import NotAnEntry, Reason
from sources.parsing.dates import most_exact, read_date, sure_part
from sources.parsing.html_page import attribute, line, link, linked_data, linked_score, meta, text, texts
from sources.parsing.html_page import title as shown_title
from sources.parsing.json_reply import word, words
from sources.parsing.languages import native_language
from sources.parsing.names import new_names, strange
from sources.parsing.numbers import count
from sources.parsing.sizes import episode_total
from sources.parsing.sizes import year as plain_year
from sources.parsing.text import clean, plain_text, title_text
from sources.parsing.titles import distinct, synonym
from sources.parsing.vocabulary import canonical, read
from sources.record import AnimeType, Image, Season, SourceRecord, Synopsis, Tag, Title

SOURCE = "anime_planet"
_ALWAYS = {
    "tags": ".entrySynopsis",
    "synopsis": ".entrySynopsis",
    "popularity": "#entryStats",
    "score": "section.entryBar .avgRating",
}
"""Frames that every recorded page of a work has, whether or not there is something in them."""
_LABEL = re.compile(r"^alt(?:ernative)? titles?\s*:\s*", re.IGNORECASE)
_SIZE = re.compile(r"-(\d{2,4})x(\d{2,4})(?=\.\w+$)")
_NO_SYNOPSIS = re.compile(r"no synopsis yet|doesn.t have a synopsis", re.IGNORECASE)
_NO_PICTURE = re.compile(r"/default/|/blank_|card-load")
_MEMBERS = re.compile(
    r"(?<![\d.,])((?:[1-9]\d{0,2}(?:[.,'’ \u00a0\u2009\u202f]\d{3})+)|\d+(?:[.,]\d+)?[kKM]|\d+) users? (?:is|are) tracking"
)
_A_TAG = 'a[href*="/tags/"]'
_CREDIT = re.compile(r"source:\s*(\S.{0,200})", re.IGNORECASE)
_ONE_DAY = {"MOVIE", "MUSIC", "OVA", "SPECIAL", "TV_SPECIAL"}
_MOST = 200


def parse(body: bytes, *, url: str = "", today: dt.date | None = None) -> SourceRecord:
    """The record of the entry page ``body``; raises `NotAnEntry` for everything else.

    With ``url`` (the final address) the page must be about the entry that it names. ``today`` decides whether a date
    lies ahead, as the site states no status.
    """
    page, slug = open_page(body, url)
    data = linked_data(page)
    title = shown_title(page.css_first("h1[itemprop=name]")) or title_text(data.get("name"))
    if page.css_first("section.entryBar") is None or not title:
        raise NotAnEntry("changed_layout", "the page lacks its entry bar")
    record = SourceRecord(source=SOURCE, source_id=slug, title=title, ids={SOURCE: slug})
    record.url = link(SITE, f"anime/{slug}")
    record.titles = _titles(record, page, data)
    _classify(record, entry_bar.type_line(page))
    _dates(record, page, data, today or _today())
    _tags(record, page, data)
    _standing(record, page, data)
    record.studios = entry_bar.studios(page)[:_MOST]
    record.relations = related.relations(page, record.unmapped)
    record.images = _images(page, data)
    record.synopsis = _synopsis(page, data, record.url)
    record.characters, record.staff = people.characters(page), people.staff(page)
    record.episodes, record.streaming = watch.episodes(page), watch.offers(page)
    record.further = _further(page)
    record.incomplete = _changed_parts(record, page)
    record.characters += people.declared(data, record.characters)
    record.unmapped += [*new_names(SOURCE, data), *strange(SOURCE, sections(page))]
    return record


def _changed_parts(record: SourceRecord, page: LexborHTMLParser) -> dict[str, str]:
    """The parts that gave nothing although the page has them, or has not even the frame that is always there."""
    lost = {part for part in ("characters", "staff") if not people.says_none(page, part)}
    lost |= {part for part, frame in _ALWAYS.items() if page.css_first(frame) is None}
    lost |= {"relations"} if related.unread(page) else set()
    lost |= {"characters"} if people.unread_characters(page) else set()
    lost |= {"tags"} if page.css_first(f".entrySynopsis {_A_TAG}") else set()
    lost |= {"episodes", "streaming"} if not record.streaming and watch.offered(page) else set()
    return {part: Reason.CHANGED_LAYOUT.value for part in sorted(lost) if not getattr(record, part)}


def _titles(record: SourceRecord, page: LexborHTMLParser, data: dict[str, Any]) -> list[Title]:
    main = Title(text=record.title or "", language=native_language(record.title or ""), kind="main")
    said = text(page.css_first("h2.aka"))
    record.raw["aka"] = said
    declared = words(data.get("alternateName")) or words([data.get("alternateName")])
    names = [name for raw in declared if (name := line(raw)) and not (said or "").endswith(f"s: {name}")]
    further = [*names, *other_titles(said or "", (*names, main.text))]
    found = distinct([main, *(synonym(name) for name in further if name != main.text)])[:_MOST]
    record.title_native = next((title.text for title in found if title.language), None)
    return found


def other_titles(said: str, known: Sequence[str] = ()) -> list[str]:
    """The titles of ``Alt titles: A, B``.

    A comma belongs to a title that is ``known`` from elsewhere, to what stands in quotation marks or brackets, and to
    what goes on with a small letter or a digit.
    """
    label = _LABEL.match(said)
    rest = said[label.end() :] if label else said
    if label and "titles" not in label[0].lower():
        return [rest] if rest else []
    parts = re.split(r",\s+(?=[^\sa-z0-9])", rest)[:_MOST]
    found: list[str] = []
    whole = {" ".join(title.casefold().split()) for title in known}
    while parts:
        size = next((n for n in range(len(parts), 0, -1) if _is_title(", ".join(parts[:n]), whole)), 0)
        size = size or next((n for n in range(1, len(parts)) if _closed(", ".join(parts[:n]))), len(parts))
        found.append(", ".join(parts[:size]).strip(" ,"))
        parts = parts[size:]
    return [title for title in found if title]


def _is_title(said: str, known: set[str]) -> bool:
    return " ".join(said.casefold().split()) in known


def _closed(said: str) -> bool:
    """Whether every quotation mark and bracket that is opened is closed again."""
    pairs = ("()", "[]", "“”", "「」", "『』")
    return said.count('"') % 2 == 0 and all(said.count(pair[0]) <= said.count(pair[1]) for pair in pairs)


def _classify(record: SourceRecord, kind: entry_bar.TypeLine) -> None:
    record.raw |= {"type_line": kind.line, "type": kind.raw}
    found = read("type", SOURCE, kind.raw, record.unmapped)
    if found in get_args(AnimeType):
        record.type = found  # type: ignore[assignment]
    record.duration_seconds = kind.length
    if kind.more:
        record.episodes_aired = kind.count
    else:
        record.episode_count = kind.count


def _today() -> dt.date:
    day = clock.utc().date()
    holds_until(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() + DAY)
    return day


def _dates(record: SourceRecord, page: LexborHTMLParser, data: dict[str, Any], today: dt.date) -> None:
    years, (name, year) = entry_bar.years(page), entry_bar.season(page)
    declared = read_date(data.get("startDate")) or read_date(data.get("datePublished"))
    start = _believed(declared, name, record.type)
    end = read_date(data.get("endDate"))
    if (
        end and end != declared
    ):  # what ran for more than a day rarely ends with a year: filled up, as far as we know
        end = sure_part(end)
    record.raw |= {"years": years.line, "season": f"{name} {year}" if name else None}
    record.start_date, record.end_date = most_exact(start, years.first), most_exact(end, years.last)
    season = canonical("season", SOURCE, name)
    if season in get_args(Season):
        record.season = season  # type: ignore[assignment]
    record.year = year or plain_year((start or years.first or "")[:4])
    running = record.episodes_aired is not None
    if not running and record.episode_count is None:
        total = episode_total(data.get("numberOfEpisodes"))
        record.episodes_aired, record.episode_count = (total, None) if years.open else (None, total)
    record.status = status(years, start, end, more=running, now=as_of(page, today))


def _believed(date: str | None, season: str | None, kind: str | None) -> str | None:
    """The first day, or its year where the first of January stands beside another season.

    What runs on television has a season here; where it has none, the first of January is a year filled up (a guess).
    """
    if date is None or sure_part(date) == date or (season or "").lower() == "winter":
        return date
    return date if season is None and kind in _ONE_DAY else sure_part(date)


def _tags(record: SourceRecord, page: LexborHTMLParser, data: dict[str, Any]) -> None:
    """Tags and content warnings; one of the tags is the kind of work it is based on."""
    anchors = page.css(f"#entry div.tags {_A_TAG}, .entrySynopsis div.tags {_A_TAG}")
    names = dict.fromkeys(name.rstrip(", ") for name in texts(anchors))
    record.tags = [Tag(name=name) for name in names if name][:_MOST]
    record.genres = list(dict.fromkeys(name for raw in words(data.get("genre")) if (name := clean(raw))))[
        :_MOST
    ]
    warnings = page.css("div.tags--plain a")
    record.raw["content_warnings"] = [name.rstrip(", ") for name in texts(warnings)][:_MOST]
    for name in [*names, *record.genres]:
        if material := canonical("source_material", SOURCE, name if _names_a_source(name) else None):
            record.source_material = material
            break


def _names_a_source(tag: str) -> bool:
    return tag.startswith("Based on ") or tag == "Original Work"


def _standing(record: SourceRecord, page: LexborHTMLParser, data: dict[str, Any]) -> None:
    lowest, highest = entry_bar.LOWEST, entry_bar.HIGHEST
    declared, shown = linked_score(data, lowest, highest), entry_bar.average(page)
    record.score = declared or shown
    if declared and shown and declared.votes is None:
        record.score = declared.model_copy(update={"votes": shown.votes})
    members = _MEMBERS.search(text(page.css_first("#entryStats")) or "")
    counts = {"rank": entry_bar.rank(page), "members": count(members[1]) if members else None}
    record.popularity = {name: float(count) for name, count in counts.items() if count}


def _further(page: LexborHTMLParser) -> dict[str, str]:
    """Whose synopsis it is."""
    said = _CREDIT.match(text(page.css_first(".entrySynopsis .notes")) or "")
    return {"synopsis_source": said[1]} if said else {}


def _images(page: LexborHTMLParser, data: dict[str, Any]) -> list[Image]:
    """The poster in full size and as shown; the structured data repeats the host in its address."""
    declared = re.sub(r"^https?://[^/]+(?=https?://)", "", word(data.get("image")) or "")
    shown = page.css_first(".mainEntry img, img[itemprop=image]")
    said = (attribute(shown, "src"), attribute(shown, "data-src"), declared, meta(page, "og:image"))
    pictures = (url for one in said if (url := link(SITE, one)) and not _NO_PICTURE.search(url))
    if (url := next(pictures, None)) is None:
        return []
    small = url.partition("?")[0]
    full = _SIZE.sub("", small).replace("/covers/thumbs/", "/covers/")
    size = _SIZE.search(small)
    width, height = (int(size[1]), int(size[2])) if size else (None, None)
    thumbnail = Image(url=small, kind="thumbnail", width=width, height=height)
    return [Image(url=full)] if full == small else [Image(url=full), thumbnail]


def _paragraph(node: LexborNode) -> str | None:
    return plain_text(" ".join((node.html or "").split()))


def _synopsis(page: LexborHTMLParser, data: dict[str, Any], url: str | None) -> Synopsis | None:
    shown = page.css_first(
        ".entrySynopsis [itemprop=description], .entrySynopsis .md-3-5 > div:not([class]) > p"
    )
    told = [plain_text(word(data.get("description"))), _paragraph(shown) if shown is not None else None]
    said = max(filter(None, told), key=len, default=None)  # one of the two may be shortened
    if not said or _NO_SYNOPSIS.search(said[:100]):
        return None
    return Synopsis(text=said[:20_000], language="en", source=SOURCE, url=url)
