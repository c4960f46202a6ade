"""Documents that their readers refused: one that is spoilt again and again rests, for the whole fleet, and so does a
site that sends nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from redis.asyncio import Redis
from redis.exceptions import RedisError

from cache import clock
from cache.backoff import doubled
from cache.lua_script import lua_script
from cache.rules import Rest

IN_A_ROW = 5
"""So many different documents refused with no sound one between them: it is the site, not the document."""
_MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class Document:
    """What one request is for; ``asked`` is set when the request really goes to the site."""

    key: str
    asked: bool = False


document: ContextVar[Document | None] = ContextVar("document", default=None)
"""What the current task asks for; set by whoever can tell whether the reply was any good."""


@dataclass(slots=True)
class _Tally:
    count: int = 0
    until: float = 0.0
    reason: str = ""


@dataclass(slots=True)
class LocalRefused:
    """The books of this process alone; the same rules as `FleetRefused`."""

    tallies: dict[tuple[str, str], _Tally] = field(default_factory=dict)
    rows: dict[str, set[str]] = field(default_factory=dict)

    def rests(self, service: str, key: str) -> tuple[float, str]:
        """Seconds for which the document is not asked for, and why; 0 when it may be asked for."""
        tally = self.tallies.get((service, key), _Tally())
        return max(0.0, tally.until - clock.monotonic()), tally.reason

    def refused(self, service: str, key: str, reason: str, rest: Rest) -> bool:
        """Count a refusal; whether the site sends nothing but what is refused."""
        if len(self.tallies) >= _MOST_REMEMBERED:
            self.tallies.clear()
        tally = self.tallies.setdefault((service, key), _Tally())
        tally.count += 1
        tally.reason = reason
        if tally.count >= rest.after:
            pause = doubled(tally.count - rest.after + 1, rest.first, rest.longest)
            tally.until = clock.monotonic() + pause
        row = self.rows.setdefault(service, set())
        row.add(key)
        return len(row) >= IN_A_ROW and bool(self.rows.pop(service))

    def sound(self, service: str, key: str) -> None:
        """The document is good again, and so is the site."""
        self.tallies.pop((service, key), None)
        self.rows.pop(service, None)


class FleetRefused:
    """The books of the fleet, on the server's clock; without a server those of this process.

    A document has two keys, a site one; all of them go by themselves, after twice the longest rest at the latest.
    """

    def __init__(self, redis_client: Redis, prefix: str) -> None:
        self._redis, self._prefix = redis_client, prefix
        self._local = LocalRefused()
        self._refused = redis_client.register_script(lua_script("cache", "limit_refused").source)

    def _keys(self, service: str, key: str) -> Sequence[str]:
        site = f"{self._prefix}:limit:{{{service}}}:refused"
        return [f"{site}:{key}", f"{site}:{key}:rest", f"{site}:row"]

    async def rests(self, service: str, key: str) -> tuple[float, str]:
        """Seconds for which the document is not asked for, and why; 0 when it may be asked for."""
        rest = self._keys(service, key)[1]
        try:
            reason = await self._redis.get(rest)
            left = await self._redis.pttl(rest) if reason is not None else 0
        except RedisError:
            return self._local.rests(service, key)
        return max(0, left) / 1000, reason.decode() if isinstance(reason, bytes) else reason or ""

    async def refused(self, service: str, key: str, reason: str, rest: Rest) -> bool:
        """Count a refusal; whether the site sends nothing but what is refused."""
        args: list[str | int] = [
            key,
            rest.after,
            int(rest.first * 1000),
            int(rest.longest * 1000),
            IN_A_ROW,
            reason,
        ]
        try:
            return bool(await self._refused(self._keys(service, key), args))
        except RedisError:
            return self._local.refused(service, key, reason, rest)

    async def sound(self, service: str, key: str) -> None:
        """The document is good again, and so is the site."""
        self._local.sound(service, key)
        try:
            await self._redis.unlink(*self._keys(service, key))
        except RedisError:
            return  # what is left in the books goes by itself
