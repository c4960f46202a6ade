"""For programs with FastStream: publish a `TitleRequest`, read every `EnrichedTitle`, at least once.

    router = AnimeRouter("anime")
    broker = RedisBroker("redis://localhost:6379")
    broker.include_router(router)
    app = FastStream(broker)

    @app.on_startup
    async def groups() -> None:
        await router.prepare(broker)

    @router.enriched("my-app")
    async def take(titles: list[EnrichedTitle]) -> None: ...

    await router.requests.publish(TitleRequest(title="Cowboy Bebop"))

``examples/faststream_consumer.py`` is a whole program.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from faststream import AckPolicy
from faststream.redis import RedisBroker, RedisRouter, StreamSub
from redis.exceptions import ResponseError

from streams.broker.connection import BLOCK_MS
from streams.broker.keys import Topology
from streams.contract.entries import STREAMS, as_event
from streams.contract.events import EnrichedTitle, TitleRequest
from streams.contract.open_words import read_output

__all__ = ["AnimeRouter", "EnrichedTitle", "TitleRequest", "read_enriched"]

Take = Callable[..., Awaitable[None]]
"""Takes a ``list[EnrichedTitle]`` first; what else it asks for (`Depends`, `Context`) is FastStream's to give."""


class AnimeRouter(RedisRouter):
    """Both ends of the pipeline as FastStream has them.

    Args:
        stream_prefix: the service's ``STREAM_PREFIX``.
    """

    def __init__(self, stream_prefix: str = "anime") -> None:
        super().__init__()
        self.names = Topology(stream_prefix)
        self.requests = self.publisher(
            stream=self.names.requests,
            title="requests",
            schema=TitleRequest,
            description=STREAMS["requests"].about,
        )
        """Publishes a `TitleRequest`: ``await router.requests.publish(...)``, or over a handler that returns one."""
        self._groups: set[str] = set()

    def enriched(
        self, group: str, *, consumer: str = "", batch: int = 100, again_after: float = 60.0
    ) -> Callable[[Take], Take]:
        """Let a handler take the outputs in batches, as consumer group ``group``, each at least once.

        A batch is acknowledged when its handler returns. One whose handler raised or whose process died comes again,
        entry by entry, after ``again_after`` seconds; a handler that works longer than that sees its entries twice.
        """
        self._groups.add(group)
        consumer = consumer or f"{socket.gethostname()}-{os.getpid()}"
        common: dict[str, Any] = {"group": group, "consumer": consumer, "batch": True}
        # A second subscriber: FastStream's reads either what is new or what was left behind, never both.
        subs = [
            StreamSub(self.names.enriched, max_records=batch, polling_interval=BLOCK_MS, **common),
            StreamSub(
                self.names.enriched,
                min_idle_time=int(again_after * 1000),
                polling_interval=BLOCK_MS,
                **common,
            ),
        ]

        def register(take: Take) -> Take:
            for name, sub in zip((f"enriched:{group}", f"enriched:{group}:again"), subs, strict=True):
                subscriber = self.subscriber(
                    stream=sub,
                    decoder=_decode,
                    ack_policy=AckPolicy.NACK_ON_ERROR,
                    title=name,
                    description=STREAMS["enriched"].about,
                )
                subscriber(take)
            return take

        return register

    async def prepare(self, broker: RedisBroker) -> None:
        """Create the groups at the beginning of the output, before ``broker`` starts: left to itself, FastStream
        creates them behind what is there already. Groups that exist go on where they stand."""
        redis = await broker.connect()
        for group in self._groups:
            try:
                await redis.xgroup_create(self.names.enriched, group, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise


def read_enriched(fields: Mapping[bytes, bytes]) -> EnrichedTitle:
    """The event in the flat fields of an output entry, with words that this version does not know as they are.

    Raises ``ValueError`` for what is no output.
    """
    return read_output(as_event({name.decode(): value.decode() for name, value in fields.items()}))


async def _decode(message: Any) -> list[EnrichedTitle]:
    return [read_enriched(fields) for fields in message.raw_message["data"]]
