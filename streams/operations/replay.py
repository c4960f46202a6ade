"""Asks again what a source failed to answer, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.broker.records import Lacking
from streams.operations.reask import Again


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
    since_ms = int(since * 1000)
    for request_id in await again.requests.failed(source, since_ms, limit):
        await _request(again, source, request_id, done, covered)
    async for work in again.records.lacking(since_ms):
        if done.asked >= limit:
            break
        if work.anime_id not in covered and source in work.missing:
            await _work(again, source, work, done)
    return done


async def _request(again: Again, source: str, request_id: str, done: Replay, covered: set[str]) -> None:
    result = await again.for_request(request_id, source)
    anime = await again.requests.anime_of(request_id)
    if result == "gone":
        await again.requests.forget_failure(request_id, source)
        return
    if anime:
        covered.add(anime)
    if result == "asked":
        done.requests.append(request_id)
    else:
        done.waiting += 1


async def _work(again: Again, source: str, lacking: Lacking, done: Replay) -> None:
    """Ask for a work whose own request no longer waits for the source."""
    if await again.requests.still_waits(lacking.request_id, source):
        return
    work = await again.work(lacking.anime_id)
    if work is None:
        return
    result = await again.for_work(work, source, f"replay:{source}:{lacking.anime_id}:{lacking.at}")
    if result == "asked":
        done.works.append(lacking.anime_id)
    else:
        done.waiting += 1
