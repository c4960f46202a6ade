"""What a publisher does: put a request in, follow it, take its output. Needs a server, no worker in this process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError, ResponseError, TimeoutError  # noqa: A004 - the server's own

from streams.connection import text
from streams.events import TitleRequest
from streams.gate import is_full
from streams.topology import IDENTIFY, Topology

POLL_SECONDS = 1.0
LOOK_SECONDS = 3.0
LOOK_AT = 2_000
"""How often, and at how many of the oldest requests, a bulk publisher looks for ends that it was not told of."""
BATCH = 500
MOST_FAILURES = 60
"""Lost connections in a row, a second apart, that a bulk publisher bears."""
STALE_MS = 30_000


class ServerFull(RuntimeError):  # noqa: N818 - names the state of the server
    """The server's memory is full and it takes no more requests; nothing stored is lost."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a request: identified, asking, partial, retry, early, final, revision."""

    request_id: str
    step: str
    source: str = ""
    detail: str = ""
    reason: str = ""
    due: float | None = None
    entry: str = ""


Listener = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a request ended: the status, the anime if there is one, the id of its output entry."""

    request_id: str
    status: str
    anime_id: str = ""
    revision: int = 0
    entry: str = ""


def read_step(data: bytes) -> Step:
    """A step from its message on the channel."""
    told: dict[str, Any] = json.loads(data)
    known = {name: told[name] for name in Step.__dataclass_fields__ if told.get(name) is not None}
    return Step(**known)


class Client:
    """Publishes requests and waits for their outputs."""

    def __init__(self, redis: Redis, names: Topology) -> None:
        self.redis = redis
        self.names = names

    async def publish(self, request: TitleRequest) -> str:
        """Put a request in; returns its id. Raises `ServerFull`."""
        return (await self.publish_all([request]))[0]

    async def publish_all(self, requests: Sequence[TitleRequest]) -> list[str]:
        """Put many requests in, in few round trips; returns their ids. Raises `ServerFull`; what came before stays in."""
        ids: list[str] = []
        for start in range(0, len(requests), BATCH):
            part = requests[start : start + BATCH]
            async with self.redis.pipeline(transaction=False) as pipe:
                for request in part:
                    pipe.xadd(self.names.requests, {"data": request.model_dump_json(exclude_none=True)})
                answers = await pipe.execute(raise_on_error=False)
            for request, answer in zip(part, answers, strict=True):
                ids.append(request.request_id or text(_accepted(answer)))
        return ids

    async def follow_all(self, request_ids: Collection[str]) -> AsyncIterator[Ended]:
        """Every request as it ends, in that order; those that ended before come first.

        A server that is away for a minute is waited for; then ``redis.RedisError`` is raised.
        """
        left = dict.fromkeys(request_ids)
        failures = 0
        while left:
            try:
                async for ended in self._endings(list(left)):
                    failures = 0
                    left.pop(ended.request_id, None)
                    yield ended
            except (ConnectionError, TimeoutError):
                failures += 1
                if failures > MOST_FAILURES:
                    raise
                await asyncio.sleep(POLL_SECONDS)

    async def _endings(self, request_ids: Sequence[str]) -> AsyncIterator[Ended]:
        """As `follow_all`, over one connection. Raises ``redis.RedisError``."""
        left = dict.fromkeys(request_ids)
        async with self.steps() as pubsub:
            looked = time.monotonic()
            told: set[str] = set(left)
            while left:
                _heed_cancellation()
                if time.monotonic() - looked > LOOK_SECONDS:
                    looked, told = time.monotonic(), told | set(islice(left, LOOK_AT))
                if told:
                    for ended in await self.ended(list(told)):
                        left.pop(ended.request_id, None)
                        yield ended
                    told = set()
                told |= left.keys() & await _finals(pubsub)

    async def ended(self, request_ids: Sequence[str]) -> list[Ended]:
        """Those of the requests that have ended."""
        found = []
        for start in range(0, len(request_ids), BATCH):
            part = request_ids[start : start + BATCH]
            async with self.redis.pipeline(transaction=False) as pipe:
                for request_id in part:
                    pipe.hmget(self.names.state(request_id), "done", "status", "anime_id", "revision")
                states = await pipe.execute()
            for request_id, (done, status, anime, revision) in zip(part, states, strict=True):
                if done:
                    found.append(
                        Ended(request_id, text(status), text(anime or b""), int(revision or 0), text(done))
                    )
        return found

    async def is_served(self) -> bool:
        """Whether any worker has read requests in the last half minute."""
        try:
            consumers: Any = await self.redis.xinfo_consumers(self.names.requests, IDENTIFY)
        except ResponseError:
            return False
        return any(one["idle"] < STALE_MS for one in consumers)

    async def ask(self, request: TitleRequest, listener: Listener | None = None) -> dict[str, str]:
        """Publish, tell every step, return the fields of the final output entry."""
        async with self.steps() as pubsub:
            request_id = await self.publish(request)
            return await self._wait(pubsub, request_id, listener)

    async def follow(self, request_id: str, listener: Listener | None = None) -> dict[str, str]:
        """Wait for the output of a request that is under way or done."""
        async with self.steps() as pubsub:
            return await self._wait(pubsub, request_id, listener)

    @contextlib.asynccontextmanager
    async def steps(self) -> AsyncIterator[PubSub]:
        """The channel of all steps, while in use."""
        pubsub = self.redis.pubsub(ignore_subscribe_messages=True)
        await pubsub.subscribe(self.names.progress)
        try:
            yield pubsub
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def output(self, request_id: str) -> dict[str, str] | None:
        """The final output of a request, if there is one yet."""
        entry = await self.redis.hget(self.names.state(request_id), "done")
        return await self._entry(text(entry)) if entry else None

    async def _wait(self, pubsub: PubSub, request_id: str, listener: Listener | None) -> dict[str, str]:
        looked = 0.0
        while True:
            _heed_cancellation()
            if time.monotonic() - looked > POLL_SECONDS:
                looked = time.monotonic()
                if found := await self.output(request_id):
                    return found
            message = await pubsub.get_message(timeout=POLL_SECONDS)
            if not message:
                continue
            step = read_step(message["data"])
            if step.request_id != request_id:
                continue
            if listener:
                listener(step)
            if step.step == "final" and (found := await self._entry(step.entry)):
                return found

    async def _entry(self, entry: str) -> dict[str, str] | None:
        found: list[tuple[bytes, Mapping[bytes, bytes]]] = await self.redis.xrange(
            self.names.enriched, entry, entry
        )  # type: ignore[assignment]
        return {text(key): text(value) for key, value in found[0][1].items()} if found else None


def _accepted(answer: Any) -> bytes:
    """The entry's id in the server's answer to XADD. Raises `ServerFull` or what the server said."""
    if isinstance(answer, ResponseError) and is_full(answer):
        raise ServerFull(
            "the server's memory is full; raise its maxmemory or let the workers catch up"
        ) from answer
    if isinstance(answer, Exception):
        raise answer
    return bytes(answer)


def _heed_cancellation() -> None:
    """The connection may lose a cancellation that comes while it is being made; the task still knows of it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _finals(pubsub: PubSub) -> set[str]:
    """Requests whose end was told: waits for a message, then takes what else is there."""
    found: set[str] = set()
    message = await pubsub.get_message(timeout=POLL_SECONDS)
    while message:
        step = read_step(message["data"])
        if step.step == "final":
            found.add(step.request_id)
        if len(found) >= BATCH:
            break
        message = await pubsub.get_message(timeout=0)
    return found
