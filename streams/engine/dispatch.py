"""FastStream's part: handlers, middlewares, dependency injection and the AsyncAPI document; the reading is ours.

A handler is registered with the broker as ever; `Shell.deliver` hands it what `reader` read, so that every middleware
of the broker (metrics, tracing) sees each batch.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from faststream import AckPolicy
from faststream._internal.endpoint.subscriber import SubscriberUsecase
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import FAKE_CONSUMER, BatchStreamMessage, RedisBatchStreamMessage

from streams.broker.connection import text
from streams.broker.delivery import Delivery
from streams.engine.reader import Entries

Handler = Callable[[list[Delivery]], Awaitable[None]]


class Shell:
    """One broker and its handlers, one per stream and group."""

    def __init__(self, consumer: str, middlewares: tuple[Any, ...] = ()) -> None:
        self.consumer = consumer
        self.broker = RedisBroker(logger=_quiet(), apply_types=False, middlewares=middlewares)
        self._subscribers: dict[tuple[str, str], Any] = {}

    def register(self, stream: str, group: str, handler: Handler) -> None:
        """Let ``handler`` take what is delivered from ``stream`` to ``group``."""
        sub = StreamSub(stream, group=group, consumer=self.consumer, batch=True)
        subscriber: Any = self.broker.subscriber(
            stream=sub, ack_policy=AckPolicy.MANUAL, parser=_parse, decoder=_decoder(group)
        )
        subscriber(handler)
        self._subscribers[stream, group] = subscriber

    async def open(self) -> None:
        """Make the handlers ready. The broker itself neither connects nor reads."""
        self.broker._setup_logger()
        for subscriber in self._subscribers.values():
            await SubscriberUsecase.start(subscriber)
            subscriber._post_start()

    async def deliver(self, stream: str, group: str, entries: Entries) -> None:
        """Hand entries to their handler, through the broker's middlewares."""
        ids, data = zip(*entries, strict=True)
        message = BatchStreamMessage(type="bstream", channel=stream, data=list(data), message_ids=list(ids))
        await self._subscribers[stream, group].consume(message)

    async def close(self) -> None:
        """No more deliveries."""
        await self.broker.stop()


async def _parse(message: Any) -> RedisBatchStreamMessage:
    return RedisBatchStreamMessage(raw_message=message, body=b"", consumer=FAKE_CONSUMER, group=None)


def _decoder(group: str) -> Callable[[RedisBatchStreamMessage], Awaitable[list[Delivery]]]:
    async def decode(message: RedisBatchStreamMessage) -> list[Delivery]:
        raw: Mapping[str, Any] = message.raw_message
        pairs = zip(raw["message_ids"], raw["data"], strict=True)
        return [Delivery(raw["channel"], group, text(entry), fields) for entry, fields in pairs]

    return decode


def _quiet() -> logging.Logger:
    """FastStream's own log, warnings only: it writes two lines a message otherwise."""
    log_of_faststream = logging.getLogger("faststream")
    log_of_faststream.setLevel(logging.WARNING)
    return log_of_faststream
