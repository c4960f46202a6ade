"""What all stages share: the server, the names, putting work off, giving it up."""

from __future__ import annotations

import random
import traceback
from collections.abc import Sequence

from redis.asyncio import Redis

from cache import clock
from sources import Reason
from streams.broker.dead_letters import flat_letter
from streams.broker.delayed import Delayed
from streams.broker.delivery import Delivery
from streams.broker.keys import IDENTIFY, Topology
from streams.broker.records import Known
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.contract.events import MAX_ID, DeadLetter
from streams.records.output import Cause, cause_of, failed_fields, iso
from streams.stages.accept import claimed_id
from streams.stages.retries import Again, after_fault
from streams.telemetry.logs import logger

SORTED = b"intake_id"
"""The field that the intake adds to what it puts on a lane."""
MOST_DIGITS = 6
MOST_TRACE = 4000
"""Characters."""

log = logger("stage")


def now_iso() -> str:
    """The time as ISO 8601."""
    return iso(clock.utc())


class Base:
    """What the stages share: the server, the names, dead letters, putting off."""

    group: str

    def __init__(self, client: Redis, scripts: Scripts, names: Topology, settings: Settings) -> None:
        self.client = client
        self.scripts = scripts
        self.names = names
        self.settings = settings
        self.requests = Requests(scripts, names)
        self.delayed = Delayed(scripts, names)

    async def sift(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Everything is work."""
        return list(deliveries)

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Say that entries need no more work."""
        for stream in {delivery.stream for delivery in deliveries}:
            ids = [delivery.id for delivery in deliveries if delivery.stream == stream]
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
        await self.delayed.put_off(delivery, fields, delay_ms=int(again.seconds * 1000), reason=reason.value)

    async def bury(
        self, delivery: Delivery, reason: str, message: str, *, next_step: str = "", trace: str | None = None
    ) -> None:
        """Give an entry up: dead letter with its cause and, since it was a request, its one final output."""
        request_id = claimed_id(delivery.saved(), first_entry(delivery))
        letter = self.dead_letter(delivery, request_id, reason, message, next_step, trace)
        output = failed_fields(
            request_id, message, reason, next_step, await self._cause(delivery, request_id)
        )
        await self.requests.bury(delivery, request_id, flat_letter(letter), output)
        log.warning(
            "dead letter",
            group=self.group,
            entry=delivery.id,
            request_id=request_id,
            reason=reason,
            message=message,
        )

    async def _cause(self, delivery: Delivery, request_id: str) -> Cause:
        """Why the output of a buried request is there; one that could not be read may still say who made it."""
        request = await self.requests.request(request_id)
        if request is None and b"parent" in delivery.raw:
            return Cause("replay", final=False, parent=delivery.raw[b"parent"].decode(errors="replace"))
        return cause_of(request, "final", Known()) if request else Cause()

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
            stream=self.names.requests if SORTED in delivery.raw else delivery.stream,
            group=delivery.group,
            entry_id=first_entry(delivery),
            request_id=request_id,
            source=None if self.group == IDENTIFY else self.group,
            reason=reason,
            message=message,
            next_step=next_step,
            attempts=attempts_of(delivery),
            at=now_iso(),
            trace=trace,
            original={name: value for name, value in delivery.saved().items() if name != SORTED.decode()},
        )


def first_entry(delivery: Delivery) -> str:
    """The entry as which something came in, wherever it has been moved since."""
    given = delivery.raw.get(SORTED)
    return given.decode(errors="replace")[:MAX_ID] if given else delivery.id


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
    given = claimed_id(delivery.saved(), first_entry(delivery))
    return {**delivery.kept(), b"request_id": delivery.raw.get(b"request_id", given.encode())}
