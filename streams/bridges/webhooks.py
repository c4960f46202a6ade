"""Posts outputs to addresses of the settings, signed as Standard Webhooks 1.0 has it (HMAC-SHA256, ``v1``).

Retried as the retry policy says, then left as a dead letter; no address ever comes from a request or from a reply.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from cache import clock
from cache.headers import retry_after
from sources import Reason
from sources.http import USER_AGENT
from streams.bridges.addresses import PrivateAddressError
from streams.bridges.messages import Entry, Message
from streams.bridges.outputs import Outputs
from streams.config.settings import Settings
from streams.config.values import SettingsError
from streams.stages.retries import Again, after
from streams.telemetry.logs import logger

SECONDS = aiohttp.ClientTimeout(total=15, connect=5)
"""Longer than the twelve seconds in which a receiver should have answered (Standard Webhooks says 15 to 30)."""
ONE_BY_ONE = 1
"""Entries taken up at once: what a receiver has is acknowledged before the next is tried, however long that takes."""
SHORTEST_KEY = 24
"""Bytes that Standard Webhooks asks of a secret."""
PREFIX = "whsec_"

log = logger("webhooks")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a post did not arrive, and in how many seconds the receiver wants to be asked again."""

    reason: Reason
    message: str
    next_step: str
    again_in: float | None = None


class Webhook:
    """One address, with a group of its own, so that one that is slow or dead holds up no other.

    Args:
        everything: every entry, not only those that made a revision.
        cloud_event: as CloudEvents.
    """

    def __init__(
        self,
        outputs: Outputs,
        url: str,
        settings: Settings,
        session: aiohttp.ClientSession,
        *,
        everything: bool = False,
        cloud_event: bool = False,
    ) -> None:
        self.outputs = outputs
        self.url = url
        self.settings = settings
        self.session = session
        self.keys = keys_of(settings)
        self.everything = everything
        self.cloud_event = cloud_event

    async def run(self) -> None:
        """Post until cancelled."""
        await self.outputs.carry(self.deliver)

    async def deliver(self, batch: Sequence[Entry]) -> None:
        """Post each entry, one after another."""
        for entry in batch:
            if self.everything or entry.makes_revision:
                await self._post(entry)

    async def _post(self, entry: Entry) -> None:
        told, tries = await self.outputs.message(entry, cloud_event=self.cloud_event), 1
        while told and (trouble := await self._try(told)):
            then = after(trouble.reason, tries, self.settings, random.random(), trouble.again_in)
            log.warning("a webhook failed", output_id=told.id, error=trouble.message, attempt=tries)
            if not isinstance(then, Again):
                step = f"{trouble.next_step}; then `anime-enrich dead replay`"
                await self.outputs.give_up(entry, trouble.reason.value, trouble.message, step, tries)
                return
            await asyncio.sleep(then.seconds)
            tries += 1

    async def _try(self, told: Message) -> Trouble | None:
        """Post once; ``None`` when the receiver has it."""
        headers = {"Content-Type": told.content_type, "User-Agent": USER_AGENT}
        headers |= signed(told, self.keys, int(clock.now()))
        try:
            async with self.session.post(
                self.url, data=told.body, headers=headers, allow_redirects=False, timeout=SECONDS
            ) as reply:
                return judge(reply.status, reply.headers)
        except TimeoutError:
            return Trouble(Reason.TIMEOUT, "no answer in time", "see why the receiver is slow")
        except (aiohttp.ClientError, OSError) as error:
            return _unreachable(error)


def judge(status: int, headers: Any) -> Trouble | None:
    """What an answer says; a redirect is not followed: the address is that of the settings."""
    said = f"HTTP {status}"
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Trouble(Reason.MISCONFIGURED, f"{said}: redirected", "put the new address into WEBHOOK_URLS")
    if status == 410:
        return Trouble(Reason.MISCONFIGURED, f"{said}: gone for good", "take the address out of WEBHOOK_URLS")
    reason = Reason.RATE_LIMITED if status == 429 else Reason.UPSTREAM_ERROR
    return Trouble(reason, said, "see what the receiver's log says", retry_after(headers, clock.now()))


def _unreachable(error: Exception) -> Trouble:
    if _private(error):
        step = "name a public address in WEBHOOK_URLS, or set WEBHOOK_ALLOW_PRIVATE"
        return Trouble(Reason.MISCONFIGURED, "it leads to a private address", step)
    return Trouble(Reason.UNREACHABLE, f"{type(error).__name__}: {error}", "see whether the receiver runs")


def _private(error: BaseException | None) -> bool:
    """Whether a connection was not made because of where it led; the client wraps that."""
    while error is not None:
        if isinstance(error, PrivateAddressError):
            return True
        error = getattr(error, "os_error", None) or error.__cause__
    return False


def signed(told: Message, keys: Sequence[bytes], now: int) -> dict[str, str]:
    """The three headers; ``now`` in Unix seconds. One signature a key, so that a secret can be changed."""
    content = f"{told.id}.{now}.".encode() + told.body
    marks = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": told.id,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }


def keys_of(settings: Settings) -> list[bytes]:
    """The secrets as keys. Raises `SettingsError` where there is none, or one that is no such secret."""
    given = settings.webhook_secret.get_secret_value().split() if settings.webhook_secret else []
    if not given:
        raise SettingsError("WEBHOOK_SECRET is not set: without a signature anybody could post to a receiver")
    return [_key(secret) for secret in given]


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or len(key) < SHORTEST_KEY:
        step = f'printf "{PREFIX}%s" "$(openssl rand -base64 32)" makes one'
        raise SettingsError(f"WEBHOOK_SECRET is {PREFIX} and base64 of {SHORTEST_KEY} bytes or more; {step}")
    return key


def urls_of(settings: Settings) -> list[str]:
    """The addresses. Raises `SettingsError` where there is none, or one that is no web address."""
    urls = settings.webhook_urls or []
    if not urls:
        raise SettingsError("WEBHOOK_URLS is not set: it names the addresses to post to")
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingsError(f"WEBHOOK_URLS: {url[:80]!r} is no web address")
    return urls


def group_of(url: str) -> str:
    """The group that reads for an address; the address itself may hold a secret."""
    return f"webhook-{urlsplit(url).hostname}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
