"""The Lua scripts of ``lua/``, each one atomic step on the server."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

@cache
def source_of(name: str) -> str:
    """The text of ``lua/<name>.lua``."""
    return (files("streams") / "lua" / f"{name}.lua").read_text(encoding="utf-8")


class Scripts:
    """Calls scripts by name on one client."""

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._known: dict[str, AsyncScript] = {}

    async def run(self, name: str, keys: Sequence[str], args: Sequence[Any]) -> Any:
        """Run ``lua/<name>.lua``; keys and arguments are told in its header."""
        if name not in self._known:
            self._known[name] = self.client.register_script(source_of(name))
        return await self._known[name](keys=list(keys), args=list(args))
