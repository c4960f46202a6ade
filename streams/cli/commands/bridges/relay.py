"""Carries the output to another bus."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis

from streams.bridges.outputs import Outputs
from streams.bridges.relay import Relay, open_bus
from streams.broker.keys import Topology
from streams.cli.commands.bridges.carrying import Work, carry
from streams.cli.exit_codes import Exit, Stop
from streams.config.settings import Settings
from streams.telemetry import logs
from streams.text.secrets import without_secrets

log = logs.logger("relay")


def run(address: str, group: str, *, everything: bool, cloud_event: bool) -> Exit:
    """Relay until told to stop. Raises `Stop` for a bus that there is not, or whose package is not there."""
    settings = Settings.load()
    logs.configure(settings.log_level, settings.log_format)
    try:
        bus = open_bus(address, settings.stream_prefix)
    except ValueError as error:
        raise Stop(str(error), "anime-enrich relay nats://localhost:4222", Exit.USAGE) from None
    except ImportError:
        raise Stop("the client of this bus is missing", "pip install 'anime-enrich[nats]'") from None

    async def begin(redis: Redis, names: Topology) -> Sequence[Work]:
        outputs = Outputs(redis, names, group)
        await outputs.prepare()
        log.info("relaying", to=without_secrets(address), group=group, everything=everything)
        return [Relay(outputs, bus, everything=everything, cloud_event=cloud_event).run]

    return carry(settings, begin, bus.close)
