"""Who stands for a turn at a site, and which kind of question gets it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import aiohttp

from cache import clock
from cache.limits.limiter import Limiter, LimitWait, Priority, max_wait, priority
from cache.limits.refused import document
from cache.rules import Reply, ServiceRules
from sources.bulk.line import Asked, Line, Send, Waiting

COMPANY_SECONDS = 2.0
"""How long a bulk question waits for others before it asks for a turn; one that somebody watches does not wait."""
LOOKS = 0.025
"""Seconds between two looks whether anybody may still come; nobody in two of them is nobody."""
OVERTAKEN = 30.0
"""Seconds after which a question lets no fuller request go first."""

MayCome = Callable[[int], bool]
"""Whether more questions may be on their way, when so many are waiting here."""


class NobodyWaits(aiohttp.ClientError):
    """The turn came when all who wanted it had given up."""


@dataclass(frozen=True, slots=True)
class Company:
    """How long bulk waits for others, and who can tell that none will come."""

    seconds: float = COMPANY_SECONDS
    may_come: MayCome = lambda _waiting: True


class Desk:
    """The lines of one site; at most one task of each priority waits for a turn, and a turn goes to the fullest line."""

    def __init__(self, rules: ServiceRules, limiter: Limiter, company: Company) -> None:
        self.rules, self.limiter, self.company = rules, limiter, company
        self.lines: list[Line] = []
        self._for_turn: dict[Priority, asyncio.Task[None]] = {}
        self._sending: set[asyncio.Task[None]] = set()

    async def ask(self, line: Line, one: Waiting) -> Reply:
        """The answer to the question of ``one``, alone or among others.

        Raises what asking alone raises: `LimitError`, an aiohttp error, ``TimeoutError``.
        """
        line.waiting.append(one)
        self._stand_for_all()
        try:
            await self._turn(one)
            return await one.answer
        finally:
            self._leave(line, one)

    async def _turn(self, one: Waiting) -> None:
        patience = max_wait.get()
        # waiting for company is no waiting for the site
        if patience is not None and one.priority != "interactive":
            patience += self.company.seconds
        try:
            async with asyncio.timeout(patience):
                await one.taken.wait()
        except TimeoutError as error:
            seconds = await self.limiter.forecast(self.rules.service, 1, self.rules.rates)
            raise LimitWait(self.rules.service, seconds) from error

    def _leave(self, line: Line, one: Waiting) -> None:
        if one.answer.done() and not one.answer.cancelled():
            one.answer.exception()
        one.answer.cancel()
        if one in line.waiting:
            line.waiting.remove(one)
            self._stand_for_all()

    def _all(self) -> list[Waiting]:
        return [one for line in self.lines for one in line.waiting]

    def _stand_for_all(self) -> None:
        """One task for each priority that waits; nobody stands for a turn that nobody wants."""
        wanted = {one.priority: one for one in reversed(self._all())}
        for of in [of for of in self._for_turn if of not in wanted]:
            self._for_turn.pop(of).cancel()
        for of in wanted:
            if of not in self._for_turn:
                task = asyncio.create_task(self._stand(of))
                self._for_turn[of] = task
                self._sending.add(task)
                task.add_done_callback(partial(self._over, of))

    def _over(self, of: Priority, task: asyncio.Task[None]) -> None:
        """Whoever has come after a turn that failed needs one of his own."""
        self._sending.discard(task)
        if self._for_turn.get(of) is task:
            del self._for_turn[of]
        if not task.cancelled():
            self._stand_for_all()

    async def _stand(self, of: Priority) -> None:
        priority.set(of)
        max_wait.set(None)
        document.set(None)  # each question has its own
        if of != "interactive":
            await self._gather(of)
        for line in self.lines:
            await line.hear_size()
        if first := self._next(of):
            await self._go(of, first, first.waiting[0].send)

    async def _go(self, of: Priority, line: Line, send: Send) -> None:
        """Wait for a turn, and use it for those who need it most when it has come."""
        taken: list[Waiting] = []

        async def take() -> Asked:  # the turn has come: nothing may hold the request up any more
            nonlocal line
            line = self._next(of) or line
            self._for_turn.pop(of, None)
            taken.extend(line.take())
            self._stand_for_all()
            if not taken:
                raise NobodyWaits
            return line.joint(taken)

        try:
            reply = await send(take)
        except NobodyWaits:
            return
        except Exception as error:  # noqa: BLE001 - whoever asked gets it, as if he had asked alone
            await line.failed(taken or self._all(), error)  # a turn that did not come is none for anybody
            return
        await line.answered(taken, reply)

    async def _gather(self, of: Priority) -> None:
        """Wait until a request is full, until the oldest question has waited long enough, or until nobody can come."""
        alone = 0
        while (waiting := self._of(of)) and not any(line.fullness() >= 1 for line in self.lines):
            left = min(one.since for one in waiting) + self.company.seconds - clock.monotonic()
            alone = 0 if self.company.may_come(len(self._all())) else alone + 1
            if left <= 0 or alone > 1:
                return
            await asyncio.sleep(min(left, LOOKS))

    def _of(self, priority: Priority) -> list[Waiting]:
        return [one for one in self._all() if one.priority == priority]

    def _next(self, of: Priority) -> Line | None:
        """The line that gets a turn of this priority: where somebody is watched, his; otherwise the fullest, then the oldest."""
        now = clock.monotonic()

        def need(line: Line) -> tuple[float, float]:
            watched = [one for one in line.waiting if one.priority == "interactive"]
            if of == "interactive":
                return float(bool(watched)), now - min((one.since for one in watched), default=now)
            age = now - min(one.since for one in line.waiting)
            return (1.0 if age >= OVERTAKEN else line.fullness()), age

        return max((line for line in self.lines if line.waiting), key=need, default=None)
