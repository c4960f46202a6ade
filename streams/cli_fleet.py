"""Commands that run the service."""

from __future__ import annotations

import asyncio
import socket
from typing import Annotated

import typer

from sources.demo.world import World
from streams import logs
from streams.app import ALL_STAGES, Service
from streams.exits import Exit, Stop
from streams.serve import own_command, supervise, until_stopped
from streams.session import open_client, server
from streams.settings import Settings, check_sources, nearest

STALE_MS = 30_000

app = typer.Typer(rich_markup_mode=None)


@app.command()
def up(
    sources: Annotated[list[str] | None, typer.Option(help="Only the groups of these sources.")] = None,
    stages: Annotated[
        list[str] | None, typer.Option(help="Only these of identify, collect, aggregate.")
    ] = None,
    scale: Annotated[int, typer.Option(min=1, help="So many worker processes side by side.")] = 1,
) -> None:
    """Run the services until Ctrl-C: anime-enrich up --stages collect --sources kitsu anilist --scale 2."""
    settings = Settings.load()
    logs.configure(settings.log_level, settings.log_format)
    check_sources(sources or [])
    check_stages(stages or [])
    if scale > 1:
        words = [w for name in sources or [] for w in ("--sources", name)]
        words += [w for name in stages or [] for w in ("--stages", name)]
        with server(settings):
            raise typer.Exit(supervise(own_command("up", *words), scale))
    raise typer.Exit(asyncio.run(_up(settings, stages or list(ALL_STAGES), sources)))


@app.command()
def play(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="First port; each site takes the next.")] = 8100,
) -> None:
    """Play all sites from the shipped replies until Ctrl-C, and print the settings that point at them."""
    raise typer.Exit(asyncio.run(_play(host, port)))


async def _play(host: str, port: int) -> Exit:
    world = World(keep_log=False, host=host, port=port)

    async def begin() -> None:
        await world.__aenter__()
        for name, value in world.environment().items():
            typer.echo(f"{name}={value}")

    return await until_stopped(begin, lambda: world.__aexit__(None, None, None))


@app.command()
def health() -> None:
    """Exit 0 when the server answers and a worker of this machine is reading: for container health checks."""
    raise typer.Exit(asyncio.run(_health(Settings.load())))


async def _health(settings: Settings) -> Exit:
    async with open_client(settings) as session:
        names, redis = session.client.names, session.client.redis
        for stream, group in names.groups(settings.active_sources):
            for one in await redis.xinfo_consumers(stream, group):
                if one["name"].startswith(socket.gethostname().encode()) and one["idle"] < STALE_MS:
                    return Exit.OK
    raise Stop("no worker of this machine reads any stream", "look at its log")


def check_stages(names: list[str]) -> None:
    """Raises `Stop` for a stage that there is not."""
    for name in names:
        if name not in ALL_STAGES:
            near = nearest(name, ALL_STAGES)
            hint = f"did you mean {near}?" if near else f"the stages are {', '.join(ALL_STAGES)}"
            raise Stop(f"unknown stage {name!r}", hint, Exit.USAGE)


async def _up(settings: Settings, stages: list[str], sources: list[str] | None) -> Exit:
    with server(settings) as url:
        service = Service(settings, url, stages=stages, sources=sources)
        return await until_stopped(service.start, service.stop)
