"""What a publisher does: put a request in, follow it, take its output. Needs a server, no worker in this process."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ResponseError

from cache import clock
from streams.broker.connection import text
from streams.broker.groups import Presence
from streams.broker.keys import IDENTIFY, Topology
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.contract.events import TitleRequest
from streams.engine.backpressure import is_full

POLL_SECONDS = 1.0
COPIED_WITHIN_MS = 2_000
BATCH = 500


class ServerFull(RuntimeError):  # noqa: N818 - names the state of the server
    """The server's memory is full and it takes no more requests; nothing stored is lost."""


class NotCopied(RuntimeError):  # noqa: N818 - names what is known of the request
    """The server has taken the request, but not enough replicas confirmed it: a fail-over now may lose it."""


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


def read_steps(data: bytes) -> list[Step]:
    """The steps of one message on the channel; one that ends a request at once tells of all that came before, too."""
    told: dict[str, Any] = json.loads(data)
    last = Step(**{name: told[name] for name in Step.__dataclass_fields__ if told.get(name) is not None})
    outcomes: Mapping[str, str] = told.get("outcomes") or {}
    if not outcomes:
        return [last]
    partials = [
        Step(last.request_id, "partial", source=source, detail=how) for source, how in outcomes.items()
    ]
    return [Step(last.request_id, "identified", detail="accept"), *partials, last]


class Client:
    """Publishes requests and waits for their outputs.

    ``copies`` is how many replicas must have a request before it counts as published.
    """

    def __init__(self, redis: Redis, names: Topology, copies: int = 0) -> None:
        self.redis = redis
        self.names = names
        self.copies = copies
        self.requests = Requests(Scripts(redis), names)

    async def publish(self, request: TitleRequest) -> str:
        """Put a request in; returns its id. Raises `ServerFull`, `NotCopied`."""
        return (await self.publish_all([request]))[0]

    async def publish_all(self, requests: Sequence[TitleRequest]) -> list[str]:
        """Put many requests in, in few round trips; returns their ids. Raises `ServerFull`, `NotCopied`; what came before stays in."""
        ids: list[str] = []
        for start in range(0, len(requests), BATCH):
            part = requests[start : start + BATCH]
            async with self.redis.pipeline(transaction=False) as pipe:
                for request in part:
                    pipe.xadd(self.names.requests, {"data": request.model_dump_json(exclude_none=True)})
                if self.copies:  # in the same pipeline: it speaks of what its own connection wrote
                    pipe.execute_command("WAIT", self.copies, COPIED_WITHIN_MS)
                answers = await pipe.execute(raise_on_error=False)
            for request, answer in zip(part, answers, strict=False):
                entry = _accepted(answer)
                ids.append(request.request_id or text(entry))
            if self.copies:
                self._heed(answers[-1])
        return ids

    def _heed(self, copied: Any) -> None:
        """Raise `NotCopied`, or what the server said, unless enough replicas have what was just written."""
        if isinstance(copied, Exception):
            raise copied
        if copied < self.copies:
            raise NotCopied(
                f"the server has taken it, but {copied} of {self.copies} replicas confirmed it within"
                f" {COPIED_WITHIN_MS / 1000:.0f} s; publish it again under the same request_id"
            )

    async def is_served(self) -> bool:
        """Whether any worker reads requests."""
        return bool(await Presence(self.requests.scripts, self.names).reading(IDENTIFY))

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
        ended = await self.requests.ended([request_id])
        return await self._entry(ended[0].entry) if ended else None

    async def _wait(self, pubsub: PubSub, request_id: str, listener: Listener | None) -> dict[str, str]:
        looked = 0.0
        while True:
            heed_cancellation()
            if clock.monotonic() - looked > POLL_SECONDS:
                looked = clock.monotonic()
                if found := await self.output(request_id):
                    return found
            message = await pubsub.get_message(timeout=POLL_SECONDS)
            if not message:
                continue
            steps = read_steps(message["data"])
            if steps[-1].request_id != request_id:
                continue
            if listener:
                for step in steps:
                    listener(step)
            if steps[-1].step == "final" and (found := await self._entry(steps[-1].entry)):
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


def heed_cancellation() -> None:
    """Raise ``CancelledError`` if this task was told to end: the connection may lose a cancellation that comes while it is being made; the task still knows of it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
