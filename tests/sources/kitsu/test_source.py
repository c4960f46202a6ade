"""How Kitsu is asked, by the demo's replies and by servers that lie."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from sources.base import Query
from sources.errors import NotAnEntry, Reason, SourceError
from sources.kitsu import Kitsu, parse, parse_episodes
from sources.record import SourceRecord
from tests.support.source_bench import made_up, played

TITLES = {
    "cowboy bebop": ["1", "2"],
    "けいおん!": ["4240", "5103"],
    "One Peice": ["12"],
    "Fruits Basket": ["41995", "99"],
    "spy family": ["45398", "45613"],
    "Velvet Hour": [],
    "ループバック 000042": ["6000042"],
    "no such title": [],
}

IDS = [
    ({"kitsu": "46474", "mal": "1"}, "46474"),
    ({"mal": "5680"}, "4240"),
    ({"anidb": "17617"}, "46474"),
    ({"anilist": "5680"}, "4240"),
    ({"anilist": "154587"}, "46474"),
    ({"kitsu_slug": "one-piece"}, "12"),
    ({"mal": "8000042"}, "6000042"),
    ({"mal": "123456"}, None),
    ({"mal": "123456", "anidb": "69"}, "12"),
    ({"mal": "21; drop"}, None),
    ({}, None),
]


@pytest.mark.parametrize("title", TITLES)
async def test_the_demo_finds_titles_as_the_site_would(title: str) -> None:
    async with played(Kitsu) as (kitsu, _):
        assert [candidate.id for candidate in await kitsu.search(Query(title))] == TITLES[title]


async def test_a_search_result_names_the_ids_of_other_sites() -> None:
    async with played(Kitsu) as (kitsu, world):
        found = await kitsu.search(Query("Sousou no Frieren"))
        assert world.asked("kitsu")[0].headers["Accept"] == "application/vnd.api+json"
    ids = {"kitsu": "46474", "mal": "52991", "anidb": "17617", "anilist": "154587"}
    assert dict(found[0].ids) == ids


@pytest.mark.parametrize(("ids", "number"), IDS)
async def test_a_foreign_id_leads_to_the_entry_in_either_form(
    ids: dict[str, str], number: str | None
) -> None:
    async with played(Kitsu) as (kitsu, _):
        assert await kitsu.lookup(ids) == number


async def test_an_entry_is_read_with_its_whole_tail() -> None:
    async with played(Kitsu) as (kitsu, world):
        record = await kitsu.fetch("1")
        assert len(world.asked("kitsu")) == 4
    assert record.incomplete == {}
    assert record.ids["anilist"] == record.ids["mal"] == "1"
    assert record.ids["thetvdb"] == "76885"
    assert record.streaming[0].site == "Crunchyroll"
    assert record.studios == ["Sunrise"]
    assert [relation.ids for relation in record.relations if relation.media == "anime"] == [{"kitsu": "2"}]
    spike = record.characters[0]
    assert spike.ids["mal"] == "1"
    assert {actor.language for actor in spike.voice_actors} == {"ja", "en"}
    assert record.staff[0].roles == ["Director", "Storyboard"]
    assert record.episodes[0].duration_seconds == 1440
    assert record.episodes[0].thumbnail


async def test_a_title_that_is_hidden_from_visitors_is_not_found() -> None:
    async with played(Kitsu) as (kitsu, _):
        with pytest.raises(SourceError) as caught:
            await kitsu.core("990001")
    assert caught.value.reason is Reason.NOT_FOUND


def row(kind: str, number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "type": kind,
        "attributes": {"number": number, "canonicalTitle": f"No. {number}"},
    }


async def read(total: int, said: int | None, name: str = "episodes") -> tuple[SourceRecord, list[int]]:
    """The record after asking a server that has ``total`` episodes, says ``said``, and links to another host."""
    offsets: list[int] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if not request.path.endswith(name):
            return web.json_response({"data": [], "meta": {"count": 0}})
        first, size = int(request.query["page[offset]"]), int(request.query["page[limit]"])
        offsets.append(first)
        data = [row(name, number) for number in range(first + 1, min(first + size, total) + 1)]
        links = {"next": "http://192.0.2.1/api/edge/anime/12/episodes?page[offset]=20"}
        return web.json_response({"data": data, "meta": {"count": said}, "links": links})

    async with made_up(Kitsu, handler) as kitsu:
        record = SourceRecord(source="kitsu", source_id="12", title="One Piece")
        await kitsu.extend(record)
    return record, offsets


async def test_a_show_of_1140_episodes_is_read_in_57_requests_to_the_same_host() -> None:
    record, offsets = await read(1140, 1140)
    assert [episode.number for episode in record.episodes] == list(range(1, 1141))
    assert sorted(offsets) == list(range(0, 1140, 20))
    assert record.incomplete == {}


async def test_a_list_that_ends_before_its_count_is_left_there() -> None:
    record, offsets = await read(30, 100_000)
    assert len(record.episodes) == 30
    assert len(offsets) <= 4


async def test_a_list_without_a_count_ends_with_its_first_empty_page() -> None:
    record, offsets = await read(50, None)
    assert len(record.episodes) == 50
    assert len(offsets) <= 7
    assert record.incomplete == {}


async def test_a_list_without_an_end_is_left_at_the_cap_and_the_cut_is_named() -> None:
    record, offsets = await read(10**6, 10**6)
    assert len(offsets) == 75
    assert record.incomplete == {"episodes": "skipped"}


async def test_what_came_before_a_failing_page_is_kept() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        first = int(request.query["page[offset]"])
        if "episodes" not in request.path or first >= 40:
            return web.json_response({"errors": [{"status": "500"}]}, status=500)
        data = [row("episodes", number) for number in range(first + 1, first + 21)]
        return web.json_response({"data": data, "meta": {"count": 200}})

    async with made_up(Kitsu, handler) as kitsu:
        record = SourceRecord(source="kitsu", source_id="12", title="One Piece")
        await kitsu.extend(record)
    assert len(record.episodes) == 40
    assert record.incomplete == dict.fromkeys(("episodes", "characters", "staff"), "upstream_error")


def document(**attributes: Any) -> bytes:
    titles = {"en": None, "en_jp": "Tokei", "ja_jp": "時計"}
    resource = {
        "id": "7",
        "type": "anime",
        "attributes": {"titles": titles, "canonicalTitle": "Tokei", **attributes},
    }
    return json.dumps({"data": resource}).encode()


def test_the_last_of_december_stands_for_a_year_when_the_site_says_only_the_year() -> None:
    planned = parse(document(startDate="2028-12-31", tba="2028"))
    assert (planned.start_date, planned.season, planned.year) == ("2028", None, 2028)
    month = parse(document(startDate="2028-04-01", tba="April 2028"))
    assert (month.start_date, month.season) == ("2028-04", "SPRING")
    assert parse(document(startDate=None, tba="Oct 2028")).start_date == "2028-10"
    assert parse(document(startDate="2028-04-17", tba="April 2028")).start_date == "2028-04-17"
    assert parse(document(startDate=None, tba="after the festival 2028")).start_date is None
    exact = parse(document(startDate="2028-12-31", tba=None))
    assert (exact.start_date, exact.season) == ("2028-12-31", None)  # a day, or a year filled up


def test_the_edge_of_a_year_is_believed_only_of_what_has_begun() -> None:
    planned = parse(document(startDate="2028-12-31", endDate="2028-12-31", status="unreleased"))
    assert (planned.start_date, planned.end_date, planned.season, planned.year) == (
        "2028",
        "2028",
        None,
        2028,
    )
    assert parse(document(startDate="2028-01-02", status="upcoming")).start_date == "2028-01-02"
    begun = parse(document(startDate="2020-01-01", endDate="2020-01-01", status="finished"))
    assert (begun.start_date, begun.end_date) == ("2020-01-01", "2020-01-01")


def test_an_odd_number_of_an_episode_is_kept_and_marks_a_special() -> None:
    rows = [(0, 1), (13.5, 1), ("13", 1), (1, 0), (None, 1), (True, 1), (-1, 1)]
    data = [
        {
            "id": str(n),
            "type": "episodes",
            "attributes": {"number": number, "seasonNumber": season, "canonicalTitle": "T"},
        }
        for n, (number, season) in enumerate(rows, 1)
    ]
    found = parse_episodes(json.dumps({"data": data}).encode()).items
    assert [(e.number, e.kind) for e in found] == [
        *((0, "special"), (13.5, "special"), (13, "regular"), (1, "special")),
        *((None, "other"),) * 3,
    ]


GUIDES = {
    ("PG", "Teens 13 or older"): "PG13",
    ("PG", "13 teens or older"): "PG13",
    ("PG", "teens or older"): "PG13",
    ("PG", "13 and older"): "PG13",
    ("PG", "Children"): "PG",
    ("PG", ""): "PG",
    ("PG", None): "PG",
    ("R", "17+ (violence & profanity)"): "R17",
    ("R", "17+ violence"): "R17",
    ("R", "Violence, Profanity"): "R17",
    ("R", "Horror"): "R17",
    ("R", "Ecchi"): "R17",
    ("R", "Mild Nudity"): "R_PLUS",
    ("R", "violence, mild nudity"): "R_PLUS",
    ("R", "full nudity, partial nudity"): "R_PLUS",
    ("R", None): "R17",
    ("G", "All Ages"): "G",
    ("G", "Kids"): "G",
    ("R18", "Teens 13 or older"): "RX",
    (None, ""): None,
    (None, "Teens 13 or older"): "PG13",
}
"""Every pair of the recordings (kitsu/anime, kitsu/list, kitsu/search_sets), and three guesses at the end."""


@pytest.mark.parametrize(("rating", "guide"), GUIDES)
def test_the_guide_makes_a_rating_finer(rating: str | None, guide: str | None) -> None:
    record = parse(document(ageRating=rating, ageRatingGuide=guide))
    assert record.content_rating == GUIDES[rating, guide]
    assert record.unmapped == []


@pytest.mark.parametrize(
    ("site", "value", "ids"),
    [
        ("anidb", "a14237", {"anidb": "14237"}),
        ("anidb", "14237", {"anidb": "14237"}),
        ("anidb", "https://anidb.net/anime/14237", {"anidb": "14237"}),
        ("anilist", "anime/20853", {"anilist": "20853"}),
        ("myanimelist/anime", "a14237", {}),
        ("thetvdb", "279827/1", {"thetvdb": "279827"}),
    ],
)
def test_an_id_is_read_in_every_form_that_the_mappings_have(
    site: str, value: str, ids: dict[str, str]
) -> None:
    reference = {"type": "mappings", "id": "1"}
    mapping = {**reference, "attributes": {"externalSite": site, "externalId": value}}
    anime = json.loads(document())["data"] | {"relationships": {"mappings": {"data": [reference]}}}
    record = parse(json.dumps({"data": anime, "included": [mapping]}).encode())
    assert record.ids == {**ids, "kitsu": "7"}


def test_a_null_title_is_no_title_and_the_canonical_one_is_the_main_one() -> None:
    record = parse(document())
    assert [(title.text, title.language, title.kind) for title in record.titles] == [
        ("Tokei", "ja-Latn", "main"),
        ("時計", "ja", "official"),
    ]
    assert (record.title_english, record.title_native) == (None, "時計")


def test_an_entry_for_adults_is_marked() -> None:
    assert parse(document(ageRating="R18")).adult is True
    assert parse(document(nsfw=True)).adult is True
    assert parse(document(nsfw=False)).adult is False
    assert parse(document()).adult is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"errors": [{"title": "Record not found", "status": "404", "code": "404"}]}, "not_found"),
        ({"errors": [{"title": "Internal Server Error", "status": "500"}]}, "error"),
        ({"data": [], "meta": {"count": 0}}, "not_found"),
        ({"data": {"id": "7", "type": "manga", "attributes": {"canonicalTitle": "X"}}}, "changed_layout"),
        ({"data": {"id": "7", "type": "anime"}}, "changed_layout"),
    ],
)
def test_a_document_about_no_anime_is_no_entry(answer: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotAnEntry) as caught:
        parse(json.dumps(answer).encode())
    assert caught.value.reason == reason
