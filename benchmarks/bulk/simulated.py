"""A worker, a real server and the played sites in time that jumps (`benchmarks.simulation`): hours of limits in minutes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from redis.asyncio import Redis

from benchmarks.bulk.progress import Heard, listening
from benchmarks.bulk.titles import list_titles
from benchmarks.simulation.edges import played
from benchmarks.simulation.heartbeat import PlayedHeartbeat
from benchmarks.simulation.loop import SimulatedLoop
from benchmarks.simulation.server import MovedServer
from sources.demo.world import World
from streams.broker.embedded import find_binary
from streams.config.settings import Settings
from streams.service.app import Service

T = TypeVar("T")
ADDRESS = ("server", 6379)
URL = "redis://server:6379/0"
SITES = ("anilist", "animeschedule", "kitsu", "jikan")
"""Those that are asked. AniDB's titles are searched on the own disk; AniDB itself takes 50 days for 10,000 works."""


class Scene:
    """What a story is told with."""

    def __init__(self, world: World, redis: Redis, heard: Heard) -> None:
        self.world, self.redis, self.heard = world, redis, heard


Story = Callable[[Scene], Awaitable[T]]


def simulated(titles: int, story: Story[T], seed: int = 1, extra: Mapping[str, str] | None = None) -> T:
    """What ``story`` tells beside one worker, whose AniDB lists ``titles``; ``extra`` are settings of the worker."""
    loop = SimulatedLoop(seed)
    with (
        tempfile.TemporaryDirectory() as folder,
        MovedServer(loop, Path(folder), find_binary()) as server,
        played(loop, seed),
    ):
        return loop.run_until_complete(_tell(server, folder, titles, story, extra or {}))


async def _tell(
    server: MovedServer, folder: str, titles: int, story: Story[T], extra: Mapping[str, str]
) -> T:
    server.listen(ADDRESS)
    async with World() as world:
        list_titles(world, titles)
        service = Service(Settings.load({**_environment(world, folder), **extra}, env_file=None), URL)
        PlayedHeartbeat.into(service, server, ADDRESS)
        await service.start()
        redis = Redis.from_url(URL)
        try:
            async with listening(URL) as heard:
                return await story(Scene(world, redis, heard))
        finally:
            await redis.aclose()
            await service.stop()


def _environment(world: World, folder: str) -> dict[str, str]:
    """Every site with its own limits, main documents only."""
    own = {"DATA_DIR": folder, "LOG_LEVEL": "WARNING", "LONG_TAIL": "false", "OUTPUT_MAXLEN": "1000"}
    own |= {"ENABLED_SOURCES": ",".join((*SITES, "anidb")), "ANIDB_CLIENT": ""}
    return {**world.environment(), **own}


async def until(told: Callable[[], bool], every: float = 0.5) -> None:
    """Return when ``told`` says so."""
    while not told():
        await asyncio.sleep(every)
