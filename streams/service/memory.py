"""How the server's memory is shared out: what the output may hold of it, and how much a number of works needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from streams.broker.faults import is_wrong_type

OUTPUT_SHARE = 0.25
"""Of the server's memory, for output entries that everybody has read."""
TIGHT = 0.75
"""Share in use above which what everybody has read goes first."""
TIGHT_SHARE = 0.02
OUTPUT_BYTES = 60_000
"""An output entry, where none has been measured."""
WORK_BYTES = 16_000
"""A record with its ids and the state of the request that led to it, where none has been measured."""
REST_BYTES = 64_000_000
"""Scripts, connections, lanes, and room for the cache to be of use."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes in use, and the limit; 0: none."""

    used: int
    limit: int

    @property
    def tight(self) -> bool:
        """Whether room is to be made."""
        return bool(self.limit) and self.used > TIGHT * self.limit


def outputs_kept(most: int, memory: Memory, each: float) -> int:
    """Output entries to keep of those that everybody has read: ``most``, or what fits; ``each`` is one in bytes."""
    if not memory.limit or not each:
        return most
    share = TIGHT_SHARE if memory.tight else OUTPUT_SHARE
    return max(1, min(most, int(memory.limit * share / each)))


def needed(works: int, most: int, each_work: float = WORK_BYTES, each_output: float = OUTPUT_BYTES) -> int:
    """Bytes of memory for so many works, with up to ``most`` outputs, so that it never gets tight."""
    kept = works * each_work + REST_BYTES
    return int(min(kept / (TIGHT - OUTPUT_SHARE), (kept + most * each_output) / TIGHT))


def works_in(limit: int, most: int, each_work: float = WORK_BYTES, each_output: float = OUTPUT_BYTES) -> int:
    """How many works fit into a limit of so many bytes before it gets tight."""
    outputs = min(OUTPUT_SHARE * limit, most * each_output)
    return max(0, int((TIGHT * limit - outputs - REST_BYTES) / each_work))


async def memory_of(client: Redis) -> Memory:
    """What the server uses, and its limit."""
    info: Mapping[str, Any] = await client.info("memory")
    return Memory(int(info.get("used_memory", 0)), int(info.get("maxmemory", 0)))


async def entry_bytes(client: Redis, stream: str) -> float:
    """About how many bytes one entry takes; 0 for a stream that is empty or none."""
    try:
        count = await client.xlen(stream)
    except ResponseError as error:
        if not is_wrong_type(error):
            raise
        return 0.0
    return (await client.memory_usage(stream) or 0) / count if count else 0.0
