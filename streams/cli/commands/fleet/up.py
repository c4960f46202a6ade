"""Runs the service, plays the sites, and answers a container's health check."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import typer

from sources.demo.world import World
from streams.broker.groups import Presence
from streams.broker.keys import Topology
from streams.cli.called import as_called
from streams.cli.exit_codes import Exit, Stop
from streams.cli.process import own_command, supervise, until_stopped
from streams.client.session import offline as played
from streams.client.session import open_client, server
from streams.config.settings import Settings
from streams.config.values import check_sources
from streams.doors.opened import opened
from streams.service.app import ALL_STAGES, Service
from streams.service.liveness import is_fresh
from streams.service.wiring import check_files
from streams.telemetry import logs
from streams.text.nearest import nearest
from streams.web.beside import Beside

log = logs.logger("up")


def run(sources: list[str], stages: list[str], scale: int, *, offline: bool) -> Exit:
    """Serve until told to stop. Raises `Stop`, `SettingsError` or `PolicyError` before anything runs."""
    settings = Settings.load()
    logs.configure(settings.log_level, settings.log_format)
    check_sources(sources)
    check_stages(stages)
    check_files(settings)
    if offline and scale > 1:
        raise Stop("--offline plays the sites for one process", "leave --scale out", Exit.USAGE)
    if scale == 1:
        return asyncio.run(_serve(settings, stages or list(ALL_STAGES), sources or None, offline=offline))
    words = [word for name in sources for word in ("--sources", name)]
    words += [word for name in stages for word in ("--stages", name)]
    with server(settings):
        return supervise(own_command("up", *words), scale)


def check_stages(names: list[str]) -> None:
    """Raises `Stop` for a stage that there is not."""
    for name in names:
        if name not in ALL_STAGES:
            near = nearest(name, ALL_STAGES)
            hint = f"did you mean {near}?" if near else f"the stages are {', '.join(ALL_STAGES)}"
            raise Stop(f"unknown stage {name!r}", hint, Exit.USAGE)


async def _serve(settings: Settings, stages: list[str], sources: list[str] | None, *, offline: bool) -> Exit:
    async with contextlib.AsyncExitStack() as stack:
        if offline:
            settings = await stack.enter_async_context(played(settings))
        url = stack.enter_context(server(settings))
        service = Service(settings, url, stages=stages, sources=sources)
        both = Beside(service, opened(service))

        async def begin() -> None:
            await both.start()
            log.info("ready", **ways_in(settings, offline=offline))

        return await until_stopped(begin, both.stop, service.await_server)


def ways_in(settings: Settings, *, offline: bool) -> dict[str, str]:
    """Where titles go in, and where the page is."""
    page = (
        f"http://{settings.http_host}:{settings.http_port}/" if settings.http_port else "set HTTP_PORT=8080"
    )
    word = 'anime-enrich publish "One Piece"' + (" --offline" if offline else "")
    return {
        "publish_with": as_called(word),
        "stream": Topology(settings.stream_prefix).requests,
        "page": page,
    }


def play(host: str, port: int) -> Exit:
    """Play the sites until told to stop; stdout holds the settings and nothing else. Raises `Stop` for a taken port."""
    logs.configure("WARNING")
    return asyncio.run(_play(host, port))


async def _play(host: str, port: int) -> Exit:
    world = World(keep_log=False, host=host, port=port)

    async def begin() -> None:
        try:
            await world.__aenter__()
        except (OSError, OverflowError) as error:
            await world.__aexit__(None, None, None)
            next_step = "choose another first port with --port, or let the system choose with --port 0"
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise Stop(f"a site cannot be played: {why}", next_step) from error
        for name, value in world.environment().items():
            typer.echo(f"{name}={value}")

    return await until_stopped(begin, lambda: world.__aexit__(None, None, None))


def health() -> Exit:
    """Whether a worker of this machine reads. Raises `Stop` when none does."""
    settings = Settings.load()
    if settings.alive_file:
        if not is_fresh(settings.alive_file):
            raise Stop(f"{settings.alive_file} was not touched lately", "look at the worker's log")
        return Exit.OK
    return asyncio.run(_health(settings))


async def _health(settings: Settings) -> Exit:
    async with open_client(settings) as session:
        heard = await Presence(session.client.requests.scripts, session.client.names).heard()
    if any(one.reads and one.consumer.startswith(f"{socket.gethostname()}-") for one in heard):
        return Exit.OK
    raise Stop("no worker of this machine reads any stream", "look at its log")
