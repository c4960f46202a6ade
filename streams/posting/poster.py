"""Posts one message to one address until its receiver has it, or the retry policy gives it up."""

from __future__ import annotations

import asyncio
import math
import random
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from cache import clock
from cache.headers import retry_after
from sources import Reason
from sources.http import USER_AGENT
from streams.config.settings import Settings
from streams.config.values import SettingsError, has_sound_port
from streams.posting.addresses import PrivateAddressError
from streams.posting.signing import keys_of, signed
from streams.stages.retries import Again, after
from streams.telemetry.logs import logger

SECONDS = aiohttp.ClientTimeout(total=15, connect=5)
"""Longer than the twelve seconds in which a receiver should have answered (Standard Webhooks says 15 to 30)."""

log = logger("webhooks")


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out: ``id`` is that by which the other side knows what it has."""

    id: str
    subject: str
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a post did not arrive, and in how many seconds the receiver wants to be asked again."""

    reason: Reason
    message: str
    next_step: str
    again_in: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A message given up: its last trouble, and how often it was tried."""

    trouble: Trouble
    attempts: int


class Poster:
    """Signs and posts to one address.

    Args:
        url: where to; it comes from the settings, never from a request or a reply.
        setting: the variable that names it, for next steps.
        longest_pause: seconds; a message that would have to wait longer for its next try is given up.
    """

    def __init__(
        self,
        url: str,
        setting: str,
        settings: Settings,
        session: aiohttp.ClientSession,
        longest_pause: float = math.inf,
    ) -> None:
        self.url, self.setting, self.settings = url, setting, settings
        self.session = session
        self.keys = keys_of(settings)
        self.longest_pause = longest_pause

    async def post(self, told: Message) -> Lost | None:
        """Post until the receiver has it (then ``None``), or it is given up."""
        tries = 1
        while trouble := await self._try(told):
            then = after(trouble.reason, tries, self.settings, random.random(), trouble.again_in)
            log.warning("a webhook failed", webhook_id=told.id, error=trouble.message, attempt=tries)
            if not isinstance(then, Again) or then.seconds > self.longest_pause:
                return Lost(trouble, tries)
            await asyncio.sleep(then.seconds)
            tries += 1
        return None

    async def _try(self, told: Message) -> Trouble | None:
        headers = {"Content-Type": told.content_type, "User-Agent": USER_AGENT}
        headers |= signed(told.id, told.body, self.keys, int(clock.now()))
        try:
            async with self.session.post(
                self.url, data=told.body, headers=headers, allow_redirects=False, timeout=SECONDS
            ) as reply:
                return judge(reply.status, reply.headers, self.setting)
        except TimeoutError:
            return Trouble(Reason.TIMEOUT, "no answer in time", "see why the receiver is slow")
        except (aiohttp.ClientError, OSError) as error:
            return _unreachable(error, self.setting)


def judge(status: int, headers: Any, setting: str) -> Trouble | None:
    """What an answer says; a redirect is not followed: the address is that of ``setting``."""
    said = f"HTTP {status}"
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Trouble(Reason.MISCONFIGURED, f"{said}: redirected", f"put the new address into {setting}")
    if status == 410:
        return Trouble(Reason.MISCONFIGURED, f"{said}: gone for good", f"take the address out of {setting}")
    reason = Reason.RATE_LIMITED if status == 429 else Reason.UPSTREAM_ERROR
    return Trouble(reason, said, "see what the receiver's log says", retry_after(headers, clock.now()))


def web_url(setting: str, url: str) -> str:
    """``url`` as it is. Raises `SettingsError` for one that is no web address."""
    if has_sound_port(url) and urlsplit(url).hostname and urlsplit(url).scheme in {"http", "https"}:
        return url
    raise SettingsError(f"{setting}: what begins with {url[:12]!r} is no address such as https://host/path")


def _unreachable(error: Exception, setting: str) -> Trouble:
    if _private(error):
        step = f"name a public address in {setting}, or set WEBHOOK_ALLOW_PRIVATE"
        return Trouble(Reason.MISCONFIGURED, "it leads to a private address", step)
    return Trouble(Reason.UNREACHABLE, f"{type(error).__name__}: {error}", "see whether the receiver runs")


def _private(error: BaseException | None) -> bool:
    """Whether a connection was not made because of where it led; the client wraps that."""
    while error is not None:
        if isinstance(error, PrivateAddressError):
            return True
        error = getattr(error, "os_error", None) or error.__cause__
    return False
