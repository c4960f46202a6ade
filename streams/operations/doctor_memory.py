"""Whether the settings that bound memory fit together, and what more works would need."""

from __future__ import annotations

import math

from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.operations.check import Check
from streams.service.memory import (
    OUTPUT_BYTES,
    OUTPUT_SHARE,
    WORK_BYTES,
    entry_bytes,
    memory_of,
    needed,
    outputs_kept,
    works_in,
)
from streams.terminal.words import size

EXAMPLE = 30_000
"""Works that a size is named for where fewer fit."""
LOOKED_AT = 50


async def memory_fits(server: Redis, names: Topology, settings: Settings) -> Check:
    """How many works fit into the server's memory, and what `EXAMPLE` of them need."""
    room = await memory_of(server)
    if not room.limit:
        step = "set maxmemory with the policy volatile-lru, so that a full server refuses instead of being killed"
        return Check(subject="memory", state="note", found="the server has no limit", next_step=step)
    each_output = await entry_bytes(server, names.enriched) or OUTPUT_BYTES
    records = Records(Scripts(server), names)
    each_work = await records.mean_bytes(LOOKED_AT) or WORK_BYTES
    most = settings.output_maxlen
    fits, known = works_in(room.limit, most, each_work, each_output), await records.count()
    kept = outputs_kept(most, room, each_output)
    found = f"room for {fits:,} works ({known:,} known) and {kept:,} outputs that everybody has read"
    if kept < most:
        found += f"; OUTPUT_MAXLEN={most} would not fit into its {OUTPUT_SHARE:.0%}"
    want = max(EXAMPLE, 2 * known)
    bytes_wanted = needed(want, most, each_work, each_output)
    step = f"for {want:,} works: {_setting(server)}{math.ceil(bytes_wanted / 2**20)}mb" if fits < want else ""
    state = "warning" if known > 0.9 * fits else "ok"
    return Check(subject="memory", state=state, found=f"{size(room.limit)}: {found}", next_step=step)


def _setting(server: Redis) -> str:
    embedded = "path" in server.connection_pool.connection_kwargs
    return "EMBEDDED_MAXMEMORY=" if embedded else "maxmemory "
