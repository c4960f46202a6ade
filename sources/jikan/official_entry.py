"""What MyAnimeList's own API (v2) answers, as records and candidates of the same source.

The shapes follow recorded and documented replies; that ``nsfw: black`` means adult is documented only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sources.base import Candidate
from sources.errors import NotAnEntry
from sources.jikan.answer import real_picture
from sources.jikan.entry import COUNTERS, background, named, score, synopsis_text, titles
from sources.jikan.related import trailer
from sources.jikan.themes import theme_songs
from sources.parsing.airtime import weekly
from sources.parsing.dates import read_date, season_of
from sources.parsing.json_reply import (
    at,
    counters,
    identifier,
    labels,
    load,
    mapping,
    named_texts,
    objects,
    plain_values,
    word,
)
from sources.parsing.names import new_names
from sources.parsing.sizes import episode_total, seconds, year
from sources.parsing.text import clean, title_text
from sources.parsing.vocabulary import canonical, read
from sources.record import (
    Broadcast,
    Image,
    Relation,
    SourceRecord,
    Synopsis,
    Tag,
    Title,
    Trailer,
    Unmapped,
)

_DEMOGRAPHICS = frozenset({"15", "25", "27", "42", "43"})
_GENRES = frozenset(
    {"1", "2", "4", "5", "7", "8", "9", "10", "12", "14", "22", "24", "26", "28", "30", "36", "37", "41"}
    | {"46", "47", "49"}
)
"""MyAnimeList's ids of genres (9, 12 and 49 are the explicit ones); what is neither genre nor demographic is a theme."""
_EXPLICIT = "12"

_COUNTERS = {name: COUNTERS[jikan] for name, jikan in {"num_list_users": "members", "rank": "rank"}.items()}
_STATES = ("watching", "completed", "on_hold", "dropped", "plan_to_watch")
_RAW = (
    "id",
    "title",
    "media_type",
    "status",
    "start_date",
    "end_date",
    "rating",
    "nsfw",
    "mean",
)
_FURTHER = {"nsfw": "nsfw", "created_at": "created_at", "updated_at": "updated_at"}


def parse_official(body: bytes) -> SourceRecord:
    """One work from ``/anime/{id}``. Raises `NotAnEntry`."""
    repaired: list[str] = []
    node = mapping(load(body, repaired))
    number, names = identifier(node.get("id")), _titles(node)
    if number is None or not names:
        raise NotAnEntry("changed_layout", "the answer describes no anime")
    unmapped: list[Unmapped] = []
    facts = {
        **named(names),
        **_kind(node, unmapped),
        **_dates(node, unmapped),
        **_lists(node, unmapped),
        **_reception(node, number),
        **_media(node),
    }
    return SourceRecord(
        source="jikan",
        source_id=number,
        url=f"https://myanimelist.net/anime/{number}",
        ids={"mal": number},
        unmapped=[*unmapped, *new_names("mal_v2", node)],
        repaired=repaired,
        raw=plain_values(node, *_RAW),
        further={**background(node), **named_texts(node, _FURTHER)},
        **facts,
    )


def parse_official_search(body: bytes) -> list[Candidate]:
    """The works of a search, ranking or season page, in its order; a list without a single one is no such list."""
    listed = mapping(load(body)).get("data")
    if not isinstance(listed, list):
        raise NotAnEntry("changed_layout", "no list where one is expected")
    found = [candidate for row in objects(listed) if (candidate := _candidate(mapping(row.get("node"))))]
    if listed and not found:
        raise NotAnEntry("changed_layout", "a list that names no anime")
    return found


def _candidate(node: Mapping[str, Any]) -> Candidate | None:
    number, names = identifier(node.get("id")), _titles(node)
    if number is None or not names:
        return None
    start = read_date(node.get("start_date"))
    return Candidate(
        source="jikan",
        id=number,
        title=names[0].text,
        titles=tuple(dict.fromkeys(title.text for title in names)),
        type=canonical("type", "jikan", word(node.get("media_type"))),
        year=_premiere(node)[1] or season_of(start)[1],
        start_date=start,
        episode_count=episode_total(node.get("num_episodes")),
        ids={"mal": number},
        url=f"https://myanimelist.net/anime/{number}",
    )


def _titles(node: Mapping[str, Any]) -> list[Title]:
    other = mapping(node.get("alternative_titles"))
    return titles(
        {
            "title": node.get("title"),
            "title_english": other.get("en"),
            "title_japanese": other.get("ja"),
            "title_synonyms": other.get("synonyms"),
        }
    )


def _kind(node: Mapping[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    rating = read("content_rating", "jikan", word(node.get("rating")), unmapped)
    ids = {identifier(row.get("id")) for row in objects(node.get("genres"))}
    adult = rating == "RX" or _EXPLICIT in ids or word(node.get("nsfw")) == "black"
    return {
        "type": read("type", "jikan", word(node.get("media_type")), unmapped, "UNKNOWN"),
        "status": read("status", "jikan", word(node.get("status")), unmapped, "UNKNOWN"),
        "source_material": read("source_material", "jikan", word(node.get("source")), unmapped),
        "content_rating": rating,
        "adult": True if adult else False if rating else None,
        "episode_count": episode_total(node.get("num_episodes")),
        "duration_seconds": seconds(node.get("average_episode_duration")),
    }


def _premiere(node: Mapping[str, Any]) -> tuple[str | None, int | None]:
    return word(at(node, "start_season", "season")), year(at(node, "start_season", "year"))


def _dates(node: Mapping[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    start = read_date(node.get("start_date"))
    season, first_year = season_of(start)
    said, said_year = _premiere(node)
    told = (
        read("season", "jikan", said, unmapped) or season
    )  # winter beside a bare year may be made of its first day
    return {
        "start_date": start,
        "end_date": read_date(node.get("end_date")),
        "season": told if not (told == "WINTER" and start and len(start) == 4) else season,
        "year": said_year or first_year,
        "broadcast": _broadcast(mapping(node.get("broadcast"))),
    }


def _broadcast(data: Mapping[str, Any]) -> Broadcast | None:
    """The weekday and time, which are Japan's; ``other`` is no weekday."""
    day, time = weekly(word(data.get("day_of_the_week")), word(data.get("start_time")))
    if day is None:
        return None
    return Broadcast(weekday=day, time=time, timezone="Asia/Tokyo" if time else None)


def _lists(node: Mapping[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    marked = [(identifier(row.get("id")), clean(row.get("name"))) for row in objects(node.get("genres"))]
    known = [(number, name) for number, name in marked if name]
    return {
        "genres": [name for number, name in known if number in _GENRES],
        "demographics": [name for number, name in known if number in _DEMOGRAPHICS],
        "tags": [Tag(name=name) for number, name in known if number not in _GENRES | _DEMOGRAPHICS],
        "studios": labels([row.get("name") for row in objects(node.get("studios"))]),
        "relations": [
            relation
            for media in ("anime", "manga")
            for row in objects(node.get(f"related_{media}"))
            if (relation := _relation(row, media, unmapped))
        ],
        "theme_songs": theme_songs(
            {
                "openings": [row.get("text") for row in objects(node.get("opening_themes"))],
                "endings": [row.get("text") for row in objects(node.get("ending_themes"))],
            }
        ),
    }


def _relation(row: Mapping[str, Any], media: str, unmapped: list[Unmapped]) -> Relation | None:
    other = mapping(row.get("node"))
    number, raw = identifier(other.get("id")), clean(row.get("relation_type"))
    if number is None:
        return None
    return Relation(
        kind=read("relation", "jikan", raw, unmapped, "OTHER") or "OTHER",
        kind_raw=raw,
        media=media,
        title=title_text(other.get("title")),
        ids={"mal": number},
        url=f"https://myanimelist.net/{media}/{number}",
    )


def _reception(node: Mapping[str, Any], number: str) -> dict[str, Any]:
    text = synopsis_text(node.get("synopsis"))
    figures = {**_COUNTERS, "popularity": COUNTERS["popularity"]}
    states = counters(at(node, "statistics", "status"), {name: name for name in _STATES}, least=0)
    return {
        "score": score(node.get("mean"), node.get("num_scoring_users")),
        "popularity": {**counters(node, figures), **states},
        "synopsis": Synopsis(text=text, source="jikan", url=f"https://myanimelist.net/anime/{number}")
        if text
        else None,
    }


def _media(node: Mapping[str, Any]) -> dict[str, Any]:
    found = [_largest(node.get("main_picture")), *map(_largest, objects(node.get("pictures")))]
    videos = [trailer(row, title_text(row.get("title"))) for row in objects(node.get("videos"))]
    return {
        "images": [Image(url=url) for url in dict.fromkeys(found) if url],
        "trailers": [video for video in videos if isinstance(video, Trailer)],
    }


def _largest(sizes: object) -> str | None:
    pictures = (real_picture(at(sizes, size)) for size in ("large", "medium"))
    return next((url for url in pictures if url), None)
