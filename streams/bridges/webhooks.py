"""Posts outputs to addresses of the settings, signed as Standard Webhooks 1.0 has it.

Retried as the retry policy says, then left as a dead letter; no address ever comes from a request or from a reply.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp

from streams.bridges.messages import Entry
from streams.bridges.outputs import Outputs
from streams.config.settings import Settings
from streams.config.values import SettingsError
from streams.posting.poster import Poster, web_url

SETTING = "WEBHOOK_URLS"
ONE_BY_ONE = 1
"""Entries taken up at once: what a receiver has is acknowledged before the next is tried, however long that takes."""


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
        self.poster = Poster(url, SETTING, settings, session)
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
        told = await self.outputs.message(entry, cloud_event=self.cloud_event)
        if told and (lost := await self.poster.post(told)):
            trouble = lost.trouble
            step = f"{trouble.next_step}; then `anime-enrich dead replay`"
            await self.outputs.give_up(entry, trouble.reason.value, trouble.message, step, lost.attempts)


def urls_of(settings: Settings) -> list[str]:
    """The addresses. Raises `SettingsError` where there is none, or one that is no web address."""
    if not settings.webhook_urls:
        raise SettingsError(f"{SETTING} is not set: it names the addresses to post to")
    return [web_url(SETTING, url) for url in settings.webhook_urls]


def group_of(url: str) -> str:
    """The group that reads for an address; the address itself may hold a secret."""
    return f"webhook-{urlsplit(url).hostname}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
