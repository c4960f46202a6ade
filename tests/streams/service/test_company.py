"""How many titles a process holds so that requests for many are full, and when waiting for more is in vain."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources import discover
from streams.broker.keys import IDENTIFY
from streams.engine.worker import URGENT_SHARE
from streams.service.company import Expected, capacity
from tests.support.flow import Flow, service

TOGETHER = {
    name: max(batch.most for batch in cls.batches if batch.name != "search")
    for name, cls in discover().items()
    if [batch for batch in cls.batches if batch.name != "search"]
}


@pytest.mark.parametrize("name", TOGETHER)
def test_bulk_titles_alone_fill_one_request_while_another_is_under_way(name: str) -> None:
    held = capacity(name, 16)
    assert held - held // URGENT_SHARE >= 2 * TOGETHER[name]


def test_identifying_keeps_some_requests_of_searches_ahead_and_other_groups_what_they_have() -> None:
    searches = max(b.most for cls in discover().values() for b in cls.batches if b.name == "search")
    assert 3 * searches < capacity(IDENTIFY, 16) < 8 * searches
    assert (capacity("anidb", 16), capacity("aggregate", 16), capacity("kitsu", 500)) == (16, 64, 500)


def worker(in_flight: int, room: int = 1) -> Any:
    return SimpleNamespace(
        in_flight=dict.fromkeys(range(in_flight)), free=lambda urgent: 0 if urgent else room
    )


def reader(idle: bool = True) -> Any:
    return SimpleNamespace(idle=idle)


def expected(**changed: Any) -> Expected:
    parts = {
        "identify": worker(0),
        "kitsu": worker(3),
        "reads": reader(),
        "seeks": reader(),
        "door": worker(0),
        "intake": reader(),
    } | changed
    workers = {IDENTIFY: parts["identify"], "kitsu": parts["kitsu"]}
    readers = {IDENTIFY: parts["seeks"], "kitsu": parts["reads"]}
    return Expected(workers, readers, parts["door"], parts["intake"])


def test_nobody_can_come_when_all_that_are_in_work_wait_already_and_nothing_is_unread() -> None:
    assert not expected().may_come("kitsu", 3)


@pytest.mark.parametrize(
    "changed",
    [
        {"kitsu": worker(4)},
        {"identify": worker(1)},
        {"reads": reader(idle=False)},
        {"seeks": reader(idle=False)},
        {"door": worker(1)},
        {"intake": reader(idle=False)},
        {"intake": None},
    ],
    ids=["in work", "being identified", "unread", "accepted", "at the door", "published", "elsewhere"],
)
def test_somebody_may_come_who_is_(changed: dict[str, Any]) -> None:
    assert expected(**changed).may_come("kitsu", 3)


def test_what_is_unread_cannot_come_while_there_is_no_room_for_it() -> None:
    assert not expected(kitsu=worker(3, room=0), reads=reader(idle=False)).may_come("kitsu", 3)


async def test_a_title_that_is_alone_in_the_fleet_waits_for_no_company(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str
) -> None:
    patient = {**environment, "BULK_WAIT_SECONDS": "60", "ENABLED_SOURCES": "anilist,animeschedule,kitsu"}
    async with service(patient, server.url):
        flow = Flow(redis, prefix)
        await flow.publish(title="Shelter", request_id="r")
        out = await flow.output("r", 40)
    assert out["status"] == "complete"
