"""The questions of one kind that wait for a turn at a site, and who takes them along when it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import aiohttp

from cache.limits.batch_size import after_refusal, after_success
from cache.limits.limiter import PRIORITIES, Limiter, LimitWait, Priority, max_wait, priority
from cache.rules import Reply, ServiceRules
from sources.batch import Batch, Part, Question
from sources.bulk.judging import Fate, judged, works_alone
from sources.errors import NotAnEntry

COMPANY_SECONDS = 2.0
"""How long a bulk question waits for others before it asks for a turn; one that somebody watches does not wait."""

Take = Callable[[], Awaitable[Question]]
Send = Callable[[Take], Awaitable[Reply]]
"""Waits for a turn, has the question of that moment given, and asks it."""


class NobodyWaits(aiohttp.ClientError):
    """The turn came when all who wanted it had given up."""


@dataclass(eq=False, slots=True)
class Waiting:
    """Who asked, and what comes of it; ``send`` is the way to the site."""

    question: Question
    priority: Priority
    send: Send
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    answer: asyncio.Future[Reply] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def get(self, reply: Reply) -> None:
        """Hand the answer over, if it is still wanted."""
        if not self.answer.done():
            self.answer.set_result(reply)

    def said(self) -> int | None:
        """The status of the answer, if one came."""
        came = self.answer.done() and not self.answer.cancelled() and self.answer.exception() is None
        return self.answer.result().status if came else None

    def fail(self, error: Exception) -> None:
        """The same for what came instead."""
        self.taken.set()
        if not self.answer.done():
            self.answer.set_exception(error)


class Line:
    """The questions of one kind that can go together; at most one task of each priority waits for a turn."""

    def __init__(self, batch: Batch, rules: ServiceRules, limiter: Limiter, company_seconds: float) -> None:
        self.batch, self.rules, self.limiter = batch, rules, limiter
        self.company_seconds = company_seconds
        self._waiting: list[Waiting] = []
        self._for_turn: dict[Priority, asyncio.Task[None]] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._full = asyncio.Event()

    async def ask(self, question: Question, send: Send) -> Reply:
        """The answer to ``question``, alone or among others.

        Raises what asking alone raises: `LimitError`, an aiohttp error, ``TimeoutError``.
        """
        one = Waiting(question, priority.get(), send)
        self._waiting.append(one)
        if len(self._waiting) >= self.batch.most:
            self._full.set()
        self._stand_for(one.priority, one.send)
        try:
            await self._turn(one)
            return await one.answer
        finally:
            self._leave(one)

    async def _turn(self, one: Waiting) -> None:
        patience = max_wait.get()
        # waiting for company is no waiting for the site
        if patience is not None and one.priority != "interactive":
            patience += self.company_seconds
        try:
            async with asyncio.timeout(patience):
                await one.taken.wait()
        except TimeoutError as error:
            seconds = await self.limiter.forecast(self.rules.service, 1, self.rules.rates)
            raise LimitWait(self.rules.service, seconds) from error

    def _leave(self, one: Waiting) -> None:
        """Nobody stands for a turn that nobody wants."""
        if one.answer.done() and not one.answer.cancelled():
            one.answer.exception()
        one.answer.cancel()
        if one in self._waiting:
            self._waiting.remove(one)
        if not self._waiting:
            self._give_turns_back()

    def _give_turns_back(self) -> None:
        for task in self._for_turn.values():
            task.cancel()
        self._for_turn.clear()

    def _stand_for(self, of: Priority, send: Send) -> None:
        if of in self._for_turn:
            return
        task = asyncio.create_task(self._stand(of, send))
        self._for_turn[of] = task
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _stand(self, of: Priority, send: Send) -> None:
        priority.set(of)
        max_wait.set(None)
        if of != "interactive" and len(self._waiting) < self.batch.most:
            await self._company()
        taken: list[Waiting] = []
        size = await self.limiter.batch_size(self.rules.service, self.batch.name, self.batch.most)

        async def take() -> Question:  # the turn has come: nothing may hold the request up any more
            taken.extend(self._take(of, size))
            return self._joint(taken)

        await self._round(taken, take, send)

    async def _company(self) -> None:
        self._full.clear()
        try:
            async with asyncio.timeout(self.company_seconds):
                await self._full.wait()
        except TimeoutError:
            return

    def _take(self, of: Priority, size: int) -> list[Waiting]:
        """Those who go along with a turn that has come: whoever is watched first, then by age."""
        taken = sorted(self._waiting, key=lambda one: PRIORITIES.index(one.priority))[:size]
        self._waiting = [one for one in self._waiting if one not in taken]
        self._for_turn.pop(of, None)
        for one in taken:
            one.taken.set()
        if not self._waiting:
            self._give_turns_back()
        for left in self._waiting:
            self._stand_for(left.priority, left.send)
        if not taken:
            raise NobodyWaits
        return taken

    def _joint(self, members: Sequence[Waiting]) -> Question:
        questions = [one.question for one in members]
        return questions[0] if len(questions) == 1 else self.batch.join(questions)

    async def _round(self, members: list[Waiting], take: Take, send: Send) -> bool:
        """One request and what follows from its answer; whether the site answered it."""
        try:
            reply = await send(take)
        except NobodyWaits:
            return False
        except Exception as error:  # noqa: BLE001 - whoever asked gets it, as if he had asked alone
            await self._fail(members, error)
            return False
        if len(members) == 1:
            members[0].get(reply)
            return works_alone(reply, self.rules.refuse)
        fate = judged(self.batch, reply, self.rules.refuse)
        if fate is Fate.SPLIT:
            return await self._split(members, reply)
        if fate is Fate.SHARED:
            for one in members:
                one.get(reply)
            return True
        await (self._none(members, reply) if fate is Fate.NONE else self._apart(members, reply))
        return fate is Fate.NONE

    async def _fail(self, members: Sequence[Waiting], error: Exception) -> None:
        if isinstance(error, TimeoutError) and len(members) > 1:
            await self._learn(after_refusal(len(members)))
        for one in members or list(self._waiting):
            one.fail(error)

    async def _split(self, members: Sequence[Waiting], reply: Reply) -> bool:
        try:
            parts = self.batch.split([one.question for one in members], reply.body)
        except NotAnEntry:
            await self._apart(members, reply)
            return False
        for one, part in zip(members, parts, strict=True):
            if part is not None:
                one.get(_alone(reply, one.question, part))
        await self._grow(len(members))
        missing = [one for one, part in zip(members, parts, strict=True) if part is None]
        for some in [missing] if len(missing) < len(members) else _halves(missing):
            await self._again(some)
        return True

    async def _again(self, members: Sequence[Waiting]) -> bool:
        """Ask for some once more, with a turn of its own."""
        wanting = [one for one in members if not one.answer.done()]
        if not wanting:
            return False

        async def take() -> Question:
            return self._joint(wanting)

        return await self._round(wanting, take, wanting[0].send)

    async def _apart(self, members: Sequence[Waiting], reply: Reply) -> None:
        """A joint request failed: is it the site, their number, or one of them? Two alone tell the first from the others."""
        await self._learn(after_refusal(len(members)))
        answered = [await self._again([one]) for one in members[:2]]
        rest = members[2:]
        if not any(answered):
            for one in rest:
                one.get(reply)
            return
        for half in _halves(rest):
            await self._again(half)

    async def _none(self, members: Sequence[Waiting], reply: Reply) -> None:
        """The site knows none of them, if it says so of two alone as well; otherwise it did not take the list as one."""
        for one in members[:2]:
            await self._again([one])
        if all(one.said() in {None, self.batch.none} for one in members[:2]):
            for one in members[2:]:
                one.get(reply)
            return
        await self._learn(after_refusal(len(members)))
        for half in _halves(members[2:]):
            await self._again(half)

    async def _learn(self, size: int | None) -> None:
        await self.limiter.learn_batch_size(self.rules.service, self.batch.name, size)

    async def _grow(self, carried: int) -> None:
        service, most = self.rules.service, self.batch.most
        size = await self.limiter.batch_size(service, self.batch.name, most)
        grown = after_success(size, carried, most)
        if grown != size:
            await self._learn(None if grown == most else grown)


def _halves(members: Sequence[Waiting]) -> list[Sequence[Waiting]]:
    middle = (len(members) + 1) // 2
    return [half for half in (members[:middle], members[middle:]) if half]


def _alone(reply: Reply, question: Question, part: Part) -> Reply:
    return Reply(question.method, str(question.url), part.status, reply.headers, part.body)
