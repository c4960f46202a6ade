"""The limiter of one process: for use without Redis, and while Redis is away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from math import inf

from cache import clock
from cache.backoff import doubled
from cache.limits.limiter import (
    GRACE,
    HEAD_START,
    HEARTBEAT,
    PRIORITIES,
    Answer,
    Ask,
    Limiter,
    LimitState,
    Priority,
    guard,
)
from cache.limits.refused import LocalRefused
from cache.rules import Rate, Rest

_LOOK_AHEAD = 1000
SHORT = 10.0
"""Seconds of a window that a burst fills; as in ``limit.lua``."""


def guarded(rate: Rate) -> float:
    """The window as it is kept, with its `guard`."""
    return rate.seconds + guard(rate)


def rates_for(ask: Ask) -> Sequence[Rate]:
    """What nobody watches leaves a tenth of each window to what somebody does, and a quarter of one under ten seconds.

    Where another window is the stricter one in the long run, it is at least one turn: that costs nothing.
    """
    if ask.priority == "interactive":
        return ask.rates
    pace = max((guarded(rate) / rate.permits for rate in ask.rates), default=0.0)
    return [Rate(rate.permits - _reserve(rate, pace), rate.seconds) for rate in ask.rates]


def _reserve(rate: Rate, pace: float) -> int:
    left = rate.permits // (4 if rate.seconds < SHORT else 10)
    is_free = rate.permits > 1 and guarded(rate) / (rate.permits - 1) <= pace
    return left or int(is_free)


def turn_time(grants: Sequence[float], rates: Sequence[Rate], turns: int, now: float) -> float:
    """When the last of ``turns`` grants may happen, after ``grants`` (oldest first), on the clock of ``now``."""
    planned = list(grants)
    counted = min(turns, _LOOK_AHEAD)
    at = now
    for _ in range(counted):
        for rate in rates:
            if len(planned) >= rate.permits:
                at = max(at, planned[-rate.permits] + guarded(rate))
        planned.append(at)
    pace = max((guarded(rate) / rate.permits for rate in rates), default=0.0)
    return at + (turns - counted) * pace


@dataclass(slots=True)
class _Waiter:
    turn: float
    priority: Priority
    size: int
    dead_at: float


@dataclass(slots=True)
class _Site:
    grants: dict[str, float] = field(default_factory=dict)
    """When each turn was granted, by who got it; the oldest first."""
    queue: dict[str, _Waiter] = field(default_factory=dict)
    rates: tuple[Rate, ...] = ()
    banned_until: float = -inf
    reason: str = ""
    strikes: int = 0

    def tidy(self, now: float) -> None:
        longest = max((guarded(rate) for rate in self.rates), default=0.0)
        self.grants = {name: at for name, at in self.grants.items() if at > now - longest}
        self.queue = {name: waiter for name, waiter in self.queue.items() if waiter.dead_at > now}

    def rank(self, turn: float) -> int:
        return sum(waiter.turn < turn for waiter in self.queue.values())


class LocalLimiter(Limiter):
    """Keeps every limit for this process alone; the same rules as the fleet's limiter, in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._sites: dict[str, _Site] = {}
        self._refused = LocalRefused()

    def _site(self, service: str) -> _Site:
        return self._sites.setdefault(service, _Site())

    async def _ask(self, ask: Ask) -> Answer:
        return self.answer(ask)

    def answer(self, ask: Ask) -> Answer:
        """Take a turn if there is one, or say how long it will be."""
        site, now = self._site(ask.service), clock.monotonic()
        if site.banned_until > now:
            site.queue.pop(ask.waiter, None)
            return Answer("banned", site.banned_until - now, site.reason)
        site.rates = tuple(ask.rates)
        site.tidy(now)
        known = site.queue.get(ask.waiter)
        turn = known.turn if known else now + HEAD_START * PRIORITIES.index(ask.priority)
        turns = (ask.ahead + 1) * max(1, site.rank(turn)) if ask.ahead else site.rank(turn) + 1
        wait = turn_time([*site.grants.values()], rates_for(ask), turns, now) - now
        if not ask.ahead and wait <= 0:
            site.grants[ask.waiter] = now
            site.queue.pop(ask.waiter, None)
            return Answer("granted")
        if ask.max_wait is not None and wait > ask.max_wait:
            site.queue.pop(ask.waiter, None)
            return Answer("too_long", wait)
        if not ask.ahead:
            dead_at = now + min(wait, HEARTBEAT) + GRACE
            site.queue[ask.waiter] = _Waiter(turn, ask.priority, ask.behind + 1, dead_at)
        return Answer("wait", wait)

    def note_grant(self, ask: Ask) -> None:
        """Count a turn that somebody else granted this process."""
        site, now = self._site(ask.service), clock.monotonic()
        site.rates = tuple(ask.rates)
        site.tidy(now)
        site.grants[ask.waiter] = now

    def take_back(self, ask: Ask) -> None:
        """Count a turn no longer: it was not used."""
        self._site(ask.service).grants.pop(ask.waiter, None)

    async def _give_back(self, ask: Ask) -> None:
        self.take_back(ask)

    async def _leave(self, ask: Ask) -> None:
        self._site(ask.service).queue.pop(ask.waiter, None)

    async def sound(self, service: str, document: str) -> None:
        """See `Limiter.sound`."""
        self._refused.sound(service, document)

    async def _rests(self, service: str, document: str) -> tuple[float, str]:
        return self._refused.rests(service, document)

    async def _count_refused(self, service: str, document: str, reason: str, rest: Rest) -> bool:
        return self._refused.refused(service, document, reason, rest)

    async def latch(self, service: str, seconds: float, reason: str, longest: float = 0.0) -> None:
        """Leave ``service`` alone for ``seconds``; see `Limiter.latch`."""
        site, now = self._site(service), clock.monotonic()
        if site.banned_until <= now:
            site.strikes = site.strikes + 1 if site.banned_until > now - seconds else 0
        length = max(seconds, doubled(site.strikes + 1, seconds, longest))
        if now + length > site.banned_until:
            site.banned_until, site.reason = now + length, reason

    async def clear(self, service: str) -> None:
        """Lift the ban of ``service``."""
        self._site(service).banned_until = -inf

    async def state(self, service: str) -> LimitState:
        """How the limit of ``service`` stands in this process."""
        site, now = self._site(service), clock.monotonic()
        site.tidy(now)
        ban = max(0.0, site.banned_until - now)
        return LimitState(
            next_free_seconds=turn_time(
                [*site.grants.values()], site.rates, self._waiting(site) + 1, now + ban
            )
            - now,
            banned_until=clock.now() + ban if ban else None,
            reason=site.reason if ban else "",
            used={r: sum(at > now - guarded(r) for at in site.grants.values()) for r in site.rates},
            waiting={
                "interactive": self._waiting(site, {"interactive"}),
                "bulk": self._waiting(site, {"bulk", "following"}),
            },
        )

    @staticmethod
    def _waiting(site: _Site, lanes: Collection[Priority] = PRIORITIES) -> int:
        return sum(w.size for w in site.queue.values() if w.priority in lanes)

    async def forecast(self, service: str, requests: int, rates: Sequence[Rate] = ()) -> float:
        """Seconds until ``requests`` more are through; see `Limiter.forecast`."""
        site, now = self._site(service), clock.monotonic()
        site.tidy(now)
        start = max(now, site.banned_until)
        turns = self._waiting(site) + requests
        return turn_time([*site.grants.values()], site.rates or tuple(rates), turns, start) - now
