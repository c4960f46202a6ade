"""Takes requests in, in batches of its own: interactive ones are accepted at once, bulk ones wait on a lane for their turn."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis

from streams.broker.catalogue.outputs import Outputs
from streams.broker.delivery import MOST_FIELDS, BadEntry, Delivery
from streams.broker.keys import IDENTIFY, Topology
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.contract.events import TitleRequest
from streams.stages.accept import kept, read_request
from streams.stages.base import Base, first_entry
from streams.telemetry import tracing
from streams.telemetry.logs import logger

AT_ONCE = 2_000
"""Requests that are taken in together."""

log = logger("stages")


class Intake(Base):
    """The door of group ``identify``. Sorting is all that is done with a bulk request before somebody has time for it:
    it is read, checked and opened when its turn comes, and its deadline counts from then."""

    group = IDENTIFY

    def __init__(self, client: Redis, scripts: Scripts, names: Topology, settings: Settings) -> None:
        super().__init__(client, scripts, names, settings)
        self.outputs = Outputs(scripts, names)

    async def sift(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Put bulk requests on their lane, all at once; the others are work."""
        work: list[Delivery] = []
        bulk: list[Delivery] = []
        for delivery in deliveries:
            (work if self._is_work(delivery) else bulk).append(delivery)
        if bulk:
            await self.requests.sort(bulk)
        return work

    def _is_work(self, one: Delivery) -> bool:
        """Whether it may be interactive, or is too large or too wide to travel any further."""
        raw = one.raw
        if len(raw) > MOST_FIELDS:
            return True
        if b"interactive" in raw.get(b"priority", b"") or b"interactive" in raw.get(b"data", b""):
            return True
        return one.size > self.settings.request_max_bytes or one.stream != self.names.requests

    async def handle(self, delivery: Delivery) -> None:
        """Accept a request, or say why it is none."""
        try:
            fields = self._sound(delivery)
            request = read_request({k: v for k, v in fields.items() if k != "attempt"}, first_entry(delivery))
            self._check_reply(request)
            body = kept(request)
        except BadEntry as error:
            await self.bury(delivery, "bad_request", str(error), next_step=error.next_step)
            return
        status, part = "again", ""
        while status == "again":
            status = await self.requests.accept(
                delivery,
                request,
                body,
                deadline_ms=int(self._deadline(request) * 1000),
                traceparent=tracing.onwards(fields.get("traceparent")),
                said=part,
            )
            part = await self._said(request) if status == "again" else ""
        log.info("accepted", request_id=request.request_id, title=request.title, status=status)

    async def _said(self, request: TitleRequest) -> str:
        """The part of what a request ended with that a reply stream wants; read by nobody once the output is cut off."""
        for ended in await self.requests.ended([request.request_id or ""]):
            if data := await self.outputs.data(ended.entry):
                return (request.part.of_json(data) if ended.revision else data).decode()
        return "{}"

    def _sound(self, delivery: Delivery) -> dict[str, str]:
        most = self.settings.request_max_bytes
        if delivery.size > most:
            step = "send the request alone, or raise REQUEST_MAX_BYTES"
            raise BadEntry(f"an entry of {delivery.size} bytes is too large (at most {most})", step)
        return delivery.fields()

    def _check_reply(self, request: TitleRequest) -> None:
        if request.reply_to and request.reply_to.startswith(f"{self.names.prefix}:"):
            raise BadEntry("reply_to names one of the pipeline's own keys", "name a stream of your own")

    def _deadline(self, request: TitleRequest) -> float:
        urgent = request.priority == "interactive"
        return request.deadline_s or (
            self.settings.request_deadline_seconds if urgent else self.settings.bulk_deadline_seconds
        )
