"""One entry of AnimeSchedule as a record: pure, whatever fields are there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from cache import clock
from sources.animeschedule.links import addresses, links
from sources.animeschedule.names import media_types, titles
from sources.animeschedule.times import broadcast, further, release_date, start_date
from sources.errors import NotAnEntry
from sources.parsing import vocabulary
from sources.parsing.frames import OBJECT, TEXTS, Frame, changed_parts, renamed_parts
from sources.parsing.json_reply import (
    address,
    at,
    counters,
    labels,
    load,
    mapping,
    named_texts,
    objects,
    plain_values,
    real,
    whole,
    word,
    words,
)
from sources.parsing.links import collect_ids, slug_of
from sources.parsing.names import known_names, new_names
from sources.parsing.sizes import episode_total, minutes
from sources.parsing.sizes import year as plain_year
from sources.parsing.text import plain_text, title_text
from sources.record import Image, Relation, Release, Score, SourceRecord, Synopsis, Unmapped

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
    *("subDelayedTimetable", "subDelayedDesc", "subDelayedFrom", "subDelayedUntil"),
    *("dubDelayedTimetable", "dubDelayedDesc", "dubDelayedFrom", "dubDelayedUntil"),
    *("manualScore", "averageAutoScore", "useAutoScores"),
)
_FURTHER = {"createdAt": "created_at", "updatedAt": "updated_at"}
_FRAMES = (
    *(Frame(part, (part,)) for part in ("genres", "studios")),
    Frame("type", ("mediaTypes",), ("name", "route")),
    Frame("source_material", ("sources",)),
    Frame("titles", ("names",), OBJECT),
    Frame("relations", ("relations",), OBJECT),
    Frame("links", ("websites",), OBJECT),
    Frame("score", ("stats",), OBJECT),
)
_STREAMS = Frame("streaming", ("websites", "streams"), ("url",))
_OVERRIDES = ("episodeOverride", "subEpisodeOverride", "dubEpisodeOverride")
_STATS = ("manualScore", "averageAutoScore", "useAutoScores", "colorLightMode", "colorDarkMode")


def parse(body: bytes, *, url: str = "", now: dt.datetime | None = None) -> SourceRecord:
    """The record in one ``/anime/{route}`` answer; ``now`` decides whether a delay is over.

    Raises `NotAnEntry`; a list of entries is none.
    """
    repaired: list[str] = []
    entry = load(body, repaired)
    if not isinstance(entry, dict):
        raise NotAnEntry("error", "a list, not an entry")
    route = slug_of(entry.get("route"))
    if route is None or not titles(entry):
        raise NotAnEntry(why_not(entry), word(entry.get("error") or entry.get("message")) or "no entry")
    return record(entry, route, now).model_copy(update={"repaired": repaired})


def _changed_parts(entry: dict[str, Any]) -> dict[str, str]:
    listed = isinstance(at(entry, "websites", "streams"), list)  # until 2025 an object
    frames = (*_FRAMES, _STREAMS) if listed else _FRAMES
    related = (Frame("relations", ("relations", kind), TEXTS) for kind in mapping(entry.get("relations")))
    return changed_parts(entry, (*frames, *related)) | renamed_parts(entry, _FRAMES, known_names(NAME))


def why_not(document: dict[str, Any]) -> str:
    """The reason why ``document`` is no entry and no list: what it says itself, or another layout."""
    if isinstance(document.get("anime"), list):
        return "error" if document["anime"] else "not_found"
    said = f"{word(document.get('error')) or ''} {word(document.get('message')) or ''}".lower()
    if "not found" in said:
        return "not_found"
    return "error" if said.strip() else "changed_layout"


def record(entry: dict[str, Any], route: str, now: dt.datetime | None = None) -> SourceRecord:
    """The record in one entry of any answer, as of ``now``."""
    unmapped: list[Unmapped] = []
    nature = _nature(entry, unmapped)
    fields = {
        "source": NAME,
        "source_id": route,
        "url": PAGE + route,
        "ids": {**collect_ids(addresses(entry).values()), NAME: route},
        **_names(entry),
        **nature,
        "episode_count": episode_total(entry.get("episodes")),
        "duration_seconds": minutes(entry.get("lengthMin")),
        "broadcast": broadcast(entry, nature["type"], now or clock.utc()),
        "releases": _releases(entry),
        "synopsis": _synopsis(entry),
        "genres": labels([genre.get("name") for genre in objects(entry.get("genres"))]),
        "studios": labels([studio.get("name") for studio in objects(entry.get("studios"))]),
        "relations": list(_relations(entry, unmapped)),
        "score": _score(entry),
        "popularity": _popularity(entry),
        "images": _images(entry),
        "further": {**named_texts(entry, _FURTHER), **further(entry, now or clock.utc())},
        **links(entry),
        "unmapped": [*unmapped, *new_names(NAME, entry)],
        "incomplete": _changed_parts(entry),
        "raw": _raw(entry),
    }
    return SourceRecord.model_validate(fields)


def _names(entry: dict[str, Any]) -> dict[str, Any]:
    names, named = mapping(entry.get("names")), titles(entry)
    return {
        "title": named[0].text,
        "titles": named,
        "title_english": title_text(names.get("english")),
        "title_native": title_text(names.get("native")),
    }


def _nature(entry: dict[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    kinds = [vocabulary.read("type", NAME, kind, unmapped) for kind in media_types(entry)]
    material = [source.get("name") for source in objects(entry.get("sources"))]
    materials = [vocabulary.read("source_material", NAME, raw, unmapped) for raw in words(material)]
    season = mapping(entry.get("season"))
    start = start_date(entry)
    year = plain_year(season.get("year")) or plain_year(entry.get("year"))
    return {
        "type": next(filter(None, kinds), None),
        "source_material": next(filter(None, materials), None),
        "status": vocabulary.read("status", NAME, word(entry.get("status")), unmapped),
        "season": vocabulary.read("season", NAME, word(season.get("season")), unmapped),
        "year": year or (int(start[:4]) if start else None),
        "start_date": start,
    }


def _releases(entry: dict[str, Any]) -> list[Release]:
    """When it began with subtitles and dubbed, which the site tells of English."""
    days = {kind: release_date(entry, kind) for kind in ("sub", "dub")}
    return [
        Release(language="en", kind=kind, start_date=day, source=NAME) for kind, day in days.items() if day
    ]


def _synopsis(entry: dict[str, Any]) -> Synopsis | None:
    text = plain_text(entry.get("description")) or plain_text(entry.get("synopsis"))
    return Synopsis(text=text, source=NAME) if text else None


def _score(entry: dict[str, Any]) -> Score | None:
    """The weighted average of 1 to 100."""
    stats = mapping(entry.get("stats"))
    value = real(stats.get("averageScore"))
    if value is None or not 1 <= value <= 100:
        return None
    return Score(value=value, scale_min=1, scale_max=100, votes=whole(stats.get("ratingCount")))


def _popularity(entry: dict[str, Any]) -> dict[str, float]:
    """Followers, those who dropped it, and ``trackedRating``, which is a rank by followers."""
    stats = mapping(entry.get("stats"))
    ranks = counters(stats, {"trackedRating": "popularity_rank"})
    return counters(stats, {"trackedCount": "members", "droppedCount": "dropped"}, 0) | ranks


def _images(entry: dict[str, Any]) -> list[Image]:
    path = word(entry.get("imageVersionRoute")) or ""
    url = address(IMAGES + path.lstrip("/")) if "/" in path.strip("/") else None
    return [Image(url=url)] if url else []


def _relations(entry: dict[str, Any], unmapped: list[Unmapped]) -> Iterator[Relation]:
    """Related entries; the site names them by route only."""
    for raw, routes in mapping(entry.get("relations")).items():
        listed = [route for said in words(routes) if (route := slug_of(said))]
        kind = vocabulary.read("relation", NAME, raw, unmapped, default="OTHER") if listed else None
        for route in listed:
            yield Relation(kind=kind or "OTHER", kind_raw=raw, ids={NAME: route}, url=PAGE + route)


def _raw(entry: dict[str, Any]) -> dict[str, Any]:
    """Plain values before mapping, the times and delays of subtitles and dub among them."""
    raw = plain_values(entry, *_RAW)
    said = plain_values(entry.get("season"), "title", "season", "year", "route")
    season = {name: value for name, value in said.items() if value}  # empty texts say nothing
    sources = words([source.get("name") for source in objects(entry.get("sources"))])
    overrides = {
        name: said
        for name in _OVERRIDES
        if any((said := plain_values(entry.get(name), "overrideEpisode", "episodesAired")).values())
    }
    stats = plain_values(entry.get("stats"), *_STATS)
    return {
        **raw,
        **overrides,
        **({"stats": stats} if stats else {}),
        "mediaTypes": media_types(entry),
        "sources": sources,
        "season": season,
    }
