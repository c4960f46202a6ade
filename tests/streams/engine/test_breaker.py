"""The short form of the breaker: kills, restarts, cuts and a ban, and then the books must add up."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from benchmarks.breaker.books import Books, GrantLog, unfinished
from benchmarks.breaker.run import Chaos, Plan, bookkeeper
from benchmarks.support.servers import Server
from cache.rules import Rate
from streams.broker.keys import Topology


def test_a_second_final_output_does_not_add_up_whatever_its_revision() -> None:
    books = Books(asked={"r1", "r2"})
    for request, revision, final in (("r1", b"1", b"true"), ("r1", b"2", b"false"), ("r2", b"1", b"true")):
        books.note(said(request, revision, final))
    assert books.faults() == {}
    books.note(said("r1", b"3", b"true"))
    assert books.faults() == {"requests with several final outputs": ["r1"]}


def said(request_id: str, revision: bytes, final: bytes) -> dict[bytes, bytes]:
    request = {b"request_id": request_id.encode(), b"status": b"complete"}
    return {**request, b"revision": revision, b"final": final}


async def test_the_books_outlast_a_server_that_is_killed_and_comes_back(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        redis = bookkeeper(server.url, patience=60)
        await redis.zadd(Topology("chaos").deadlines, {"r1": 1})
        server.kill()
        asked = asyncio.create_task(unfinished(redis, Topology("chaos")))
        await asyncio.sleep(0.5)
        assert not asked.done()
        server.start()
        assert await asked == {"deadlines": 1}
        await redis.aclose()


async def test_the_books_forget_a_turn_given_back_and_keep_one_that_a_dead_server_lost(
    tmp_path: Path,
) -> None:
    with Server(tmp_path) as server:
        redis = bookkeeper(server.url, patience=60)
        log = GrantLog(redis, Topology("chaos"), {"kitsu": [Rate(1, 600.0)]})
        key = "chaos:limit:{kitsu}:grants"
        for turn, lose in (("given back", False), ("lost", True)):
            await redis.zadd(key, {turn: time.time() * 1_000_000})
            await log.read()
            await redis.zrem(key, turn)
            if lose:
                server.kill()
                server.start()
            await log.read()
        assert list(log.grants["kitsu"]) == ["lost"]
        await redis.aclose()


@pytest.mark.slow
@pytest.mark.timeout(1800)  # the run itself ends, and tells what is left over, when nothing more gets done
async def test_whatever_fails_every_request_ends_once_and_no_limit_is_exceeded(tmp_path: Path) -> None:
    plan = Plan(
        requests=120, titles=25, kills=5, restarts=2, troubles=2, bans=1, pauses=3, wrong_keys=2, patience=90
    )
    report = await Chaos(plan, tmp_path).run()
    assert report.books.faults() == {}
    assert len(report.books.asked) == 120
    assert set(report.codes) == {0}
    happened = {
        kind: count for kind, count in report.faults.items() if kind != "ban"
    }  # nobody may ask the site
    assert happened == {"kill": 5, "restart": 1, "cut": 1, "stall": 1, "lose": 1, "pause": 3, "wrong_key": 2}
    base, full, after = report.memory
    assert after - base < (full - base) / 10
