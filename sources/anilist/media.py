"""One ``Media`` of AniList as a record: pure, whatever fields are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sources import vocabulary
from sources.anilist import answer, links
from sources.anilist.airing import broadcast, episodes, episodes_aired
from sources.anilist.pages import further
from sources.anilist.people import cast, crew
from sources.dates import partial_date
from sources.errors import NotAnEntry
from sources.json_reply import mapping, objects, plain_values, real, whole, word, words
from sources.languages import romanised
from sources.links import collect_ids, ids_from_url
from sources.record import Image, Relation, Score, SourceRecord, Synopsis, Tag, Title, Unmapped
from sources.text import plain_text, script_language, title_text
from sources.titles import distinct

NAME = "anilist"
LANGUAGES = {"JP": "ja", "CN": "zh", "TW": "zh-Hant", "HK": "zh-Hant", "KR": "ko"}
"""Language of the native title by country of origin."""

_RAW = (
    *("id", "idMal", "type", "format", "status", "season", "seasonYear", "episodes", "duration", "source"),
    *("countryOfOrigin", "isLicensed", "isAdult", "averageScore", "meanScore", "hashtag", "updatedAt"),
)
_RAW_PARTS = ("title", "startDate", "endDate")
_PLACEHOLDER = "/default."


def parse(body: bytes, *, url: str = "") -> SourceRecord:
    """The record in one GraphQL answer ``{"data": {"Media": {...}}}``, of any selection of fields.

    Raises `NotAnEntry` for errors, for a missing or foreign entry, and for an answer that says nothing but an id.
    """
    media = answer.media(body)
    found = ids_from_url(media.get("siteUrl")) or ids_from_url(url)
    number = whole(media.get("id")) or (whole(found[1]) if found and found[0] == NAME else None)
    if number is None:
        raise NotAnEntry("changed_layout", "the answer does not say which entry it is")
    record = _record(media, str(number))
    record.incomplete.update(answer.failed_parts(body))
    if not record.titles and not _says_something(record):
        raise NotAnEntry("changed_layout", "the answer says nothing about the entry")
    return record


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
        "genres": words(media.get("genres")),
        "tags": _tags(media),
        "demographics": _demographics(media),
        "score": _score(media),
        "popularity": _popularity(media),
        "relations": list(_relations(media, unmapped)),
        "images": list(_images(media)),
        "broadcast": broadcast(media),
        "episodes_aired": episodes_aired(media),
        "episodes": episodes(media),
        "characters": cast(media, unmapped),
        "staff": crew(media),
        "unmapped": unmapped,
        "raw": _raw(media),
    }
    return SourceRecord.model_validate(fields)


def _identity(media: dict[str, Any], source_id: str) -> dict[str, Any]:
    names = mapping(media.get("title"))
    mal = whole(media.get("idMal"))
    own = {NAME: source_id, **({"mal": str(mal)} if mal else {})}
    all_titles = titles(media)
    return {
        "source": NAME,
        "source_id": source_id,
        "url": word(media.get("siteUrl")) or f"https://anilist.co/anime/{source_id}",
        "ids": {**collect_ids(link.get("url") for link in objects(media.get("externalLinks"))), **own},
        "title": all_titles[0].text if all_titles else None,
        "titles": all_titles,
        "title_english": title_text(names.get("english")),
        "title_native": title_text(names.get("native")),
    }


def titles(media: dict[str, Any]) -> list[Title]:
    """All titles, the romanised one first; AniList says the language of three of them only."""
    named = ((title_text(raw), language, kind) for raw, language, kind in [*_named(media), *_synonyms(media)])
    return distinct(
        Title.model_validate({"text": text, "language": language, "kind": kind})
        for text, language, kind in named
        if text
    )


def _named(media: dict[str, Any]) -> list[tuple[object, str | None, str]]:
    names = mapping(media.get("title"))
    native = LANGUAGES.get(word(media.get("countryOfOrigin")) or "")
    native = native or script_language(word(names.get("native")) or "")
    roman = romanised(native.split("-")[0]) if native else None
    if not any(title_text(names.get(name)) for name in ("romaji", "english", "native")):
        return [(names.get("userPreferred"), None, "main")]
    return [
        (names.get("romaji"), roman, "main"),
        (names.get("english"), "en", "official"),
        (names.get("native"), native, "official"),
    ]


def _synonyms(media: dict[str, Any]) -> list[tuple[object, str | None, str]]:
    return [(text, script_language(text), "synonym") for text in words(media.get("synonyms"))]


def _nature(media: dict[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    def mapped(kind: str, field: str) -> str | None:
        return vocabulary.read(kind, NAME, word(media.get(field)), unmapped)

    start = fuzzy_date(media.get("startDate"))
    minutes = whole(media.get("duration"))
    adult = media.get("isAdult") if isinstance(media.get("isAdult"), bool) else None
    return {
        "type": mapped("type", "format"),
        "status": mapped("status", "status"),
        "season": mapped("season", "season"),
        "year": whole(media.get("seasonYear"), 1900) or (int(start[:4]) if start else None),
        "source_material": mapped("source_material", "source"),
        "episode_count": whole(media.get("episodes")),
        "duration_seconds": minutes * 60 if minutes else None,
        "start_date": start,
        "end_date": fuzzy_date(media.get("endDate")),
        "adult": adult,
        "content_rating": vocabulary.canonical("content_rating", NAME, "isAdult=true") if adult else None,
    }


def fuzzy_date(value: object) -> str | None:
    """A date of which any part may be missing, as exact as it is."""
    parts = mapping(value)
    return partial_date(*(whole(parts.get(name)) for name in ("year", "month", "day")))


def _synopsis(media: dict[str, Any]) -> Synopsis | None:
    text = plain_text(media.get("description"))
    return Synopsis(text=text, source=NAME, url=word(media.get("siteUrl"))) if text else None


def _tags(media: dict[str, Any]) -> list[Tag]:
    tags: dict[str, Tag] = {}
    for tag in objects(media.get("tags")):
        name, rank = word(tag.get("name")), whole(tag.get("rank"), 0)
        spoiler = tag.get("isMediaSpoiler") is True or tag.get("isGeneralSpoiler") is True
        weight = min(rank, 100) / 100 if rank is not None else None
        if name:
            adult = tag.get("isAdult") is True
            tags.setdefault(name, Tag(name=name, weight=weight, spoiler=spoiler, adult=adult))
    return list(tags.values())


def _demographics(media: dict[str, Any]) -> list[str]:
    return words(
        [tag.get("name") for tag in objects(media.get("tags")) if tag.get("category") == "Demographic"]
    )


def _score(media: dict[str, Any]) -> Score | None:
    """The weighted average. The site withholds it below a number of votes; the plain mean is no substitute then."""
    value = real(media.get("averageScore"))
    if value is None or value > 100:
        return None
    votes = sum(
        whole(item.get("amount")) or 0
        for item in objects(mapping(media.get("stats")).get("scoreDistribution"))
    )
    return Score(value=value, scale_min=0, scale_max=100, votes=votes or None)


def _popularity(media: dict[str, Any]) -> dict[str, float]:
    counts = {"members": media.get("popularity"), "favourites": media.get("favourites")}
    counts["trending"] = media.get("trending")
    for ranking in objects(media.get("rankings")):
        if ranking.get("allTime") is True:
            counts["popularity_rank" if ranking.get("type") == "POPULAR" else "rank"] = ranking.get("rank")
    read = {name: whole(value, 0) for name, value in counts.items()}
    return {name: float(value) for name, value in read.items() if value is not None}


def _companies(media: dict[str, Any]) -> dict[str, list[str]]:
    """Main animation studios, and everybody else; an older selection says only one of the two marks."""
    studios: list[object] = []
    producers: list[object] = []
    for edge in objects(mapping(media.get("studios")).get("edges")):
        node = mapping(edge.get("node"))
        main = edge["isMain"] if "isMain" in edge else node.get("isAnimationStudio")
        (studios if main is True else producers).append(node.get("name"))
    return {"studios": words(studios), "producers": words(producers)}


def _images(media: dict[str, Any]) -> Iterator[Image]:
    cover = mapping(media.get("coverImage"))
    seen: set[str] = set()
    for size in ("extraLarge", "large", "medium"):
        url = word(cover.get(size))
        if url and url not in seen and _PLACEHOLDER not in url:
            yield Image(url=url, kind="thumbnail" if seen else "poster")
            seen.add(url)
    if banner := word(media.get("bannerImage")):
        yield Image(url=banner, kind="banner")


def _relations(media: dict[str, Any], unmapped: list[Unmapped]) -> Iterator[Relation]:
    for edge in objects(mapping(media.get("relations")).get("edges")):
        node = mapping(edge.get("node"))
        number = whole(node.get("id"))
        if number is None:
            continue
        raw = word(edge.get("relationType"))
        yield Relation(
            kind=vocabulary.read("relation", NAME, raw, unmapped, default="OTHER") or "OTHER",
            kind_raw=raw,
            **_target(node, number),
        )


def _target(node: dict[str, Any], number: int) -> dict[str, Any]:
    media = (word(node.get("type")) or "ANIME").lower()
    mal = whole(node.get("idMal"))
    names = titles({"title": node.get("title")})
    start = fuzzy_date(node.get("startDate"))
    known = vocabulary.canonical("type", NAME, word(node.get("format")))
    return {
        "title": names[0].text if names else None,
        "ids": {NAME: str(number), **({"mal": str(mal)} if mal else {})},
        "media": media if media in {"anime", "manga"} else "other",
        "type": known if media == "anime" else word(node.get("format")),
        "year": whole(node.get("seasonYear"), 1900) or (int(start[:4]) if start else None),
        "url": word(node.get("siteUrl")) or f"https://anilist.co/{media}/{number}",
    }


def _raw(media: dict[str, Any]) -> dict[str, Any]:
    """Plain values before mapping, and in ``more`` the parts that have another page."""
    raw = plain_values(media, *_RAW)
    for name in _RAW_PARTS:
        parts = mapping(media.get(name))
        raw.update({name: plain_values(parts, *parts)} if parts else {})
    more = further(media)
    return {**raw, "more": list(more)} if more else raw
