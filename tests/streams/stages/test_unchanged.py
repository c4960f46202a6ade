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
from sources.demo.world import World
from streams.broker.reliability import Reliability
from streams.broker.scripts import Scripts
from streams.contract.events import PartialResult
from streams.records import emission, output
from streams.records.again import unchanged
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


async def memory_gone(stand: Stand) -> None:
    await stand.flow.redis.unlink(*await stand.keys("result_cache:kitsu:finding:*"))


async def wrong_bytes(stand: Stand) -> None:
    (key,) = await stand.keys("result_cache:kitsu:finding:*")
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
    (memory_gone, {"kitsu"}),
    (wrong_bytes, {"kitsu"}),
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
