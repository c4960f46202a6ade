"""How long a newcomer takes to read everything, against reading the same records raw; and in how much memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
from redis.asyncio import Redis

from benchmarks.doors.works import IN_FLIGHT, Works, record_of
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.client.catalogue import Catalogue
from streams.contract.codec import unpack_bytes
from streams.contract.profiles import Part

OUTPUTS_KEPT = 200
"""The output of the filling is cut: its length decides nothing here."""
RAW_PAGE = 100

Way = Callable[[], Awaitable[tuple[int, int]]]
"""Reads everything; returns how many records and bytes of JSON those were."""


async def measure(url: str, base: str, api: int, *, works: int) -> dict[str, object]:
    """``api`` is the process that serves ``base``."""
    redis, names = Redis.from_url(url), Topology()
    await _fill(redis, names, works)
    before, own = _peak(api), _peak()
    raw = await _timed(lambda: _raw(redis, names))
    found: dict[str, object] = {
        "records": works,
        "bytes of JSON of a record": len(record_of("mal:1", 1, small=False)),
        "raw read: packed records by HGET, unpacked (s)": raw,
    }
    ways: dict[str, Way] = {
        "slim by the Python client": lambda: _client(redis, names, "slim"),
        "full by the Python client": lambda: _client(redis, names, "full"),
        "slim over HTTP": lambda: _http(base, "slim"),
        "full over HTTP": lambda: _http(base, "full"),
    }
    for name, way in ways.items():
        seconds = await _timed(way, works)
        found[f"{name} (s)"] = seconds
        found[f"{name}, of a raw read"] = round(seconds / raw, 2)
    found["memory that serving added (MB)"] = round((_peak(api) - before) / 1024)
    found["memory that reading added (MB)"] = round((_peak() - own) / 1024)
    await redis.aclose()
    return found


async def _fill(redis: Redis, names: Topology, count: int) -> None:
    ours = Works(Scripts(redis), names)
    for start in range(1, count + 1, IN_FLIGHT * 10):
        numbers = range(start, min(count + 1, start + IN_FLIGHT * 10))
        await asyncio.gather(*(ours.emit(f"mal:{number}") for number in numbers))
        await redis.xtrim(names.enriched, maxlen=OUTPUTS_KEPT, approximate=False)
        await redis.unlink(*(names.state(f"r{number}") for number in numbers))


async def _timed(way: Way, expected: int | None = None) -> float:
    began = time.monotonic()
    count, _ = await way()
    if expected is not None and count != expected:
        raise RuntimeError(f"{count} records came, not {expected}")
    return round(time.monotonic() - began, 2)


async def _raw(redis: Redis, names: Topology) -> tuple[int, int]:
    """What a program would do that knew our keys."""
    records, count, size = Records(Scripts(redis), names), 0, 0
    async for ids in records.newest_first(RAW_PAGE):
        for packed in await records.packed(ids):
            count, size = count + 1, size + len(unpack_bytes(packed))
    return count, size


async def _client(redis: Redis, names: Topology, profile: str) -> tuple[int, int]:
    count = size = 0
    async for one in Catalogue(redis, names, part=Part.of(profile)).snapshot():
        count, size = count + 1, size + len(one.record)
    return count, size


async def _http(base: str, profile: str) -> tuple[int, int]:
    """The bytes as they come; what a client makes of them is its own affair. The cursor stands at the end of a page."""
    asked, count, size = {"profile": profile, "limit": "200"}, 0, 0
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{base}/v1/snapshot", params=asked) as reply:
                reply.raise_for_status()
                body = await reply.read()
            count, size = count + body.count(b',"made":'), size + len(body)
            cursor = body[-300:].partition(b'"cursor":"')[2].partition(b'"')[0].decode()
            if not cursor:
                return count, size
            asked["cursor"] = cursor


def _peak(process: int | str = "self") -> int:
    """The most memory that a process ever had, in kB."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0])
