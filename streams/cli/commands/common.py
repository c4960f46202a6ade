"""What the commands that need a server share: settings, log, and a client that is open for a while."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from streams.cli.exit_codes import Exit
from streams.client.session import offline_store
from streams.config.settings import Settings
from streams.telemetry import logs

T = TypeVar("T")
PATIENCE = 10.0
"""Seconds for a job's clean-up, after which it is cancelled once more."""


def load(*, offline: bool = False, verbose: bool = False) -> Settings:
    """The settings, and a log of faults only: reasons stand in what is printed. Raises `SettingsError`.

    ``LOG_LEVEL`` or ``verbose`` bring the whole log.
    """
    settings = Settings.load()
    quiet = "log_level" not in settings.model_fields_set and not verbose
    logs.configure("ERROR" if quiet else settings.log_level, settings.log_format)
    return offline_store(settings) if offline else settings


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end. Ctrl-C ends it with ``KeyboardInterrupt`` after its clean-up, twice at once."""
    return asyncio.run(_until_interrupted(work))


async def _until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """Cancel until it is heard: a library may lose a single cancellation that comes while it connects."""
    told = asyncio.Event()

    def on_signal() -> None:
        if told.is_set():
            os._exit(Exit.INTERRUPTED)
        told.set()

    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, on_signal)
    job, waiting = asyncio.ensure_future(work), asyncio.create_task(told.wait())
    await asyncio.wait({job, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not told.is_set():
        waiting.cancel()
        return job.result()
    while not job.done():
        job.cancel()
        await asyncio.wait({job}, timeout=PATIENCE)
    raise KeyboardInterrupt
