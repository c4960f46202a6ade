"""One aniSearch details page as a record."""

from __future__ import annotations

import re
from typing import Any, get_args

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.anisearch import frames, media, relations, standing
from sources.anisearch.characters import preview
from sources.anisearch.infoblock import (
    Release,
    TypeLine,
    adapted_from,
    old_details,
    released,
    releases,
    type_line,
    unknown_labels,
)
from sources.anisearch.landmarks import SITE, id_in, open_page
from sources.anisearch.people import staff
from sources.anisearch.titles import titles
from sources.errors import NotAnEntry
from sources.parsing.airtime import weekly, zone
from sources.parsing.dates import most_exact, not_filled_up, read_date, season_of, sure_part
from sources.parsing.html_page import attribute, link, linked_data, meta, outermost, text, texts
from sources.parsing.json_reply import labels
from sources.parsing.languages import by_tag, native_language
from sources.parsing.links import collect_ids
from sources.parsing.names import new_names, strange
from sources.parsing.sizes import episode_total
from sources.parsing.text import clean, plain_text, title_text
from sources.parsing.vocabulary import read
from sources.record import AnimeStatus, AnimeType, Broadcast, SourceRecord, Synopsis, Tag, Title
from sources.record import Release as Published

SOURCE = "anisearch"
_KIND = re.compile(r"\s*\(anime\)\s*$", re.IGNORECASE)
_BROADCAST = re.compile(
    r"(?P<day>[A-Za-z]+day)s?\b\D*(?P<time>\d{1,2}:\d{2})?(?:\s*\((?P<zone>[A-Z]{2,5})\))?"
)
_ASKED_FOR = "A short plot summary about the anime"
"""How the site asks for a description where it has none."""

_SUBPAGES = ("relations", "episodes", "characters")
_MOST = 200


def parse(body: bytes, *, url: str = "") -> SourceRecord:
    """The record of the details page ``body``; raises `NotAnEntry` for everything else.

    With ``url`` the page must be about the anime that the address names.
    """
    page, own_id = open_page(body, url)
    blocks, data = releases(page), linked_data(page)
    headline = _headline(page, data)
    if not blocks or page.css_first("#information") is None or not headline:
        raise NotAnEntry("changed_layout", "the page lacks its information box")
    original = blocks[0]
    record = SourceRecord(source=SOURCE, source_id=own_id, title=headline, ids={SOURCE: own_id})
    canonical = attribute(page.css_first('link[rel="canonical"]'), "href")
    record.url = link(SITE, canonical if id_in(canonical) == own_id else f"anime/{own_id}")
    _titles(record, titles(page, blocks, headline))
    _classify(record, original, type_line(original, page), adapted_from(original, page))
    _dates(record, original, page, data)
    _companies(record, blocks)
    record.releases = [_release(block, number, record) for number, block in enumerate(blocks)][:_MOST]
    _judgements(record, page, data)
    _media(record, page, blocks)
    record.relations = list(relations.sidebar(page, record.unmapped))
    record.characters = preview(page)
    record.staff = staff(original.nodes.get("creators"))
    record.raw["subpages"] = _subpages(page)
    record.incomplete = frames.changed_parts(page, record)
    record.unmapped += [*new_names(SOURCE, data), *strange(SOURCE, unknown_labels(blocks))]
    return record


def _headline(page: LexborHTMLParser, data: dict[str, Any]) -> str | None:
    """The title of the structured data, or the one that is shared with other sites, without its "(Anime)"."""
    return title_text(data.get("name")) or title_text(_KIND.sub("", meta(page, "og:title")))


def _titles(record: SourceRecord, found: list[Title]) -> None:
    record.titles = found
    official = [title for title in found if title.kind in {"main", "official"}]
    record.title_english = next((title.text for title in official if title.language == "en"), None)
    record.title_native = next((t.text for t in official if native_language(t.text)), None)


def _classify(record: SourceRecord, original: Release, kind: TypeLine, adapted: str | None) -> None:
    status = original.value("status")
    record.raw |= {
        "type_line": kind.line,
        "type": kind.raw,
        "status": status,
        "adapted": adapted,
        "released": original.value("released"),
    }
    if (found := read("type", SOURCE, kind.raw, record.unmapped)) in get_args(AnimeType):
        record.type = found  # type: ignore[assignment]
    if (found := read("status", SOURCE, status, record.unmapped)) in get_args(AnimeStatus):
        record.status = found  # type: ignore[assignment]
    record.source_material = read("source_material", SOURCE, adapted, record.unmapped)
    record.episode_count, record.duration_seconds = kind.episodes, kind.length
    targets = original.value("targets")
    record.demographics = [target for part in (targets or "").split(",") if (target := clean(part))]


def _dates(record: SourceRecord, original: Release, page: LexborHTMLParser, data: dict[str, Any]) -> None:
    said = original.value("released")
    start, end = released(said)
    declared = [
        not_filled_up(read_date(data.get(name)), shown)
        for name, shown in (("startDate", start), ("endDate", end))
    ]
    if said and not start and declared[0]:  # a box with a question mark knows no day
        declared[0] = sure_part(declared[0])
    record.start_date = most_exact(declared[0], start, _old_date(page))
    record.end_date = most_exact(declared[1], end)
    record.season, record.year = season_of(record.start_date)
    record.episode_count = record.episode_count or episode_total(data.get("numberOfEpisodes"))
    record.broadcast = _broadcast(original.value("broadcast"))


def _broadcast(said: str | None) -> Broadcast | None:
    found = _BROADCAST.search(said) if said else None
    if found is None:
        return None
    day, time = weekly(found["day"], found["time"])
    return Broadcast(weekday=day, time=time, timezone=zone(found["zone"]) if time else None, text=said)


def _old_date(page: LexborHTMLParser) -> str | None:
    item = old_details(page).get("release date")
    if item is None:
        return None
    return not_filled_up(read_date(attribute(item.css_first("meta"), "content")), released(text(item))[0])


def _companies(record: SourceRecord, blocks: list[Release]) -> None:
    """The original release names the studio, every other one its publishers."""
    record.studios = blocks[0].companies()[:_MOST]
    publishers = [name for block in blocks[1:] for name in block.companies()]
    record.licensors = list(dict.fromkeys(publishers))[:_MOST]


def _release(block: Release, number: int, record: SourceRecord) -> Published:
    """When a block's release ran; those of other languages follow the original one."""
    start, end = released(block.value("released"))
    status = read("status", SOURCE, block.value("status"), record.unmapped if number else [])
    return Published(
        language=block.language,
        kind="release" if number else "original",
        status=status if status in get_args(AnimeStatus) else None,
        start_date=start,
        end_date=end,
        companies=block.companies()[:_MOST],
        source=SOURCE,
    )


def _judgements(record: SourceRecord, page: LexborHTMLParser, data: dict[str, Any]) -> None:
    shown = texts([*_labels(page, "gg", "main"), *_labels(page, "gc", "subsidiary")])
    record.genres = list(dict.fromkeys([*shown, *labels(data.get("genre"))]))[:_MOST]
    record.tags = [Tag(name=name) for name in texts(_labels(page, "gt", "tag"))[:_MOST]]
    record.adult = True if "Hentai" in record.genres else None
    record.score = standing.score(page, data)
    record.raw["calculated_value"] = standing.calculated(page)
    record.popularity = standing.popularity(page)
    record.further = media.copyright_of(page) | _credit(page)
    record.synopses = _synopses(page, record.url)
    record.synopsis = next(iter(record.synopses), None)


def _labels(page: LexborHTMLParser, mark: str, group: str) -> list[LexborNode]:
    """The links of one group of genres; their mark and their address say the same."""
    frames = ("#genres-tags", "#description")
    return page.css(", ".join(f'{frame} a.{mark}, {frame} a[href*="genre/{group}/"]' for frame in frames))


def _synopses(page: LexborHTMLParser, url: str | None) -> list[Synopsis]:
    """The descriptions, an English one first; the site's request to write one is none."""
    found: list[Synopsis] = []
    blocks = page.css("#description .details-text")[:10]
    for block in sorted(blocks, key=lambda node: attribute(node, "lang") != "en"):
        for extra in outermost(block.css(".helptext, .source, i.hidden")):
            extra.decompose()
        if (said := plain_text(" ".join((block.html or "").split()))) and not said.startswith(_ASKED_FOR):
            language = by_tag(attribute(block, "lang"))
            found.append(Synopsis(text=said[:20_000], language=language, source=SOURCE, url=url))
    return found


def _credit(page: LexborHTMLParser) -> dict[str, str]:
    """Whose description it is, as far as it is told; must be read before `_synopses` takes it out of the page."""
    said = text(page.css_first("#description .details-text .source")) or ""
    name = said.partition(":")[2].strip()
    return {"synopsis_source": name} if name else {}


def _media(record: SourceRecord, page: LexborHTMLParser, blocks: list[Release]) -> None:
    record.images, record.trailers = media.images(page), media.trailers(page)
    record.streaming, record.links = media.streaming(page), media.websites(blocks)
    record.ids = collect_ids(item.url for item in record.links) | record.ids


def _subpages(page: LexborHTMLParser) -> list[str]:
    """The sub-pages with something on them; the menu marks the empty ones."""
    empty = frames.empty_in_menu(page)
    return [name for name in _SUBPAGES if name not in empty]
