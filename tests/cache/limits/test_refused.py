"""Documents that are refused again and again rest, and so does a site that sends nothing else: in the fleet, and alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from cache.limits import refused
from cache.limits.fleet import FleetLimiter
from cache.limits.limiter import Limiter, Resting
from cache.limits.local import LocalLimiter
from cache.limits.refused import IN_A_ROW, Document
from cache.rules import Rest

REST = Rest(after=3, first=100.0, longest=300.0)


@pytest.fixture(params=["alone", "fleet", "without its server"])
async def limiter(
    request: pytest.FixtureRequest, redis: Redis, prefix: str, tmp_path: Path
) -> AsyncIterator[Limiter]:
    if request.param == "alone":
        yield LocalLimiter()
        return
    if request.param == "fleet":
        yield FleetLimiter(redis, prefix)
        return
    away = Redis.from_url(f"unix://{tmp_path}/redis.sock")
    yield FleetLimiter(away, prefix)
    await away.aclose()


async def rests(limiter: Limiter, document: str) -> float:
    """Seconds to rest, in hundreds; 0 when it may be asked for."""
    try:
        await limiter.check_rest("site", document)
    except Resting as error:
        assert "(mismatch)" in str(error)
        return round(error.retry_after / 100, 1)
    return 0


async def refuse(limiter: Limiter, *documents: str) -> None:
    for document in documents:
        await limiter.refused("site", document, "mismatch", REST)


async def test_a_document_rests_from_the_third_refusal_on_ever_longer_up_to_the_longest(
    limiter: Limiter,
) -> None:
    found = []
    for _ in range(6):
        await refuse(limiter, "a")
        found.append(await rests(limiter, "a"))
    assert found == [0, 0, 1, 2, 3, 3]
    assert await rests(limiter, "b") == 0


async def test_a_sound_one_is_forgiven_everything(limiter: Limiter) -> None:
    await refuse(limiter, "a", "a", "a", "b", "b")
    await limiter.sound("site", "a")
    assert await rests(limiter, "a") == 0
    await refuse(limiter, "a", "a", "b")
    assert (await rests(limiter, "a"), await rests(limiter, "b")) == (0, 1)


async def test_so_many_different_ones_in_a_row_are_the_sites_fault(
    limiter: Limiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    latched: list[tuple[float, str, float]] = []

    async def latch(_service: str, seconds: float, reason: str, longest: float = 0.0) -> None:
        latched.append((seconds, reason, longest))

    monkeypatch.setattr(limiter, "latch", latch)
    await refuse(limiter, "a", "b", "c", "d", "d")
    await limiter.sound("site", "e")
    assert IN_A_ROW == 5
    await refuse(limiter, "a", "b", "c", "d")
    assert latched == []
    await refuse(limiter, "e", "f", "g", "h", "i")
    assert latched == [(REST.first, "mismatch", REST.longest)]
    await refuse(limiter, "j")
    assert len(latched) == 2


async def test_what_one_process_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused, "_MOST_REMEMBERED", 3)
    limiter = LocalLimiter()
    await refuse(limiter, "a", "a", "b", "a")
    assert await rests(limiter, "a") == 1
    await refuse(limiter, "c", "d")
    assert await rests(limiter, "a") == 0
    assert len(limiter._refused.tallies) == 1


def test_a_document_was_not_asked_for_until_it_was() -> None:
    assert not Document("a").asked
