"""Says when the fleet's health changes: in the log a line for what is newly wrong, one for what is over; a notice of all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from redis.asyncio import Redis

from cache.limits.limiter import Limiter
from streams.broker.answers import Answers
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.operations.fleet_status import fleet_status
from streams.operations.health import Change, change
from streams.operations.past.samples import FLEET, sampled
from streams.telemetry.logs import logger

log = logger("health")

LOOK_SECONDS = 10.0
KEEP_SECONDS = 86_400
CHANGED = "health.changed"
"""Type of the notice."""
Notify = Callable[[str, float, Mapping[str, Any]], None]
"""Takes a notice's type, when (Unix seconds) and what; returns at once."""


class Notices:
    """Owner of what was last said of the health, so that one process of many says what has changed, once.

    What was told goes after a day without anybody who looks.
    """

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names

    async def my_turn(self) -> bool:
        """Whether this process is the one that looks now."""
        turn, span = f"{self.names.health}:turn", int(LOOK_SECONDS * 900)
        return bool(await self.scripts.call("SET", turn, "1", "NX", "PX", span))

    async def replace(self, told: Mapping[str, str]) -> dict[str, str]:
        """Keep what is told now, a sentence by what it is about; returns what was told before."""
        words = json.dumps(dict(told), ensure_ascii=False)
        before: Any = await self.scripts.call("SET", self.names.health, words, "EX", KEEP_SECONDS, "GET")
        found: dict[str, str] = json.loads(before) if before else {}
        return found


class HealthWatch:
    """Every process runs one; each look is made by one of them."""

    def __init__(
        self,
        redis: Redis,
        names: Topology,
        settings: Settings,
        limiter: Limiter,
        notify: Notify | None = None,
    ) -> None:
        self.redis, self.names, self.settings, self.limiter = redis, names, settings, limiter
        self.scripts = Scripts(redis)
        self.notices = Notices(self.scripts, names)
        self.notify = notify

    async def look(self) -> None:
        """Judge, and tell what has changed since the last look. Raises ``RedisError``."""
        if not await self.notices.my_turn():
            return
        status = await fleet_status(self.redis, self.names, self.settings, self.limiter)
        await Answers(self.scripts, self.names).count(FLEET, sampled(status))
        before = await self.notices.replace({one.key: one.found for one in status.troubles})
        if changed := change(before, status.troubles):
            _tell(changed)
            if self.notify:
                self.notify(CHANGED, status.at, {"fleet": self.names.prefix, **changed.model_dump()})


def _tell(changed: Change) -> None:
    for one in changed.began:
        log.warning(
            f"health: {one.level}",
            what=one.what,
            subject=one.subject,
            found=one.found,
            next_step=one.next_step,
            fleet=changed.now,
        )
    for past in changed.over:
        log.info("health: over", what=past.what, subject=past.subject, was=past.found, fleet=changed.now)
