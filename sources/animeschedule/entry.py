"""One entry of AnimeSchedule as a record: pure, whatever fields are there."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from typing import Any

from sources import vocabulary
from sources.animeschedule.times import broadcast, calendar_date
from sources.base import Candidate
from sources.dates import partial_date
from sources.errors import NotAnEntry
from sources.json_reply import load, mapping, objects, plain_values, real, whole, word, words
from sources.languages import romanised
from sources.links import SITE_NAMES, collect_ids, ids_from_url
from sources.record import Image, Link, Relation, Score, SourceRecord, Synopsis, Title, Unmapped
from sources.text import plain_text, script_language, title_text
from sources.titles import distinct, synonym

NAME = "animeschedule"
PAGE = "https://animeschedule.net/anime/"
IMAGES = "https://img.animeschedule.net/production/assets/public/img/"
_RAW = (
    *(
        "id",
        "title",
        "status",
        "episodes",
        "lengthMin",
        "month",
        "year",
        "premier",
        "subPremier",
        "dubPremier",
    ),
    *("jpnTime", "subTime", "dubTime", "delayedTimetable", "delayedDesc", "delayedFrom", "delayedUntil"),
    *("subDelayedTimetable", "subDelayedFrom", "subDelayedUntil"),
    *("dubDelayedTimetable", "dubDelayedFrom", "dubDelayedUntil", "updatedAt"),
)
_KINDS = {"twitter": "social", "x": "social", "youtube": "social", "facebook": "social"}
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}


def parse(body: bytes, *, url: str = "") -> SourceRecord:
    """The record in one ``/anime/{route}`` answer. Raises `NotAnEntry`; a list of entries is none."""
    entry = load(body)
    if not isinstance(entry, dict):
        raise NotAnEntry("error", "a list, not an entry")
    route = word(entry.get("route"))
    if route is None or not _titles(entry):
        raise NotAnEntry(_why_not(entry), word(entry.get("error") or entry.get("message")) or "no entry")
    return _record(entry, route)


def _why_not(document: dict[str, Any]) -> str:
    if isinstance(document.get("anime"), list):
        return "error" if document["anime"] else "not_found"
    said = f"{word(document.get('error')) or ''} {word(document.get('message')) or ''}".lower()
    if "not found" in said:
        return "not_found"
    return "error" if said.strip() else "changed_layout"


def parse_search(body: bytes) -> list[Candidate]:
    """The candidates in an ``/anime?...`` answer, in the site's order. Raises `NotAnEntry` for anything else."""
    found = mapping(load(body)).get("anime")
    if found is None:
        raise NotAnEntry("changed_layout", "the answer holds no list")
    entries = [(entry, word(entry.get("route"))) for entry in objects(found)]
    return [_candidate(entry, route) for entry, route in entries if route and _titles(entry)]


def _candidate(entry: dict[str, Any], route: str) -> Candidate:
    record = _record(entry, route)
    return Candidate(
        source=NAME,
        id=route,
        title=record.title or route,
        titles=tuple(dict.fromkeys(title.text for title in record.titles)),
        type=record.type,
        year=record.year,
        start_date=record.start_date,
        episode_count=record.episode_count,
        ids={site: value for site, value in record.ids.items() if site != NAME},
        url=record.url,
    )


def _record(entry: dict[str, Any], route: str) -> SourceRecord:
    unmapped: list[Unmapped] = []
    minutes = whole(entry.get("lengthMin"))
    fields = {
        "source": NAME,
        "source_id": route,
        "url": PAGE + route,
        "ids": {**collect_ids(_addresses(entry).values()), NAME: route},
        **_names(entry),
        **_nature(entry, unmapped),
        "episode_count": whole(entry.get("episodes")),
        "duration_seconds": minutes * 60 if minutes else None,
        "broadcast": broadcast(entry),
        "synopsis": _synopsis(entry),
        "genres": words([genre.get("name") for genre in objects(entry.get("genres"))]),
        "studios": words([studio.get("name") for studio in objects(entry.get("studios"))]),
        "relations": list(_relations(entry, unmapped)),
        "score": _score(entry),
        "popularity": _popularity(entry),
        "images": _images(entry),
        **_links(entry),
        "unmapped": unmapped,
        "raw": _raw(entry),
    }
    return SourceRecord.model_validate(fields)


def _kinds(entry: dict[str, Any]) -> list[str]:
    return words([kind.get("name") or kind.get("route") for kind in objects(entry.get("mediaTypes"))])


def _titles(entry: dict[str, Any]) -> list[Title]:
    """All titles, the romanised one first; "Chinese" in the media type says what the native one is."""
    names = mapping(entry.get("names"))
    chinese = any("chinese" in kind.lower() for kind in _kinds(entry))
    native = "zh" if chinese else script_language(word(names.get("native")) or "") or "ja"
    named = [
        (names.get("romaji"), romanised(native), "main"),
        (entry.get("title"), None, "synonym" if title_text(names.get("romaji")) else "main"),
        (names.get("english"), "en", "official"),
        (names.get("native"), native, "official"),
        (names.get("abbreviation"), None, "short"),
    ]
    read = [(title_text(text), language, kind) for text, language, kind in named]
    titles = [
        Title.model_validate({"text": text, "language": language, "kind": kind})
        for text, language, kind in read
        if text
    ]
    others = (title_text(text) for text in words(names.get("synonyms")))
    return distinct([*titles, *(synonym(text) for text in others if text)])


def _names(entry: dict[str, Any]) -> dict[str, Any]:
    names, titles = mapping(entry.get("names")), _titles(entry)
    return {
        "title": titles[0].text,
        "titles": titles,
        "title_english": title_text(names.get("english")),
        "title_native": title_text(names.get("native")),
    }


def _nature(entry: dict[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    kinds = [vocabulary.read("type", NAME, kind, unmapped) for kind in _kinds(entry)]
    material = [source.get("name") for source in objects(entry.get("sources"))]
    materials = [vocabulary.read("source_material", NAME, raw, unmapped) for raw in words(material)]
    season = mapping(entry.get("season"))
    start = _start(entry)
    year = whole(season.get("year"), 1900) or whole(entry.get("year"), 1900)
    return {
        "type": next(filter(None, kinds), None),
        "source_material": next(filter(None, materials), None),
        "status": vocabulary.read("status", NAME, word(entry.get("status")), unmapped),
        "season": vocabulary.read("season", NAME, word(season.get("season")), unmapped),
        "year": year or (int(start[:4]) if start else None),
        "start_date": start,
    }


def _start(entry: dict[str, Any]) -> str | None:
    """The premiere, or month and year when the day is not set."""
    if premiere := calendar_date(entry.get("premier")):
        return premiere
    month = _MONTHS.get((word(entry.get("month")) or "").lower())
    return partial_date(whole(entry.get("year"), 1900), month) if month else None


def _synopsis(entry: dict[str, Any]) -> Synopsis | None:
    text = plain_text(entry.get("description"))
    return Synopsis(text=text, source=NAME) if text else None


def _score(entry: dict[str, Any]) -> Score | None:
    stats = mapping(entry.get("stats"))
    value = real(stats.get("averageScore"))
    if value is None or value > 100:
        return None
    return Score(value=value, scale_min=0, scale_max=100, votes=whole(stats.get("ratingCount")))


def _popularity(entry: dict[str, Any]) -> dict[str, float]:
    members = whole(mapping(entry.get("stats")).get("trackedCount"), 0)
    return {} if members is None else {"members": float(members)}


def _images(entry: dict[str, Any]) -> list[Image]:
    path = word(entry.get("imageVersionRoute"))
    return [Image(url=IMAGES + path.lstrip("/"))] if path else []


def _relations(entry: dict[str, Any], unmapped: list[Unmapped]) -> Iterator[Relation]:
    """Related entries; the site names them by route only."""
    for raw, routes in mapping(entry.get("relations")).items():
        listed = words(routes)
        kind = vocabulary.read("relation", NAME, raw, unmapped, default="OTHER") if listed else None
        for route in listed:
            yield Relation(kind=kind or "OTHER", kind_raw=raw, ids={NAME: route}, url=PAGE + route)


def _addresses(entry: dict[str, Any]) -> dict[str, str]:
    """The entry's pages by the site's own key, with a scheme."""
    pages = {key: word(value) for key, value in mapping(entry.get("websites")).items()}
    return {key: _with_scheme(url) for key, url in pages.items() if url}


def _with_scheme(url: str) -> str:
    return url if "://" in url[:10] else "https://" + url.lstrip("/")


def _links(entry: dict[str, Any]) -> dict[str, list[Link]]:
    streams = objects(mapping(entry.get("websites")).get("streams"))
    watch = [(word(s.get("name")) or word(s.get("platform")), word(s.get("url"))) for s in streams]
    return {
        "streaming": [Link(site=s or "", url=_with_scheme(u), kind="streaming") for s, u in watch if u],
        "links": [_link(key, url) for key, url in _addresses(entry).items()],
    }


def _link(key: str, url: str) -> Link:
    found = ids_from_url(url)
    site = SITE_NAMES[found[0]] if found else "Official Site" if key == "official" else key.capitalize()
    return Link(site=site, url=url, kind="official" if key == "official" else _KINDS.get(key.lower(), "info"))


def _raw(entry: dict[str, Any]) -> dict[str, Any]:
    """Plain values before mapping, the times and delays of subtitles and dub among them."""
    raw = plain_values(entry, *_RAW)
    season = plain_values(entry.get("season"), "title", "season", "year", "route")
    sources = words([source.get("name") for source in objects(entry.get("sources"))])
    return {**raw, "mediaTypes": _kinds(entry), "sources": sources, "season": season}
