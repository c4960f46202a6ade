"""Whether the server answers, is new enough, and keeps what it must keep."""

from __future__ import annotations

import re
from typing import Any

from redis.asyncio import Redis

from cache.admin.management import check_eviction
from streams.broker.connection import connect
from streams.operations.check import Check
from streams.operations.health import OLDEST_SERVER
from streams.operations.server_errors import READ_ONLY, next_step
from streams.terminal.words import size


async def server(client: Redis, subject: str, url: str) -> tuple[list[Check], bool]:
    """The findings about one server, and whether it answers at all."""
    where = "embedded" if url.startswith("unix:") else re.sub(r"//[^@/]*@", "//", url)
    try:
        info: dict[str, Any] = await client.info()
    except Exception as error:  # noqa: BLE001 - whatever keeps the server from answering is the finding
        step = next_step(error) or "start it, or unset REDIS_URL to use the embedded server"
        return [
            Check(subject=subject, state="fault", found=f"{where}: {_said(error)}", next_step=step)
        ], False
    name = info.get("server_name", "redis")
    version = str(info.get(f"{name}_version") or info["redis_version"])
    old = int(version.partition(".")[0]) < OLDEST_SERVER
    used, most = info.get("used_memory", 0), info.get("maxmemory", 0)
    checks = [
        Check(
            subject=subject,
            state="fault" if old else "ok",
            found=f"{where}: {name} {version}, {size(used)} of {size(most) if most else 'all memory'} used",
            next_step=f"use Redis {OLDEST_SERVER} or later, or Valkey" if old else "",
        )
    ]
    if info.get("role") == "slave":
        role = "it is a read-only replica"
        return [*checks, Check(subject=subject, state="fault", found=role, next_step=READ_ONLY)], False
    if subject != "server" and most and used >= most:
        step = "raise its maxmemory, or let the workers catch up"
        checks.append(Check(subject=f"{subject} memory", state="warning", found="it is full", next_step=step))
    if advice := await check_eviction(client):
        wrong, _, step = advice.partition("; ")
        checks.append(Check(subject=f"{subject} memory", state="warning", found=wrong, next_step=step))
    if not info.get("aof_enabled") and not info.get("rdb_last_save_time"):
        checks.append(Check(subject=f"{subject} disk", state="note", found="keeps nothing over a restart"))
    return checks, True


async def cache_server(url: str) -> list[Check]:
    """The findings about a server for the cache alone."""
    client = connect(url)
    try:
        checks, _ = await server(client, "cache server", url)
        return checks
    finally:
        await client.aclose()


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")
