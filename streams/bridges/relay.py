"""Carries the output to another bus, at least once; by its id the other side knows what it has."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol
from urllib.parse import urlsplit

from cache.backoff import doubled, jittered
from streams.bridges.messages import Entry
from streams.bridges.outputs import Outputs
from streams.posting.poster import Message
from streams.telemetry.logs import logger

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
"""A bus that is away is waited for as long as it takes: the stream keeps what we have not acknowledged."""
BUSES = {"nats": "streams.bridges.nats:NatsBus", "tls": "streams.bridges.nats:NatsBus"}
"""Which class stands for which scheme of an address. Only those that were run stand here."""

log = logger("relay")


class Away(Exception):  # noqa: N818 - says where the bus is
    """The bus did not take a message now; it may later."""


class Refused(Exception):  # noqa: N818 - says what became of the message
    """The bus will never take this message."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.next_step = next_step


class Bus(Protocol):
    """What a bus has to do."""

    async def send(self, message: Message) -> None:
        """Return when the bus has the message, or had it before. Raises `Away` and `Refused`."""

    async def close(self) -> None:
        """Hang up."""


def open_bus(address: str, prefix: str) -> Bus:
    """The bus at an address. Raises ``ValueError`` for a scheme that we have none for, ``ImportError`` without its package."""
    scheme = urlsplit(address).scheme
    if scheme not in BUSES:
        raise ValueError(f"{scheme or address!r} is no bus that we relay to: {', '.join(BUSES)}")
    module, _, name = BUSES[scheme].partition(":")
    bus: Bus = getattr(import_module(module), name)(address, prefix)
    return bus


class Relay:
    """One bridge to one bus.

    Args:
        everything: every entry, not only those that made a revision.
        cloud_event: as CloudEvents.
    """

    def __init__(
        self, outputs: Outputs, bus: Bus, *, everything: bool = False, cloud_event: bool = False
    ) -> None:
        self.outputs = outputs
        self.bus = bus
        self.everything = everything
        self.cloud_event = cloud_event

    async def run(self) -> None:
        """Relay until cancelled."""
        await self.outputs.carry(self.deliver)

    async def deliver(self, batch: Sequence[Entry]) -> None:
        """Send each entry; those of one work one after another, those of several side by side."""
        works: dict[str, list[Entry]] = defaultdict(list)
        for entry in batch:
            if self.everything or entry.makes_revision:
                works[entry.anime_id].append(entry)
        done = await asyncio.gather(*map(self._in_order, works.values()), return_exceptions=True)
        if broken := next((one for one in done if isinstance(one, BaseException)), None):
            raise broken

    async def _in_order(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            await self._send(entry)

    async def _send(self, entry: Entry) -> None:
        told, tries = await self.outputs.message(entry, cloud_event=self.cloud_event), 0
        while told:
            tries += 1
            try:
                await self.bus.send(told)
            except Away as error:
                pause = jittered(doubled(tries, FIRST_PAUSE, LONGEST_PAUSE), random.random())
                log.warning("the bus is away", error=str(error), seconds=round(pause, 1))
                await asyncio.sleep(pause)
            except Refused as error:
                log.warning("the bus refuses a message", output_id=told.id, error=str(error))
                await self.outputs.give_up(entry, "refused", str(error), error.next_step, tries)
                return
            else:
                return
