from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from sources.errors import NotAnEntry
from sources.jikan import (
    parse,
    parse_characters,
    parse_episode,
    parse_episodes,
    parse_search,
    parse_statistics,
    parse_videos,
)
from sources.jikan.themes import theme_songs
from sources.parsing.dates import duration_seconds, read_date
from sources.parsing.vocabulary import canonical
from sources.record import SourceRecord
from tests.support.demo_titles import DEMO
from tests.support.source_recordings import Recordings, recordings

Check = Callable[[SourceRecord, Any], bool]

FACTS: dict[str, Check] = {
    "raw.mal_id": lambda r, v: r.source_id == str(v) == r.ids["mal"],
    "raw.title": lambda r, v: r.title == v,
    "raw.titles": lambda r, v: [title.text for title in r.titles] == [row["title"] for row in v],
    "raw.type": lambda r, v: r.type == canonical("type", "jikan", v),
    "raw.source": lambda r, v: r.source_material == canonical("source_material", "jikan", v),
    "raw.episodes": lambda r, v: r.episode_count == v,
    "raw.status": lambda r, v: r.status == canonical("status", "jikan", v),
    "raw.duration": lambda r, v: r.duration_seconds == duration_seconds(v),
    "raw.rating": lambda r, v: r.content_rating == canonical("content_rating", "jikan", v),
    "raw.score": lambda r, v: (r.score.value if r.score else None) == v,
    "raw.season": lambda r, v: r.season == canonical("season", "jikan", v),
    "raw.year": lambda r, v: r.year == v,
    "raw.aired": lambda r, v: r.start_date == read_date(v),
    "raw.studios": lambda r, v: r.studios == v,
    "raw.genres": lambda r, v: r.genres == v,
}

LISTS = {"search", "schedule", "season", "season-anime", "top"}
"""Recorded lists of anime; recommendations, popular episodes and the history of seasons are other lists."""

ERRORS = {
    "http/error/anime-failure.json": "not_found",
    "http/error/reviews-success.json": "error",
    "reported/500_upstream_exception.json": "error",
    "reported/504_upstream_refused.json": "error",
    "http/ok/character-success.json": "changed_layout",
    "http/ok/search-success.json": "changed_layout",
    "trimmed/getAnimeEpisodeById.json": "changed_layout",
    "example/get_anime_source_responses.200.json": "changed_layout",
}


def of_list(site: Recordings, file: str, field: str) -> Any:
    if "episodes" in file:
        page = parse_episodes(site.body(file))
        numbers = [int(episode.number or 0) for episode in page.episodes]
        paging = {"last_visible_page": page.last_page, "has_next_page": page.has_next}
        return {"raw.count": len(numbers), "raw.first_ids": numbers[:10], "raw.pagination": paging}.get(field)
    found = [int(candidate.id) for candidate in parse_search(site.body(file))]
    return {"raw.count": len(found), "raw.first_ids": found[:10]}.get(field)


def test_every_recorded_fact_is_read() -> None:
    site = recordings("jikan")
    facts = [fact for fact in site.expected if fact.field in FACTS]
    wrong = [fact for fact in facts if not FACTS[fact.field](parse(site.body(fact.file)), fact.value)]
    assert len(facts) == 30
    assert wrong == []


def test_every_recorded_list_is_read_whole_and_in_its_order_and_all_else_is_no_entry() -> None:
    site = recordings("jikan")
    for file, reason in ERRORS.items():
        with pytest.raises(NotAnEntry) as caught:
            parse(site.body(file))
        assert caught.value.reason == reason, file
    kinds = LISTS | {"anime-episodes"}
    facts = [
        fact
        for fact in site.expected
        if fact.file.split("/")[-1].removeprefix("aio-").removesuffix("-success.json") in kinds
        and (fact.field in {"raw.count", "raw.first_ids"} or "anime-episodes" in fact.file)
    ]
    assert len(facts) >= 20
    for fact in facts:
        assert of_list(site, fact.file, fact.field) == fact.value, fact


MAL = "https://myanimelist.net"
NO_ENTRIES: list[tuple[Any, str]] = [
    ({"status": 404, "type": "HttpException", "message": "Not Found", "error": None}, "not_found"),
    ({"status": 500, "type": "Exception", "message": "Unhandled", "error": "undefined method"}, "error"),
    (
        {"status": 500, "type": "UpstreamException", "message": "down", "error": "certificate expired"},
        "error",
    ),
    ({"status": 504, "type": "BadResponseException", "message": "refused", "error": None}, "error"),
    ({"data": {"mal_id": 7, "url": f"{MAL}/character/7/Rei", "name": "Rei"}}, "changed_layout"),
    (
        {"data": [{"mal_id": 7, "url": f"{MAL}/anime/7", "title": "Harbor"}], "pagination": {}},
        "changed_layout",
    ),
    ({"data": {"mal_id": 1, "url": f"{MAL}/anime/7/H/episode/1", "title": "Fog"}}, "changed_layout"),
    ({"data": {"mal_id": 7, "title": "Harbor", "episode": 1, "sources": {}}}, "changed_layout"),
]


@pytest.mark.parametrize(("answer", "reason"), NO_ENTRIES, ids=[f"{n}" for n in range(len(NO_ENTRIES))])
def test_an_answer_about_something_else_is_no_entry(answer: Any, reason: str) -> None:
    with pytest.raises(NotAnEntry) as caught:
        parse(json.dumps(answer).encode())
    assert caught.value.reason == reason


def played(name: str) -> bytes:
    return (DEMO / "jikan" / f"{name}.json").read_bytes()


def test_people_counters_videos_and_an_episode_are_read() -> None:
    spike = parse_characters(played("bebop-characters"))[0]
    assert [actor.language for actor in spike.voice_actors] == ["ja", "en"]
    assert spike.voice_actors[0].names[0].text == "Kouichi Yamadera"
    assert parse_statistics(played("bebop-statistics"))["completed"] == 1_178_000
    assert parse_videos(played("videos"))[0].id == "democlip001"
    episode = parse_episode(played("bebop-episode-1"))
    assert (episode.number, episode.aired, episode.duration_seconds) == (1, "1998-10-24", 1440)


def test_the_recorded_whole_cast_is_read() -> None:
    site, file = recordings("jikan"), "full/anime-16498-characters.json"
    facts = {fact.field: fact.value for fact in site.expected if fact.file == file}
    cast = parse_characters(site.body(file))
    assert len(cast) == facts["raw.count"]
    roles = Counter(character.role for character in cast)
    assert roles == {role.upper(): count for role, count in facts["raw.roles"].items()}
    main = {int(character.ids["mal"]) for character in cast if character.role == "MAIN"}
    assert main == {row[0] for row in facts["raw.main"]}
    voices = [voice.language for character in cast for voice in character.voice_actors]
    assert len(voices) == facts["raw.voice_actors"]
    assert sorted(Counter(voices).values()) == sorted(facts["raw.languages"].values())
    assert None not in voices
    japanese = {
        int(c.ids["mal"]): [v.names[0].text for v in c.voice_actors if v.language == "ja"] for c in cast
    }
    for number, names in facts["raw.japanese_cast"]:
        assert japanese[number] == [" ".join(reversed(name.split(", "))) for name in names]


def test_a_value_that_no_table_knows_is_kept_and_reported() -> None:
    show = {"mal_id": 7, "url": f"{MAL}/anime/7", "title": "Harbor", "type": "HOLOGRAM"}
    record = parse(json.dumps({"data": show}).encode())
    assert record.type == "UNKNOWN"
    assert ("type", "HOLOGRAM") in {(note.field, note.raw) for note in record.unmapped}


def test_a_list_without_an_end_is_cut() -> None:
    names = [f"Name {number}" for number in range(100_000)]
    show = {"mal_id": 7, "url": "https://myanimelist.net/anime/7", "title": "X", "title_synonyms": names}
    assert len(parse(json.dumps({"data": show}).encode()).titles) <= 10_001


GLUED = {
    "numbers without their sign": '1: "Asagiri" by X (eps 1-5) 2: "Yoru" by Y (ep 6)',
    "a line of its own each": '1. "Asagiri" by X (eps 1-5)\n2. "Yoru" by Y (ep 6)',
    "nothing between": '#1: "Asagiri" by X (eps 1-5)#2: "Yoru" by Y (ep 6)',
    "a semicolon": '#01: "Asagiri" by X (eps 1-5); #02: "Yoru" by Y (ep 6)',
}


@pytest.mark.parametrize("how", GLUED)
def test_songs_that_are_glued_together_are_parted(how: str) -> None:
    songs = theme_songs({"openings": [GLUED[how]]})
    assert [(s.number, s.title, s.artist, s.episodes) for s in songs] == [
        (1, "Asagiri", "X", "1-5"),
        (2, "Yoru", "Y", "6"),
    ]


def test_a_word_for_none_is_no_song_and_a_number_in_a_title_no_other_one() -> None:
    assert theme_songs({"openings": ["None", "N/A", "-", "", "?", None], "endings": None}) == []
    titles = [
        '"99.9" by MOB CHOIR',
        '"Rock 1: "Live"" by X',
        '#1: "Don\'t say "lazy"" by HTT',
        '"24: "X" Y" by Z',
    ]
    found = [s.title for s in theme_songs({"openings": titles})]
    assert found == ["99.9", 'Rock 1: "Live"', 'Don\'t say "lazy"', '24: "X" Y']
