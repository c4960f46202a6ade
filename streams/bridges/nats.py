"""NATS with JetStream as a bus to relay to, by FastStream's broker for it (needs the extra nats)."""

from __future__ import annotations

import asyncio
from typing import Any

from faststream.nats import NatsBroker
from nats import errors
from nats.js import JetStreamContext
from nats.js.api import Header, StreamConfig
from nats.js.errors import APIError, NotFoundError

from streams.bridges.messages import everything
from streams.bridges.relay import Away, Refused
from streams.posting.poster import Message
from streams.telemetry.logs import logger

ACK_SECONDS = 5.0
WINDOW_SECONDS = 3600.0
"""How long the stream that we make knows the ids it has; NATS itself would forget them after two minutes."""
TOO_LARGE = 10054
"""JetStream's code for a message above the stream's own limit."""

log = logger("relay")


class NatsBus:
    """One connection that comes back by itself; the stream for our subjects is made where there is none.

    A stream that is there already keeps its own settings, ``duplicate_window`` among them.
    """

    def __init__(self, address: str, prefix: str) -> None:
        self._broker = NatsBroker(
            address,
            logger=None,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            error_cb=_say,
            connect_timeout=5,
        )
        self._prefix = prefix
        self._stream = ""
        self._opening = asyncio.Lock()

    async def send(self, message: Message) -> None:
        """Put a message on the stream, until it says that it has it. Raises `Away` and `Refused`."""
        try:
            stream = self._stream or await self._open()
            await self._broker.publish(
                message.body,
                message.subject,
                headers={Header.MSG_ID.value: message.id, "content-type": message.content_type},
                stream=stream,
                timeout=ACK_SECONDS,
            )
        except errors.MaxPayloadError as error:
            raise Refused(
                f"{len(message.body)} bytes are too many", "raise max_payload of the NATS server"
            ) from error
        except APIError as error:
            if error.err_code == TOO_LARGE:
                raise Refused(str(error.description), "raise max_msg_size of the stream") from error
            self._stream = ""  # it may be gone, and be made anew
            raise Away(f"{type(error).__name__}: {error.description}") from error
        except (TimeoutError, errors.Error, OSError) as error:
            raise Away(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        """Hang up."""
        await self._broker.stop()

    async def _open(self) -> str:
        """Connect, and find the stream that takes our subjects, or make it."""
        async with self._opening:
            client = await self._broker.connect()
            await self._broker.start()
            self._stream = self._stream or await self._found(client.jetstream(timeout=ACK_SECONDS))
        return self._stream

    async def _found(self, jet: JetStreamContext) -> str:
        subjects = everything(self._prefix)
        try:
            return await jet.find_stream_name_by_subject(subjects)
        except NotFoundError:
            name = f"{self._prefix}-enriched".upper()
            await jet.add_stream(
                StreamConfig(name=name, subjects=[subjects], duplicate_window=WINDOW_SECONDS)
            )
            log.info("made a stream", stream=name, subjects=subjects)
            return name


async def _say(error: Any) -> None:
    log.warning("NATS is in trouble", error=f"{type(error).__name__}: {error}")
