"""Posts outputs to the addresses of the settings."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
from redis.asyncio import Redis

from streams.bridges.outputs import Outputs
from streams.bridges.webhooks import ONE_BY_ONE, Webhook, group_of, urls_of
from streams.broker.keys import Topology
from streams.cli.commands.bridges.carrying import Work, carry
from streams.cli.exit_codes import Exit
from streams.config.settings import Settings
from streams.posting.addresses import connector
from streams.posting.signing import keys_of
from streams.telemetry import logs

log = logs.logger("webhooks")


def run(*, everything: bool, cloud_event: bool) -> Exit:
    """Post until told to stop. Raises `SettingsError` for an address or a secret that is none."""
    settings = Settings.load()
    logs.configure(settings.log_level, settings.log_format)
    urls, _ = urls_of(settings), keys_of(settings)
    sessions: list[aiohttp.ClientSession] = []

    async def begin(redis: Redis, names: Topology) -> Sequence[Work]:
        session = aiohttp.ClientSession(connector=connector(allow_private=settings.webhook_allow_private))
        sessions.append(session)
        works: list[Work] = []
        for url in urls:
            outputs = Outputs(redis, names, group_of(url), batch=ONE_BY_ONE)
            await outputs.prepare()
            log.info("posting", group=outputs.group, everything=everything)
            one = Webhook(outputs, url, settings, session, everything=everything, cloud_event=cloud_event)
            works.append(one.run)
        return works

    async def close() -> None:
        for session in sessions:
            await session.close()

    return carry(settings, begin, close)
