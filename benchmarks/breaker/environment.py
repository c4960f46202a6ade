"""The settings of a fleet whose leases, pauses and deadlines are short, so that faults meet them often."""

from __future__ import annotations

from pathlib import Path

from sources import discover
from sources.demo.world import World


def hurried(world: World, prefix: str, folder: Path, limits: str) -> dict[str, str]:
    """The environment of workers that ask the sites of ``world``, each within ``limits``, and keep their data in ``folder``."""
    return {
        **world.environment(),
        **{f"{name.upper()}_LIMITS": limits for name in discover()},
        "STREAM_PREFIX": prefix,
        "DATA_DIR": str(folder / "data"),
        "CRAWL_ENGINE": "http",
        "LEASE_SECONDS": "3",
        "RETRY_BASE_SECONDS": "0.2",
        "MAX_DELIVERIES": "40",
        "REQUEST_DEADLINE_SECONDS": "60",
        "BULK_DEADLINE_SECONDS": "90",
        "OUTPUT_MAXLEN": "1000000",
        "WORKER_CONCURRENCY": "12",
    }
