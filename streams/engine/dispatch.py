"""FastStream's part, and the only file that knows what is not public in it; `test_dispatch` names what has moved.

A group of ours is a subscriber of FastStream's kind: ``broker.start()`` starts its reading, ``broker.stop()`` ends it,
a task that breaks is started again, and every middleware of the broker sees each batch. Only the reading is ours.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, cast

from anyio import Event
from faststream import AckPolicy
from faststream._internal.broker.registrator import Registrator
from faststream._internal.endpoint.subscriber.call_item import CallsCollection
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.configs import RedisBrokerConfig
from faststream.redis.configs.state import ConnectionState, RedisConnectionState
from faststream.redis.message import FAKE_CONSUMER, BatchStreamMessage, RedisBatchStreamMessage
from faststream.redis.subscriber.config import RedisSubscriberConfig, RedisSubscriberSpecificationConfig
from faststream.redis.subscriber.specification import StreamSubscriberSpecification
from faststream.redis.subscriber.usecases import StreamBatchSubscriber
from faststream.redis.subscriber.usecases.basic import LogicSubscriber
from pydantic import BaseModel
from redis.asyncio import Redis

from streams.broker.connection import connect, text
from streams.broker.delivery import Delivery
from streams.engine.cancellation import end
from streams.engine.envelope import opened
from streams.engine.reader import Entries

Handler = Callable[[list[Delivery]], Awaitable[None]]
AGAIN_AFTER = 1.0
SHOWN = "redis://localhost:6379/0"
"""The address in the AsyncAPI document; the real one may hold a password."""


class Broker(RedisBroker):
    """FastStream's broker with our subscribers, over a connection with our time-outs (Sentinels included)."""

    def __init__(self, description: str = "") -> None:
        self.address = SHOWN
        self.groups: dict[str, Group] = {}
        super().__init__(SHOWN, logger=_quiet(), apply_types=False, description=description)

    def _make_connection_state(self, *_: Any) -> ConnectionState[Any]:
        return _Connection(lambda: connect(self.address))

    def group(
        self,
        group: str,
        stream: str,
        *,
        title: str = "",
        entry: type[BaseModel] | None = None,
        about: str = "",
    ) -> Group:
        """A subscriber for a consumer group; the document tells of ``stream`` if there is an ``entry`` for it."""
        outer = cast("RedisBrokerConfig", self.config)
        sub = StreamSub(stream, group=group, consumer=group, batch=True)
        config = RedisSubscriberConfig(stream_sub=sub, _outer_config=outer, _ack_policy=AckPolicy.MANUAL)
        told = RedisSubscriberSpecificationConfig(
            title_=title or None, description_=about or None, include_in_schema=entry is not None
        )
        calls: CallsCollection[Any] = CallsCollection()
        subscriber = Group(config, _Described(outer, told, calls, sub, entry), calls, group)
        Registrator.subscriber(self, subscriber)
        self.groups[group] = subscriber
        return subscriber


class Group(StreamBatchSubscriber):
    """A subscriber of FastStream's kind that is read by what is attached to it."""

    def __init__(self, config: RedisSubscriberConfig, specification: Any, calls: Any, group: str) -> None:
        super().__init__(config, specification, calls)
        self.group = group
        self._read: Callable[[], Awaitable[None]] | None = None
        self.add_call(parser_=self._parse, decoder_=self._decode, dependencies_=())

    def attach(self, read: Callable[[], Awaitable[None]], handler: Handler) -> None:
        """``read`` reads until cancelled and calls `deliver`; ``handler`` takes what is delivered."""
        self._read = read
        self(handler)

    async def deliver(self, stream: str, entries: Entries) -> None:
        """Hand entries to the handler, through the broker's middlewares."""
        ids, data = zip(*entries, strict=True)
        message = BatchStreamMessage(type="bstream", channel=stream, data=list(data), message_ids=list(ids))
        await self.consume(cast("Any", {**message, "group": self.group}))

    async def start(self) -> None:
        """Begin to read; FastStream's own start would create the group behind what is there already."""
        await LogicSubscriber.start(self)

    async def _consume(self, *_: Any, start_signal: Event) -> None:
        start_signal.set()
        if self._read is None:
            return
        try:
            await self._read()
        except Exception:
            await asyncio.sleep(AGAIN_AFTER)  # FastStream tells of it, and starts the reading again at once
            raise

    async def stop(self) -> None:
        """End the reading for good, then let batches that are being handed over finish."""
        await end(self.tasks)
        await super().stop()

    async def _parse(self, message: Any) -> RedisBatchStreamMessage:
        watched = bool(self._broker_middlewares)
        return RedisBatchStreamMessage(
            raw_message=message,
            body=b"".join(_values(message["data"])) if watched else b"",
            batch_headers=_headers(message) if watched else None,
            consumer=FAKE_CONSUMER,
            group=None,
        )

    async def _decode(self, message: Any) -> list[Delivery]:
        raw = message.raw_message
        pairs = zip(raw["message_ids"], raw["data"], strict=True)
        return [Delivery(raw["channel"], self.group, text(entry), opened(fields)) for entry, fields in pairs]


class _Connection(RedisConnectionState):
    """A connection that is made our way."""

    def __init__(self, opened: Callable[[], Redis]) -> None:
        super().__init__()
        self._opened = opened

    async def connect(self) -> Redis:
        self._client = self._opened()
        self._connected = True
        return self._client


class _Described(StreamSubscriberSpecification):
    """What the AsyncAPI document says of a group: the entries as they lie on its stream."""

    def __init__(self, outer: Any, told: Any, calls: Any, sub: StreamSub, entry: type[BaseModel] | None):
        super().__init__(outer, told, calls, sub)
        self._entry = entry

    def get_payloads(self) -> list[tuple[dict[str, Any], str]]:
        return [(self._entry.model_json_schema(), self.call_name)] if self._entry else []


def _values(data: Iterable[Mapping[bytes, bytes]]) -> Iterable[bytes]:
    return (value for fields in data for value in fields.values())


def _headers(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a tracing middleware links a batch by: the traces of its entries."""
    pairs = zip(message["message_ids"], message["data"], strict=True)
    return [
        {"correlation_id": text(entry), "traceparent": fields[b"traceparent"].decode(errors="replace")}
        for entry, fields in pairs
        if b"traceparent" in fields
    ]


def _quiet() -> logging.Logger:
    """Where FastStream writes, warnings only: it writes two lines a message otherwise, and has a handler of its own."""
    ours = logging.getLogger("streams.faststream")
    ours.setLevel(logging.WARNING)
    ours.addFilter(_is_no_stop)
    return ours


def _is_no_stop(record: logging.LogRecord) -> bool:
    """Whether it tells of more than a reading that was ended while a batch was handed over: FastStream takes that for an error."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, asyncio.CancelledError)
