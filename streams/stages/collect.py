"""What the group of a source does with an entry: asks the source for every identified title that wants it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from cache import clock, refreshing
from cache.backoff import doubled, jittered
from cache.limits.limiter import Waited, max_wait, priority, waited
from sources import Reason, SourceError
from streams.broker.dead_letters import flat_letter
from streams.broker.delivery import Delivery
from streams.broker.faults import is_server_trouble
from streams.broker.keys import Topology
from streams.broker.request_state import Contribution, contribution, read_identified
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.contract.events import IdentifiedTitle, PartialResult
from streams.records.known import ANSWERS
from streams.records.unknown_works import UnknownWorks
from streams.review.corrections import Corrections
from streams.stages.base import Base, attempts_of, in_words, movable, trace_of, tried
from streams.stages.canary import misconfigured
from streams.stages.fetch import collect, failure
from streams.stages.findings import Said
from streams.stages.retries import (
    BULK_TURN_SECONDS,
    LONGEST_TAIL,
    TURN_SECONDS,
    Again,
    End,
    after_trouble,
    was_asked,
)
from streams.stages.source_pool import Askers
from streams.telemetry import tracing
from streams.telemetry.logs import logger

log = logger("stages")

TAIL = b"tail"
"""The field of an entry that asks for the long tail of a title whose main document is in; how often it was put off."""


class SourceStage(Base):
    """The group of one source: asks it for every identified title that wants it."""

    def __init__(
        self,
        client: Redis,
        scripts: Scripts,
        names: Topology,
        settings: Settings,
        askers: Askers,
        source: str,
        corrections: Corrections,
    ) -> None:
        super().__init__(client, scripts, names, settings)
        self.askers = askers
        self.corrections = corrections
        self.works = UnknownWorks(client, names)
        self.group = source
        self._mains = 0

    async def sift(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Acknowledge the titles that do not want this source, and those of which it is known already what it says."""
        marks = b'"%s"' % self.group.encode()
        work: list[Delivery] = []
        plain: list[Delivery] = []
        for delivery in deliveries:
            wanted = marks in delivery.raw.get(b"data", b"") and not self._is_known(delivery)
            (work if wanted else plain).append(delivery)
        await self.acknowledge(plain)
        return work

    def _is_known(self, delivery: Delivery) -> bool:
        """Whether what the source says went in with the identification."""
        return self.group.encode() in delivery.raw.get(b"known", b"").split()

    async def handle(self, delivery: Delivery) -> None:
        """Ask the source; hand in what it says, or put the question off, or hand in why there is no answer."""
        event, evidence = read_identified(delivery.raw[b"data"])
        if self.group not in event.asked or self._is_known(delivery):  # where sifting met a server in trouble
            await self.acknowledge([delivery])
            return
        tail = TAIL in delivery.raw
        if tail and self._mains:
            seconds, fields = self._behind(delivery)
            await self.delayed.put_off(delivery, fields, delay_ms=int(seconds * 1000), reason=Reason.SKIPPED)
            return
        priority.set("following" if tail else event.request.priority_at_sites)
        max_wait.set(self._patience(event, tail))
        if event.request.priority == "interactive":  # somebody may be watching
            self._tell(event, "asking")
        turns = Waited()
        waited.set(turns)
        first = not tail and self._goes_first(event)
        try:
            with self._counted(main=not tail):
                said = await self._collect(
                    event, evidence, attempts_of(delivery), whole=not first and self._wants_tail(event)
                )
                await self._check_address(said.given.outcome)
        except SourceError as error:
            await self._troubled(delivery, event, await self._named(error))
            return
        self._count(said, turns.seconds)
        if first and said.given.outcome == "ok":
            await self._keep_core(delivery, event, said.given)
        else:
            await self._hand_in(delivery, event.request_id, said.given, trace=event.traceparent)

    @contextlib.contextmanager
    def _counted(self, *, main: bool) -> Iterator[None]:
        """Count a title whose main document is asked for."""
        self._mains += main
        try:
            yield
        finally:
            self._mains -= main

    def _wants_tail(self, event: IdentifiedTitle) -> bool:
        return self.settings.long_tail if event.request.long_tail is None else event.request.long_tail

    def _goes_first(self, event: IdentifiedTitle) -> bool:
        """Whether the main document is told before the long tail is asked for: in bulk, where it comes with many others."""
        asked = event.request
        early = asked.early and asked.priority == "bulk" and not asked.refresh
        return early and self._wants_tail(event) and bool(self.askers.get(self.group).batches)

    def _behind(self, delivery: Delivery) -> tuple[float, dict[bytes, bytes]]:
        """In how many seconds the long tail is looked after, later each time, and the entry that asks for it."""
        times = int(delivery.raw.get(TAIL, b"0")) + 1
        seconds = doubled(times, self.settings.retry_base_seconds, LONGEST_TAIL)
        fields = {**movable(delivery), TAIL: b"%d" % times, b"attempt": b"1"}
        return jittered(seconds, random.random()), fields

    async def _keep_core(self, delivery: Delivery, event: IdentifiedTitle, given: Contribution) -> None:
        seconds, fields = self._behind(delivery)
        tracing.note(outcome=given.outcome, reason=None)
        await self.delayed.keep_core(
            delivery,
            fields,
            given,
            delay_ms=int(seconds * 1000),
            reason=Reason.SKIPPED.value,
            traceparent=tracing.onwards(event.traceparent),
        )

    def _patience(self, event: IdentifiedTitle, tail: bool) -> float:
        together = (
            not tail and event.request.priority != "interactive" and self.askers.get(self.group).batches
        )
        return BULK_TURN_SECONDS if together else TURN_SECONDS

    def _count(self, said: Said, turns: float) -> None:
        """Count an answer for the judgement of the site's health, without the time that turns took."""
        self.askers.tally.answered(
            self.group,
            said.given.outcome,
            cached=said.cached,
            seconds=max(0.0, said.seconds - turns),
            filled=said.filled,
        )

    async def _check_address(self, outcome: str) -> None:
        """Raise ``misconfigured`` where the site is none: it knows nothing that others know."""
        wrong = (
            await misconfigured(self.askers.get(self.group), self.works) if outcome == "not_found" else None
        )
        if wrong is not None:
            raise wrong

    async def _named(self, error: SourceError) -> SourceError:
        """``error``, or what is behind it: a site at a wrong address says of everything that it is not there."""
        try:
            await self._check_address(error.outcome)
        except SourceError as wrong:
            return wrong
        return error

    async def _collect(self, event: IdentifiedTitle, evidence: str, attempts: int, *, whole: bool) -> Said:
        seconds, source = self.settings.attempt_seconds, self.askers.get(self.group)
        overrides = await self.corrections.now()

        async def ask() -> PartialResult:
            partial = await collect(source, event, overrides, long_tail=whole)
            return partial.model_copy(update={"attempts": attempts})

        try:
            async with asyncio.timeout(seconds):
                with refreshing() if event.request.refresh else contextlib.nullcontext():
                    return await self.askers.findings.said(
                        source, event, evidence, ask, tail=whole, overrides=overrides
                    )
        except TimeoutError as error:
            why = f"{self.group} was not done within {seconds:.0f} s"
            raise SourceError(Reason.TIMEOUT, why, source=self.group) from error

    async def give_up(self, delivery: Delivery, error: Exception) -> None:
        """Say in the partial that a fault of ours keeps the source from being asked, with a dead letter."""
        cause = SourceError(Reason.INTERNAL, in_words(error), source=self.group)
        try:
            event = IdentifiedTitle.model_validate_json(delivery.fields()["data"])
        except (ValueError, KeyError):
            await self.bury(delivery, "bad_entry", cause.message, trace=trace_of(error))
            return
        try:
            await self._hand_in_dead(delivery, event, cause, trace_of(error))
        except ResponseError as trouble:
            if is_server_trouble(trouble):
                raise
            await super().give_up(delivery, error)  # the request's state cannot be written

    async def _troubled(self, delivery: Delivery, event: IdentifiedTitle, error: SourceError) -> None:
        if was_asked(error):
            self.askers.tally.failed(self.group, error.reason.value, error.message)
        then = after_trouble(error, event, tried(delivery), self.settings, clock.now(), random.random())
        log.info(
            "trouble",
            source=self.group,
            request_id=event.request_id,
            reason=error.reason.value,
            again_in=then.seconds if isinstance(then, Again) else None,
        )
        if then is End.DEAD_LETTER:
            await self.askers.leave_alone_if_dead(self.group, error)
        if isinstance(then, Again):
            await self.put_off(delivery, then, error.reason)
        elif then is End.DEAD_LETTER:
            await self._hand_in_dead(delivery, event, error, None)
        else:
            await self._hand_in(delivery, event.request_id, await self._without(delivery, event, error))

    async def _without(self, delivery: Delivery, event: IdentifiedTitle, error: SourceError) -> Contribution:
        """What is handed in where there is no answer; a main document that is in stands without its long tail."""
        if TAIL in delivery.raw and (state := await self.requests.state(event.request_id)):
            core = state.partials.get(self.group) if self.group in state.cores else None
            if core is not None:
                return contribution(core)
        return contribution(failure(event, self.group, error, attempts_of(delivery)))

    async def _hand_in_dead(
        self, delivery: Delivery, event: IdentifiedTitle, error: SourceError, trace: str | None
    ) -> None:
        dead = self.dead_letter(
            delivery, event.request_id, error.reason.value, error.message, error.next_step, trace
        )
        given = await self._without(delivery, event, error)
        await self._hand_in(delivery, event.request_id, given, flat_letter(dead))

    async def _hand_in(
        self,
        delivery: Delivery,
        request_id: str,
        given: Contribution,
        letter: Mapping[str, str] | None = None,
        trace: str | None = None,
    ) -> None:
        tracing.note(outcome=given.outcome, reason=given.reason or None)
        await self.requests.hand_in(
            delivery,
            request_id,
            given,
            answered=given.outcome in ANSWERS,
            traceparent=tracing.onwards(trace),
            letter=letter,
        )
        log.debug(
            "partial",
            source=self.group,
            request_id=request_id,
            outcome=given.outcome,
            reason=given.reason or None,
        )

    def _tell(self, event: IdentifiedTitle, step: str) -> None:
        told = {"request_id": event.request_id, "step": step, "source": self.group}
        self.scripts.send("PUBLISH", self.names.progress, json.dumps(told))
