"""One limiter and one ban latch per site for every process and machine that shares a Redis."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from cache import clock
from cache.limits.limiter import (
    Answer,
    Ask,
    Banned,
    Limiter,
    LimitError,
    LimitState,
    LimitWait,
    Priority,
    max_wait,
    priority,
)
from cache.limits.local import LocalLimiter
from cache.limits.middleware import limit_middleware
from cache.limits.refused import FleetRefused
from cache.lua_script import lua_script
from cache.rules import Rate, Rest

__all__ = [
    "Banned",
    "FleetLimiter",
    "LimitError",
    "LimitState",
    "LimitWait",
    "Limiter",
    "LocalLimiter",
    "Priority",
    "limit_middleware",
    "max_wait",
    "priority",
]

log = logging.getLogger(__name__)

_MICRO = 1_000_000
_RETRY_REDIS = 5.0


class FleetLimiter(Limiter):
    """The limiter of the fleet, on the server's clock.

    Args:
        redis_client: an asyncio client of the server that holds the state; Redis 7.0, Redis 8 or Valkey 8 and later.
        prefix: first word of every key; a site uses four keys ``<prefix>:limit:{<service>}...`` without a TTL;
            those of `cache.limits.refused` have one.
        patience: seconds an unreachable server is waited for; after that this process keeps its share of the limits
            by itself, but for sites that ban, and tells the server what it granted as soon as it is back.

    ``processes`` is how many share the limits; whoever knows the fleet sets it.
    """

    def __init__(self, redis_client: Redis, prefix: str = "anime", patience: float = 15.0) -> None:
        super().__init__()
        self.processes = 1
        self._redis = redis_client
        self._prefix = prefix
        self._patience = patience
        self._local = LocalLimiter()
        self._refused = FleetRefused(redis_client, prefix)
        self._failing_since: float | None = None
        self._down_until = 0.0
        self._owed: dict[str, list[float]] = {}
        self._owed_bans: dict[str, tuple[float, str]] = {}
        self._acquire = self._load("acquire")
        self._latch = self._load("latch")
        self._state = self._load("state")

    def _load(self, name: str) -> AsyncScript:
        return self._redis.register_script(lua_script("cache", "limit", f"limit_{name}").source)

    def _keys(self, service: str) -> list[str]:
        site = f"{self._prefix}:limit:{{{service}}}"
        return [site, f"{site}:grants", f"{site}:queue", f"{site}:leases"]

    async def _ask(self, ask: Ask) -> Answer:
        if clock.monotonic() < self._down_until:
            return self._ask_here(ask)
        try:
            await self._pay_ban(ask.service)
            answer = await self._ask_fleet(ask)
        except RedisError as error:
            return self._without_redis(ask, error)
        self._failing_since = None
        return answer

    async def _ask_fleet(self, ask: Ask) -> Answer:
        owed, now = self._owed.get(ask.service, []), clock.monotonic()
        args: list[str | int] = [
            ask.waiter,
            ask.priority,
            ask.behind,
            ask.ahead,
            -1 if ask.max_wait is None else _micro(ask.max_wait),
            _windows(ask.rates),
            ",".join(str(_micro(now - at)) for at in owed),
        ]
        verdict, wait, reason = await self._acquire(self._keys(ask.service), args)
        del owed[:]
        answer = Answer(_text(verdict), wait / _MICRO, _text(reason))
        if answer.verdict == "granted":
            self._local.note_grant(ask)
        return answer

    def _without_redis(self, ask: Ask, error: RedisError) -> Answer:
        now = clock.monotonic()
        if self._failing_since is None:
            self._failing_since = now
            log.warning("limits: Redis does not answer (%s); waiting for it", type(error).__name__)
        if now - self._failing_since < self._patience:
            can_wait = ask.max_wait is None or ask.max_wait > HICCUP
            return Answer("wait" if can_wait else "too_long", HICCUP)
        self._down_until = now + _RETRY_REDIS
        how = "is not asked" if ask.bans else "is limited in this process alone"
        log.warning("limits: without Redis, %s %s", ask.service, how)
        return self._ask_here(ask)

    def _ask_here(self, ask: Ask) -> Answer:
        if ask.bans:
            return Answer("wait" if ask.max_wait is None else "too_long", _RETRY_REDIS)
        answer = self._local.answer(replace(ask, rates=[share(rate, self.processes) for rate in ask.rates]))
        if answer.verdict == "granted":
            owed = self._owed.setdefault(ask.service, [])
            owed.append(clock.monotonic())
            del owed[: -max((rate.permits for rate in ask.rates), default=1)]
        return answer

    async def _give_back(self, ask: Ask) -> None:
        self._local.take_back(ask)
        try:
            await self._redis.zrem(self._keys(ask.service)[1], ask.waiter)
        except RedisError as error:
            log.debug("limits: a turn that is not used lapses by itself (%s)", error)

    async def _leave(self, ask: Ask) -> None:
        _, _, queue, leases = self._keys(ask.service)
        try:
            await self._redis.zrem(queue, ask.waiter)
            await self._redis.zrem(leases, ask.waiter)
            await self._redis.hdel(self._keys(ask.service)[0], f"line:{ask.waiter}")
        except RedisError as error:
            log.debug("limits: a place in the queue lapses by itself (%s)", error)

    async def sound(self, service: str, document: str) -> None:
        """See `Limiter.sound`."""
        await self._refused.sound(service, document)

    async def _rests(self, service: str, document: str) -> tuple[float, str]:
        return await self._refused.rests(service, document)

    async def _count_refused(self, service: str, document: str, reason: str, rest: Rest) -> bool:
        return await self._refused.refused(service, document, reason, rest)

    async def latch(self, service: str, seconds: float, reason: str, longest: float = 0.0) -> None:
        """Leave ``service`` alone for ``seconds``, everywhere and at once; see `Limiter.latch`."""
        log.warning("limits: %s is left alone for %.0f s (%s)", service, seconds, reason)
        try:
            await self._latch(self._keys(service), [_micro(seconds), reason, _micro(longest)])
        except RedisError as error:
            log.warning("limits: the ban of %s is known to this process alone (%s)", service, error)
            await self._local.latch(service, seconds, reason, longest)
            self._owed_bans[service] = (clock.monotonic() + seconds, reason)

    async def _pay_ban(self, service: str) -> None:
        if owed := self._owed_bans.get(service):
            left = owed[0] - clock.monotonic()
            if left > 0:
                await self._latch(self._keys(service), [_micro(left), owed[1], 0])
            self._owed_bans.pop(service, None)

    async def clear(self, service: str) -> None:
        """Lift the ban of ``service`` for the whole fleet. Raises `redis.RedisError` when it is not reached."""
        await self._local.clear(service)
        self._owed_bans.pop(service, None)
        await self._redis.hdel(self._keys(service)[0], "banned_until", "reason", "strikes")

    async def state(self, service: str) -> LimitState:
        """How the limit of ``service`` stands in the fleet. Raises `redis.RedisError` when it is not reached."""
        ready, ban, reason, windows, interactive, bulk, *used = await self._look(service, 1)
        return LimitState(
            next_free_seconds=ready / _MICRO,
            banned_until=clock.now() + ban / _MICRO if ban else None,
            reason=_text(reason),
            used=dict(zip(_rates(_text(windows)), used, strict=True)),
            waiting={"interactive": interactive, "bulk": bulk},
        )

    async def batch_size(self, service: str, kind: str, most: int) -> int:
        """What any process of the fleet has learned; what this one knows while the server is away."""
        try:
            learned = await self._redis.hget(self._keys(service)[0], f"batch:{kind}")
        except RedisError as error:
            log.debug("limits: the size of requests to %s is this process's own (%s)", service, error)
            return await super().batch_size(service, kind, most)
        return min(most, max(1, int(learned))) if learned is not None else most

    async def learn_batch_size(self, service: str, kind: str, size: int | None) -> None:
        """Tell the fleet; see `Limiter.learn_batch_size`."""
        await super().learn_batch_size(service, kind, size)
        key, field = self._keys(service)[0], f"batch:{kind}"
        try:
            await (self._redis.hdel(key, field) if size is None else self._redis.hset(key, field, str(size)))
        except RedisError as error:
            log.info("limits: the size of requests to %s is known to this process alone (%s)", service, error)

    async def forecast(self, service: str, requests: int, rates: Sequence[Rate] = ()) -> float:
        """Seconds until ``requests`` more are through; see `Limiter.forecast`."""
        ready: int = (await self._look(service, requests, rates))[0]
        return ready / _MICRO

    async def _look(self, service: str, requests: int, rates: Sequence[Rate] = ()) -> list[Any]:
        answer: list[Any] = await self._state(self._keys(service), [requests, _windows(rates)])
        return answer


HICCUP = 0.25
"""Seconds between two tries to reach a server that is away."""


def share(rate: Rate, processes: int) -> Rate:
    """What one of so many processes may send when none knows of the others: together never more than ``rate``."""
    permits = rate.permits // max(1, processes)
    return Rate(permits, rate.seconds) if permits else Rate(1, rate.seconds * processes / rate.permits)


def _micro(seconds: float) -> int:
    return round(seconds * _MICRO)


def _windows(rates: Sequence[Rate]) -> str:
    return ",".join(f"{rate.permits}:{_micro(rate.seconds)}" for rate in rates)


def _rates(text: str) -> list[Rate]:
    pairs = (pair.split(":") for pair in text.split(",") if pair)
    return [Rate(int(permits), int(length) / _MICRO) for permits, length in pairs]


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
