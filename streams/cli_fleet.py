"""Commands that run the service."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from streams import logs
from streams.app import ALL_STAGES, Service
from streams.exits import Exit, Stop
from streams.serve import own_command, supervise, until_stopped
from streams.session import server
from streams.settings import Settings, check_sources, nearest

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
