"""Everything Jikan answers beside the one anime: searches, episodes, people, counters, videos, pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sources.base import Candidate
from sources.errors import NotAnEntry
from sources.jikan.answer import anime_of, data_of, picture
from sources.jikan.dates import aired
from sources.jikan.entry import episode_count, titles, year_of
from sources.jikan.related import trailer
from sources.parsing.dates import read_date, season_of
from sources.parsing.frames import need_readable
from sources.parsing.json_reply import (
    at,
    counters,
    identifier,
    labels,
    load,
    mapping,
    objects,
    ordinal,
    truth,
    whole,
    word,
    words,
)
from sources.parsing.languages import by_name, native_language, romanised
from sources.parsing.person_names import given_first
from sources.parsing.sizes import episode_kind, seconds
from sources.parsing.text import clean, plain_text, title_text
from sources.parsing.vocabulary import canonical, read
from sources.record import Character, Episode, Image, Name, Staff, Title, Trailer, Unmapped, VoiceActor

T = TypeVar("T")
_IN_OTHERS = {"name", "type", "sources"}
"""What rows of other lists (characters, genres, anime, quotations) have and episodes lack."""
_PLACEHOLDER = re.compile(r"Episode \d+(?:\.\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EpisodePage:
    """One page of episodes and what it says about further ones, which is not always true."""

    episodes: list[Episode]
    last_page: int
    has_next: bool


def _rows(body: bytes) -> list[dict[str, Any]]:
    data = data_of(body)
    if not isinstance(data, list):
        raise NotAnEntry("changed_layout", "no list where one is expected")
    return objects(data)


def _need(found: list[T], rows: list[dict[str, Any]], what: str) -> list[T]:
    need_readable(rows, found, what)
    return found


def parse_search(body: bytes) -> list[Candidate]:
    """The anime of a search, season, schedule or top list, as ranked; a list without a single one is no such list."""
    listed = _rows(body)
    return _need([candidate for row in listed if (candidate := _candidate(row))], listed, "anime")


def _candidate(row: Mapping[str, Any]) -> Candidate | None:
    number, names = anime_of(row), titles(row)
    if number is None or not names:
        return None
    start, _ = aired(row)
    return Candidate(
        source="jikan",
        id=number,
        title=names[0].text,
        titles=tuple(dict.fromkeys(title.text for title in names)),
        type=canonical("type", "jikan", word(row.get("type"))),
        year=year_of(row) or season_of(start)[1],
        start_date=start,
        episode_count=episode_count(row),
        ids={"mal": number},
        url=f"https://myanimelist.net/anime/{number}",
        picture=picture(row.get("images")),
    )


def parse_episodes(body: bytes) -> EpisodePage:
    """One page of ``/anime/{id}/episodes``."""
    paging, rows = at(load(body), "pagination"), _rows(body)
    return EpisodePage(
        episodes=_need([found for row in rows if (found := _episode(row))], rows, "episodes"),
        last_page=whole(at(paging, "last_visible_page")) or 1,
        has_next=truth(at(paging, "has_next_page")) is True,
    )


def parse_episode(body: bytes) -> Episode:
    """One ``/anime/{id}/episodes/{n}``: the only place that gives length and synopsis."""
    episode = _episode(mapping(data_of(body)))
    if episode is None:
        raise NotAnEntry("changed_layout", "the answer describes no episode")
    return episode


def _episode(row: Mapping[str, Any]) -> Episode | None:
    number = ordinal(row.get("mal_id"))
    if number is None or _IN_OTHERS & row.keys():
        return None
    return Episode(
        number=number,
        kind=episode_kind(number),
        titles=_episode_titles(row),
        aired=read_date(row.get("aired")),
        duration_seconds=seconds(row.get("duration")),
        filler=truth(row.get("filler")),
        recap=truth(row.get("recap")),
        synopsis=plain_text(row.get("synopsis")),
    )


def _episode_titles(row: Mapping[str, Any]) -> list[Title]:
    native = title_text(row.get("title_japanese"))
    language = native_language(native or "") or "ja"
    texts = [
        ("en", title_text(row.get("title"))),
        (language, native),
        (romanised(language), title_text(row.get("title_romanji"))),
    ]
    real = [(tag, text) for tag, text in texts if text and not _PLACEHOLDER.fullmatch(text)]
    return [Title(text=text, language=tag, kind="official") for tag, text in real]


def person_names(value: object) -> list[Name]:
    """``Matsuoka, Yoshitsugu`` in the order in which the other sites write it: given name first."""
    text = clean(value)
    return [Name(text=given_first(text))] if text else []


def parse_characters(body: bytes, unmapped: list[Unmapped] | None = None) -> list[Character]:
    """All characters with their voice actors, leading ones first."""
    notes = unmapped if unmapped is not None else []
    rows = _rows(body)
    found = _need([character for row in rows if (character := _character(row, notes))], rows, "characters")
    return sorted(found, key=lambda character: character.role != "MAIN")


def _who(value: object) -> dict[str, Any] | None:
    """Names and id of a character or person; ``None`` without either."""
    person = mapping(value)
    number, names = identifier(person.get("mal_id")), person_names(person.get("name"))
    return {"names": names, "ids": {"mal": number}} if number is not None and names else None


def _image(value: object) -> str | None:
    return picture(mapping(value).get("images"))


def _character(row: Mapping[str, Any], unmapped: list[Unmapped]) -> Character | None:
    if (who := _who(row.get("character"))) is None:
        return None
    return Character(
        **who,
        role=read("character_role", "jikan", word(row.get("role")), unmapped) or "UNKNOWN",
        images=words([_image(row.get("character"))]),
        voice_actors=[actor for item in objects(row.get("voice_actors")) if (actor := _voice_actor(item))],
    )


def _voice_actor(row: Mapping[str, Any]) -> VoiceActor | None:
    who, image = _who(row.get("person")), _image(row.get("person"))
    return VoiceActor(**who, language=by_name(row.get("language")), image=image) if who else None


def parse_staff(body: bytes) -> list[Staff]:
    """Everybody who made it, with what they did."""
    rows = _rows(body)
    return _need([found for row in rows if (found := _staff(row))], rows, "staff")


def _staff(row: Mapping[str, Any]) -> Staff | None:
    who, image = _who(row.get("person")), _image(row.get("person"))
    return Staff(**who, roles=labels(row.get("positions")), image=image) if who else None


def parse_statistics(body: bytes) -> dict[str, float]:
    """How many users watch, have completed, put on hold, dropped or plan it."""
    names = ("watching", "completed", "on_hold", "dropped", "plan_to_watch")
    found = counters(data_of(body), {name: name for name in names}, least=0)
    if not found:
        raise NotAnEntry("changed_layout", "the answer holds no statistics")
    return found


def parse_videos(body: bytes) -> list[Trailer]:
    """Promotional videos."""
    promos = objects(mapping(data_of(body)).get("promo"))
    found = [trailer(mapping(row.get("trailer")), title_text(row.get("title"))) for row in promos]
    return _need([video for video in found if video], promos, "videos")


def parse_pictures(body: bytes) -> list[Image]:
    """All posters; what has an id is a row of another list."""
    rows = _rows(body)
    found = [picture(row.get("images", row)) for row in rows if "mal_id" not in row]
    need_readable(rows, found, "pictures")
    return [Image(url=url) for url in dict.fromkeys(found) if url]
