"""What versions before this one left on a server, and how it is put back."""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Iterator
from pathlib import Path

import hiredis
from redis.asyncio import Redis

FOLDER = Path(__file__).parent
TIMES = re.compile(rb"anime:(?:deadlines|delayed|closed|records|refresh|failed:\w+)")
"""Sorted sets whose scores are Unix milliseconds."""


def leftover(version: str) -> bytes:
    """The append-only file that a server wrote of what a version left."""
    return gzip.decompress((FOLDER / f"{version}.aof.gz").read_bytes())


def commands(log: bytes) -> Iterator[list[bytes]]:
    """The commands of an append-only file."""
    at = 0
    while at < len(log):
        words, (count, at) = [], _number(log, at)
        for _ in range(count):
            size, at = _number(log, at)
            words.append(log[at : at + size])
            at += size + 2
        yield words


def as_of_now(log: bytes) -> list[list[bytes]]:
    """The commands, as if no time had passed since; what was put off is due."""
    later = int(time.time() * 1000) - left_at(log)
    found = []
    for words in commands(log):
        if words[0] == b"ZADD" and TIMES.fullmatch(words[1]):
            put_off = words[1] == b"anime:delayed"
            words[2::2] = [b"%d" % (0 if put_off else int(float(score)) + later) for score in words[2::2]]
        if words[0] not in (b"SELECT", b"MULTI", b"EXEC"):
            found.append(words)
    return found


async def put_back(redis: Redis, log: bytes) -> None:
    """Bring everything back onto a server."""
    for words in as_of_now(log):
        await redis.execute_command(*words)  # type: ignore[no-untyped-call]


def put_into(folder: Path, log: bytes) -> None:
    """Bring everything back into a data folder, where a server finds it when it starts."""
    kept = folder / "appendonlydir"
    kept.mkdir(parents=True)
    packed = [hiredis.pack_command(tuple(words)) for words in as_of_now(log)]  # type: ignore[arg-type]
    (kept / "appendonly.aof.1.base.aof").write_bytes(b"".join(packed))
    (kept / "appendonly.aof.manifest").write_text("file appendonly.aof.1.base.aof seq 1 type b\n")


def left_at(log: bytes) -> int:
    """When the last request was published (Unix ms)."""
    entries = [words[2] for words in commands(log) if words[:2] == [b"XADD", b"anime:requests"]]
    return int(entries[-1].partition(b"-")[0])


def _number(log: bytes, at: int) -> tuple[int, int]:
    end = log.index(b"\r\n", at)
    return int(log[at + 1 : end]), end + 2
