"""What is kept of a function: as its annotation says, under its own name, where it was told to, and for how long."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest

from cache import CacheOptions, HTTPCacheManager, cached_result, result_info, use_manager
from cache import manager as managers

pytest_plugins = ["tests.support.cache_fixtures"]


async def test_bytes_are_kept_as_they_are_whatever_they_mean(manager: HTTPCacheManager) -> None:
    @cached_result(manager=manager)
    async def page() -> bytes:
        return b"\xff\x00{"

    assert [await page(), await page()] == [b"\xff\x00{"] * 2
    assert result_info.get().from_cache


async def test_a_result_that_is_not_what_was_promised_is_given_and_not_kept(
    manager: HTTPCacheManager,
) -> None:
    @cached_result(manager=manager)
    async def page(value: Any) -> int:
        return value  # type: ignore[no-any-return]

    results: list[Any] = [await page("seven"), await page("seven")]
    assert results == ["seven", "seven"]
    assert not result_info.get().from_cache


def test_a_function_that_does_not_say_what_it_returns_cannot_be_cached() -> None:
    async def silent(number: int):  # type: ignore[no-untyped-def]
        return number

    async def odd() -> threading.Lock:
        return threading.Lock()

    with pytest.raises(TypeError, match="silent needs a return annotation"):
        cached_result()(silent)
    with pytest.raises(TypeError, match="odd cannot be serialised"):
        cached_result()(odd)


async def test_two_functions_of_one_text_are_two(manager: HTTPCacheManager) -> None:
    calls: list[int] = []

    @cached_result(manager=manager)
    async def one(number: int) -> int:
        calls.append(number)
        return len(calls)

    @cached_result(manager=manager)
    async def other(number: int) -> int:
        calls.append(number)
        return len(calls)

    assert [await one(7), await other(7), await one(7)] == [1, 2, 1]


async def test_what_is_counted_goes_by_the_functions_module_unless_a_source_is_named(
    manager: HTTPCacheManager,
) -> None:
    async def page(number: int) -> int:
        return number

    for source in (None, "site"):
        await cached_result(manager=manager, source=source)(page)(1)
    assert set(manager._tallies) == {("result", "test_kept"), ("result", "site")}


async def test_the_manager_that_is_in_use_keeps_and_one_that_is_off_does_not(
    manager: HTTPCacheManager, options: CacheOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(managers, "_DEFAULT", [])
    calls = 0

    @cached_result()
    async def page(number: int) -> int:
        nonlocal calls
        calls += 1
        return number

    use_manager(manager)
    assert [await page(1), await page(1), calls] == [1, 1, 1]
    async with HTTPCacheManager(replace(options, enabled=False)) as off:
        use_manager(off)
        assert [await page(1), await page(1), calls] == [1, 1, 3]


async def test_what_is_past_its_time_covers_no_failure_unless_it_may(manager: HTTPCacheManager) -> None:
    fails = False

    async def page(number: int) -> int:
        if fails:
            raise ConnectionError("no")
        return number

    plain = cached_result(ttl=0.05, jitter=0.0, manager=manager, name="plain")(page)
    graceful = cached_result(ttl=0.05, jitter=0.0, grace=60, manager=manager, name="graceful")(page)
    assert [await plain(1), await graceful(1)] == [1, 1]
    await asyncio.sleep(0.06)
    fails = True
    assert await graceful(1) == 1
    with pytest.raises(ConnectionError):
        await plain(1)
