"""Posts what the fleet tells of itself, beside the work: whoever tells goes on at once, whatever the receiver does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp

from streams.config.settings import Settings
from streams.engine.cancellation import end
from streams.posting.addresses import connector
from streams.posting.poster import Message, Poster, web_url
from streams.posting.signing import keys_of
from streams.telemetry.logs import logger

SETTING = "HEALTH_WEBHOOK_URL"
MOST_WAITING = 8
"""Notices that wait for a receiver that is slow or dead; the oldest goes first, for the newest says how all is now."""
LONGEST_PAUSE = 300.0
"""Seconds; what would be told later than that is no news."""
STOP_SECONDS = 2.0
"""How long the end of the process waits for what is still to be posted."""

log = logger("notices")


class Notices:
    """The notices of one process, posted one after another. Raises `SettingsError` for an address or a secret that is none."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = checked(settings)
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(MOST_WAITING)
        self._running: set[asyncio.Task[None]] = set()

    def tell(self, kind: str, at: float, data: Mapping[str, Any]) -> None:
        """Have a notice posted; ``at`` in Unix seconds. Returns at once."""
        if self._waiting.full():
            _lost(self._waiting.get_nowait(), "too many wait before it", "see why the receiver is slow")
            self._waiting.task_done()
        self._waiting.put_nowait(notice(kind, at, data))

    def start(self) -> None:
        """Begin to post."""
        self._running.add(asyncio.create_task(self._run(), name="notices"))

    async def stop(self) -> None:
        """End; what still waits has a moment, then it is lost, and the log says so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS if self._running else 0):
                await self._waiting.join()
        await end(self._running)
        while not self._waiting.empty():
            _lost(self._waiting.get_nowait(), "the process ended", "see why the receiver is slow")

    async def _run(self) -> None:
        private = self.settings.webhook_allow_private
        async with aiohttp.ClientSession(connector=connector(allow_private=private)) as session:
            poster = Poster(self.url, SETTING, self.settings, session, LONGEST_PAUSE)
            while True:
                await self._post(poster, await self._waiting.get())
                self._waiting.task_done()

    async def _post(self, poster: Poster, told: Message) -> None:
        try:
            lost = await poster.post(told)
        except asyncio.CancelledError:
            _lost(told, "the process ended", "see why the receiver is slow")
            raise
        except Exception:
            log.exception("posting a notice broke", webhook_id=told.id)
            return
        if lost:
            why = f"{lost.trouble.reason.value}: {lost.trouble.message}"
            _lost(told, why, lost.trouble.next_step, lost.attempts)


def notice(kind: str, at: float, data: Mapping[str, Any]) -> Message:
    """A notice as Standard Webhooks would have a body: ``type``, ``timestamp``, ``data``."""
    when = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = json.dumps({"type": kind, "timestamp": when, "data": data}, ensure_ascii=False)
    return Message(f"notice-{uuid.uuid4().hex}", kind, body.encode("utf-8", "replace"), "application/json")


def checked(settings: Settings) -> str:
    """The address. Raises `SettingsError` where it is none, or where nothing can be signed."""
    keys_of(settings)
    return web_url(
        SETTING, settings.health_webhook_url.get_secret_value() if settings.health_webhook_url else ""
    )


def _lost(told: Message, why: str, next_step: str, attempts: int = 0) -> None:
    log.error(
        "a notice was not posted",
        webhook_id=told.id,
        type=told.subject,
        error=why,
        next_step=next_step,
        attempts=attempts,
    )
