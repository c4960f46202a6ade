"""One ``Media`` of AniList as a record: pure, whatever fields are there."""

from __future__ import annotations

import re
from typing import Any

from sources.anilist import answer, links
from sources.anilist.airing import broadcast, episodes, episodes_aired, instant_of, schedule_of
from sources.anilist.dates import first_year, fuzzy_date
from sources.anilist.images import images
from sources.anilist.pages import further
from sources.anilist.people import cast, crew
from sources.anilist.reception import demographics, popularity, score, tags
from sources.anilist.relations import relations
from sources.anilist.titles import titles
from sources.errors import NotAnEntry
from sources.parsing import vocabulary
from sources.parsing.airtime import utc
from sources.parsing.frames import OBJECT, TEXTS, Frame, changed_parts, renamed_parts, unread_parts
from sources.parsing.json_reply import (
    address,
    identifier,
    labels,
    mapping,
    objects,
    plain_values,
    truth,
    word,
)
from sources.parsing.links import collect_ids, ids_from_url
from sources.parsing.names import known_names, new_names
from sources.parsing.sizes import episode_total, minutes
from sources.parsing.text import plain_text, title_text
from sources.record import SourceRecord, Synopsis, Unmapped

NAME = "anilist"
_RAW = (
    *("id", "idMal", "type", "format", "status", "season", "seasonYear", "episodes", "duration", "source"),
    *("countryOfOrigin", "isAdult", "averageScore", "meanScore"),
)
_CONNECTION = ("edges", "nodes")
_FRAMES = (
    *(
        Frame(part, (part,), ("node", "id", "name", "title"), _CONNECTION)
        for part in ("relations", "characters", "staff", "studios")
    ),
    Frame("characters", ("characterPreview",), ("node",), _CONNECTION),
    Frame("staff", ("staffPreview",), ("node",), _CONNECTION),
    Frame("episodes", ("airingSchedule",), ("node", "episode"), _CONNECTION),
    Frame("episodes", ("streamingEpisodes",), ("title",)),
    Frame("links", ("externalLinks",), ("url",)),
    Frame("tags", ("tags",)),
    Frame("genres", ("genres",), TEXTS),
    Frame("titles", ("title",), OBJECT),
    Frame("images", ("coverImage",), OBJECT),
    Frame("trailers", ("trailer",), OBJECT),
    Frame("broadcast", ("nextAiringEpisode",), OBJECT),
)
_ROWS = {
    **{part: part for part in ("relations", "characters", "staff")},
    "characterPreview": "characters",
    "staffPreview": "staff",
}
_SPOILER = re.compile(r"<span class=[\"']markdown_spoiler[\"']><span>")
_RAW_PARTS = ("title", "startDate", "endDate")


def parse(body: bytes, *, url: str = "") -> SourceRecord:
    """The record in one GraphQL answer ``{"data": {"Media": {...}}}``, of any selection of fields.

    Raises `NotAnEntry` for errors, for a missing or foreign entry, and for an answer that says nothing but an id.
    """
    repaired: list[str] = []
    media = answer.media(body, repaired)
    found = ids_from_url(media.get("siteUrl")) or ids_from_url(url)
    number = identifier(media.get("id")) or (found[1] if found and found[0] == NAME else None)
    if number is None:
        raise NotAnEntry("changed_layout", "the answer does not say which entry it is")
    record = _record(media, number)
    strange = changed_parts(media, _FRAMES) | renamed_parts(media, _FRAMES, known_names(NAME))
    record.incomplete.update(_unread(media, record) | strange | answer.failed_parts(body))
    record.repaired += repaired
    record.unmapped += new_names(NAME, media)
    if not record.titles and not _says_something(record):
        raise NotAnEntry("changed_layout", "the answer says nothing about the entry")
    return record


def _unread(media: dict[str, Any], record: SourceRecord) -> dict[str, str]:
    """The parts with rows of which none could be read, those of the site's own pages among them."""
    given: dict[str, object] = {}
    for name, part in _ROWS.items():
        listed = mapping(media.get(name))
        given[part] = given.get(part) or listed.get("edges") or listed.get("nodes")
    filled = {part: bool(getattr(record, part)) for part in given}
    given["episodes"] = schedule_of(media)
    filled["episodes"] = any(episode.aired for episode in record.episodes)
    edges = objects(mapping(media.get("studios")).get("edges"))  # who of them is a studio is told by a mark
    given["studios"] = edges
    filled["studios"] = any(
        "isMain" in one or "isAnimationStudio" in mapping(one.get("node")) for one in edges
    )
    return unread_parts(filled, given)


def _says_something(record: SourceRecord) -> bool:
    parts = (
        record.relations,
        record.characters,
        record.staff,
        record.episodes,
        record.studios,
        record.genres,
    )
    return any(parts) or record.synopsis is not None


def _record(media: dict[str, Any], source_id: str) -> SourceRecord:
    unmapped: list[Unmapped] = []
    fields = {
        **_identity(media, source_id),
        **_nature(media, unmapped),
        **_companies(media),
        **links.split(media),
        "synopsis": _synopsis(media),
        "genres": labels(media.get("genres")),
        "tags": tags(media),
        "demographics": demographics(media),
        "score": score(media),
        "popularity": popularity(media),
        "relations": relations(media, unmapped),
        "images": list(images(media)),
        "broadcast": broadcast(media),
        "episodes_aired": episodes_aired(media),
        "episodes": episodes(media),
        "characters": cast(media, unmapped),
        "staff": crew(media),
        "further": _further(media),
        "unmapped": unmapped,
        "raw": _raw(media),
    }
    return SourceRecord.model_validate(fields)


def _identity(media: dict[str, Any], source_id: str) -> dict[str, Any]:
    names = mapping(media.get("title"))
    mal = identifier(media.get("idMal"))
    own = {NAME: source_id, **({"mal": mal} if mal else {})}
    all_titles = titles(media)
    return {
        "source": NAME,
        "source_id": source_id,
        "url": address(media.get("siteUrl")) or f"https://anilist.co/anime/{source_id}",
        "ids": {**collect_ids(link.get("url") for link in objects(media.get("externalLinks"))), **own},
        "title": all_titles[0].text if all_titles else None,
        "titles": all_titles,
        "title_english": title_text(names.get("english")),
        "title_native": title_text(names.get("native")),
    }


def _nature(media: dict[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    def mapped(kind: str, field: str) -> str | None:
        return vocabulary.read(kind, NAME, word(media.get(field)), unmapped)

    adult = truth(media.get("isAdult"))
    return {
        "type": mapped("type", "format"),
        "status": mapped("status", "status"),
        "season": mapped("season", "season"),
        "year": first_year(media),
        "source_material": mapped("source_material", "source"),
        "episode_count": episode_total(media.get("episodes")),
        "duration_seconds": minutes(media.get("duration")),
        "start_date": fuzzy_date(media.get("startDate")),
        "end_date": fuzzy_date(media.get("endDate")),
        "adult": adult,
        "content_rating": vocabulary.canonical("content_rating", NAME, "isAdult=true") if adult else None,
    }


def _synopsis(media: dict[str, Any]) -> Synopsis | None:
    raw = word(media.get("description")) or ""
    if _SPOILER.search(raw):  # the marks as the site writes them when it is asked for HTML
        raw = _SPOILER.sub("~!", raw).replace("</span></span>", "!~")
    text = plain_text(raw)
    return Synopsis(text=text, source=NAME, url=address(media.get("siteUrl"))) if text else None


def _further(media: dict[str, Any]) -> dict[str, str]:
    licensed, hashtag = truth(media.get("isLicensed")), title_text(media.get("hashtag"))
    found = {
        "licensed": None if licensed is None else "yes" if licensed else "no",
        "hashtag": hashtag,
        "updated_at": utc(instant_of(media.get("updatedAt"))),
    }
    return {name: said for name, said in found.items() if said}


def _companies(media: dict[str, Any]) -> dict[str, list[str]]:
    """Main animation studios, and everybody else; an older selection says only one of the two marks."""
    studios: list[object] = []
    producers: list[object] = []
    for edge in objects(mapping(media.get("studios")).get("edges")):
        node = mapping(edge.get("node"))
        main = edge["isMain"] if "isMain" in edge else node.get("isAnimationStudio")
        (studios if truth(main) else producers).append(node.get("name"))
    return {"studios": labels(studios), "producers": labels(producers)}


def _raw(media: dict[str, Any]) -> dict[str, Any]:
    """Plain values before mapping, and in ``more`` the parts that have another page."""
    raw = plain_values(media, *_RAW)
    for name in _RAW_PARTS:
        parts = mapping(media.get(name))
        raw.update({name: plain_values(parts, *parts)} if parts else {})
    more = further(media)
    return {**raw, "more": list(more)} if more else raw
