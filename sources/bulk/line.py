"""The questions of one kind that wait for a turn at a site, and what becomes of those that one took along."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cache import clock
from cache.limits.batch_size import after_refusal, after_success
from cache.limits.limiter import PRIORITIES, Limiter, Priority
from cache.limits.refused import Document
from cache.rules import Reply, ServiceRules
from sources.batch import Batch, Part, Question
from sources.bulk.judging import Fate, judged, works_alone
from sources.errors import NotAnEntry

HANDED_OUT = 10
"""Answers to bulk questions that are worked on at a time: whoever gets one has much to do, and somebody may be watching."""
HELD_UP = 1.0
"""Seconds after which the next ones are handed out all the same."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What goes to the site when a turn has come: the question of that moment, with the headers of one who asked."""

    question: Question
    headers: Sequence[tuple[str, str]]


Take = Callable[[], Awaitable[Asked]]
Send = Callable[[Take], Awaitable[Reply]]
"""Waits for a turn, has the question of that moment given, and asks it."""


def _now() -> float:
    return clock.monotonic()


@dataclass(eq=False, slots=True)
class Waiting:
    """Who asked, and what comes of it; ``send`` is the way to the site, ``since`` on the monotonic clock."""

    asked: Asked
    priority: Priority
    send: Send
    document: Document | None = None
    since: float = field(default_factory=_now)
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    answer: asyncio.Future[Reply] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    asker: asyncio.Task[Any] | None = field(default_factory=asyncio.current_task)
    """Whoever does with the answer what there is to do."""

    @property
    def question(self) -> Question:
        """What is asked."""
        return self.asked.question

    def take(self) -> None:
        """The question is on its way to the site."""
        self.taken.set()
        if self.document:
            self.document.asked = True

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
    """The questions of one kind that can go together."""

    def __init__(self, batch: Batch, rules: ServiceRules, limiter: Limiter) -> None:
        self.batch, self.rules, self.limiter = batch, rules, limiter
        self.waiting: list[Waiting] = []
        self.size = batch.most
        """How many go along now, as far as this process has heard."""

    def fullness(self) -> float:
        """How much of a request those that wait would fill; 1 for a full one and for more."""
        return min(1.0, len(self.waiting) / self.size)

    async def hear_size(self) -> None:
        """Learn what the fleet has learned."""
        self.size = await self.limiter.batch_size(self.rules.service, self.batch.name, self.batch.most)

    def take(self) -> list[Waiting]:
        """Those who go along with a turn that has come: whoever is watched first, then by age."""
        taken = sorted(self.waiting, key=lambda one: PRIORITIES.index(one.priority))[: self.size]
        self.waiting = [one for one in self.waiting if one not in taken]
        for one in taken:
            one.take()
        return taken

    def joint(self, members: Sequence[Waiting]) -> Asked:
        """One question for all of them."""
        questions = [one.question for one in members]
        question = questions[0] if len(questions) == 1 else self.batch.join(questions)
        return Asked(question, members[0].asked.headers)

    async def answered(self, members: Sequence[Waiting], reply: Reply) -> bool:
        """Hand out what came for ``members``, and ask again what it leaves open; whether the site answered them."""
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

    async def failed(self, members: Sequence[Waiting], error: Exception) -> None:
        """Tell all of them what came instead of an answer; one that took too long may have been too large."""
        if isinstance(error, TimeoutError) and len(members) > 1:
            await self._learn(after_refusal(len(members)))
        for one in members:
            one.fail(error)

    async def _split(self, members: Sequence[Waiting], reply: Reply) -> bool:
        try:
            parts = self.batch.split([one.question for one in members], reply.body)
        except NotAnEntry:
            await self._apart(members, reply)
            return False
        await self._grow(len(members))
        await _hand_out(
            [
                (one, _alone(reply, one.question, part))
                for one, part in zip(members, parts, strict=True)
                if part is not None
            ]
        )
        missing = [one for one, part in zip(members, parts, strict=True) if part is None]
        for some in [missing] if len(missing) < len(members) else _halves(missing):
            await self._again(some)
        return True

    async def _again(self, members: Sequence[Waiting]) -> bool:
        """Ask for some once more, with a turn of its own; whether the site answered it."""
        wanting = [one for one in members if not one.answer.done()]
        if not wanting:
            return False

        async def take() -> Asked:
            return self.joint(wanting)

        try:
            reply = await wanting[0].send(take)
        except Exception as error:  # noqa: BLE001 - whoever asked gets it, as if he had asked alone
            await self.failed(wanting, error)
            return False
        return await self.answered(wanting, reply)

    async def _apart(self, members: Sequence[Waiting], reply: Reply) -> None:
        """A joint request failed: is it the site, their number, or one of them? Two alone tell the first from the others."""
        await self._learn(after_refusal(len(members)))
        answered = [await self._again([one]) for one in members[:2]]
        rest = members[2:]
        if not any(answered):
            for one in rest:
                one.get(reply)
            return
        worked = [len(half) for half in _halves(rest) if await self._again(half)]
        await self._can_carry(max(worked, default=0))

    async def _can_carry(self, size: int) -> None:
        """So many went through together: what broke another request was not their number."""
        await self.hear_size()
        if size > self.size:
            await self._learn(size)

    async def _none(self, members: Sequence[Waiting], reply: Reply) -> None:
        """The site knows none of them, if it says so of two alone as well; otherwise it did not take the list as one."""
        for one in members[:2]:
            await self._again([one])
        if {one.said() for one in members[:2]} - {None} == {self.batch.none}:
            for one in members[2:]:
                one.get(reply)
            return
        await self._learn(after_refusal(len(members)))
        for half in _halves(members[2:]):
            await self._again(half)

    async def _learn(self, size: int | None) -> None:
        self.size = min(self.batch.most, size or self.batch.most)
        await self.limiter.learn_batch_size(self.rules.service, self.batch.name, size)

    async def _grow(self, carried: int) -> None:
        await self.hear_size()
        grown = after_success(self.size, carried, self.batch.most)
        if grown != self.size:
            await self._learn(None if grown == self.batch.most else grown)


async def _hand_out(answers: Sequence[tuple[Waiting, Reply]]) -> None:
    """Give whoever is watched what he waits for, then the others a few at a time, each few when those before are through."""
    for one, reply in answers:
        if one.priority == "interactive":
            one.get(reply)
    others = [pair for pair in answers if pair[0].priority != "interactive"]
    for at in range(0, len(others), HANDED_OUT):
        before = [one.asker for one, _ in others[max(0, at - HANDED_OUT) : at] if one.asker]
        if before:
            await asyncio.wait(before, timeout=HELD_UP)
        for one, reply in others[at : at + HANDED_OUT]:
            one.get(reply)


def _halves(members: Sequence[Waiting]) -> list[Sequence[Waiting]]:
    middle = (len(members) + 1) // 2
    return [half for half in (members[:middle], members[middle:]) if half]


def _alone(reply: Reply, question: Question, part: Part) -> Reply:
    return Reply(question.method, str(question.url), part.status, reply.headers, part.body)
