"""How MyAnimeList is asked, by the demo's replies and by servers that lie."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from cache.rules import Reply
from sources.base import Query
from sources.errors import Reason, SourceError
from sources.jikan import Jikan, parse
from sources.jikan.lists import parse_pictures
from sources.jikan.themes import theme_song, theme_songs
from sources.record import SourceRecord
from tests.support.source_bench import made_up, played

TITLES = {
    "cowboy bebop": ["1", "5"],
    "Cowbo Bebop": ["1", "5"],
    "カウボーイビバップ": ["1", "5"],
    "K-On!!": ["5680", "7791"],
    "keion": ["5680", "7791"],
    "One Peice": ["21"],
    "Frieren: Beyond Journey's End": ["52991"],
    "Fruits Basket": ["38680", "120"],
    "SPY×FAMILY": ["50265", "50602"],
    "Mo Dao Zu Shi": ["37208"],
    "Clockwork Harbor": ["990002"],
    "Loopback Show 000042": ["8000042"],
    "no such title": [],
}


@pytest.mark.parametrize("title", TITLES)
async def test_the_demo_finds_titles_as_the_site_would(title: str) -> None:
    async with played(Jikan) as (jikan, _):
        assert [candidate.id for candidate in await jikan.search(Query(title))] == TITLES[title]


async def test_an_entry_is_read_with_its_whole_tail() -> None:
    async with played(Jikan) as (jikan, world):
        record = await jikan.fetch("1")
        asked = [asked.path for asked in world.asked("jikan")]
    assert record.incomplete == {}
    assert record.ids == {"mal": "1", "anidb": "23"}
    assert (record.season, record.year, record.start_date) == ("SPRING", 1998, "1998-04-03")
    assert [relation.kind for relation in record.relations] == ["SIDE_STORY", "ADAPTATION"]
    assert record.theme_songs[0].artist == "The Seatbelts"
    assert record.characters[0].names[0].text == "Spike Spiegel"
    assert record.popularity["completed"] == 1_178_000
    assert len(record.episodes) == 3
    assert {trailer.id for trailer in record.trailers} == {"bebopdemo01", "democlip001"}
    assert len(record.images) == 2
    assert asked[0] == "/anime/1/full"
    assert len(asked) == 7


async def test_the_length_and_synopsis_of_episodes_are_read_only_when_asked_for() -> None:
    async with played(Jikan, EPISODE_DETAILS="1") as (jikan, _):
        record = await jikan.fetch("1")
    assert record.episodes[0].duration_seconds == 1440
    assert record.episodes[0].synopsis
    assert record.episodes[1].duration_seconds is None


async def test_a_partial_date_stays_partial_and_an_adult_title_is_marked() -> None:
    async with played(Jikan) as (jikan, _):
        harbor, velvet = await jikan.core("990002"), await jikan.core("990001")
    assert (harbor.start_date, harbor.season, harbor.status) == ("2027-04", "SPRING", "UPCOMING")
    assert (velvet.adult, velvet.content_rating) == (True, "RX")


async def test_a_chinese_original_is_not_called_japanese() -> None:
    async with played(Jikan) as (jikan, _):
        record = await jikan.core("37208")
    assert {title.language for title in record.titles if title.text == "魔道祖师"} == {"zh"}
    assert record.titles[0].language == "zh-Latn"
    assert record.characters == []


def test_songs_that_were_glued_together_are_parted_and_the_word_for_none_is_none() -> None:
    """After lines that clients reported of MyAnimeList's pages; the works are made up."""
    songs = theme_songs(
        {
            "openings": [
                '"Asa (朝)" by Rin (eps 1-5)#2:"Yoru" by Sora (CV: Mise) (ep 6)',
                '"We\'re #1 "Hit"" by <i>B</i>',
            ],
            "endings": [
                '2: "Yuki" by Shio (ep 2)#3 "Say "so long"" by Aki',
                "No ending themes have been added to this title. Help.",
            ],
        }
    )
    assert [(song.kind, song.number, song.title, song.artist, song.episodes) for song in songs] == [
        ("opening", None, "Asa", "Rin", "1-5"),
        ("opening", 2, "Yoru", "Sora (CV: Mise)", "6"),
        ("opening", None, 'We\'re #1 "Hit"', "B", None),
        ("ending", 2, "Yuki", "Shio", "2"),
        ("ending", 3, 'Say "so long"', "Aki", None),
    ]


async def test_an_id_that_is_no_number_is_not_even_asked_for() -> None:
    async with played(Jikan) as (jikan, world):
        with pytest.raises(SourceError) as caught:
            await jikan.core("../users/1")
        assert caught.value.reason is Reason.NOT_FOUND
        assert world.asked("jikan") == []


async def test_a_504_in_the_tail_leaves_the_entry_and_names_the_parts() -> None:
    async with played(Jikan) as (jikan, world):
        record = await jikan.core("1")
        world.fault("jikan", "error")
        await jikan.extend(record)
    assert record.title == "Cowboy Bebop"
    assert record.incomplete["episodes"] == "upstream_error"
    assert set(record.incomplete) == {
        "episodes",
        "characters",
        "staff",
        "statistics",
        "videos",
        "pictures",
    }


async def test_after_a_429_the_rest_of_the_tail_is_not_asked_for() -> None:
    async with played(Jikan) as (jikan, world):
        record = await jikan.core("1")
        world.fault("jikan", "rate_limited", seconds=9)
        before = len(world.asked("jikan"))
        await jikan.extend(record)
        assert len(world.asked("jikan")) - before <= 3
    assert set(record.incomplete.values()) == {"rate_limited"}


def page(numbers: range, last: int) -> web.Response:
    rows = [{"mal_id": number, "title": f"Chapter {number}"} for number in numbers]
    paging = {"last_visible_page": last, "has_next_page": True}
    return web.json_response({"pagination": paging, "data": rows})


async def episodes_of(pages: Any) -> tuple[SourceRecord, list[str]]:
    """The record after asking a server whose episodes are ``pages``; everything else it has not."""
    asked: list[str] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if request.path != "/anime/21/episodes":
            return web.json_response({"status": 404, "type": "HttpException"}, status=404)
        asked.append(request.query["page"])
        answer: web.Response = pages(int(request.query["page"]))
        return answer

    async with made_up(Jikan, handler) as jikan:
        record = SourceRecord(source="jikan", source_id="21", title="One Piece")
        await jikan.extend(record)
    return record, asked


async def test_a_show_of_1140_episodes_is_read_in_twelve_requests() -> None:
    record, asked = await episodes_of(lambda n: page(range(100 * n - 99, min(100 * n, 1140) + 1), 12))
    assert [episode.number for episode in record.episodes] == list(range(1, 1141))
    assert len(asked) == 12
    assert "episodes" not in record.incomplete


async def test_a_next_page_that_is_not_there_is_not_asked_for() -> None:
    record, asked = await episodes_of(lambda _: page(range(1, 27), 1))
    assert len(record.episodes) == 26
    assert asked == ["1"]


async def test_a_server_that_repeats_its_page_is_left_after_the_second() -> None:
    record, asked = await episodes_of(lambda _: page(range(1, 101), 99))
    assert len(record.episodes) == 100
    assert asked == ["1", "2"]


async def test_a_server_without_an_end_is_left_at_the_cap_and_the_cut_is_named() -> None:
    record, asked = await episodes_of(lambda n: page(range(100 * n, 100 * n + 100), n + 1))
    assert len(asked) == 20
    assert record.incomplete["episodes"] == "skipped"


async def test_another_entry_than_the_asked_one_is_a_mismatch() -> None:
    async def handler(_: web.BaseRequest) -> web.StreamResponse:
        url = "https://myanimelist.net/anime/22/Other"
        return web.json_response({"data": {"mal_id": 22, "url": url, "title": "Other", "type": "TV"}})

    async with made_up(Jikan, handler) as jikan:
        with pytest.raises(SourceError) as caught:
            await jikan.core("21")
    assert caught.value.reason is Reason.MISMATCH


@pytest.mark.parametrize(
    ("line", "number", "title", "native", "artist", "episodes"),
    [
        (
            '1: "We Are! (ウィーアー!)" by Hiroshi Kitadani (eps 1-47)',
            1,
            "We Are!",
            "ウィーアー!",
            "Hiroshi Kitadani",
            "1-47",
        ),
        ('"Tank!" by The Seatbelts (eps 1-25)', None, "Tank!", None, "The Seatbelts", "1-25"),
        ('#2: "Blue" by Mai Yamane (ep 26)', 2, "Blue", None, "Mai Yamane", "26"),
        ("Silence", None, "Silence", None, None, None),
        ("3: Silence (eps 4)", 3, "Silence", None, None, "4"),
        ('"Don\'t say "lazy"" by Youko Hikasa', None, 'Don\'t say "lazy"', None, "Youko Hikasa", None),
        ('2: ""Lazy" (怠け)" (ep 2)', 2, '"Lazy"', "怠け", None, "2"),
        ('"Stand by Me"by A & B feat. C (episodes 1-3)', None, "Stand by Me", None, "A & B feat. C", "1-3"),
        (
            '"Yoake (夜明け)" by EGOIST (エゴイスト) (eps 1)',
            None,
            "Yoake",
            "夜明け",
            "EGOIST (エゴイスト)",
            "1",
        ),
        ('"Song (노래)" by "The Band", Somebody', None, "Song", "노래", '"The Band", Somebody', None),
    ],
)
def test_a_line_about_a_song_is_taken_apart(
    line: str, number: int | None, title: str, native: str | None, artist: str | None, episodes: str | None
) -> None:
    song = theme_song("opening", line)
    assert (song.number, song.title, song.title_native) == (number, title, native)
    assert (song.artist, song.episodes) == (artist, episodes)


def test_the_site_s_own_words_for_nothing_are_nothing() -> None:
    data = {
        "mal_id": 7,
        "url": "https://myanimelist.net/anime/7/X",
        "title": "X",
        "score": 0,
        "episodes": 0,
        "duration": "Unknown",
        "rating": "None",
        "broadcast": {"string": "Unknown"},
        "synopsis": "No synopsis information has been added to this title.",
        "images": {"jpg": {"large_image_url": "https://cdn.myanimelist.net/images/qm_50.gif"}},
    }
    record = parse(json.dumps({"data": data}).encode())
    facts = record.model_dump(exclude_defaults=True)
    assert set(facts) == {"source", "source_id", "ids", "url", "title", "titles", "raw"}
    assert record.unmapped == []


def test_an_error_is_never_kept_as_data_whatever_its_status() -> None:
    body = b'{"status": 504, "type": "BadResponseException", "message": "no", "error": null}'
    refusal = Jikan.refuse(Reply("GET", "http://x", 200, {}, body))
    assert refusal is not None
    assert refusal.reason == "upstream_error"
    assert Jikan.refuse(Reply("GET", "http://x", 200, {}, b'{"data": {"type": "NoException"}}')) is None


async def test_a_closed_server_is_answered_with_the_way_to_another() -> None:
    async with played(Jikan) as (jikan, world):
        world.fault("jikan", "forbidden")
        with pytest.raises(SourceError) as caught:
            await jikan.core("1")
    assert "JIKAN_BASE_URL" in caught.value.next_step


def test_pictures_are_read_as_clients_have_them_and_as_the_document_has_them() -> None:
    sizes = {"jpg": {"large_image_url": "https://cdn.myanimelist.net/images/anime/1/2l.jpg"}}
    for row in (sizes, {"images": sizes}):
        (picture,) = parse_pictures(json.dumps({"data": [row]}).encode())
        assert picture.url.endswith("/2l.jpg")


@pytest.mark.parametrize(
    ("line", "songs"),
    [
        ('1: "A" by X (eps 1-5)2: "B" by Y (ep 6)', [("A", "X", "1-5"), ("B", "Y", "6")]),
        ('"A" by X; "B" by Y', [("A", "X", None), ("B", "Y", None)]),
        ('1 - "A" by X', [("A", "X", None)]),
        ('R1: "A" by X (eps 1)', [("A", "X", "1")]),
        ('"A" by Hiro "TOMMY" Tomi, "Q"', [("A", 'Hiro "TOMMY" Tomi, "Q"', None)]),
        ('"86 - Eighty" by X', [("86 - Eighty", "X", None)]),
    ],
)
def test_songs_glued_in_other_ways_are_parted(line: str, songs: list[tuple[str, str, str | None]]) -> None:
    found = theme_songs({"openings": [line]})
    assert [(song.title, song.artist, song.episodes) for song in found] == songs


def test_a_related_work_outside_a_list_is_read_and_a_group_of_another_shape_is_named() -> None:
    def said(entry: Any) -> SourceRecord:
        show = {"mal_id": 7, "url": "https://myanimelist.net/anime/7/A", "title": "A"}
        group = {"relation": "Sequel", "entry": entry}
        return parse(json.dumps({"data": {**show, "relations": [group]}}).encode())

    work = {"mal_id": 8, "type": "anime", "name": "B"}
    assert (
        [one.ids for one in said(work).relations]
        == [one.ids for one in said([work]).relations]
        == [{"mal": "8"}]
    )
    assert said({"works": [work]}).incomplete == {"relations": "changed_layout"}
    assert said([]).incomplete == said([work]).incomplete == {}


def test_explicit_genres_alone_that_are_moved_or_of_another_shape_are_named() -> None:
    def said(**lists: Any) -> dict[str, str]:
        show = {"mal_id": 7, "url": "https://myanimelist.net/anime/7/A", "title": "A"}
        return parse(json.dumps({"data": {**show, **lists}}).encode()).incomplete

    named, changed = [{"name": "Hentai"}], {"genres": "changed_layout"}
    assert said(genres=[], explicit_genres=named[0]) == changed
    assert said(genres=[], explicit_genres_v2=named, **EMPTY) == changed
    assert said(genres=[], explicit_genres=named) == said(genres=named, awards=named, **EMPTY) == {}


EMPTY: dict[str, Any] = {
    name: []
    for name in ("demographics", "studios", "producers", "licensors", "themes", "titles", "relations")
}
EMPTY |= {"external": [], "streaming": [], "images": {}, "theme": {}}
