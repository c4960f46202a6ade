"""What the group ``identify`` does with an entry: takes a request in, then finds out what it means."""

from __future__ import annotations

import contextlib
import random

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from cache import clock, refreshing
from cache.limits.limiter import priority
from streams.broker.delivery import Delivery
from streams.broker.keys import IDENTIFY, Topology
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.contract.events import IdentifiedTitle, TitleRequest
from streams.merging.policy import Policy
from streams.records.emission import Emitter
from streams.records.unknown_works import UnknownWorks
from streams.review.corrections import Corrections
from streams.review.items import answered_title
from streams.stages.base import Base, tried
from streams.stages.canary import misconfigured
from streams.stages.findings import Said
from streams.stages.intake import Intake
from streams.stages.retries import Again, after
from streams.stages.search import Identifier, worth_another_look
from streams.stages.wholes import Whole
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
        policy: Policy,
        corrections: Corrections,
    ) -> None:
        super().__init__(client, scripts, names, settings)
        self.identifier = identifier
        self.corrections = corrections
        self.emitter = Emitter(scripts, names, settings, policy, corrections)
        self.works = UnknownWorks(client, names)
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
            whole = await identifier.whole(request, float(fields["deadline_at"]))
            if whole is not None and await self._told_again(delivery, fields.get("traceparent"), whole):
                return
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
        known = await self._known(identifier, event)
        given = [one.given for one in known]
        await self.requests.identified(delivery, request_id, event, given)
        log.info("identified", request_id=request_id, verdict=event.verdict, ids=event.evidence.ids)

    @staticmethod
    async def _known(identifier: Identifier, event: IdentifiedTitle) -> list[Said]:
        """The entries that are remembered as they would be handed in; whether one is missing is judged by who is asked."""
        said = await identifier.wholes.known(event, identifier.overrides)
        known = [one for one in said.values() if one.given.outcome == "ok"]
        for one in known:
            identifier.askers.tally.answered(one.given.source, "ok", cached=True, filled=one.filled)
        return known

    async def _told_again(self, delivery: Delivery, traceparent: str | None, whole: Whole) -> bool:
        """End a request with the known record, where nothing that it is made of has changed; whether that was so."""
        outline, askers = whole.outline, self.identifier.askers
        for source, outcome in outline.outcomes.items():
            if outcome == "not_found" and await misconfigured(askers.get(source), self.works):
                return False
        event = outline.identified
        event.traceparent = tracing.onwards(traceparent) or None
        with tracing.span("emit", event.traceparent, mode="final", request_id=event.request_id):
            word = await self.emitter.again(outline, delivery)
        if word is None or word == "done":
            return word == "done"
        await self._settle(event.request)
        log.info("final", request_id=event.request_id, status="complete", unchanged=True)
        for source, outcome in outline.outcomes.items():
            askers.tally.answered(source, outcome, cached=True, filled=whole.filled[source])
        askers.tally.put_out("complete")
        await self.works.note_outcomes(outline.outcomes)
        return True

    async def _settle(self, request: TitleRequest) -> None:
        """Take the title out of what waits for a person; a queue that cannot be written costs that, not the request."""
        try:
            await self.corrections.decisions.take_out(sorted(answered_title(request)))
        except ResponseError as error:
            log.warning(
                "a title still waits for a person", request_id=request.request_id or "", error=str(error)
            )
