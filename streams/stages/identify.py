"""What the group ``identify`` does with an entry: takes a request in, then finds out what it means."""

from __future__ import annotations

import contextlib
import random

from redis.asyncio import Redis

from cache import clock, refreshing
from cache.limits.limiter import priority
from streams.broker.delivery import Delivery
from streams.broker.keys import IDENTIFY, Topology
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.contract.events import TitleRequest
from streams.review.corrections import Corrections
from streams.stages.base import Base, tried
from streams.stages.intake import Intake
from streams.stages.retries import Again, after
from streams.stages.search import Identifier, worth_another_look
from streams.telemetry import tracing
from streams.telemetry.logs import logger

log = logger("stages")


class IdentifyStage(Base):
    """Group ``identify``: takes requests in, then finds out what they mean."""

    group = IDENTIFY

    def __init__(
        self,
        client: Redis,
        scripts: Scripts,
        names: Topology,
        settings: Settings,
        identifier: Identifier,
        corrections: Corrections,
    ) -> None:
        super().__init__(client, scripts, names, settings)
        self.identifier = identifier
        self.corrections = corrections
        self.intake = Intake(client, scripts, names, settings)

    async def handle(self, delivery: Delivery) -> None:
        """Accept a request, or identify an accepted one."""
        if delivery.stream == self.names.requests or b"deadline_at" not in delivery.raw:
            await self.intake.handle(delivery)
        else:
            await self._identify(delivery)

    async def _identify(self, delivery: Delivery) -> None:
        fields = delivery.fields()
        request = TitleRequest.model_validate_json(fields["data"])
        priority.set(request.priority_at_sites)
        with refreshing() if request.refresh else contextlib.nullcontext():
            identifier = self.identifier.believing(await self.corrections.now())
            event, failures = await identifier.identify(request, float(fields["deadline_at"]))
        if reason := worth_another_look(event, failures):
            then = after(reason, tried(delivery), self.settings, random.random())
            if isinstance(then, Again) and clock.now() + then.seconds < event.deadline_at / 1000:
                await self.put_off(delivery, then, reason)
                return
            for name, error in failures.items():
                await self.identifier.askers.leave_alone_if_dead(name, error)
        event.traceparent = tracing.onwards(fields.get("traceparent")) or None
        request_id = fields["request_id"]
        await self.requests.identified(delivery, request_id, event)
        log.info("identified", request_id=request_id, verdict=event.verdict, ids=event.evidence.ids)
