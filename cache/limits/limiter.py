"""Waiting for a site's permission to ask: the one loop behind the fleet's limiter and the process's own."""

from __future__ import annotations

import asyncio
import uuid
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from math import inf
from typing import Literal

import aiohttp

from cache import clock
from cache.rules import Rate, Rest

Priority = Literal["interactive", "bulk", "following"]
PRIORITIES: tuple[Priority, ...] = ("interactive", "bulk", "following")
HEAD_START = 60.0
"""Seconds by which an interactive request may overtake a bulk one; after that the bulk one is the older. What nobody asked
for is behind a bulk one by as much again."""
HEARTBEAT = 1.0
GRACE = 1.5
"""A waiter asks again at least every HEARTBEAT seconds; GRACE seconds late it counts as dead and is passed over."""

MOST_LATE = 5
"""Turns that are given back for coming late before one is used all the same: a slow link must not stop everything."""

priority: ContextVar[Priority] = ContextVar("priority", default="interactive")
"""The priority of the current task's requests; set by the worker."""
max_wait: ContextVar[float | None] = ContextVar("max_wait", default=None)
"""How many seconds a request of the current task may wait for its turn; ``None`` is as long as it takes."""


class Waited:
    """Seconds that requests waited for their turn."""

    def __init__(self) -> None:
        self.seconds = 0.0


waited: ContextVar[Waited | None] = ContextVar("waited", default=None)
"""Set by whoever wants to know how long the requests of the current task waited for their turn."""


class LimitError(aiohttp.ClientError):
    """A request was not sent; an aiohttp error, so that whoever can serve something stale does so."""


class LimitWait(LimitError):  # noqa: N818 - names what it asks for
    """The turn would come later than the caller may wait; ``retry_after`` is in seconds."""

    def __init__(self, service: str, retry_after: float) -> None:
        super().__init__(f"{service}: the next free turn is in {retry_after:.1f} s")
        self.service = service
        self.retry_after = retry_after


class Banned(LimitError):  # noqa: N818 - names the state
    """The site is left alone by the whole fleet; ``until`` is Unix seconds, ``retry_after`` seconds from now."""

    def __init__(self, service: str, retry_after: float, reason: str) -> None:
        super().__init__(f"{service} is left alone for {retry_after:.0f} s more ({reason})")
        self.service = service
        self.retry_after = retry_after
        self.until = clock.now() + retry_after
        self.reason = reason


class Resting(Banned):
    """The document, not its site, is left alone: what came of it was refused too often."""


@dataclass(frozen=True, slots=True)
class LimitState:
    """How a site's limit stands; ``used`` counts grants per window, ``waiting`` requests per priority.

    Of ``waiting``, what is for following stands with bulk.
    """

    next_free_seconds: float = 0.0
    banned_until: float | None = None
    reason: str = ""
    used: Mapping[Rate, int] = field(default_factory=dict)
    waiting: Mapping[Priority, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the limiter: ``ahead`` others of this process come first, ``behind`` come after.

    With ``bans`` the fleet alone may answer, see `cache.rules.ServiceRules`.
    """

    service: str
    rates: Sequence[Rate]
    waiter: str
    priority: Priority
    behind: int = 0
    ahead: int = 0
    max_wait: float | None = None
    bans: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A request that may be sent now; ``granted_at`` is on the monotonic clock."""

    ask: Ask
    granted_at: float

    @property
    def late(self) -> bool:
        """Whether a request that is sent only now may arrive together with those of the next window."""
        slack = min((guard(rate) / 2 for rate in self.ask.rates), default=inf)
        return clock.monotonic() - self.granted_at > slack


turn: ContextVar[Turn | None] = ContextVar("turn", default=None)
"""The latest turn of the current task; set by the limiter."""


def guard(rate: Rate) -> float:
    """Seconds by which a window is kept longer: a tenth, at most 250 ms; requests arrive a little after their grant."""
    return min(rate.seconds / 10, 0.25)


@dataclass(frozen=True, slots=True)
class Answer:
    """``granted`` (``seconds`` ago), ``wait`` (ask again after ``seconds``), ``too_long`` or ``banned`` (for ``seconds``)."""

    verdict: str
    seconds: float = 0.0
    reason: str = ""


@dataclass(slots=True)
class _Line:
    """The requests of this process for one site and priority: one of them stands in the fleet's queue for all."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Limiter(ABC):
    """Grants turns: exact in every sliding window, interactive before bulk, fair between processes.

    Each process has one waiter per site and priority in the common queue, so that a process with a hundred waiting
    requests gets as many turns as one with two.
    """

    def __init__(self) -> None:
        self.banning: set[str] = set()
        """Services that the fleet alone may give turns for, see `cache.rules.ServiceRules`."""
        self.sent: Counter[tuple[str, Priority]] = Counter()
        """Turns of this process by service and priority; whoever tells the fleet takes out what it told."""
        self._lines: dict[tuple[str, Priority], _Line] = {}
        self._sizes: dict[tuple[str, str], int] = {}

    async def batch_size(self, service: str, kind: str, most: int) -> int:
        """How many questions of ``kind`` one request to ``service`` may carry now: ``most``, or what was learned since."""
        return min(most, self._sizes.get((service, kind), most))

    async def learn_batch_size(self, service: str, kind: str, size: int | None) -> None:
        """Remember that ``service`` takes no more than ``size`` questions of ``kind``; ``None``: as many as declared."""
        if size is None:
            self._sizes.pop((service, kind), None)
        else:
            self._sizes[service, kind] = size

    async def acquire(
        self,
        service: str,
        rates: Sequence[Rate],
        priority: Priority = "interactive",
        max_wait: float | None = None,
    ) -> None:
        """Return when a request may be sent now; `freshen` what is not used at once.

        Raises:
            LimitWait: the turn would come after ``max_wait`` seconds; nothing was used up.
            Banned: the site is latched.
        """
        line = self._lines.setdefault((service, priority), _Line())
        ask = Ask(service, tuple(rates), uuid.uuid4().hex, priority, max_wait=max_wait)
        ask = replace(ask, bans=service in self.banning)
        gives_up = None if max_wait is None else clock.monotonic() + max_wait
        if line.waiting and max_wait is not None:
            _raise_refusal(service, await self._ask(replace(ask, ahead=line.waiting)))
        line.waiting += 1
        began = clock.monotonic()
        try:
            turn.set(await self._stand_in_line(line, ask, gives_up))
            self.sent[service, priority] += 1
        finally:
            line.waiting -= 1
            if note := waited.get():
                note.seconds += clock.monotonic() - began

    async def freshen(self) -> None:
        """Give the current task's turn back for a new one if so much time went by that it comes late.

        The loop may have been busy when the turn came, or a connection had to be opened first.
        """
        for _ in range(MOST_LATE):
            taken = turn.get()
            if taken is None or not taken.late:
                return
            await self._give_back(taken.ask)
            self.sent[taken.ask.service, taken.ask.priority] -= 1
            await self.acquire(taken.ask.service, taken.ask.rates, taken.ask.priority, taken.ask.max_wait)

    async def _stand_in_line(self, line: _Line, ask: Ask, gives_up: float | None) -> Turn:
        try:
            async with asyncio.timeout(_left(gives_up)):
                await line.lock.acquire()
        except TimeoutError as error:
            estimate = await self._ask(replace(ask, ahead=max(1, line.waiting - 1), max_wait=None))
            raise LimitWait(ask.service, estimate.seconds) from error
        try:
            return await self._take_turn(line, ask, gives_up)
        finally:
            line.lock.release()

    async def _take_turn(self, line: _Line, ask: Ask, gives_up: float | None) -> Turn:
        try:
            while True:
                ask = replace(ask, behind=line.waiting - 1, max_wait=_left(gives_up))
                asked = clock.monotonic()
                answer = await self._ask(ask)
                if answer.verdict == "granted":
                    return Turn(ask, asked - answer.seconds)
                _raise_refusal(ask.service, answer)
                await asyncio.sleep(min(max(answer.seconds, 0.02), HEARTBEAT))
        except asyncio.CancelledError:
            await self._leave(ask)
            raise

    async def check_rest(self, service: str, document: str) -> None:
        """Raise `Resting` while ``document`` of ``service`` rests."""
        left, reason = await self._rests(service, document)
        if left > 0:
            raise Resting(service, left, reason)

    async def refused(self, service: str, document: str, reason: str, rest: Rest) -> None:
        """Count that the reader of ``document`` refused it; a site that sends nothing else is latched."""
        if await self._count_refused(service, document, reason, rest):
            await self.latch(service, rest.first, reason, rest.longest)

    @abstractmethod
    async def sound(self, service: str, document: str) -> None:
        """Forget what was counted against ``document``, and the row of refused ones that it ends."""

    @abstractmethod
    async def _rests(self, service: str, document: str) -> tuple[float, str]:
        """Seconds for which ``document`` rests, and why; 0 when it does not."""

    @abstractmethod
    async def _count_refused(self, service: str, document: str, reason: str, rest: Rest) -> bool:
        """Count a refusal; whether so many different documents in a row were refused that it is the site."""

    @abstractmethod
    async def _ask(self, ask: Ask) -> Answer:
        """Take a turn if there is one, or say how long it will be."""

    @abstractmethod
    async def _give_back(self, ask: Ask) -> None:
        """Let somebody else have a turn that was granted and not used."""

    @abstractmethod
    async def _leave(self, ask: Ask) -> None:
        """Give up the place in the queue."""

    @abstractmethod
    async def latch(self, service: str, seconds: float, reason: str, longest: float = 0.0) -> None:
        """Leave ``service`` alone for ``seconds``; a ban on the heels of the last one doubles up to ``longest``."""

    @abstractmethod
    async def clear(self, service: str) -> None:
        """Lift the ban of ``service``; what was granted stays counted."""

    @abstractmethod
    async def state(self, service: str) -> LimitState:
        """How the limit of ``service`` stands now."""

    @abstractmethod
    async def forecast(self, service: str, requests: int, rates: Sequence[Rate] = ()) -> float:
        """Seconds until ``requests`` more are through, behind those that wait; ``rates`` if none were used yet."""


def _left(gives_up: float | None) -> float | None:
    return None if gives_up is None else max(0.0, gives_up - clock.monotonic())


def _raise_refusal(service: str, answer: Answer) -> None:
    if answer.verdict == "too_long":
        raise LimitWait(service, answer.seconds)
    if answer.verdict == "banned":
        raise Banned(service, answer.seconds, answer.reason)
