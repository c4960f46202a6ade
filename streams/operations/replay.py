"""Asks again what a source failed to answer, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from redis.asyncio import Redis

from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.operations.reask import Again, missing_of

_PAGE = 200


@dataclass(slots=True)
class Replay:
    """What a replay did: requests and works that the source is asked for again, and how many it is waited for anyway."""

    requests: list[str] = field(default_factory=list)
    works: list[str] = field(default_factory=list)
    waiting: int = 0

    @property
    def asked(self) -> int:
        """How many questions were put back."""
        return len(self.requests) + len(self.works)


async def replay(redis: Redis, names: Topology, source: str, since: float, *, limit: int = 10_000) -> Replay:
    """Ask ``source`` again for everything that it failed to answer since ``since`` (Unix seconds).

    A request that is still remembered gets a revision; a record whose request is forgotten gets a new request for this
    source alone, whose answer joins what the other sources said last. Sources that answered are not asked.
    """
    again, done = Again(redis, names), Replay()
    covered: set[str] = set()
    for member in await redis.zrange(
        names.failed(source), int(since * 1000), "+inf", byscore=True, offset=0, num=limit
    ):
        await _request(redis, again, source, text(member), done, covered)
    async for anime_id, at in _records(redis, names, source, since):
        if done.asked >= limit:
            break
        if anime_id not in covered:
            await _work(again, source, anime_id, at, done)
    return done


async def _request(
    redis: Redis, again: Again, source: str, request_id: str, done: Replay, covered: set[str]
) -> None:
    result = await again.for_request(request_id, source)
    anime = await redis.hget(again.names.state(request_id), "anime_id")
    if result == "gone":
        await redis.zrem(again.names.failed(source), request_id)
        return
    if anime:
        covered.add(text(anime))
    if result == "asked":
        done.requests.append(request_id)
    else:
        done.waiting += 1


async def _work(again: Again, source: str, anime_id: str, at: str, done: Replay) -> None:
    work = await again.work(anime_id)
    if work is None:
        return
    result = await again.for_work(work, source, f"replay:{source}:{anime_id}:{at}")
    if result == "asked":
        done.works.append(anime_id)
    else:
        done.waiting += 1


async def _records(
    redis: Redis, names: Topology, source: str, since: float
) -> AsyncIterator[tuple[str, str]]:
    """Records since ``since`` that lack ``source`` and whose request no longer waits for it, with their time (ms)."""
    start = 0
    members = await redis.zrange(names.records, int(since * 1000), "+inf", byscore=True, offset=0, num=-1)
    while start < len(members):
        page = [text(member) for member in members[start : start + _PAGE]]
        start += _PAGE
        pipe = redis.pipeline(transaction=False)
        for anime in page:
            pipe.hmget(names.record(anime), "missing", "request_id", "at")
        for anime, (missing, request_id, at) in zip(page, await pipe.execute(), strict=True):
            if source not in missing_of({b"missing": missing or b"{}"}):
                continue
            if not await _still_waits(redis, names, text(request_id), source):
                yield anime, text(at)


async def _still_waits(redis: Redis, names: Topology, request_id: str, source: str) -> bool:
    """Whether the record's own request is remembered and has had no answer of this source, good or bad, so far."""
    state = names.state(request_id)
    pipe = redis.pipeline(transaction=False)
    pipe.hexists(state, "request")
    pipe.hexists(state, "compact")
    pipe.hexists(state, f"p:{source}")
    remembered, compact, answered = await pipe.execute()
    return bool(remembered and not compact and not answered)
