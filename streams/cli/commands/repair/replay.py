"""Asks one source again for what it failed to answer."""

from __future__ import annotations

from datetime import datetime

from cache import clock
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_json
from streams.cli.durations import moment_of
from streams.cli.exit_codes import Exit
from streams.client.session import open_client
from streams.config.settings import Settings
from streams.config.values import check_sources
from streams.operations.replay import replay as replay_source


def run(source: str, since: str, *, as_json: bool) -> Exit:
    """Ask a source again for what it failed to answer. Raises `Stop` or `SettingsError`."""
    settings = load()
    check_sources([source])
    moment = moment_of(since, clock.utc())
    found = finish(_replay_source(settings, source, moment))
    if as_json:
        print_json(found)
        return Exit.OK
    console = out()
    console.print(f"{source} is asked again for {found['asked']} titles since {moment:%Y-%m-%d %H:%M} UTC")
    if found["waiting"]:
        console.print(f"{found['waiting']} more are under way already")
    if found["asked"]:
        console.print("what changes comes out as a revision: anime-enrich tail", style="dim")
    return Exit.OK


async def _replay_source(settings: Settings, source: str, since: datetime) -> dict[str, object]:
    async with open_client(settings) as session:
        done = await replay_source(session.client.redis, session.client.names, source, since.timestamp())
    return {
        "source": source,
        "since": since.isoformat(),
        "asked": done.asked,
        "waiting": done.waiting,
        "requests": done.requests,
        "works": done.works,
    }
