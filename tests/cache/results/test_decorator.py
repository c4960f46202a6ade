"""`cached_result`: keys without collisions, results checked, one flight."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import KEEP, Enum, Flag
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from cache import HTTPCacheManager, cached_result, refreshing, result_info
from cache.results.keys import Unwritable, call_digest, write_value
from cache.results.source_version import source_version

pytest_plugins = ["tests.support.cache_fixtures"]


class Page(BaseModel):
    title: str
    parts: tuple[int, ...] = ()


class Other(Page):
    """The same fields in another class."""


T = TypeVar("T")


class Counted:
    """A function that counts its calls; ``fails`` makes it raise."""

    def __init__(self) -> None:
        self.calls = 0
        self.fails = False
        self.delay = 0.0

    async def __call__(self, value: T) -> T:
        self.calls += 1
        await asyncio.sleep(self.delay)
        if self.fails:
            raise ConnectionError("no")
        return value


@pytest.fixture
def work() -> Iterator[Counted]:
    yield Counted()


async def test_a_call_is_computed_once(manager: HTTPCacheManager, work: Counted) -> None:
    @cached_result(manager=manager)
    async def page(number: int, *, size: int = 10) -> Page:
        return await work(Page(title=str(number), parts=(1, size)))

    results = [await page(1), await page(number=1), await page(1, size=10)]
    assert work.calls == 1
    assert all(result == Page(title="1", parts=(1, 10)) for result in results)
    assert result_info.get().from_cache
    await page(1, size=11)
    assert work.calls == 2


async def test_many_tasks_share_one_call(manager: HTTPCacheManager, work: Counted) -> None:
    @cached_result(manager=manager)
    async def answer() -> int:
        return await work(42)

    work.delay = 0.1
    assert await asyncio.gather(*(answer() for _ in range(20))) == [42] * 20
    assert work.calls == 1


async def test_all_who_wait_get_the_same_failure_and_it_is_not_kept(
    manager: HTTPCacheManager, work: Counted
) -> None:
    @cached_result(manager=manager)
    async def answer() -> int:
        return await work(42)

    work.delay, work.fails = 0.05, True
    failures = await asyncio.gather(*(answer() for _ in range(5)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [ConnectionError] * 5
    assert work.calls == 1
    work.fails = False
    assert await answer() == 42


async def test_an_old_result_stands_in_for_a_failing_call(manager: HTTPCacheManager, work: Counted) -> None:
    @cached_result(manager=manager, grace=60)
    async def answer() -> int:
        return await work(42)

    await answer()
    work.fails = True
    with refreshing():
        assert await answer() == 42
    assert work.calls == 2
    assert result_info.get().stale


async def test_nothing_found_is_remembered_only_on_request(manager: HTTPCacheManager, work: Counted) -> None:
    @cached_result(manager=manager)
    async def forgetful() -> int | None:
        return await work(None)

    @cached_result(manager=manager, negative_ttl=60)
    async def mindful() -> int | None:
        return await work(None)

    assert [await forgetful(), await forgetful(), await mindful(), await mindful()] == [None] * 4
    assert work.calls == 3


async def test_a_result_that_no_longer_fits_its_type_is_computed_anew(
    manager: HTTPCacheManager, work: Counted
) -> None:
    def define(kind: Any) -> Any:
        async def answer() -> Any:
            return await work("text" if kind is str else 7)

        answer.__annotations__["return"] = kind
        return cached_result(manager=manager)(answer)

    assert await define(str)() == "text"
    assert await define(int)() == 7
    assert work.calls == 2


async def test_an_argument_without_a_value_of_its_own_must_be_declared(manager: HTTPCacheManager) -> None:
    @cached_result(manager=manager)
    async def undeclared(client: object) -> int:
        return 1

    @cached_result(manager=manager, ignore=("client",))
    async def declared(client: object) -> int:
        return 1

    with pytest.raises(Unwritable, match="client"):
        await undeclared(object())
    assert await declared(object()) == 1


def test_a_comment_leaves_the_version_alone_and_code_does_not() -> None:
    def plain(x: int) -> int:
        return x + 1

    def commented(x: int) -> int:
        """Add one."""
        return x + 1  # one more

    def other(x: int) -> int:
        return x + 2

    assert source_version(plain) == source_version(commented) != source_version(other)
    assert source_version(plain) != source_version(plain, helpers=(other,))
    assert source_version(plain) != source_version(plain, number=2)
    assert source_version(plain, helpers=("a",)) != source_version(plain, helpers=("b",))


def test_a_function_that_is_closed_over_counts_by_its_text() -> None:
    def once(x: int) -> int:
        return x

    def again(x: int) -> int:
        return x

    def twice(x: int) -> int:
        return 2 * x

    def over(inner: Any) -> Any:
        def page(x: int) -> Any:
            return inner(x)

        return page

    def recursive(x: int) -> Any:
        return recursive(x - 1) if x else 0

    assert source_version(over(once)) == source_version(over(again)) != source_version(over(twice))
    assert source_version(recursive) == source_version(recursive)


def test_a_docstring_alone_is_as_good_as_nothing_and_a_class_has_a_version_too() -> None:
    def told() -> None:
        """Do nothing."""

    def silent() -> None:
        pass

    assert source_version(told) == source_version(silent)
    assert source_version(Page) != source_version(Other)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.dates()
    | st.decimals(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)
SIGNATURE = inspect.signature(lambda a, b=None, *rest, **named: None)


def same(left: Any, right: Any) -> bool:
    """Equal in value and in type, all the way down (and a NaN is itself)."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return len(left) == len(right) and all(
            any(same(k, q) and same(v, w) for q, w in right.items()) for k, v in left.items()
        )
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return repr(left) == repr(right)


@settings(max_examples=400, deadline=None)
@given(st.tuples(VALUES, VALUES), st.tuples(VALUES, VALUES))
def test_two_calls_share_a_key_exactly_when_they_are_the_same(left: Any, right: Any) -> None:
    keys = [call_digest(SIGNATURE, call, {}) for call in (left, right)]
    assert (keys[0] == keys[1]) == same(left, right)


@given(st.text(), st.text(), st.text(), st.text())
def test_texts_never_run_into_each_other(a: str, b: str, c: str, d: str) -> None:
    keys = [call_digest(SIGNATURE, call, {}) for call in ((a, b), (c, d))]
    assert (keys[0] == keys[1]) == ((a, b) == (c, d))


@pytest.mark.parametrize(
    "pair",
    [
        ((1,), ("1",)),
        ((True,), ("True",)),
        ((1,), (True,)),
        ((1,), (1.0,)),
        (("a:b", "c"), ("a", "b:c")),
        (([],), ((),)),
    ],
)
def test_look_alikes_are_told_apart(pair: tuple[Any, Any]) -> None:
    assert call_digest(SIGNATURE, pair[0], {}) != call_digest(SIGNATURE, pair[1], {})


def test_a_named_and_a_placed_argument_are_one_call() -> None:
    assert call_digest(SIGNATURE, (1, 2), {}) == call_digest(SIGNATURE, (1,), {"b": 2})
    assert call_digest(SIGNATURE, (1,), {}) == call_digest(SIGNATURE, (1, None), {})


async def test_a_name_outlives_the_functions_move_to_another_module(
    manager: HTTPCacheManager, work: Counted
) -> None:
    async def page(number: int) -> int:
        return await work(number)

    keep = cached_result(manager=manager, source="site", name="pages")
    assert await keep(page)(1) == 1
    page.__module__, page.__qualname__ = "elsewhere", "page"
    assert await keep(page)(1) == 1
    assert work.calls == 1
    await cached_result(manager=manager, source="site")(page)(1)
    assert work.calls == 2


def made_for(site: str, manager: HTTPCacheManager) -> Any:
    @cached_result(manager=manager)
    async def page(number: int) -> str:
        return f"{site} {number}"

    return page


async def test_two_functions_of_one_factory_are_two(manager: HTTPCacheManager) -> None:
    assert [await made_for(site, manager)(1) for site in ("A", "B", "A")] == ["A 1", "B 1", "A 1"]
    assert result_info.get().from_cache


async def test_a_count_that_a_function_keeps_of_itself_makes_it_no_other(manager: HTTPCacheManager) -> None:
    calls = 0

    def made() -> Any:
        @cached_result(manager=manager)
        async def page(number: int) -> int:
            nonlocal calls
            calls += 1
            return number

        return page

    assert [await made()(7), await made()(7)] == [7, 7]
    assert calls == 1


class Mode(Flag, boundary=KEEP):
    FAST = 1


class Place(Enum):
    HERE = frozenset({"here"})
    THERE = frozenset({"there"})


def test_a_member_of_an_enumeration_goes_by_its_name_whatever_its_value_is() -> None:
    assert write_value(Place.HERE)[-1] == "HERE"
    assert write_value(Place.HERE) != write_value(Place.THERE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Path("a"), Path("b")),
        (Path("a"), "a"),
        (PurePosixPath("a"), PureWindowsPath("a")),
        (Page(title="a"), Page(title="b")),
        (Page(title="a"), Other(title="a")),
    ],
)
def test_paths_and_models_are_part_of_a_key_each_in_its_own_kind(one: Any, other: Any) -> None:
    assert write_value(one) == write_value(one) != write_value(other)


def test_a_class_is_no_value() -> None:
    with pytest.raises(Unwritable, match="type cannot be part of a key"):
        write_value(Reckoned)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")),
            datetime(2026, 1, 1, tzinfo=ZoneInfo("Africa/Lagos")),
        ),
        (time(9, tzinfo=ZoneInfo("Europe/Berlin")), time(9, tzinfo=ZoneInfo("Asia/Tokyo"))),
        (Mode(8), Mode(16)),
        (datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 2, 30, fold=1)),
        (time(2, 30), time(2, 30, fold=1)),
    ],
)
def test_zones_hours_that_come_twice_and_flags_without_a_name_are_told_apart(one: Any, other: Any) -> None:
    assert write_value(one) != write_value(other)


def test_the_order_of_a_set_is_no_part_of_a_key() -> None:
    one, other = {0, 8}, {8, 0}
    assert list(one) != list(other), "they are kept in the order in which they came"
    assert write_value(one) == write_value(other)


@dataclass(frozen=True)
class Reckoned:
    value: int
    _made: list[object] = field(default_factory=list, compare=False)


def test_what_a_value_keeps_for_itself_is_no_part_of_a_key() -> None:
    plain, used = Reckoned(1), Reckoned(1, [object()])
    assert plain == used
    assert write_value(plain) == write_value(used) != write_value(Reckoned(2))
