"""Who stands for a turn, which kind of question gets it, and how long bulk waits for company."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from yarl import URL

from cache.limits.batch_size import after_success
from cache.limits.limiter import Priority, max_wait
from cache.limits.local import LocalLimiter
from cache.limits.refused import Document
from cache.limits.refused import document as current
from cache.rules import Reply, ServiceRules
from sources.batch import Batch, Part, Question
from sources.bulk.desk import Company, Desk
from sources.bulk.line import HANDED_OUT, Asked, Line, Take, Waiting
from tests.support.clock import StoppedClock

RULES = ServiceRules("site")


def kind(name: str, most: int) -> Batch:
    def join(questions: Sequence[Question]) -> Question:
        return Question("GET", questions[0].url, [one.json for one in questions])

    def split(questions: Sequence[Question], _: bytes) -> list[Part | None]:
        return [Part(b"yes") for _one in questions]

    return Batch(name, most, lambda _: "", join, split)


class Site:
    """A desk of two kinds, and a site that answers when a turn is given; ``asked`` is what it was asked."""

    def __init__(self, company: Company | None = None) -> None:
        limiter = LocalLimiter()
        self.desk = Desk(RULES, limiter, company or Company(seconds=0))
        self.small, self.large = (
            Line(kind(n, most), RULES, limiter) for n, most in (("small", 2), ("large", 8))
        )
        self.desk.lines += [self.small, self.large]
        self.turns, self.asked = asyncio.Semaphore(0), list[Any]()
        self.stood_for: list[Document | None] = []
        self.fails: Exception | None = None
        self._tasks: list[asyncio.Task[Reply]] = []

    async def send(self, take: Take) -> Reply:
        self.stood_for.append(current.get())
        await self.turns.acquire()
        if self.fails:
            raise self.fails
        question = (await take()).question
        self.asked.append(question.json)
        return Reply("GET", "http://site/", 200, {}, b"yes")

    def ask(
        self, line: Line, what: str, of: Priority = "bulk", document: Document | None = None
    ) -> asyncio.Task[Reply]:
        one = Waiting(Asked(Question("GET", URL("http://site/"), what), ()), of, self.send, document)
        task = asyncio.create_task(self.desk.ask(line, one))
        self._tasks.append(task)
        return task

    async def turn(self) -> None:
        """Give one turn, and wait until it is used."""
        before = len(self.asked)
        await settle()
        self.turns.release()
        await settle()
        assert len(self.asked) == before + 1


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def site(clock: StoppedClock) -> Site:
    return Site()


async def test_a_turn_goes_to_the_fullest_request(site: Site) -> None:
    site.ask(site.small, "s1")
    for number in range(6):
        site.ask(site.large, f"l{number}")
    await site.turn()
    assert site.asked == [[f"l{number}" for number in range(6)]]


async def test_of_two_that_are_full_the_older_goes_first(site: Site, clock: StoppedClock) -> None:
    for number in range(8):
        site.ask(site.large, f"l{number}")
    await settle()
    clock.now += 1
    for number in range(4):
        site.ask(site.small, f"s{number}")
    for _ in range(3):
        await site.turn()
    assert [one[0] for one in site.asked] == ["l0", "s0", "s2"]


async def test_who_has_waited_for_half_a_minute_lets_no_fuller_one_go_first(
    site: Site, clock: StoppedClock
) -> None:
    site.ask(site.large, "old")
    await settle()
    clock.now += 30
    for number in range(2):
        site.ask(site.small, f"s{number}")
    await site.turn()
    assert site.asked == ["old"]


async def test_a_turn_of_somebody_who_watches_is_his_and_takes_along_what_waits_beside_him(
    site: Site,
) -> None:
    for number in range(2):
        site.ask(site.small, f"s{number}")
    site.ask(site.large, "bulk")
    site.ask(site.large, "watched", "interactive")
    await settle()
    site.ask(site.large, "later", "interactive")
    site.desk._for_turn.pop("bulk").cancel()
    await site.turn()
    assert site.asked == [["watched", "later", "bulk"]]


async def test_questions_that_are_taken_along_stand_for_no_turn_of_their_own(site: Site) -> None:
    site.ask(site.large, "watched", "interactive")
    site.ask(site.large, "bulk")
    await site.turn()
    await settle()
    assert site.desk._for_turn == {}


async def test_what_comes_after_a_turn_that_failed_gets_one_of_its_own(site: Site) -> None:
    site.fails = OSError("no turn")
    first = site.ask(site.large, "first")
    await settle()
    site.turns.release()
    await asyncio.gather(first, return_exceptions=True)
    assert isinstance(first.exception(), OSError)
    site.fails = None
    site.ask(site.large, "second")
    await site.turn()
    assert site.asked == ["second"]


async def test_whoever_comes_while_a_failure_is_told_is_not_forgotten(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = asyncio.Event()

    async def slowly(*_: object) -> None:
        await learned.wait()

    monkeypatch.setattr(site.large.limiter, "learn_batch_size", slowly)
    site.fails = TimeoutError("no turn")
    early = [site.ask(site.large, name) for name in ("a", "b")]
    await settle()
    site.turns.release()
    await settle()
    late = site.ask(site.large, "late")
    await settle()
    site.fails = None
    learned.set()
    await asyncio.gather(*early, return_exceptions=True)
    await site.turn()
    assert (await late).status == 200


async def test_each_question_that_goes_along_is_known_to_have_been_asked(site: Site) -> None:
    documents = [Document("one"), Document("two")]
    for document in documents:
        site.ask(site.large, document.key, document=document)
    await site.turn()
    assert all(document.asked for document in documents)


async def test_a_turn_is_asked_for_on_behalf_of_no_single_document(site: Site) -> None:
    current.set(Document("of who came first"))
    site.ask(site.large, "first")
    await site.turn()
    assert site.stood_for == [None]


@pytest.mark.parametrize(("others", "waits"), [(True, True), (False, False)])
async def test_bulk_waits_only_for_company_that_may_come(others: bool, waits: bool) -> None:
    site = Site(Company(seconds=20, may_come=lambda _: others))
    site.turns.release()
    task = site.ask(site.large, "alone")
    await asyncio.wait([task], timeout=0.5)
    assert task.done() is not waits
    task.cancel()


async def test_waiting_for_company_is_no_waiting_for_the_site() -> None:
    site = Site(Company(seconds=0.3))
    site.turns.release()
    max_wait.set(0.1)
    assert (await site.ask(site.large, "patient")).status == 200


async def test_whoever_comes_meanwhile_goes_along(clock: StoppedClock) -> None:
    heard: list[int] = []

    def may_come(waiting: int) -> bool:
        heard.append(waiting)
        return waiting < 3

    site = Site(Company(seconds=20, may_come=may_come))
    for name in ("a", "b"):
        site.ask(site.large, name)
    await asyncio.sleep(0.06)
    site.ask(site.large, "c")
    await asyncio.sleep(0.1)
    await site.turn()
    assert site.asked == [["a", "b", "c"]]
    assert {2, 3} <= set(heard)


async def test_a_full_request_waits_for_nobody(clock: StoppedClock) -> None:
    site = Site(Company(seconds=20))
    for number in range(2):
        site.ask(site.small, f"s{number}")
    await site.turn()
    assert site.asked == [["s0", "s1"]]


@pytest.mark.parametrize(
    ("size", "carried", "grown"), [(8, 8, 10), (8, 7, 8), (4, 20, 23), (60, 60, 64), (1, 1, 2)]
)
def test_a_full_answer_lets_the_size_grow_and_one_that_was_larger_ends_the_doubt(
    size: int, carried: int, grown: int
) -> None:
    assert after_success(size, carried, 64) == grown


async def test_of_a_joint_answer_a_few_are_worked_on_at_a_time_and_whoever_is_watched_first() -> None:
    site, done, through = Site(), list[str](), asyncio.Event()
    line = Line(kind("wide", 50), RULES, LocalLimiter())
    site.desk.lines.append(line)

    async with asyncio.TaskGroup() as group:
        for number in range(2 * HANDED_OUT + 3):
            group.create_task(asked_by(line, site, str(number), "bulk", done, through))
        group.create_task(asked_by(line, site, "watched", "interactive", done, through))
        await site.turn()
        assert done[0] == "watched"
        assert len(done) == 1 + HANDED_OUT
        through.set()
        await settle()
        assert len(done) == 1 + 2 * HANDED_OUT + 3


async def test_who_is_long_at_an_answer_holds_the_others_up_for_no_more_than_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sources.bulk.line.HELD_UP", 0.01)
    site, done, never = Site(), list[str](), asyncio.Event()
    line = Line(kind("wide", 50), RULES, LocalLimiter())
    site.desk.lines.append(line)
    askers = [
        asyncio.create_task(asked_by(line, site, str(number), "bulk", done, never))
        for number in range(2 * HANDED_OUT)
    ]
    await site.turn()
    async with asyncio.timeout(10):
        while len(done) < 2 * HANDED_OUT:
            await asyncio.sleep(0.01)
    assert not any(one.done() for one in askers)
    for one in askers:
        one.cancel()


async def asked_by(
    line: Line, site: Site, name: str, of: Priority, done: list[str], through: asyncio.Event
) -> None:
    """A title that asks, gets its answer, and is not through with it before it is told."""
    await site.desk.ask(line, Waiting(Asked(Question("GET", URL("http://site/"), name), ()), of, site.send))
    done.append(name)
    await through.wait()


class Counts(LocalLimiter):
    """Counts what it is taught."""

    def __init__(self) -> None:
        super().__init__()
        self.learned: list[int | None] = []

    async def learn_batch_size(self, service: str, kind: str, size: int | None) -> None:
        self.learned.append(size)


async def test_a_request_of_the_usual_size_teaches_nothing() -> None:
    limiter = Counts()
    line = Line(kind("usual", 2), RULES, limiter)
    assert await line.answered(members("ab"), Reply("GET", "http://site/", 200, {}, b"yes"))
    assert limiter.learned == []


@pytest.mark.parametrize(
    ("error", "asked", "learned"),
    [(TimeoutError(), "abcd", [2]), (TimeoutError(), "a", []), (ConnectionError(), "abcd", [])],
)
async def test_what_took_too_long_may_have_been_too_many(
    error: Exception, asked: str, learned: list[int]
) -> None:
    limiter = Counts()
    waiting = members(asked)
    await Line(kind("slow", 8), RULES, limiter).failed(waiting, error)
    assert limiter.learned == learned
    assert all(one.answer.exception() is error for one in waiting)


async def test_where_those_who_would_tell_have_given_up_the_others_are_asked_for() -> None:
    limiter, asked = LocalLimiter(), list[Any]()
    line = Line(replace(kind("none", 8), none=404), RULES, limiter)
    waiting = members("abcd", asked)
    for one in waiting[:2]:
        one.answer.cancel()
    await line.answered(waiting, Reply("GET", "http://site/", 404, {}, b""))
    assert asked == ["c", "d"]
    assert [one.said() for one in waiting[2:]] == [200, 200]


def members(names: str, asked: list[Any] | None = None) -> list[Waiting]:
    """Who has asked for each letter; whoever asks once more is answered."""

    async def send(take: Take) -> Reply:
        question = (await take()).question
        if asked is not None:
            asked.append(question.json)
        return Reply("GET", "http://site/", 200, {}, b"yes")

    return [Waiting(Asked(Question("GET", URL("http://site/"), name), ()), "bulk", send) for name in names]
