"""A key of another type under our prefix: a script does all of its work or none, and no request is lost or told twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError, RedisError, ResponseError  # noqa: A004 - the server's

from benchmarks.support.servers import Server
from streams.broker.delayed import Delayed
from streams.broker.faults import is_server_trouble
from streams.broker.keys import Topology
from streams.broker.scripts import KIND_OF, Scripts, script
from streams.config.settings import Settings
from streams.config.values import SettingsError
from streams.contract.codec import for_lua
from streams.service.janitor import Janitor
from tests.support.flow import Flow, service, until

LUA = Path(__file__).parents[3] / "streams" / "broker" / "lua"
SCRIPTS = sorted(path.stem for path in LUA.glob("*.lua"))
TOLERATED = {("bury", "state"), ("retry", "state")}
PLACES = [(name, key) for name in SCRIPTS for key in script(name).keys if (name, key) not in TOLERATED]
ORDER = {
    "group": "g", "entry": "1-1", "request": "r", "version": "0", "known": "0", "mode": "final", "hash": "h",
    "anime": "mal:1", "revision": 1, "status": "complete", "channel": "c", "refresh": "9", "keep_ms": 0,
    "reply_max": 9, "makes": True, "publisher": "r", "aliases": [["mal:1", ""]], "answered": [], "parts": {}, "whole": "", "identified": "", "survivor": "", "copy": ["kitsu"], "replaced": {}, "drop": [], "facts": ["title", ""],
}  # fmt: skip
ARGUMENTS: dict[str, Any] = {
    "forget_ms": 1, "who": "me", "lease_ms": 1000,
    "group": "g", "entry": "1-1", "request": "r", "body": "{}", "deadline_ms": 1000, "reply_to": "",
    "source": "kitsu", "asked": 1, "answered": "0", "letter": "", "letter_fields": 2, "incoming": 1, "most": 10,
    "open_most": 10, "again_ms": 1, "age_ms": -1000, "keep": 0, "delay_ms": 0, "order": for_lua(ORDER), "packed": "x",
}  # fmt: skip


async def everything(redis: Redis) -> dict[bytes, bytes | None]:
    """All keys with what they hold, pending entries included."""
    return {key: await redis.dump(key) async for key in redis.scan_iter("*")}


async def prepare(redis: Redis, kind: str, name: str) -> None:
    if kind == "stream":
        await redis.xadd(name, {"request_id": "r"}, id="1-1")
        await redis.xgroup_create(name, "g", "0")
        await redis.xreadgroup("g", "c", {name: ">"})
    elif kind == "hash":
        await redis.hset(
            name, mapping={"request": "{}", "identified": "{}", "have": 0, "asked": 1, "ids": "{}"}
        )
    else:
        await redis.zadd(name, {"r": 1})


@pytest.mark.parametrize(("name", "wrong"), PLACES, ids=str)
async def test_a_script_that_meets_a_key_of_another_type_writes_nothing(
    redis: Redis, prefix: str, name: str, wrong: str
) -> None:
    await redis.flushdb()
    what = script(name)
    keys = {key: f"{prefix}:{key}" for key in what.keys}
    for key, full in keys.items():
        if key == wrong:
            await redis.set(full, "somebody else's")
        else:
            await prepare(redis, KIND_OF[key], full)
    before = await everything(redis)
    arguments = {one: ARGUMENTS.get(one, "x") for one in what.args}
    with pytest.raises(ResponseError, match=f"^(WRONG|FIXED)KEY {prefix}:{wrong} holds a string"):
        await Scripts(redis).run(name, ["a", "b", "c", "d"], **keys, **arguments)
    assert await everything(redis) == before


async def test_every_key_that_a_script_takes_has_a_type() -> None:
    unknown = {key for name in SCRIPTS for key in script(name).keys} ^ set(KIND_OF)
    assert unknown == set(), (
        "name its type in streams/broker/scripts.py, so that it is checked before anything is written"
    )


async def test_work_put_off_for_a_lane_that_is_none_holds_up_no_other(redis: Redis, prefix: str) -> None:
    names = Topology(prefix)
    await redis.set(names.lane("kitsu"), "somebody else's")
    for group in ("kitsu", "jikan"):
        await redis.hset(names.delayed_bodies, group, for_lua({"lane": group, "fields": ["request_id", "r"]}))
        await redis.zadd(names.delayed, {group: 1})
    delayed = Delayed(Scripts(redis), names)
    assert await delayed.move_due(10) == 1
    assert await redis.xlen(names.lane("jikan")) == 1
    assert await redis.zrange(names.delayed, 0, -1) == [b"kitsu"]
    assert await redis.hkeys(names.delayed_bodies) == [b"kitsu"]


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_a_request_whose_state_is_another_s_key_ends_once_in_a_dead_letter(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str, when: str
) -> None:
    flow = Flow(redis, prefix)
    quick = environment | {"RETRY_BASE_SECONDS": "0.05", "MAX_ATTEMPTS": "2"}
    if when == "before":
        await redis.set(flow.names.state("r"), "somebody else's")
        await flow.publish(title="Shelter", request_id="r")
    async with service(quick, server.url):
        if when == "meanwhile":
            await flow.publish(title="Shelter", request_id="r")

            async def identified() -> bool:
                return bool(await redis.hexists(flow.names.state("r"), "identified"))

            await until(identified)
            await redis.delete(flow.names.state("r"))
            await redis.set(flow.names.state("r"), "somebody else's")
        out = await flow.output("r")
        await flow.publish(title="Shelter", request_id="other")
        await flow.output("other")
        await flow.quiet()
    assert (out["status"], out["final"]) == ("failed", "true")
    assert [one["request_id"] for one in await flow.outputs()].count("r") == 1
    assert "r" in [one["request_id"] for one in await flow.dead()]


async def test_one_bad_state_does_not_hold_up_the_sweep(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow, names = Flow(redis, prefix), Topology(prefix)
    for request in ("a", "b"):
        await redis.set(names.state(request), "somebody else's")
        await redis.zadd(names.deadlines, {request: 1})
    async with service(environment, server.url):
        await flow.output("a")
        await flow.output("b")
        await asyncio.sleep(0.6)
    assert len(await flow.outputs()) == 2
    assert await redis.zcard(names.deadlines) == 0


async def test_a_shared_key_of_another_type_stops_the_start_and_is_named(redis: Redis, prefix: str) -> None:
    names = Topology(prefix)
    for key, kind in names.fixed(["kitsu"]).items():
        await redis.set(key, "somebody else's")
        settings = Settings(stream_prefix=prefix, enabled_sources=["kitsu"])
        janitor = Janitor(redis, Scripts(redis), names, settings)
        with pytest.raises(SettingsError, match=f"{key} holds a string, not a {kind}"):
            await janitor.check_keys()
        await redis.delete(key)


async def test_a_shared_key_of_another_type_stops_the_work_only_until_it_is_gone(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    async with service(environment, server.url):
        await redis.set(flow.names.closed, "somebody else's")
        await flow.publish(title="Shelter", request_id="r")
        await asyncio.sleep(2)
        assert await flow.outputs() == []
        await redis.delete(flow.names.closed)
        out = await flow.output("r")
        await flow.quiet()
    assert (out["status"], len(await flow.outputs()), await flow.dead()) == ("complete", 1, [])


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (ConnectionError("closed"), True),
        (ResponseError("FIXEDKEY anime:closed holds a string, not a zset"), True),
        (ResponseError("LOADING Redis is loading the dataset in memory"), True),
        (ResponseError("max number of clients reached"), True),
        (ResponseError("WRONGKEY anime:state:r holds a string, not a hash"), False),
        (ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"), False),
        (ResponseError("ERR unknown command"), False),
    ],
)
def test_what_passes_is_told_from_what_is_wrong_with_one_key(error: RedisError, passes: bool) -> None:
    assert is_server_trouble(error) == passes
