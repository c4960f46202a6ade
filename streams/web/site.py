"""The addresses of the status page, over FastStream's ASGI application."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from faststream.asgi import AsgiFastStream, AsgiResponse
from redis.asyncio import Redis

from cache import clock
from cache.limits.limiter import Limiter
from sources.demo.drawings import drawings
from streams.broker.answers import Answers
from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.requests import Requests
from streams.broker.review.decisions import Decisions
from streams.broker.scripts import Scripts
from streams.client.request_story import story_of
from streams.config.policy_file import load_policy
from streams.config.settings import Settings
from streams.following.calendar import airing_soon
from streams.operations import dead_letters
from streams.operations.fleet_status import fleet_status
from streams.operations.metrics_collector import Meter
from streams.operations.past.samples import DAY, SPANS, past
from streams.records.believed import look
from streams.records.history import recall
from streams.records.lookup import find_record
from streams.records.search import search
from streams.review.desk import Desk as ReviewDesk
from streams.service.description import described
from streams.service.liveness import Alive
from streams.telemetry.logs import logger
from streams.web.acting import Acting
from streams.web.answers import Route, Visit, data, page, reply, sorry
from streams.web.charts.fleet_charts import past_page
from streams.web.contract import contract_page
from streams.web.dead import SHOWN, dead_page
from streams.web.fleet import fleet_page, fleet_parts, latest
from streams.web.gate import Gate
from streams.web.html import Node
from streams.web.live import Live, Parts
from streams.web.missing import lacking, missing_page
from streams.web.reliability import reliability_page
from streams.web.requests import open_requests, requests_page, requests_parts
from streams.web.reviewing import Reviewing
from streams.web.works.calendar import DAYS, calendar_page
from streams.web.works.contents import relation_names
from streams.web.works.listing import listed
from streams.web.works.output import output_page
from streams.web.works.pictures import DRAWINGS
from streams.web.works.record import record_page
from streams.web.works.records import records_page, table_page
from streams.web.works.story import story_page

SVG = "image/svg+xml"
_FILES = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "review.js": "text/javascript; charset=utf-8",
    "icon.svg": SVG,
}

log = logger("page")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages look at."""

    redis: Redis
    names: Topology
    settings: Settings
    limiter: Limiter
    alive: Alive
    meter: Meter


def application(desk: Desk) -> AsgiFastStream:
    """The ASGI application; it neither connects nor reads, so its lifespan is empty."""
    return AsgiFastStream(asgi_routes=routes(Pages(desk)), logger=None)


def routes(pages: Pages) -> list[tuple[str, Route]]:
    """Every address of the page."""
    return [
        ("/", Route(pages.fleet)),
        ("/past", Route(pages.past)),
        ("/live", Route(Live(pages.followed()).listen)),
        ("/records", Route(pages.records)),
        ("/record", Route(pages.record)),
        ("/record.json", Route(pages.record_data)),
        ("/reliability", Route(pages.reliability)),
        ("/output", Route(pages.output)),
        ("/requests", Route(pages.requests)),
        ("/dead", Route(pages.dead)),
        ("/dead/replay", Route(pages.replay, "POST")),
        ("/request", Route(pages.request)),
        ("/calendar", Route(pages.calendar)),
        ("/missing", Route(pages.missing)),
        ("/act/publish", Route(pages.acting.publish, "POST")),
        ("/act/refresh", Route(pages.acting.refresh, "POST")),
        ("/act/ask", Route(pages.acting.ask, "POST")),
        ("/act/lift", Route(pages.acting.lift, "POST")),
        ("/review", Route(pages.reviewing.show)),
        ("/review/decide", Route(pages.reviewing.decide, "POST")),
        ("/review/undo", Route(pages.reviewing.undo, "POST")),
        ("/asyncapi", Route(pages.contract)),
        ("/asyncapi.json", Route(pages.document)),
        ("/healthz", Route(pages.healthz)),
        ("/readyz", Route(pages.readyz)),
        ("/metrics", Route(pages.metrics)),
        *((f"/{name}", Route(_file(_own(name), kind))) for name, kind in _FILES.items()),
        *((f"{DRAWINGS}{name}.svg", Route(_file(svg, SVG))) for name, svg in drawings().items()),
    ]


class Pages:
    """What each address answers."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.gate = Gate(desk.settings.tokens)
        self.acting = Acting(desk.redis, desk.names, desk.limiter, self.gate)
        self.reviewing = Reviewing(ReviewDesk(Decisions(Scripts(desk.redis), desk.names)), self.gate)

    def followed(self) -> dict[str, Parts]:
        """The pages that change by themselves, with what makes their parts."""
        return {"/": self.fleet_parts, "/requests": self.requests_parts, "/review": self.reviewing.parts}

    async def fleet(self, _request: Visit) -> AsgiResponse:
        """The fleet."""
        return page(fleet_page(await self.fleet_parts()))

    async def past(self, request: Visit) -> AsgiResponse:
        """The fleet over a longer span."""
        desk, span = self.desk, SPANS.get(request.asked("span"), DAY)
        status = await fleet_status(desk.redis, desk.names, desk.settings, desk.limiter)
        told = await past(Answers(Scripts(desk.redis), desk.names), desk.settings.active_sources, span)
        return page(past_page(status, told, span))

    async def fleet_parts(self) -> list[Node]:
        """What changes on it."""
        desk = self.desk
        status = await fleet_status(desk.redis, desk.names, desk.settings, desk.limiter)
        hour = await past(Answers(Scripts(desk.redis), desk.names), desk.settings.active_sources)
        return fleet_parts(status, await latest(desk.redis, desk.names), hour, may_act=not self.gate.locked)

    async def records(self, request: Visit) -> AsgiResponse:
        """Search; or all of them, as a table."""
        what = request.asked("q")
        if request.asked("view") == "table":
            stored, start = Records(Scripts(self.desk.redis), self.desk.names), request.number("start")
            return page(table_page(await listed(stored, what, start, request.asked("order"))))
        return page(records_page(what, await search(self.desk.redis, self.desk.names, what)))

    async def record(self, request: Visit) -> AsgiResponse:
        """One record."""
        what = request.asked("id")
        lookup = await find_record(self.desk.redis, self.desk.names, what) if what else None
        if lookup is None or lookup.record is None:
            return sorry(
                "No such record", "It was never made, or is forgotten. Search by title instead.", 404
            )
        records = Records(Scripts(self.desk.redis), self.desk.names)
        known = await records.belongs_to(relation_names(lookup.record))
        history = recall(await records.history(lookup.record.anime_id))
        return page(record_page(lookup.record, history, known, may_act=not self.gate.locked))

    async def record_data(self, request: Visit) -> AsgiResponse:
        """One record as JSON."""
        found = await find_record(self.desk.redis, self.desk.names, request.asked("id"))
        if found.record is None:
            return data({"error": "no such record"}, 404)
        return data(found.record.model_dump(mode="json", exclude_none=True))

    async def calendar(self, _request: Visit) -> AsgiResponse:
        """What airs in the next days."""
        records = Records(Scripts(self.desk.redis), self.desk.names)
        return page(calendar_page(await airing_soon(records, clock.now(), DAYS)))

    async def missing(self, _request: Visit) -> AsgiResponse:
        """What was made without some source."""
        scripts = Scripts(self.desk.redis)
        works = await lacking(Records(scripts, self.desk.names))
        return page(missing_page(works, await Decisions(scripts, self.desk.names).count()))

    async def reliability(self, _request: Visit) -> AsgiResponse:
        """How far each site is believed."""
        desk = self.desk
        policy = load_policy(desk.settings.policy_file)
        told = await look(Scripts(desk.redis), desk.names, policy, desk.settings.active_sources)
        return page(reliability_page(told))

    async def requests(self, _request: Visit) -> AsgiResponse:
        """Open requests."""
        return page(requests_page(await self.requests_parts(), may_act=not self.gate.locked))

    async def requests_parts(self) -> list[Node]:
        """What changes on that page."""
        redis, names = self.desk.redis, self.desk.names
        total = await Requests(Scripts(redis), names).count_open()
        return requests_parts(await open_requests(redis, names), total)

    async def request(self, request: Visit) -> AsgiResponse:
        """Where one request stands."""
        story = await story_of(Requests(Scripts(self.desk.redis), self.desk.names), request.asked("id"))
        if story is None:
            return sorry("No such request", "It was never published, or is forgotten by now.", 404)
        return page(story_page(story))

    async def output(self, request: Visit) -> AsgiResponse:
        """One output entry."""
        entry = request.asked("entry")
        if not entry.replace("-", "").isdigit():
            return sorry("No such output", "An entry is named as 1700000000000-0.", 404)
        entries: Any = await self.desk.redis.xrange(self.desk.names.enriched, entry, entry)
        if not entries:
            return sorry(
                "No such output", "It was trimmed off the stream; its record may still be there.", 404
            )
        fields = {text(key): text(value) for key, value in entries[0][1].items()}
        return page(output_page(fields, json.loads(fields.get("data", "{}"))))

    async def dead(self, request: Visit) -> AsgiResponse:
        """Dead letters."""
        return page(await self._dead(request.asked("source") or None))

    async def _dead(self, source: str | None = None, told: str = "") -> bytes:
        letters = await dead_letters.list_letters(
            self.desk.redis, self.desk.names, source=source, limit=SHOWN
        )
        return dead_page(letters, may_replay=self.desk.settings.admin_token is not None, told=told)

    async def replay(self, request: Visit) -> AsgiResponse:
        """Put the chosen dead letters back, for who knows the token."""
        form, refusal = await self.gate.open(request)
        if refusal is not None:
            return refusal
        done = [
            await dead_letters.replay(self.desk.redis, self.desk.names, entry)
            for entry in form.get("entry", [])
        ]
        log.info("replayed from the page", letters=len(done))
        counts = (
            ", ".join(f"{done.count(outcome)} {outcome}" for outcome in dict.fromkeys(done))
            or "none was chosen"
        )
        return page(await self._dead(told=f"Replayed: {counts}."))

    async def contract(self, _request: Visit) -> AsgiResponse:
        """The contract, readable."""
        return page(contract_page(described()))

    async def document(self, _request: Visit) -> AsgiResponse:
        """The contract as AsyncAPI."""
        return data(described())

    async def healthz(self, _request: Visit) -> AsgiResponse:
        """Whether this process is alive and its readers read; asks no server."""
        silent = self.desk.alive.not_reading()
        return data({"alive": not silent, "not_reading": silent}, 503 if silent else 200)

    async def readyz(self, _request: Visit) -> AsgiResponse:
        """Whether the server answers and the groups of this process exist."""
        missing = await self.desk.alive.missing_groups(self.desk.names)
        return data({"ready": not missing, "missing_groups": missing}, 503 if missing else 200)

    async def metrics(self, _request: Visit) -> AsgiResponse:
        """Prometheus metrics of the fleet and this process."""
        return reply(await self.desk.meter.render(), "text/plain; version=0.0.4; charset=utf-8")


def _own(name: str) -> bytes:
    return files("streams.web").joinpath(name).read_bytes()


def _file(content: bytes, kind: str) -> Any:
    async def answer(_request: Visit) -> AsgiResponse:
        return reply(content, kind, cache="max-age=300")

    return answer
