"""Records are found by title and id in so many commands, however many records there are."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.contract.codec import pack
from streams.contract.record import EnrichedRecord, MergedTitle
from streams.records import search as searching
from streams.records.search import search, suggest


async def fill(redis: Redis, names: Topology, count: int) -> None:
    """Works whose title ends in their number, the first looked at last; each has a title of another language, too."""
    pipe = redis.pipeline(transaction=False)
    for number in range(count):
        titles = [MergedTitle(text=f"作品{number:05d}")]
        record = EnrichedRecord(anime_id=f"mal:{number}", title=f"Work {number:05d}", titles=titles)
        facts: dict[Any, Any] = {"data": pack(record), "title": record.title or "", "revision": 1}
        pipe.hset(names.record(record.anime_id), mapping=facts)
        pipe.zadd(names.records, {record.anime_id: -number})
        pipe.hset(names.aliases, f"kitsu:{number}", record.anime_id)
    await pipe.execute()


async def sent(redis: Redis) -> int:
    """Scripts and commands that came over the wire; what a script runs inside is no round trip."""
    found = await redis.info("commandstats")
    calls = {name: one["calls"] for name, one in found.items()}
    return int(sum(calls.get(f"cmdstat_{name}", 0) for name in ("evalsha", "eval", "zrange", "hmget")))


@pytest.fixture
async def names(redis: Redis, prefix: str) -> Topology:
    names = Topology(prefix)
    await fill(redis, names, 2_500)
    return names


async def test_what_is_typed_key_by_key_costs_a_few_commands_even_if_nothing_has_it(
    redis: Redis, names: Topology
) -> None:
    await suggest(redis, names, "warm")
    before = await sent(redis)
    assert not (await suggest(redis, names, "nothing has this")).records
    assert await sent(redis) - before <= 6
    found = await suggest(redis, names, "work 0249")
    assert [one.title for one in found.records] == [f"Work 0249{last}" for last in range(10)]
    assert [one.anime_id for one in (await suggest(redis, names, "kitsu:2400")).records] == ["mal:2400"]
    assert len((await suggest(redis, names, "w", 3)).records) == 3


async def test_a_search_looks_through_the_newest_and_says_when_there_are_more(
    redis: Redis, names: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [one.anime_id for one in (await search(redis, names, "作品02000")).records] == ["mal:2000"]
    assert (await search(redis, names, "no such thing")).told == ""
    monkeypatch.setattr(searching, "LOOKED_THROUGH", 200)
    for beyond in ("作品02000", "Work 00200"):
        hits = await search(redis, names, beyond)
        assert not hits.records
        assert hits.told == "of 2,500 works the 200 looked at last were looked through"
    assert [one.anime_id for one in (await search(redis, names, "Work 00199")).records] == ["mal:199"]
    assert [one.anime_id for one in (await search(redis, names, "kitsu:2400")).records] == ["mal:2400"]


async def test_a_record_of_another_type_keeps_no_other_from_being_found(redis: Redis, prefix: str) -> None:
    names = Topology(prefix)
    await fill(redis, names, 3)
    await redis.set(names.record("mal:1"), "no record")
    assert [one.anime_id for one in (await suggest(redis, names, "work")).records] == ["mal:0", "mal:2"]
