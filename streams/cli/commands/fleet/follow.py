"""Follows what is new in the foreground, with a live view of the fleet."""

from __future__ import annotations

import contextlib

from streams.cli.commands.common import finish, load
from streams.cli.commands.titles.watch import show_fleet
from streams.cli.exit_codes import Exit, Stop
from streams.client.session import offline as played
from streams.client.session import open_pipeline
from streams.config.settings import Settings
from streams.text.nearest import nearest

KINDS = ("season", "airing", "changes", "known")


def run(kinds: list[str], *, alone: bool, offline: bool, as_json: bool, interval: float) -> Exit:
    """Follow until Ctrl-C. Raises `Stop` for a word that means nothing."""
    for kind in kinds:
        if kind not in KINDS:
            near = nearest(kind, KINDS)
            hint = f"did you mean {near}?" if near else f"it is one of {', '.join(KINDS)}"
            raise Stop(f"{kind!r} is nothing that can be followed", hint, Exit.USAGE)
    settings = load()
    wanted = settings.with_values(follow=kinds or settings.follow or list(KINDS))
    finish(_follow(wanted, alone=alone, offline=offline, as_json=as_json, interval=interval))
    return Exit.OK


async def _follow(settings: Settings, *, alone: bool, offline: bool, as_json: bool, interval: float) -> None:
    async with contextlib.AsyncExitStack() as stack:
        if offline:
            settings = await stack.enter_async_context(played(settings))
        stages = ["scout"] if alone else None
        session = await stack.enter_async_context(open_pipeline(settings, stages=stages))
        await show_fleet(session, interval, as_json=as_json)
