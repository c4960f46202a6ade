"""The real command in a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.support.replies import add, entries

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


class Program:
    """``anime-enrich`` with an environment of its own; nothing of this machine's settings reaches it."""

    def __init__(
        self, environment: Mapping[str, str], folder: Path | None = None, client: Redis | None = None
    ):
        self.environment, self.folder, self.client = dict(environment), folder, client

    @property
    def prefix(self) -> str:
        return self.environment["STREAM_PREFIX"]

    def run(self, *words: str, stdin: str | None = None, seconds: float = 90, **more: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "streams", *words],
            capture_output=True,
            text=True,
            timeout=seconds,
            input=stdin,
            cwd=self.folder,
            env=self.variables(**more),
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    async def arun(self, *words: str, **options: Any) -> Done:
        """The same beside a service that runs in this event loop."""
        return await asyncio.to_thread(lambda: self.run(*words, **options))

    def variables(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **self.environment, **more}

    async def ask(self, **fields: str) -> dict[str, str]:
        """Publish as any client does, and wait for the final output."""
        assert self.client is not None
        request_id = await add(self.client, f"{self.prefix}:requests", fields)
        async with asyncio.timeout(30):
            while True:
                for found in (await entries(self.client, f"{self.prefix}:enriched")).values():
                    if found["request_id"] == request_id and found["final"] == "true":
                        return found
                await asyncio.sleep(0.03)
