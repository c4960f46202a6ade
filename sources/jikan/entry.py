"""The answer of ``/anime/{id}/full`` (or ``/anime/{id}``, which has less) as a record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sources.errors import NotAnEntry
from sources.jikan.answer import anime_of, data_of, picture
from sources.jikan.dates import aired
from sources.jikan.related import external_links, relations, trailer
from sources.jikan.themes import theme_songs
from sources.parsing.airtime import weekly, zone
from sources.parsing.dates import duration_seconds, season_of
from sources.parsing.frames import OBJECT, TEXTS, Frame, changed_parts, renamed_parts, unread_parts
from sources.parsing.json_reply import (
    address,
    at,
    counters,
    labels,
    mapping,
    objects,
    plain_values,
    real,
    whole,
    word,
    words,
)
from sources.parsing.languages import by_name, native_language, romanised
from sources.parsing.links import collect_ids
from sources.parsing.names import known_names, new_names
from sources.parsing.sizes import episode_total, year
from sources.parsing.text import clean, plain_text, title_text
from sources.parsing.titles import distinct, synonym
from sources.parsing.vocabulary import read
from sources.record import (
    Broadcast,
    Image,
    Score,
    SourceRecord,
    Synopsis,
    Tag,
    Title,
    Unmapped,
)

_RAW = (
    "mal_id",
    "title",
    "type",
    "source",
    "episodes",
    "status",
    "duration",
    "rating",
    "score",
    "scored_by",
    "season",
    "year",
)
COUNTERS = {
    "members": "members",
    "favorites": "favourites",
    "rank": "rank",
    "popularity": "popularity_rank",
}
_FRAMES = (
    *(Frame(part, (part,)) for part in ("genres", "demographics", "studios", "producers", "licensors")),
    Frame("tags", ("themes",)),
    Frame("titles", ("titles",), ("title",)),
    Frame("relations", ("relations",), ("entry",)),
    Frame("links", ("external",), ("url",)),
    Frame("streaming", ("streaming",), ("url",)),
    Frame("images", ("images",), OBJECT),
    Frame("theme_songs", ("theme",), OBJECT),
    Frame("theme_songs", ("theme", "openings"), TEXTS),
    Frame("theme_songs", ("theme", "endings"), TEXTS),
)
_EXPLICIT = Frame("genres", ("explicit_genres",))
_WRITTEN_BY = re.compile(r"\s*\[Written by [^\[\]]{1,60}\]\s*$")
_NO_SYNOPSIS = "No synopsis information has been added"
_NO_BACKGROUND = "No background information has been added"


def parse(body: bytes, *, url: str = "") -> SourceRecord:
    """One anime from one answer. Raises `NotAnEntry`."""
    repaired: list[str] = []
    data = mapping(data_of(body, repaired))
    source_id, names = anime_of(data), titles(data)
    if source_id is None or not names:
        raise NotAnEntry("changed_layout", "the answer describes no anime")
    unmapped: list[Unmapped] = []
    facts = {
        **_identity(data, source_id),
        **named(names),
        **_kind(data, unmapped),
        **_dates(data, unmapped),
        **_lists(data, unmapped),
        **_reception(data),
        **_media(data),
        "further": background(data),
    }
    raw = {**plain_values(data, *_RAW), "aired": word(at(data, "aired", "string"))}
    unmapped += new_names("jikan", data)
    notes: dict[str, Any] = {"unmapped": unmapped, "repaired": repaired, "raw": raw}
    groups = [group for group in objects(data.get("relations")) if group.get("entry")]
    notes["incomplete"] = unread_parts({"relations": bool(facts["relations"])}, {"relations": groups})
    notes["incomplete"] |= changed_parts(data, (*_FRAMES, _EXPLICIT))
    expected = _FRAMES if facts["genres"] else (*_FRAMES, _EXPLICIT)
    notes["incomplete"] |= renamed_parts(data, expected, known_names("jikan"))
    return SourceRecord(source="jikan", source_id=source_id, **notes, **facts)


def titles(data: Mapping[str, Any]) -> list[Title]:
    """All titles of an anime object, the default one first."""
    pairs = [(word(row.get("type")), title_text(row.get("title"))) for row in objects(data.get("titles"))]
    pairs += [("Default", title_text(data.get("title")))]
    pairs += [("English", title_text(data.get("title_english")))]
    pairs += [("Japanese", title_text(data.get("title_japanese")))]
    pairs += [("Synonym", title_text(text)) for text in words(data.get("title_synonyms"))]
    native = next((text for kind, text in pairs if kind == "Japanese" and text), "")
    language = native_language(native) or "ja"
    found = [_title(kind, text, language) for kind, text in pairs if text]
    return distinct(sorted(found, key=lambda title: title.kind != "main"))


def _title(kind: str | None, text: str, native: str) -> Title:
    if kind == "Default":
        return Title(text=text, language=romanised(native), kind="main")
    if kind == "Japanese":  # the site files Chinese and Korean originals here too
        return Title(text=text, language=native, kind="official")
    language = by_name(kind)
    return Title(text=text, language=language, kind="official") if language else synonym(text)


def _identity(data: Mapping[str, Any], source_id: str) -> dict[str, Any]:
    links = external_links(data.get("external"))
    return {
        "url": address(data.get("url")) or f"https://myanimelist.net/anime/{source_id}",
        "ids": {**collect_ids(link.url for link in links), "mal": source_id},
        "links": links,
        "streaming": [
            link.model_copy(update={"kind": "streaming"}) for link in external_links(data.get("streaming"))
        ],
    }


def named(names: list[Title]) -> dict[str, Any]:
    """The title fields of a record; the main title comes first in ``names``."""
    by_language = {title.language: title.text for title in reversed(names) if title.kind == "official"}
    native = next((by_language[tag] for tag in ("ja", "zh", "ko") if tag in by_language), None)
    return {
        "title": names[0].text,
        "titles": names,
        "title_english": by_language.get("en"),
        "title_native": native,
    }


def _kind(data: Mapping[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    rating = read("content_rating", "jikan", word(data.get("rating")), unmapped)
    adult = "Hentai" in [*_labels(data.get("genres")), *_labels(data.get("explicit_genres"))]
    return {
        "type": read("type", "jikan", word(data.get("type")), unmapped, "UNKNOWN"),
        "status": read("status", "jikan", word(data.get("status")), unmapped, "UNKNOWN"),
        "source_material": read("source_material", "jikan", word(data.get("source")), unmapped),
        "content_rating": rating,
        "adult": True if adult or rating == "RX" else False if rating else None,
        "episode_count": episode_count(data),
        "duration_seconds": duration_seconds(data.get("duration")),
    }


def episode_count(data: Mapping[str, Any]) -> int | None:
    """The planned number of episodes; ``None`` while the site does not know it."""
    return episode_total(data.get("episodes"))


def year_of(data: Mapping[str, Any]) -> int | None:
    """The year of the premiere as the site says it; it does so for television only."""
    return year(data.get("year"))


def _dates(data: Mapping[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    start, end = aired(data)
    season, first_year = season_of(start)
    said = read("season", "jikan", word(data.get("season")), unmapped)
    invented = (
        start is not None and len(start) == 4
    )  # winter beside a bare year may be made of its first day (a guess)
    return {
        "start_date": start,
        "end_date": end,
        "season": said if said and not (invented and said == "WINTER") else season,
        "year": year_of(data) or first_year,
        "broadcast": _broadcast(mapping(data.get("broadcast"))),
    }


def _broadcast(data: Mapping[str, Any]) -> Broadcast | None:
    day, time = weekly(word(data.get("day")), word(data.get("time")))
    text = clean(data.get("string"))
    if day is None and time is None and text is None:
        return None
    where = zone(word(data.get("timezone"))) if time else None
    return Broadcast(weekday=day, time=time, timezone=where, text=text)


def _labels(value: object) -> list[str]:
    return labels([row.get("name") for row in objects(value)])


def _lists(data: Mapping[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    return {
        "genres": list(dict.fromkeys([*_labels(data.get("genres")), *_labels(data.get("explicit_genres"))])),
        "tags": [Tag(name=name) for name in _labels(data.get("themes"))],
        "demographics": _labels(data.get("demographics")),
        "studios": _labels(data.get("studios")),
        "producers": _labels(data.get("producers")),
        "licensors": _labels(data.get("licensors")),
        "relations": relations(data.get("relations"), unmapped),
        "theme_songs": theme_songs(data.get("theme")),
    }


def _reception(data: Mapping[str, Any]) -> dict[str, Any]:
    text = synopsis_text(data.get("synopsis"))
    return {
        "score": score(data.get("score"), data.get("scored_by")),
        "popularity": counters(data, COUNTERS),
        "synopsis": Synopsis(text=text, source="jikan", url=address(data.get("url")))
        if text and not text.startswith(_NO_SYNOPSIS)
        else None,
    }


def synopsis_text(value: object) -> str | None:
    """The synopsis without the note who wrote it, which is no part of it."""
    return _WRITTEN_BY.sub("", plain_text(value) or "") or None


def background(data: Mapping[str, Any]) -> dict[str, str]:
    """What the site tells of how the work came about and was received."""
    text = plain_text(data.get("background"))
    return {"background": text} if text and not text.startswith(_NO_BACKGROUND) else {}


def score(mean: object, votes: object) -> Score | None:
    """The mean of the site's votes of 1 to 10; ``None`` for what cannot be one."""
    value = real(mean)
    if value is None or not 1 <= value <= 10:
        return None
    return Score(value=value, scale_min=1, scale_max=10, votes=whole(votes))


def _media(data: Mapping[str, Any]) -> dict[str, Any]:
    poster, film = picture(data.get("images")), trailer(mapping(data.get("trailer")))
    return {"images": [Image(url=poster)] if poster else [], "trailers": [film] if film else []}
