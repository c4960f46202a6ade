"""Questions that travel together: who waits for whom, what a refusal costs, and what each gets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiohttp import web
from redis.asyncio import Redis

from cache.limits.fleet import FleetLimiter
from cache.limits.limiter import LimitWait, Priority, max_wait, priority
from cache.limits.local import LocalLimiter
from cache.rules import Rate, Rejection, Reply, Rest
from sources.base import Candidate, Query, Source
from sources.batch import Batch, Part, Question
from sources.errors import NotAnEntry, Reason, SourceError
from sources.http import _key
from sources.record import SourceRecord
from tests.support.together import serving, together


def _numbers(question: Question) -> list[str]:
    return question.url.query["n"].split(",")


def _join(questions: Any) -> Question:
    numbers = ",".join(_numbers(one)[0] for one in questions)
    return Question("GET", questions[0].url.with_query(n=numbers))


def _split(questions: Any, body: bytes) -> list[Part | None]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise NotAnEntry("error") from error
    return [
        Part(json.dumps({_numbers(one)[0]: found[_numbers(one)[0]]}).encode())
        if _numbers(one)[0] in found
        else Part(b"none", 404)
        for one in questions
    ]


class Counted(Source):
    """Asks for numbers; eight go into one request."""

    name = "counted"
    label = "Counted"
    base_url = "http://localhost"
    limits: ClassVar[tuple[Rate, ...]] = ()
    batches = (Batch("number", 8, lambda q: "n" if "n" in q.url.query else None, _join, _split),)

    @classmethod
    def refuse(cls, reply: Reply) -> Rejection | None:
        return Rejection("banned", 60.0) if reply.status == 403 else None

    async def search(self, query: Query) -> list[Candidate]:
        return []

    async def core(self, source_id: str) -> SourceRecord:
        reply = await self.http.get(self.context.base_url + "/", params={"n": source_id})
        value = json.loads(reply.body)[source_id]
        return SourceRecord(source=self.name, source_id=source_id, title=str(value))


@dataclass
class Site:
    """Knows every number but those in ``unknown``; ``poison`` and more than ``most`` break it."""

    most: int = 8
    unknown: set[str] = field(default_factory=set)
    poison: str = ""
    status: int = 200
    takes_lists: bool = True
    asked: list[list[str]] = field(default_factory=list)

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        numbers = request.query["n"].split(",")
        self.asked.append(numbers)
        if self.status != 200:
            return web.Response(status=self.status)
        if len(numbers) > 1 and not self.takes_lists:
            return web.Response(status=404)
        if len(numbers) > self.most:
            return web.Response(status=413)
        if self.poison in numbers:
            return web.Response(status=500)
        known = {one: int(one) * 2 for one in numbers if one not in self.unknown}
        return web.json_response(known) if known else web.Response(status=404)


async def ask(source: Source, numbers: range, of: Priority = "interactive") -> list[Any]:
    """What each of the numbers gave: its title or the reason of its failure."""

    async def one(number: int) -> Any:
        priority.set(of)
        try:
            return (await source.core(str(number))).title
        except SourceError as error:
            return error.reason

    return list(await asyncio.gather(*(one(number) for number in numbers)))


def doubles(numbers: range) -> list[str]:
    return [str(number * 2) for number in numbers]


async def run(
    tmp_path: Path, site: Site, act: Callable[[Source], Awaitable[Any]], limiter: LocalLimiter | None = None
) -> Any:
    async with serving(site) as base, together(Counted, base, tmp_path, limiter=limiter) as source:
        return await act(source)


async def test_bulk_questions_go_together_as_many_as_fit(tmp_path: Path) -> None:
    site = Site()
    found = await run(tmp_path, site, lambda source: ask(source, range(24), "bulk"))
    assert found == doubles(range(24))
    assert [len(numbers) for numbers in site.asked] == [8, 8, 8]


async def test_an_answer_is_kept_under_the_key_of_the_question_alone(tmp_path: Path) -> None:
    site = Site()
    async with serving(site) as base:
        async with together(Counted, base, tmp_path) as source:
            await ask(source, range(8), "bulk")
        async with together(Counted, base, tmp_path) as source:
            assert await ask(source, range(8)) == doubles(range(8))
    assert len(site.asked) == 1


class Paced(LocalLimiter):
    """Gives no turn before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.stood: list[Priority] = []

    async def acquire(
        self, service: str, rates: Any, priority: Priority = "interactive", max_wait: Any = None
    ) -> None:
        self.stood.append(priority)
        await self.open.wait()


async def test_who_is_watched_does_not_wait_for_company_and_takes_along_what_waits_for_a_turn(
    tmp_path: Path,
) -> None:
    site, limiter = Site(), Paced()

    async def act(source: Source) -> Any:
        bulk = asyncio.create_task(ask(source, range(1, 4), "bulk"))
        await asyncio.sleep(0.05)
        assert limiter.stood == []  # bulk waits for company
        watched = asyncio.create_task(ask(source, range(4, 5)))
        async with asyncio.timeout(10):
            while not limiter.stood:
                await asyncio.sleep(0.01)
        assert limiter.stood == ["interactive"]
        limiter.open.set()
        return await bulk + await watched

    assert await run(tmp_path, site, act, limiter) == doubles(range(1, 5))
    assert site.asked == [["4", "1", "2", "3"]]


async def test_turns_that_nobody_needs_any_more_are_given_back(tmp_path: Path) -> None:
    site, limiter = Site(), Paced()

    async def act(source: Source) -> None:
        task = asyncio.create_task(ask(source, range(1, 3)))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        limiter.open.set()
        await asyncio.sleep(0.05)

    await run(tmp_path, site, act, limiter)
    assert site.asked == []


async def test_a_turn_that_does_not_come_in_time_is_said_to_come_later(tmp_path: Path) -> None:
    async def act(source: Source) -> None:
        max_wait.set(0.05)
        try:
            await source.core("1")
        except SourceError as error:
            assert isinstance(error.__cause__, LimitWait)
            assert error.reason is Reason.RATE_LIMITED

    await run(tmp_path, Site(), act, Paced())


async def test_one_in_ten_unknown_costs_only_itself(tmp_path: Path) -> None:
    site = Site(unknown={"3", "13", "23"})
    found = await run(tmp_path, site, lambda source: ask(source, range(1, 31), "bulk"))
    assert [n for n, one in enumerate(found, 1) if one == Reason.NOT_FOUND] == [3, 13, 23]
    assert len(site.asked) == 4


@pytest.mark.parametrize("poison", [1, 2, 5])
async def test_one_question_that_breaks_the_site_fails_alone(tmp_path: Path, poison: int) -> None:
    site = Site(poison=str(poison))
    found = await run(tmp_path, site, lambda source: ask(source, range(1, 9), "bulk"))
    assert [n for n, one in enumerate(found, 1) if one == Reason.UPSTREAM_ERROR] == [poison]


class SaysNone(Counted):
    """A source whose site has a status for "none of these"."""

    batches = (replace(Counted.batches[0], none=404),)


async def test_what_a_site_says_of_none_of_many_it_must_say_of_two_alone(tmp_path: Path) -> None:
    site = Site(takes_lists=False)
    async with serving(site) as base, together(SaysNone, base, tmp_path) as source:
        assert await ask(source, range(1, 9), "bulk") == doubles(range(1, 9))


async def test_none_of_many_is_asked_for_three_times_in_all(tmp_path: Path) -> None:
    site = Site(unknown={str(number) for number in range(1, 9)})
    async with serving(site) as base, together(SaysNone, base, tmp_path) as source:
        assert set(await ask(source, range(1, 9), "bulk")) == {Reason.NOT_FOUND}
    assert [len(numbers) for numbers in site.asked] == [8, 1, 1]


@pytest.mark.parametrize("poison", ["3", "8"])
async def test_a_question_that_breaks_the_site_takes_little_from_the_size(
    tmp_path: Path, poison: str
) -> None:
    limiter = LocalLimiter()
    await run(tmp_path, Site(poison=poison), lambda source: ask(source, range(1, 9), "bulk"), limiter)
    assert await limiter.batch_size("counted", "number", 8) >= 3


async def test_a_document_that_rests_is_not_asked_along(tmp_path: Path) -> None:
    site, limiter = Site(), LocalLimiter()

    async def act(source: Source) -> Any:
        key = await key_of(source, "3")
        for _ in range(3):
            await limiter.refused("counted", key, "bad_reply", Rest())
        return await ask(source, range(1, 9), "bulk")

    found = await run(tmp_path, site, act, limiter)
    assert [n for n, one in enumerate(found, 1) if one == Reason.BAD_REPLY] == [3]
    assert all("3" not in numbers for numbers in site.asked)


async def key_of(source: Source, number: str) -> str:
    """Under which name the document of a number rests."""
    return _key("GET", source.context.base_url + "/", {"n": number}, None)


async def test_a_site_that_is_out_of_order_is_asked_three_times_for_all(tmp_path: Path) -> None:
    site = Site(status=500)
    found = await run(tmp_path, site, lambda source: ask(source, range(8), "bulk"))
    assert set(found) == {Reason.UPSTREAM_ERROR}
    assert len(site.asked) == 3


async def test_a_ban_is_meant_for_all_and_latches_at_once(tmp_path: Path) -> None:
    site = Site(status=403)
    found = await run(tmp_path, site, lambda source: ask(source, range(16), "bulk"))
    assert set(found) == {Reason.BANNED}
    assert len(site.asked) <= 2


async def test_a_refusal_of_the_size_halves_it_for_the_fleet_and_it_grows_back(
    tmp_path: Path, redis: Redis, prefix: str
) -> None:
    site, first, second = Site(most=4), FleetLimiter(redis, prefix), FleetLimiter(redis, prefix)
    async with serving(site) as base, together(Counted, base, tmp_path, limiter=first) as source:
        assert await ask(source, range(8), "bulk") == doubles(range(8))
    assert await second.batch_size("counted", "number", 8) == 4
    site.most, site.asked[:] = 8, []
    (tmp_path / "other").mkdir()
    async with serving(site) as base, together(Counted, base, tmp_path / "other", limiter=second) as source:
        assert await ask(source, range(100, 160), "bulk") == doubles(range(100, 160))
    sizes = [len(numbers) for numbers in site.asked]
    assert sizes[0] == 4
    assert sizes[:-1] == sorted(sizes[:-1])
    assert await first.batch_size("counted", "number", 8) == 8
