"""The reconciliation service: its documents by the official schemas, and a match for what the pipeline accepts alone."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from jsonschema import Draft7Validator
from redis.asyncio import Redis
from referencing import Registry, Resource

from benchmarks.support.servers import Server
from benchmarks.support.stored import store
from streams.bridges.reconciliation import SIDE_BY_SIDE, BadQuery, Reconciler, read_batch, wanted
from streams.bridges.reconciliation_server import ReconciliationApp, ReconciliationServer, preview
from streams.bridges.resolving import Resolved, Resolver, Work, resolver
from streams.broker.keys import Topology
from streams.config.settings import Settings
from tests.streams.merging.golden_world import golden
from tests.support.command_line import Program
from tests.support.page import HOSTILE, hostile_record

pytest_plugins = ["tests.support.serving"]

SPEC = Path(__file__).parents[4] / "shared" / "upstream" / "specs" / "reconciliation-0.2"
needs_spec = pytest.mark.skipif(not SPEC.exists(), reason="needs the shared schemas")
TITLES = [
    *("カウボーイビバップ", "K-On!!", "Fruits Basket", "Zzyzx Quuxbar", "Sousou no Frieren", "Velvet Hour"),
    *("Cowboy", "cowboi bepop", "Fruits Basket 2019", "K-On Season 9"),
]


def valid(name: str, document: Any) -> None:
    """Hold a document to an official schema; the definition that lies on another site is left open."""
    schemas = {file.name: json.loads(file.read_text("utf-8")) for file in (SPEC / "schemas").glob("*.json")}
    text = json.dumps(schemas[name]).replace(
        '{"$ref": "http://swagger.io/v2/schema.json#/definitions/securityDefinitions/additionalProperties"}',
        "{}",
    )
    resources = [
        (file, Resource.from_contents(one, default_specification=_draft())) for file, one in schemas.items()
    ]
    registry: Any = Registry().with_resources(resources)
    schema = json.loads(text)
    schema.pop("$id", None)
    Draft7Validator(schema, registry=registry).validate(document)


def _draft() -> Any:
    from referencing.jsonschema import DRAFT7

    return DRAFT7


class Slow:
    """Never comes to an answer."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def resolve(self, _: Any) -> Resolved:
        self.asked.set()
        await asyncio.Event().wait()
        return Resolved("none")


class Knowing:
    """Resolves what it was told."""

    def __init__(self, **known: Resolved) -> None:
        self.known = known
        self.asked: list[Any] = []

    async def resolve(self, request: Any) -> Resolved:
        self.asked.append(request)
        return self.known.get(request.title or "", Resolved("none"))


BEBOP = Work("mal:1", "Cowboy Bebop", {"mal": "1"}, "TV", 1998, 0.99)


class Browser:
    """Somebody who asks the service over HTTP."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base, self.session = base, session

    async def get(self, path: str, status: int = 200, headers: Any = None, **params: str) -> Any:
        async with self.session.get(self.base + path, params=params, headers=headers) as reply:
            assert reply.status == status, await reply.text()
            self.headers = reply.headers
            return await reply.json() if "json" in reply.content_type else await reply.text()

    async def post(self, queries: Any, status: int = 200, **headers: str) -> Any:
        form = {"queries": json.dumps(queries)}
        async with self.session.post(self.base + "/", data=form, headers=headers) as reply:
            assert reply.status == status, await reply.text()
            return await reply.json()


def a_port() -> Any:
    import socket  # here: who has it among its names counts as slow

    return socket.create_server(("127.0.0.1", 0))


@pytest.fixture
async def browser(redis: Redis, prefix: str) -> AsyncIterator[Browser]:
    for record in (golden("bebop"), golden("shelter")):
        await store(redis, Topology(prefix), record)
    known = Knowing(Bebop=Resolved("accept", [BEBOP]), Cowboy=Resolved("ambiguous", [BEBOP]))
    with a_port() as listening:
        app = ReconciliationApp(Reconciler(known), redis, Topology(prefix))
        serving = asyncio.create_task(ReconciliationServer(app, listening, {"127.0.0.1"}).run())
        async with aiohttp.ClientSession() as session:
            yield Browser(f"http://127.0.0.1:{listening.getsockname()[1]}", session)
        serving.cancel()
        await asyncio.wait([serving])


async def test_who_waits_for_an_answer_when_the_service_ends_is_told_and_nothing_is_logged(
    redis: Redis, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    resolver = Slow()
    app = ReconciliationApp(Reconciler(resolver), redis, Topology(prefix))
    with a_port() as listening:
        serving = asyncio.create_task(ReconciliationServer(app, listening, {"127.0.0.1"}).run())
        async with aiohttp.ClientSession() as session:
            form = {"queries": json.dumps({"a": {"query": "Bebop"}})}
            asking = session.post(f"http://127.0.0.1:{listening.getsockname()[1]}/", data=form)
            waiting = asyncio.create_task(asking.__aenter__())
            await asyncio.wait_for(resolver.asked.wait(), 10)
            serving.cancel()
            assert (await asyncio.wait_for(waiting, 5)).status == 503
        await asyncio.wait([serving])
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []


@needs_spec
async def test_the_documents_are_those_of_the_schemas(browser: Browser) -> None:
    valid("manifest.json", await browser.get("/"))
    valid("suggest-entities-response.json", await browser.get("/suggest/entity", prefix="bebop"))
    valid("suggest-types-response.json", await browser.get("/suggest/type", prefix="t"))
    valid("suggest-properties-response.json", await browser.get("/suggest/property", prefix="a"))
    queries = {"q0": {"query": "Bebop"}, "q1": {"query": "Cowboy"}, "q2": {"query": "nobody"}}
    valid("reconciliation-query-batch.json", queries)
    valid("reconciliation-result-batch.json", await browser.post(queries))


@needs_spec
@pytest.mark.parametrize("name", ["example-full", "example-min", "multi-values", "no-query-string"])
async def test_the_examples_of_the_standard_are_understood(browser: Browser, name: str) -> None:
    file = SPEC / "examples" / "reconciliation-query-batch" / "valid" / f"{name}.json"
    queries = json.loads(file.read_text("utf-8"))
    assert set(await browser.post(queries)) == set(queries)


async def test_a_match_is_what_is_accepted_and_nothing_else(browser: Browser) -> None:
    queries = {"a": {"query": "Bebop"}, "b": {"query": "Cowboy"}, "c": {"query": "nobody"}}
    found = await browser.post(queries)
    assert [(one["id"], one["match"], one["score"]) for one in found["a"]["result"]] == [
        ("mal:1", True, 99.0)
    ]
    assert [(one["id"], one["match"]) for one in found["b"]["result"]] == [("mal:1", False)]
    assert found["c"]["result"] == []
    assert await browser.get("/", queries=json.dumps(queries)) == found


async def test_known_works_are_suggested_and_shown(browser: Browser) -> None:
    (found,) = (await browser.get("/suggest/entity", prefix="bebop"))["result"]
    assert (found["id"], found["description"]) == ("mal:1", "TV, 1998")
    assert "<h1>" in await browser.get("/preview", id="mal:1")
    await browser.get("/preview", 404, id="mal:999999")
    await browser.get(
        "/view", 404, id="Cowboy Bebop"
    )  # by its id alone: a title would be looked for in every record
    assert {one["id"] for one in (await browser.get("/suggest/type", prefix="tv"))["result"]} == {
        *("TV", "TV_SHORT", "TV_SPECIAL"),
    }


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_page_of_another_site_makes_nobody_ask(browser: Browser, headers: dict[str, str]) -> None:
    await browser.post({"a": {"query": "Bebop"}}, 403, **headers)
    await browser.get("/", 403, headers, queries="{}")
    await browser.get("/", 200, headers)
    assert browser.headers["Access-Control-Allow-Origin"] == "*"


async def test_hostile_questions_get_an_answer_and_nothing_else(browser: Browser) -> None:
    for queries in ("nonsense", "[]", '{"a": 1}', json.dumps({str(n): {} for n in range(51)})):
        await browser.get("/", 400, queries=queries)
    await browser.get("/../etc/passwd", 404)
    await browser.get("/", 421, {"Host": "evil.example"})
    async with browser.session.post(browser.base, data={"queries": "x" * 100_000}) as reply:
        assert reply.status == 400
    async with browser.session.put(browser.base) as reply:
        assert reply.status == 405


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', "[" * 100_000, '{"a": ' * 100_000])
def test_what_is_no_batch_is_a_bad_query(text: str) -> None:
    with pytest.raises(BadQuery):
        read_batch(text)


def test_a_query_asks_with_what_it_knows() -> None:
    query = {
        "query": "Bebop",
        "type": "TV",
        "properties": [
            {"pid": "year", "v": "1998-04-03"},
            {"pid": "mal", "v": {"id": "1"}},
            {"pid": "kitsu", "v": ["1", "2"]},
            {"pid": "studio", "v": "Sunrise"},
        ],
    }
    asked = wanted(query)
    assert (asked["title"], asked["type"], asked["year"]) == ("Bebop", "TV", 1998)
    assert asked["ids"] == {"mal": "1", "kitsu": "1"}
    assert wanted({"query": "x", "type": ["TV", "MOVIE"]})["type"] is None
    assert wanted({"query": "x", "type": "anime"})["type"] is None


async def test_no_more_candidates_than_are_asked_for() -> None:
    works = [Work("", "of no site that can name it"), *(Work(f"mal:{number}", "x") for number in range(30))]
    answers = Reconciler(Knowing(x=Resolved("ambiguous", works)))
    found = await answers.answer(read_batch('{"a": {"query": "x", "limit": 3}, "b": {"query": "x"}}'))
    assert [len(found[key]["result"]) for key in "ab"] == [3, 10]
    assert all(one["id"] for one in found["b"]["result"])


async def test_a_large_batch_asks_for_a_few_titles_at_once() -> None:
    now, most = 0, 0

    class Counting(Knowing):
        async def resolve(self, request: Any) -> Resolved:
            nonlocal now, most
            now, most = now + 1, max(most, now + 1)
            await asyncio.sleep(0.001)
            now -= 1
            return Resolved("none")

    await Reconciler(Counting()).answer({str(number): {"query": "x"} for number in range(50)})
    assert most == SIDE_BY_SIDE


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_foreign_words_stay_words_in_a_preview(words: str) -> None:
    page = preview(hostile_record(words)).decode("utf-8", "replace")
    assert "<script" not in page
    assert "javascript:" not in page


@pytest.fixture
async def resolving(serving: Program, server: Server, redis: Redis) -> AsyncIterator[Resolver]:
    settings = Settings.load(serving.environment, env_file=None)
    async with resolver(settings, server.url, redis) as found:
        yield found


async def test_the_verdict_is_the_one_of_the_pipeline_and_leaves_nothing_behind(
    serving: Program, resolving: Resolver, redis: Redis
) -> None:
    queries = {title: {"query": title} for title in TITLES}
    found = await Reconciler(resolving).answer(queries)
    assert await redis.keys(f"{serving.prefix}:state:*") == []
    assert await redis.zcard(f"{serving.prefix}:records") == 0
    outputs = await asyncio.gather(*(serving.ask(title=title) for title in TITLES))
    accepted = {
        title: output["anime_id"]
        for title, output in zip(TITLES, outputs, strict=True)
        if output["status"] in {"complete", "partial"}
    }
    matched = {title: one["id"] for title in TITLES for one in found[title]["result"] if one["match"]}
    assert matched == accepted
    assert 3 < len(accepted) < len(TITLES)
