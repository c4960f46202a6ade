"""What all stages share: the server, the names, putting work off, giving it up."""

from __future__ import annotations

import json
import random
import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from redis.asyncio import Redis

from sources import Reason
from streams.broker.delivery import Delivery
from streams.broker.keys import IDENTIFY, Topology
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.contract.codec import for_lua
from streams.contract.events import DeadLetter
from streams.records.output import failed_fields, iso
from streams.stages.accept import claimed_id
from streams.stages.retries import Again, after_fault
from streams.telemetry.logs import logger

MOST_DIGITS = 6
MOST_TRACE = 4000
"""Characters."""

log = logger("stage")


def now_iso() -> str:
    """The time as ISO 8601."""
    return iso(datetime.now(UTC))


class Base:
    """What the stages share: the server, the names, dead letters, putting off."""

    group: str

    def __init__(self, client: Redis, scripts: Scripts, names: Topology, settings: Settings) -> None:
        self.client = client
        self.scripts = scripts
        self.names = names
        self.settings = settings

    async def sift(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Everything is work."""
        return list(deliveries)

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Say that entries need no more work."""
        for stream in {one.stream for one in deliveries}:
            ids = [one.id for one in deliveries if one.stream == stream]
            await self.scripts.call("XACK", stream, self.group, *ids)

    async def fail(self, delivery: Delivery, error: Exception) -> None:
        """Try again later; give up after ``max_attempts``."""
        then = after_fault(error, tried(delivery), self.settings, random.random())
        if isinstance(then, Again):
            await self.put_off(delivery, then, Reason.INTERNAL)
        else:
            await self.give_up(delivery, error)

    async def give_up(self, delivery: Delivery, error: Exception) -> None:
        """End an entry that a fault of ours keeps from being worked on."""
        await self.bury(delivery, Reason.INTERNAL, in_words(error), trace=trace_of(error))

    async def put_off(self, delivery: Delivery, again: Again, reason: Reason) -> None:
        """Acknowledge now, deliver again to this group's own lane when the time of ``again`` has come."""
        fields = {**movable(delivery), b"attempt": str(tried(delivery) + again.counts).encode()}
        request_id = fields[b"request_id"].decode(errors="replace")
        body = {"lane": self.group, "fields": [part for pair in fields.items() for part in pair]}
        names = self.names
        await self.scripts.run(
            "retry",
            [delivery.stream, names.state(request_id), names.delayed, names.delayed_bodies],
            [
                delivery.group,
                delivery.id,
                int(again.seconds * 1000),
                f"{self.group}:{request_id}",
                for_lua(body),
            ]
            + [self.group, reason.value, request_id, names.progress],
        )

    async def bury(
        self, delivery: Delivery, reason: str, message: str, *, next_step: str = "", trace: str | None = None
    ) -> None:
        """Give an entry up: dead letter with its cause and, since it was a request, its one final output."""
        request_id = claimed_id(delivery.saved(), delivery.id)
        dead = flat_dead(self.dead_letter(delivery, request_id, reason, message, next_step, trace))
        output = failed_fields(request_id, message, reason, next_step)
        names = self.names
        await self.scripts.run(
            "bury",
            [
                delivery.stream,
                names.dead,
                names.enriched,
                names.state(request_id),
                names.deadlines,
                names.closed,
            ],
            [
                delivery.group,
                delivery.id,
                request_id,
                int(delivery.stream == names.requests),
                len(dead),
                *dead,
                *(p for pair in output.items() for p in pair),
            ],
        )
        log.warning(
            "dead letter",
            group=self.group,
            entry=delivery.id,
            request_id=request_id,
            reason=reason,
            message=message,
        )

    def dead_letter(
        self,
        delivery: Delivery,
        request_id: str,
        reason: str,
        message: str,
        next_step: str,
        trace: str | None,
    ) -> DeadLetter:
        """The dead letter of a delivery."""
        return DeadLetter(
            stream=delivery.stream,
            group=delivery.group,
            entry_id=delivery.id,
            request_id=request_id,
            source=None if self.group == IDENTIFY else self.group,
            reason=reason,
            message=message,
            next_step=next_step,
            attempts=attempts_of(delivery),
            at=now_iso(),
            trace=trace,
            original=delivery.saved(),
        )


def tried(delivery: Delivery) -> int:
    """Which try this is, counted over put-offs; a worker that died is no fault of the site."""
    given = delivery.raw.get(b"attempt", b"1")
    return int(given) if given.isdigit() and len(given) < MOST_DIGITS else 1


def in_words(error: Exception) -> str:
    """A fault of ours in one line."""
    return f"{type(error).__name__}: {error}"


def trace_of(error: Exception) -> str:
    """Where a fault of ours happened; the end of a long one."""
    return "".join(traceback.format_exception(error))[-MOST_TRACE:]


def attempts_of(delivery: Delivery) -> int:
    """The same with the takings-over after a crash, for reports."""
    return tried(delivery) + delivery.deliveries - 1


def movable(delivery: Delivery) -> dict[bytes, bytes]:
    """The fields of an entry that moves to a lane: a request that has no id keeps being known by its first entry."""
    given = claimed_id(delivery.saved(), delivery.id)
    return {**delivery.kept(), b"request_id": delivery.raw.get(b"request_id", given.encode())}


def flat_dead(letter: DeadLetter) -> list[str]:
    """The fields of a dead-letter entry, in pairs."""
    values: Mapping[str, object] = letter.model_dump(exclude_none=True)
    flat: list[str] = []
    for name, value in values.items():
        flat += [name, json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)]
    return flat
