"""Brings the partials of a request together and closes it: when the last one is in, or when its deadline passes."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from cache import clock
from sources import discover
from streams.broker.answers import Tally
from streams.broker.delivery import Delivery
from streams.broker.emission import Mode
from streams.broker.faults import is_server_trouble
from streams.broker.keys import AGGREGATE, Topology
from streams.broker.request_state import State
from streams.broker.review.decisions import Put
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.merging.policy import Policy
from streams.records.doubtful import doubts_of
from streams.records.drift_store import newly_lost, note
from streams.records.emission import Emission, Emitter
from streams.records.unknown_works import UnknownWorks
from streams.review.corrections import Corrections
from streams.review.items import answered_title
from streams.stages.base import Base
from streams.telemetry import tracing
from streams.telemetry.logs import logger

ATTEMPTS = 50
"""Compare-and-set rounds; each lost round means that somebody else got further."""

log = logger("gather")


class Gatherer(Base):
    """Group ``aggregate``. All state lies on the server, so any number of gatherers may run."""

    group = AGGREGATE

    def __init__(
        self,
        client: Redis,
        scripts: Scripts,
        names: Topology,
        settings: Settings,
        policy: Policy,
        corrections: Corrections,
        tally: Tally,
    ) -> None:
        super().__init__(client, scripts, names, settings)
        self.emitter = Emitter(scripts, names, settings, policy, corrections)
        self.decisions = corrections.decisions
        self.tally = tally
        self.works = UnknownWorks(client, names)

    async def sift(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Acknowledge the notices that complete nothing, all at once; the others are work."""
        work: list[Delivery] = []
        plain: list[Delivery] = []
        for delivery in deliveries:
            left, early = delivery.raw.get(b"left", b"0"), delivery.raw.get(b"early", b"0")
            (plain if left > b"0" and early != b"1" else work).append(delivery)
        await self.acknowledge(plain)
        return work

    async def handle(self, delivery: Delivery) -> None:
        """Close, revise or leave open the request that a notice is about."""
        await self.settle(delivery.fields().get("request_id", ""), delivery)

    async def sweep(self, limit: int = 100) -> int:
        """Close the requests whose deadline has passed; returns how many there were."""
        due = await self.requests.overdue(limit)
        for request_id in due:
            await self._close(request_id)
        return len(due)

    async def _close(self, request_id: str) -> None:
        """Close one overdue request; one that cannot be merged fails, so that it does not hold up the others."""
        try:
            await self.settle(request_id, None, overdue=True)
        except Exception as error:
            if isinstance(error, RedisError) and is_server_trouble(error):
                raise
            log.exception("closing broke", request_id=request_id)
            await self._fail_overdue(request_id, error)

    async def _fail_overdue(self, request_id: str, error: Exception) -> None:
        await self.give_up(self.requests.overdue_cause(request_id, self.group), error)

    async def settle(self, request_id: str, cause: Delivery | None, *, overdue: bool = False) -> str:
        """Take one request as far as it can be taken; returns the output entry's id or ''."""
        if cause and (word := await self._as_before(request_id, cause)) is not None:
            return "" if word == "done" else word
        for _ in range(ATTEMPTS):
            state = await self.requests.state(request_id)
            mode = self._mode(state, overdue=overdue)
            if state is None or mode is None:
                await self._let_go(request_id, cause, gone=state is None)
                return ""
            result = await self._emit(state, mode, cause)
            if result not in {"state", "record"}:
                return "" if result == "done" else result
        raise RuntimeError(f"request {request_id} changed {ATTEMPTS} times while it was being closed")

    async def _as_before(self, request_id: str, cause: Delivery) -> str | None:
        """End a request with the known record, where nothing that it is made of has changed; ``None`` where it may have."""
        outline = await self.requests.outline(request_id, list(discover()))
        if outline is None:
            return None
        with tracing.span("emit", outline.identified.traceparent, mode="final", request_id=request_id):
            word = await self.emitter.again(outline, cause)
        if word is not None and word != "done":
            await self._line_up([], sorted(answered_title(outline.request)), request_id)
            log.info("final", request_id=request_id, status="complete", unchanged=True)
            self.tally.put_out("complete")
            await self.works.note_outcomes(outline.outcomes)
        return word

    @staticmethod
    def _mode(state: State | None, *, overdue: bool) -> Mode | None:
        if state is None or state.compact:
            return None
        if state.done:
            return None if overdue else "revision"
        if overdue or (state.identified is not None and state.is_whole):
            return "final"
        return "early" if state.request.early and not state.early and _is_enough(state) else None

    async def _let_go(self, request_id: str, cause: Delivery | None, *, gone: bool) -> None:
        if cause:
            await self.acknowledge([cause])
        if gone:
            await self.requests.close_unknown(request_id)

    async def _emit(self, state: State, mode: Mode, cause: Delivery | None) -> str:
        parent = state.identified.traceparent if state.identified else None
        with tracing.span("emit", parent, mode=mode, request_id=state.request.request_id or ""):
            return await self._compose_and_emit(state, mode, cause)

    async def _compose_and_emit(self, state: State, mode: Mode, cause: Delivery | None) -> str:
        emission = await self.emitter.prepare(state, mode)
        await self._line_up(*doubts_of(emission, int(clock.now() * 1000)), state.request.request_id or "")
        word = await self.emitter.put_through(emission, cause)
        if word not in {"state", "record", "done"}:
            log.info(
                mode,
                request_id=state.request.request_id,
                anime_id=emission.output.event.anime_id,
                status=emission.output.event.status,
                revision=emission.output.event.revision,
            )
            if word:
                self.tally.put_out(emission.output.event.status)
            await self._compare(emission)
            await self._learn(emission)
        return word

    async def _line_up(self, come: Sequence[Put], gone: Sequence[str], request_id: str) -> None:
        """Put what needs a person into the queue, before it is told: again where the step is repeated, but never too seldom."""
        try:
            await (self.decisions.line_up(come, gone) if come else self.decisions.take_out(gone))
        except ResponseError as error:
            log.warning("nothing was put before a person", request_id=request_id, error=str(error))

    async def _learn(self, emission: Emission) -> None:
        """Count what the answers teach about the sites; a full server costs the lesson, not the request."""
        try:
            await self.emitter.learn(emission)
        except ResponseError as error:
            log.warning("nothing was learned", anime_id=emission.output.event.anime_id, error=str(error))

    async def _compare(self, emission: Emission) -> None:
        """Tell the watch over the sites what the sources newly lack, and what they do not know."""
        if emission.mode == "final":
            await self.works.note(emission.state.partials)
        if emission.stored:
            for source, lost in newly_lost(emission.known, emission.gathered).items():
                await note(self.client, self.names.drift(source), lost)


def _is_enough(state: State) -> bool:
    """Whether an early record can be made: the quick sites have answered; after a decision, any site that has the work."""
    if state.request.why == "decision":
        return any(one.outcome == "ok" for one in state.partials.values())
    bulk = state.request.priority == "bulk"
    return bool(state.partials) and not any(_is_quick(name, bulk=bulk) for name in state.missing)


def _is_quick(source: str, *, bulk: bool) -> bool:
    """Whether an early record waits for ``source``; in bulk for those alone that answer many titles at once."""
    cls = discover()[source]
    return bool(cls.batches) if bulk else not cls.crawled
