"""The document of one anime with its ``included`` resources as a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sources.errors import NotAnEntry, Reason
from sources.kitsu.dates import end_date, start_date
from sources.kitsu.document import Document, Resource, read_document
from sources.kitsu.ids import foreign_ids
from sources.kitsu.names import in_language, titles
from sources.kitsu.rating import content_rating
from sources.kitsu.related import productions, relations, streaming
from sources.parsing.airtime import instant, utc
from sources.parsing.dates import season_of, sure_part
from sources.parsing.frames import OBJECT, Frame, is_list_of, renamed_parts
from sources.parsing.json_reply import (
    address,
    at,
    counters,
    identifier,
    labels,
    mapping,
    named_texts,
    plain_values,
    real,
    truth,
    whole,
    word,
)
from sources.parsing.links import slug_of, video
from sources.parsing.names import known_names, new_names
from sources.parsing.sizes import episode_total, minutes
from sources.parsing.text import clean, plain_text
from sources.parsing.vocabulary import read
from sources.record import Broadcast, Image, Score, SourceRecord, Synopsis, Tag, Trailer, Unmapped

SITE = "https://kitsu.app"
DEMOGRAPHICS = ("Kids", "Shounen", "Shoujo", "Seinen", "Josei")
"""Categories that say for whom it is made."""

_RAW = (
    "slug",
    "canonicalTitle",
    "subtype",
    "showType",
    "status",
    "tba",
    "startDate",
    "endDate",
    "episodeCount",
    "episodeLength",
    "totalLength",
    "ageRating",
    "ageRatingGuide",
    "averageRating",
    "userCount",
    "nsfw",
)


_INCLUDED = {
    "categories": "tags",
    "genres": "genres",
    "mappings": "ids",
    "mediaRelationships": "relations",
    "animeProductions": "studios",
    "productions": "studios",
    "mediaProductions": "studios",
    "streamingLinks": "streaming",
}
"""What a document points to, and the part of the record made of it."""

_MEMBERS = {"id", "type", "links", "attributes", "relationships", "meta"}
"""What a resource of JSON:API holds."""

_RELATIONSHIPS = frozenset(
    {
        *_INCLUDED,
        *("animeCharacters", "animeStaff", "castings", "characters", "episodes", "installments", "quotes"),
        *("reviews", "staff"),
    }
)
"""Every name that a recorded anime gives to what it points to."""

_FURTHER = {"createdAt": "created_at", "updatedAt": "updated_at"}
_PICTURES = (Frame("images", ("posterImage",), OBJECT),)
_COUNTERS = {
    "userCount": "members",
    "favoritesCount": "favourites",
    "ratingRank": "rank",
    "popularityRank": "popularity_rank",
}


def parse(body: bytes, *, url: str = "") -> SourceRecord:
    """One anime from ``/anime/{id}`` or from a list that holds exactly one. Raises `NotAnEntry`."""
    document = read_document(body)
    resource = _only_anime(document)
    source_id, names = identifier(resource.id), titles(resource.attributes)
    if source_id is None or not names:
        raise NotAnEntry("changed_layout", "the document describes no anime")
    unmapped: list[Unmapped] = []
    facts = {
        "title": names[0].text,
        "titles": names,
        "title_english": in_language(names, "en"),
        "title_native": in_language(names, "ja", "ko", "zh", "zh-Hans", "zh-Hant"),
        "url": f"{SITE}/anime/{source_id}",
        "ids": {**_slug(resource), **foreign_ids(resource.to("mappings"), unmapped), "kitsu": source_id},
        **_kind(resource.attributes, unmapped),
        **_dates(resource.attributes),
        **_lists(resource, unmapped),
        **_reception(resource.attributes, source_id),
        **_media(resource.attributes),
    }
    raw = {**plain_values(resource.attributes, *_RAW), "titles": _raw_titles(resource.attributes)}
    unmapped += new_names("kitsu", [resource.body, *resource.included.values()])
    notes: dict[str, Any] = {"unmapped": unmapped, "repaired": document.repaired, "raw": raw}
    notes["incomplete"] = _changed_parts(resource, facts)
    if not facts["images"]:
        notes["incomplete"] |= renamed_parts(resource.attributes, _PICTURES, known_names("kitsu"))
    notes["further"] = named_texts(resource.attributes, _FURTHER)
    return SourceRecord(source="kitsu", source_id=source_id, **notes, **facts)


def _changed_parts(resource: Resource, facts: Mapping[str, Any]) -> dict[str, str]:
    """The parts that the document points to and does not bring, or not as we know them."""
    links = mapping(resource.body.get("relationships"))
    new = [mapping(link) for name, link in links.items() if name not in _RELATIONSHIPS]
    moved = any(link.get("data") for link in new) or bool(resource.body.keys() - _MEMBERS)
    return {
        part: Reason.CHANGED_LAYOUT.value
        for name, part in _INCLUDED.items()
        if _is_changed(resource, name, facts) or (moved and name not in links and not _has(facts, part))
    }


def _is_changed(resource: Resource, name: str, facts: Mapping[str, Any]) -> bool:
    link = mapping(at(resource.body, "relationships", name))
    pointed = link.get("data")
    if link.keys() - {"links", "data", "meta"} and "data" not in link:
        return True
    if pointed is None:
        return False
    if resource.lacks(name) or any(one.lacks("producer") for one in resource.to(name)):
        return True
    return not is_list_of(pointed, ("id",)) or bool(pointed and not _has(facts, _INCLUDED[name]))


def _has(facts: Mapping[str, Any], part: str) -> bool:
    """Whether there is something in the part of the record; makers of all kinds count, as do ids of other sites."""
    if part == "ids":
        return len(facts["ids"].keys() - {"kitsu", "kitsu_slug"}) > 0
    return any(
        facts[name] for name in (("studios", "producers", "licensors") if part == "studios" else (part,))
    )


def _only_anime(document: Document) -> Resource:
    if document.listed and not document.primary:
        raise NotAnEntry("not_found", "an empty list: unknown, or hidden from visitors")
    if len(document.primary) != 1 or document.primary[0].type != "anime":
        raise NotAnEntry("changed_layout", "the document is not about one anime")
    return document.primary[0]


def _slug(resource: Resource) -> dict[str, str]:
    """The name in the site's addresses, by which other sites often link to it."""
    slug = slug_of(resource.attributes.get("slug"))
    return {"kitsu_slug": slug} if slug else {}


def _raw_titles(attributes: Mapping[str, Any]) -> dict[str, Any]:
    given = attributes.get("titles")
    return plain_values(given, *given) if isinstance(given, dict) else {}


def anime_type(attributes: Mapping[str, Any], unmapped: list[Unmapped]) -> str | None:
    """Our word for the subtype (``showType`` is its old name)."""
    raw = word(attributes.get("subtype")) or word(attributes.get("showType"))
    return read("type", "kitsu", raw, unmapped, "UNKNOWN")


def episode_count(attributes: Mapping[str, Any]) -> int | None:
    """The planned number of episodes; ``None`` while it runs without an announced end."""
    return episode_total(attributes.get("episodeCount"))


def _kind(attributes: Mapping[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    rating = content_rating(attributes, unmapped)
    nsfw = truth(attributes.get("nsfw"))
    return {
        "type": anime_type(attributes, unmapped),
        "status": read("status", "kitsu", word(attributes.get("status")), unmapped, "UNKNOWN"),
        "content_rating": rating,
        "adult": True if nsfw is True or rating == "RX" else False if nsfw is False or rating else None,
        "episode_count": episode_count(attributes),
        "duration_seconds": minutes(attributes.get("episodeLength")),
    }


def _dates(attributes: Mapping[str, Any]) -> dict[str, Any]:
    start, end = start_date(attributes), end_date(attributes)
    season, _ = season_of(sure_part(start) if start else None)  # the edge of a year may be filled up
    year = season_of(start)[1]
    upcoming = utc(instant(attributes.get("nextRelease")))
    return {
        "start_date": start,
        "end_date": end,
        "season": season,
        "year": year,
        "broadcast": Broadcast(next_episode_at=upcoming) if upcoming else None,
    }


def _lists(resource: Resource, unmapped: list[Unmapped]) -> dict[str, Any]:
    makers = productions(resource, unmapped)
    categories = labels([category.attributes.get("title") for category in resource.to("categories")])
    return {
        "demographics": [name for name in categories if name in DEMOGRAPHICS],
        "genres": labels([genre.attributes.get("name") for genre in resource.to("genres")]),
        "tags": [
            Tag(name=name, adult=truth(category.attributes.get("nsfw")) is True)
            for category in resource.to("categories")
            if (name := clean(category.attributes.get("title")))
        ],
        "studios": makers["studio"],
        "producers": makers["producer"],
        "licensors": makers["licensor"],
        "relations": relations(resource, unmapped),
        "streaming": streaming(resource),
    }


def _reception(attributes: Mapping[str, Any], source_id: str) -> dict[str, Any]:
    """Score, counters and synopsis.

    The rating is a percentage. Its scale is declared as 1 to 100: users cannot give nothing (their lowest rating is
    stored as 2 of 20), and modb's recorded rating (76.87, expected as 7.897 of 1 to 10) is reached from 1 to 100 only.
    """
    value = real(attributes.get("averageRating"))
    given = attributes.get("ratingFrequencies")
    votes = [whole(count, 0) or 0 for count in given.values()] if isinstance(given, dict) else []
    text = plain_text(attributes.get("synopsis")) or plain_text(attributes.get("description"))
    return {
        "score": Score(value=value, scale_min=1, scale_max=100, votes=sum(votes) or None)
        if value and 1 <= value <= 100
        else None,
        "popularity": counters(attributes, _COUNTERS),
        "synopsis": Synopsis(text=text, source="kitsu", url=f"{SITE}/anime/{source_id}") if text else None,
    }


def _media(attributes: Mapping[str, Any]) -> dict[str, Any]:
    poster, cover = attributes.get("posterImage"), attributes.get("coverImage")
    images = [
        _image(poster, "original", "poster"),
        _image(poster, "small", "thumbnail"),
        _image(poster, "tiny", "thumbnail"),
        _image(cover, "original", "banner"),
    ]
    film = video(attributes.get("youtubeVideoId"))
    return {
        "images": [image for image in images if image],
        "trailers": [Trailer(site="youtube", id=film[0], url=film[1])] if film else [],
    }


def _image(sizes: object, size: str, kind: Literal["poster", "thumbnail", "banner"]) -> Image | None:
    """One size of a picture; the site tells width and height of all but the original."""
    url, box = address(at(sizes, size)), at(sizes, "meta", "dimensions", size)
    return (
        Image(url=url, kind=kind, width=whole(at(box, "width")), height=whole(at(box, "height")))
        if url
        else None
    )
