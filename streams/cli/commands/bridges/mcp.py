"""Serves agents over stdin and stdout."""

from __future__ import annotations

import contextlib

from streams.cli.commands.common import finish, load
from streams.cli.exit_codes import Exit, Stop
from streams.client.session import offline as played
from streams.config.settings import Settings
from streams.service.wiring import check_files


def run(*, offline: bool) -> Exit:
    """Serve until stdin ends. Raises `Stop` without the extra, `SettingsError`, `PolicyError`."""
    settings = load()
    check_files(settings)
    try:
        import mcp  # noqa: F401 - whether it is there
    except ImportError:
        raise Stop(
            "the SDK of the Model Context Protocol is missing", "pip install 'anime-enrich[mcp]'"
        ) from None
    finish(_serve(settings, offline=offline))
    return Exit.OK


async def _serve(settings: Settings, *, offline: bool) -> None:
    from streams.bridges.agents import serve

    async with contextlib.AsyncExitStack() as stack:
        if offline:
            settings = await stack.enter_async_context(played(settings))
        await serve(settings)
