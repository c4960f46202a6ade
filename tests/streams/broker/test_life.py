"""The table of a request's life holds on a real server: every step of it is taken, and no other moves a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from streams.broker.connection import text
from streams.broker.delivery import Delivery
from streams.broker.emission import Mode, Order, emit
from streams.broker.keys import Topology
from streams.broker.life import LIFE, Phase, Step, phase_of, picture
from streams.broker.request_state import contribution
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.contract.events import IdentifiedTitle, PartialResult, TitleRequest

DELIVERY = Path(__file__).parents[3] / "docs" / "delivery.md"
DECIDED_BY_US = {"early", "revision"}
"""Steps whose time the aggregator chooses; the script itself refuses the others where they do not belong."""
PHASES = {phase: next(step for step in LIFE if step.after is phase) for phase in Phase}
"""How each phase is come by."""


class Walk:
    """One request on one server, moved by the owners' own methods."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self.redis, self.names = redis, Topology(prefix)
        self.scripts = Scripts(redis)
        self.requests = Requests(self.scripts, self.names)
        self.request = TitleRequest(title="Shelter", request_id="r", early=True)
        self.event = IdentifiedTitle(request_id="r", request=self.request, asked=["jikan", "kitsu", "anidb"])
        self.sources = (f"source{number}" for number in count())

    async def phase(self) -> Phase:
        return phase_of(await self.redis.hgetall(self.names.state("r")))

    async def reach(self, phase: Phase) -> None:
        """Bring the request into a phase, from nothing."""
        if phase is Phase.ABSENT:
            return
        step = PHASES[phase]
        await self.reach(step.before)
        await self.take(step.name)

    async def take(self, name: str) -> None:
        steps: dict[str, Callable[[], Awaitable[object]]] = {
            "accept": self.accept,
            "reopen": lambda: self.requests.reopen(self.request, self.event, "kitsu", deadline_ms=60_000),
            "identified": self.identified,
            "partial": self.partial,
            "bury": self.bury,
            "early": lambda: self.emit("early"),
            "final": lambda: self.emit("final"),
            "revision": lambda: self.emit("revision"),
            "sweep": lambda: self.requests.forget(-1_000, 10),
        }
        await steps[name]()

    async def cause(self, stream: str) -> Delivery:
        """An entry of a stream in a group's hands."""
        await self.redis.xadd(stream, {"request_id": "r"})
        if not await self.redis.exists(f"{stream}:made"):
            await self.redis.xgroup_create(stream, "g", id="0")
            await self.redis.set(f"{stream}:made", 1)
        read: Any = await self.redis.xreadgroup("g", "c", {stream: ">"}, count=1)
        rows = next(iter(read.values()))[0] if isinstance(read, dict) else read[0][1]
        return Delivery(stream, "g", text(rows[0][0]), {})

    async def accept(self) -> None:
        cause = await self.cause(self.names.requests)
        body = self.request.model_dump_json()
        await self.requests.accept(cause, self.request, body, deadline_ms=60_000, traceparent="")

    async def identified(self) -> None:
        await self.requests.identified(await self.cause("lane"), "r", self.event)

    async def partial(self) -> None:
        answer = PartialResult(request_id="r", source=next(self.sources), outcome="not_found")
        await self.requests.hand_in(
            await self.cause("lane"), answer.request_id, contribution(answer), answered=True
        )

    async def bury(self) -> None:
        await self.requests.bury(await self.cause("lane"), "r", {"reason": "x"}, {"request_id": "r"})

    async def emit(self, mode: Mode) -> None:
        version: object = await self.redis.hget(self.names.state("r"), "version")
        await emit(
            self.scripts,
            self.names,
            Order(
                request_id="r",
                version=text(version) if version else "0",
                mode=mode,
                status="partial",
                anime_id="",
                revision=0,
                makes_revision=False,
                fields={"request_id": "r"},
                stored=None,
                keep_ms=0,
                reply_max=10,
            ),
            None,
        )


@pytest.fixture
async def walk(redis: Redis, prefix: str) -> Walk:
    await redis.delete("lane", "lane:made")
    return Walk(redis, prefix)


@pytest.mark.parametrize("step", LIFE, ids=lambda step: f"{step.before}-{step.name}")
async def test_each_step_leads_where_the_table_says(walk: Walk, step: Step) -> None:
    await walk.reach(step.before)
    assert await walk.phase() is step.before
    await walk.take(step.name)
    assert await walk.phase() is step.after


@pytest.mark.parametrize("phase", Phase)
async def test_a_step_that_is_not_in_the_table_moves_nothing(walk: Walk, phase: Phase) -> None:
    listed = {step.name for step in LIFE if step.before is phase}
    await walk.reach(phase)
    for name in sorted({step.name for step in LIFE} - listed - DECIDED_BY_US):
        await walk.take(name)
        assert await walk.phase() is phase, name


def test_every_phase_is_come_by_and_left() -> None:
    assert {step.after for step in LIFE} == {step.before for step in LIFE} == {*Phase}


def test_the_picture_in_the_docs_is_drawn_from_the_table() -> None:
    assert f"```mermaid\n{picture()}\n```" in DELIVERY.read_text(encoding="utf-8"), (
        "paste what `python -m streams.broker.life` prints"
    )
