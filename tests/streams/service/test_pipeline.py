"""From a request on the stream to one enriched record, over a real server and the played sites."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.replies import add
from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.broker.scripts import Scripts
from tests.support.clock import noted_laps
from tests.support.flow import Flow, service

ALL = {"anidb", "anilist", "anime_planet", "animeschedule", "anisearch", "jikan", "kitsu"}


@pytest.fixture
async def flow(environment: dict[str, str], server: Server, redis: Redis, prefix: str) -> AsyncIterator[Flow]:
    async with service(environment, server.url):
        yield Flow(redis, prefix)


@pytest.mark.inner_loop
async def test_a_bare_title_becomes_one_record_of_all_seven_sites(flow: Flow) -> None:
    out = await flow.ask(title="Cowboy Bebop")
    record = out["data"]
    assert (out["status"], out["anime_id"], out["title"]) == ("complete", "mal:1", "Cowboy Bebop")
    assert set(record["completeness"]["answered"]) == ALL
    assert (
        record["ids"] | {"mal": "1", "anilist": "1", "kitsu": "1", "anidb": "23", "anisearch": "1572"}
        == record["ids"]
    )
    assert record["start_date"] == "1998-04-03"
    assert record["provenance"]["title"]["source"]


async def test_records_that_nobody_watches_are_merged_one_a_lap(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for priority in ("bulk", "interactive"):
        asked = noted_laps(monkeypatch)
        await flow.ask(title="K-On!", priority=priority, request_id=priority, refresh="true")
        watched = [of for name, of in asked if name == "prepare"]
        # before what is new is joined, and before it is merged with what is known
        assert watched == [priority == "interactive"] * 2


async def test_json_in_one_field_is_a_request_too(flow: Flow) -> None:
    out = await flow.ask(data=json.dumps({"title": "K-On!!", "request_id": "mine"}), request_id="mine")
    assert out["anime_id"] == "mal:7791"


async def test_a_title_of_two_works_is_answered_with_both_and_nothing_guessed(
    flow: Flow, world: World
) -> None:
    out = await flow.ask(title="Fruits Basket")
    assert out["status"] == "ambiguous"
    assert {one["ids"]["mal"] for one in out["data"]["candidates"]} >= {"120", "38680"}


async def test_a_year_decides_between_works_of_one_name(flow: Flow) -> None:
    out = await flow.ask(title="Fruits Basket", year="2019")
    assert (out["status"], out["anime_id"]) == ("complete", "mal:38680")


@pytest.mark.parametrize("word", ["tv", "TV", " Tv ", ""])
async def test_the_type_may_be_written_in_any_case(flow: Flow, word: str) -> None:
    assert (await flow.ask(title="K-On!", type=word))["anime_id"] == "mal:5680"


async def test_an_id_alone_is_enough(flow: Flow) -> None:
    out = await flow.ask(ids=json.dumps({"mal": "52991"}))
    assert out["title"] == "Sousou no Frieren"


async def test_a_title_that_nobody_knows_is_not_found(flow: Flow) -> None:
    assert (await flow.ask(title="Zzyzx Quuxbar"))["status"] == "not_found"


@pytest.mark.parametrize(
    "down",
    [
        ("anilist", "kitsu", "jikan"),
        ("anidb", "anisearch", "anime_planet"),
        ("jikan", "animeschedule", "anidb"),
    ],
)
async def test_any_three_sites_may_be_down(flow: Flow, world: World, down: tuple[str, ...]) -> None:
    for name in down:
        world.fault(name, "down")
    out = await flow.ask(title="Cowboy Bebop", year="1998")
    assert out["status"] == "partial", out["data"]
    assert out["data"]["completeness"]["missing"] == dict.fromkeys(down, "unreachable")


@pytest.mark.parametrize(
    "kind", ["hang", "garbage", "truncated", "error", "ban", "challenge", "forbidden", "rate_limited"]
)
async def test_a_site_in_trouble_is_named_with_its_reason(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, world: World, kind: Any
) -> None:
    world.fault("kitsu", kind, seconds=60)
    async with service(environment | {"REQUEST_DEADLINE_SECONDS": "3"}, server.url):
        out = await Flow(redis, prefix).ask(title="Cowboy Bebop", priority="interactive")
    assert out["status"] == "partial"
    assert list(out["data"]["completeness"]["missing"]) == ["kitsu"]
    assert out["data"]["sources"]["kitsu"]["reason"]


async def test_sources_that_are_not_wanted_are_not_asked(flow: Flow, world: World) -> None:
    out = await flow.ask(title="Cowboy Bebop", only="kitsu anilist")
    assert out["status"] == "complete"
    assert set(world.counts()) == {"kitsu", "anilist"}
    assert out["data"]["sources"]["anidb"]["outcome"] == "skipped"


async def test_a_source_without_its_credentials_says_what_to_set(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str
) -> None:
    del environment["ANIDB_CLIENT"]
    async with service(environment, server.url):
        out = await Flow(redis, prefix).ask(title="Cowboy Bebop")
    report = out["data"]["sources"]["anidb"]
    assert (report["outcome"], out["status"]) == ("not_configured", "complete")
    assert "ANIDB_CLIENT" in report["next_step"]


async def test_the_same_title_by_ten_at_once_asks_each_page_once(flow: Flow, world: World) -> None:
    for number in range(10):
        await flow.publish(title="Cowboy Bebop", request_id=f"r{number}")
    outs = await flow.outputs_of(10)
    assert sorted(one["request_id"] for one in outs) == sorted(f"r{n}" for n in range(10))
    asked = [
        (a.source, a.method, a.path, str(a.query), str(a.json)) for a in world.log if "robots" not in a.path
    ]
    assert len(asked) == len(set(asked))


async def test_the_same_request_id_is_answered_once(flow: Flow) -> None:
    await flow.publish(title="Shelter", request_id="once")
    await flow.outputs_of(1)
    await flow.publish(title="Shelter", request_id="once")
    await flow.ask(title="K-On!", request_id="other")
    assert [one["request_id"] for one in await flow.outputs()] == ["once", "other"]


BAD: dict[str, Mapping[Any, Any]] = {
    "an empty title": {"title": ""},
    "a title without end": {"title": "x" * 10_000},
    "broken JSON": {"data": "{broken"},
    "JSON that is no object": {"data": "[1, 2]"},
    "an unknown source": {"title": "One Piece", "only": "kitus"},
    "both only and skip": {"title": "One Piece", "only": "kitsu", "skip": "anidb"},
    "a year that is none": {"title": "One Piece", "year": "soon"},
    "a type that is none": {"title": "One Piece", "type": "book"},
    "ids that are no object": {"ids": "21"},
    "an id of an unknown site": {"ids": '{"myspace": "1"}'},
    "bytes that are not UTF-8": {b"title": b"\xff\xfe"},
    "nothing at all": {"hello": "world"},
    "half a character": {"data": '{"title": "\\ud800"}'},
    "half a character as id": {"data": '{"title": "", "request_id": "\\ud800"}'},
    "half a character beside a title": {"data": '{"title": "One Piece", "reply_to": "\\ud800"}'},
    "lists in lists": {"data": '{"title": "One Piece", "ids": ' + "[" * 900 + "]" * 900 + "}"},
    "tries without end": {"title": "", "attempt": "9" * 5000},
}


async def test_what_stands_beside_a_request_and_is_unknown_spoils_nothing(flow: Flow) -> None:
    for number, note in enumerate(['"\\ud800"', "[" * 900 + "]" * 900]):
        data = f'{{"title": "Cowboy Bebop", "request_id": "note-{number}", "note": {note}}}'
        await add(flow.redis, f"{flow.prefix}:requests", {"data": data})
    outputs = await flow.outputs_of(2)
    assert {one["status"] for one in outputs} == {"complete"}


async def test_bad_input_is_a_dead_letter_with_its_cause_and_stops_nobody(flow: Flow) -> None:
    for fields in BAD.values():
        await add(flow.redis, f"{flow.prefix}:requests", fields)
    good = await flow.ask(title="Cowboy Bebop")
    assert good["status"] == "complete"
    outs = await flow.outputs_of(len(BAD) + 1)
    assert sum(one["status"] == "failed" for one in outs) == len(BAD)
    dead = await flow.dead()
    assert len(dead) == len(BAD)
    assert all(
        letter["reason"] == "bad_request" and letter["message"] and letter["original"] for letter in dead
    )
    assert any("did you mean kitsu" in letter["next_step"] for letter in dead)


async def test_sixty_titles_at_once_end_in_one_output_each(flow: Flow) -> None:
    for number in range(60):
        await flow.publish(title=f"Loopback Show {number:06d}", request_id=str(number))
    outs = await flow.outputs_of(60, wait=120)
    assert sorted(int(one["request_id"]) for one in outs) == list(range(60))
    assert {one["status"] for one in outs} == {"complete"}
    assert len({one["anime_id"] for one in outs}) == 60
    await flow.quiet()


async def test_what_cannot_be_sent_is_its_own_trouble_and_not_that_of_what_travels_beside_it(
    redis: Redis, prefix: str
) -> None:
    scripts = Scripts(redis)
    replies: Any = await asyncio.gather(
        scripts.call("SET", prefix, "1"),
        scripts.call("SET", prefix, "\ud800"),
        scripts.call("GET", prefix),
        return_exceptions=True,
    )
    assert (replies[0], replies[2]) == (b"OK", b"1")
    assert isinstance(replies[1], UnicodeEncodeError)
