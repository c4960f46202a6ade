"""Owner of what was last said of the fleet's health, so that one process of many says what has changed, once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from streams.broker.keys import Topology
from streams.broker.scripts import Scripts

LOOK_SECONDS = 10.0
KEEP_SECONDS = 86_400


class Notices:
    """What was told goes after a day without anybody who looks."""

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
