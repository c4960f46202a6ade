"""Work that is remembered: each thing that goes into it is changed in turn, and exactly what depends on it is done again.

After each change the record is the one that a worker without any memory makes.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from cache.results.source_version import files_version
from cache.store.codec import seal, unseal
from sources import Source, discover
from sources.demo.replies import Answer
from sources.demo.world import World
from streams.broker.reliability import Reliability
from streams.broker.scripts import Scripts
from streams.client.client import Client, Step, read_steps
from streams.contract.events import IdentifiedTitle, PartialResult
from streams.records import emission, output
from streams.records.again import unchanged
from streams.records.unknown_works import UnknownWorks
from streams.stages import collect, fetch, findings
from streams.stages.search import Identifier
from tests.support.flow import Flow, service

BEBOP = {"title": "Cowboy Bebop", "year": "1998"}
ALL = set(discover())
EVERYTHING = {*ALL, "identify", "merge"}


@dataclass
class Stand:
    """One pipeline whose titles are known and remembered, and what may be changed about it."""

    flow: Flow
    world: World
    environment: dict[str, str]
    url: str
    folder: Path
    patch: pytest.MonkeyPatch
    done: Counter[str] = field(default_factory=Counter)

    async def ask(self, **more: str) -> dict[str, Any]:
        async with service({**self.environment, **more}, self.url):
            self.done.clear()
            found = await self.flow.ask(**BEBOP, request_id=f"r{len(await self.flow.outputs())}")
            await self.flow.quiet()
            return found

    async def settle(self) -> dict[str, Any]:
        """Fetched; read again and remembered; told again."""
        async with service(self.environment, self.url):
            for number in range(3):
                found = await self.flow.ask(**BEBOP, request_id=f"s{number}")
                await self.flow.quiet()
        return found

    async def keys(self, pattern: str) -> list[bytes]:
        return [key async for key in self.flow.redis.scan_iter(pattern, count=1000)]

    async def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


def lasting(output: dict[str, Any]) -> dict[str, Any]:
    """What two outputs with the same answers have in common."""
    data = {name: value for name, value in output["data"].items() if name != "generated_at"}
    passing = ("duration_ms", "from_cache", "attempts")
    reports = data["sources"].items()
    data["sources"] = {s: {k: v for k, v in one.items() if k not in passing} for s, one in reports}
    told = ("anime_id", "title", "revision", "status", "final", "why", "schema_version")
    return {**{name: output[name] for name in told}, "data": data}


@pytest.fixture
async def stand(
    redis: Redis,
    prefix: str,
    world: World,
    environment: dict[str, str],
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Stand:
    made = Stand(Flow(redis, prefix), world, environment, server.url, tmp_path, monkeypatch)
    asked, identified, merged = fetch.collect, Identifier._identify, output.merged

    async def counted(source: Source, *given: Any, **more: Any) -> PartialResult:
        made.done[source.name] += 1
        return await asked(source, *given, **more)

    async def identifying(*given: Any) -> Any:
        made.done["identify"] += 1
        return await identified(*given)

    def merging(*given: Any) -> Any:
        made.done["merge"] += 1
        return merged(*given)

    findings.code_of.cache_clear()
    monkeypatch.setattr(collect, "collect", counted)
    monkeypatch.setattr(Identifier, "_identify", identifying)
    monkeypatch.setattr(emission, "merged", merging)
    return made


Change = Callable[[Stand], Awaitable[dict[str, str] | None]]


async def nothing(_: Stand) -> None:
    """Nothing."""


async def policy(stand: Stand) -> dict[str, str]:
    text = '[fields]\ntype = { rule = "first", order = ["kitsu"] }\n'
    return {"POLICY_FILE": await stand.write("policy.toml", text)}


async def languages(stand: Stand) -> dict[str, str]:
    return {"POLICY_FILE": await stand.write("policy.toml", 'languages = ["ja", "en"]\n')}


async def pinned_value(stand: Stand) -> dict[str, str]:
    text = '[[value]]\nids = { mal = "1" }\nset = { season = "FALL" }\n'
    return {"OVERRIDES_FILE": await stand.write("overrides.toml", text)}


async def pinned_title(stand: Stand) -> dict[str, str]:
    text = '[[pin]]\ntitle = "Another Title"\nids = { mal = "2" }\n'
    return {"OVERRIDES_FILE": await stand.write("overrides.toml", text)}


async def entries_said_to_be_one(stand: Stand) -> dict[str, str]:
    text = '[[same]]\nids = { mal = "900", anilist = "901" }\n'
    return {"OVERRIDES_FILE": await stand.write("overrides.toml", text)}


async def parser(stand: Stand) -> None:
    code = findings.code_of
    stand.patch.setattr(findings, "code_of", lambda cls: code(cls) + " new" * (cls.name == "kitsu"))


def changed_file(stand: Stand, name: str) -> None:
    """As if the text of a file had another letter."""

    def version(*places: Path) -> str:
        inside = any((one / name).exists() or one.name == name for one in places)
        return files_version(*places) + " new" * inside

    for module in (findings, unchanged):
        stand.patch.setattr(module, "files_version", version)
    findings.code_of.cache_clear()


async def word_table(stand: Stand) -> None:
    changed_file(stand, "vocabulary.toml")


async def merging_code(stand: Stand) -> None:
    changed_file(stand, "weighing.py")


async def judging_code(stand: Stand) -> None:
    changed_file(stand, "single_site.py")


async def credentials(_: Stand) -> dict[str, str]:
    """Fetched anew in another second, which the record tells."""
    await asyncio.sleep(1.1)
    return {"JIKAN_SERVER_KEY": "somebody-else"}


async def setting(_: Stand) -> dict[str, str]:
    return {"LONG_TAIL": "false"}


async def data_set(stand: Stand) -> dict[str, str]:
    entry = {"title": "Some Other Work", "sources": ["https://kitsu.app/anime/99999"], "synonyms": []}
    return {"OFFLINE_DATABASE_FILE": await stand.write("set.json", json.dumps({"data": [entry]}))}


async def titles_dump(stand: Stand) -> None:
    (index,) = stand.folder.rglob("anidb-titles-*.sqlite3")
    os.utime(index)


async def reliability(stand: Stand) -> None:
    hasty = Reliability(Scripts(stand.flow.redis), stand.flow.names, step_ms=0)
    await hasty.learn(
        "mal:1", {"part/type/kitsu/finished old": 5, "whole/type/kitsu/finished old": 5}, {}, 1.0
    )


async def reply(stand: Stand) -> None:
    find = stand.world.sites["kitsu"].replies.find

    def other(*asked: Any) -> Any:
        if (answer := find(*asked)) is not None:
            answer.body = answer.body.replace(b'"averageRating": "8', b'"averageRating": "7')
        return answer

    stand.world.sites["kitsu"].replies.find = other  # type: ignore[assignment, method-assign]
    await stand.flow.redis.unlink(*await stand.keys("hishel_cache:kitsu:*"))


async def part_gone(stand: Stand) -> None:
    keys = await stand.keys("hishel_cache:anidb:*")
    assert keys
    await asyncio.sleep(1.1)  # an answer of the same second is told with the same time
    await stand.flow.redis.unlink(*keys)


WHOLE = "result_cache:identify:whole:*"


async def whole_gone(stand: Stand) -> None:
    await stand.flow.redis.unlink(*await stand.keys(WHOLE))


async def memory_gone(stand: Stand) -> None:
    await whole_gone(stand)
    await stand.flow.redis.unlink(*await stand.keys("result_cache:kitsu:finding:*"))


async def wrong_bytes(stand: Stand) -> None:
    await whole_gone(stand)
    await harm(stand, "result_cache:kitsu:finding:*")


async def wrong_bytes_of_the_whole(stand: Stand) -> None:
    await harm(stand, WHOLE)


async def harm(stand: Stand, pattern: str) -> None:
    """A byte less, and everything but the memory's own hash is right."""
    (key,) = await stand.keys(pattern)
    found: Any = await stand.flow.redis.hgetall(key)
    ((name, blob),) = found.items()
    head, body = unseal(blob)
    await stand.flow.redis.hset(key, name, seal(head, body[:-9] + body[-8:], 0.0))


async def output_gone(stand: Stand) -> None:
    await stand.flow.redis.xtrim(stand.flow.names.enriched, maxlen=0, approximate=False)


CHANGES: list[tuple[Change, set[str]]] = [
    (nothing, set()),
    (policy, {"merge"}),
    (languages, {"merge"}),
    (pinned_value, {"merge"}),
    (pinned_title, {"identify"}),
    (entries_said_to_be_one, {*ALL, "identify"}),
    (parser, {"kitsu", "identify"}),
    (judging_code, {*ALL, "identify"}),
    (merging_code, {"merge"}),
    (word_table, EVERYTHING),
    (credentials, {"jikan", "identify", "merge"}),
    (setting, {*ALL, "merge"}),
    (data_set, {"identify"}),
    (titles_dump, {"identify"}),
    (reliability, {"merge"}),
    (reply, {"kitsu", "merge"}),
    (part_gone, {"anidb", "merge"}),
    (whole_gone, set()),
    (memory_gone, {"kitsu"}),
    (wrong_bytes, {"kitsu"}),
    (wrong_bytes_of_the_whole, set()),
    (output_gone, {"merge"}),
]


@pytest.mark.parametrize(("change", "again"), CHANGES, ids=lambda one: getattr(one, "__name__", ""))
async def test_exactly_what_depends_on_a_change_is_done_again(
    stand: Stand, change: Change, again: set[str]
) -> None:
    before = await stand.settle()
    more = await change(stand) or {}
    after = await stand.ask(**more)
    assert set(stand.done) == again
    if not again:
        assert lasting(after) == lasting(before)
    without = await stand.ask(**more, REMEMBER_WORK="false")
    assert set(stand.done) == EVERYTHING
    assert lasting(after) == lasting(without)


KEPT = ["identified", "verdict", "asked", "have"]


async def test_what_is_known_is_told_in_one_step_and_nobody_is_handed_the_title(stand: Stand) -> None:
    flow = stand.flow
    await stand.settle()
    lanes = [flow.names.identified("bulk"), flow.names.partials]
    before = [await flow.redis.xlen(one) for one in lanes]
    async with service(stand.environment, stand.url), Client(flow.redis, flow.names).steps() as channel:
        for number in range(3):
            await flow.ask(**BEBOP, request_id=f"again{number}")
        told: list[Step] = []
        while sum(one.step == "final" for one in told) < 3:
            if message := await channel.get_message(timeout=5.0):
                told += read_steps(message["data"])
        await flow.quiet()
    assert [await flow.redis.xlen(one) for one in lanes] == before
    mine = [one for one in told if one.request_id == "again2"]
    assert [one.step for one in mine] == ["identified", *["partial"] * len(ALL), "final"]
    assert {one.source: one.detail for one in mine if one.source} == dict.fromkeys(ALL, "ok")
    state = dict(zip(KEPT, await flow.redis.hmget(flow.names.state("again2"), KEPT), strict=True))
    assert [state[name] for name in KEPT[1:]] == [b"accept", *[str(len(ALL)).encode()] * 2]
    assert set(IdentifiedTitle.model_validate_json(state["identified"] or b"").asked) == ALL


async def test_a_site_that_may_be_at_a_wrong_address_is_asked_even_if_all_is_known(stand: Stand) -> None:
    nothing = Answer(status=200, headers={"Content-Type": "application/vnd.api+json"}, body=b'{"data": []}')
    stand.world.sites["kitsu"].replies.find = lambda *_: nothing  # type: ignore[method-assign]
    assert (await stand.settle())["data"]["sources"]["kitsu"]["outcome"] == "not_found"
    assert (await stand.ask())["status"] == "complete"
    assert not stand.done
    await UnknownWorks(stand.flow.redis, stand.flow.names).suspect("kitsu")
    async with service(stand.environment, stand.url):
        found = await stand.flow.ask(**BEBOP, request_id="later")
    assert found["data"]["sources"]["kitsu"]["reason"] == "misconfigured"


async def test_an_unchanged_title_costs_few_commands_and_no_answer_travels(stand: Stand) -> None:
    await stand.settle()
    redis, titles = stand.flow.redis, 20
    there = await redis.xlen(stand.flow.names.enriched)
    async with service(stand.environment, stand.url):
        before = await redis.info("stats")
        for number in range(titles):
            await stand.flow.publish(**BEBOP, request_id=f"n{number}")
        looks = 0
        while await redis.xlen(stand.flow.names.enriched) < there + titles:
            looks += 1
            await asyncio.sleep(0.02)
        after = await redis.info("stats")

    def cost(*names: str) -> float:
        return float(sum(after[name] - before[name] for name in names)) / titles

    assert cost("total_commands_processed") - looks / titles < 90
    assert cost("total_net_input_bytes", "total_net_output_bytes") < 30_000
