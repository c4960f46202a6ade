"""What the commands that need a server share: settings, log, and a client that is open for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from streams import logs
from streams.session import offline_store
from streams.settings import Settings

T = TypeVar("T")


def load(*, offline: bool = False, verbose: bool = False) -> Settings:
    """The settings, and a log that only warns unless it is asked for. Raises `SettingsError`."""
    settings = Settings.load()
    quiet = "log_level" not in settings.model_fields_set and not verbose
    logs.configure("WARNING" if quiet else settings.log_level, settings.log_format)
    return offline_store(settings) if offline else settings


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    return asyncio.run(work)
