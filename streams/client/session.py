"""A whole pipeline in this process: the server (given or embedded), the service, and a client of it.

The service and the played sites are imported where they are run, so that a command that only looks starts fast.
"""

from __future__ import annotations

import contextlib
import threading
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sources import discover
from streams.broker.connection import connect
from streams.broker.embedded import EmbeddedError, EmbeddedServer
from streams.broker.keys import Topology
from streams.client.client import Client
from streams.config.settings import Settings

if TYPE_CHECKING:
    from streams.service.app import Service

PARTING_SECONDS = 2.0
"""A process of one job hands back what others wait for rather than finish it: their own workers go on with it."""


@dataclass(frozen=True, slots=True)
class Session:
    """An open pipeline."""

    settings: Settings
    url: str
    client: Client
    service: Service | None = None


@contextlib.contextmanager
def server(settings: Settings) -> Iterator[str]:
    """The address of the server: the one that the settings name, or the embedded one of the data folder."""
    if settings.redis_url:
        yield settings.redis_url.get_secret_value()
        return
    with _embedded(settings) as embedded:
        yield embedded.url


def _embedded(settings: Settings) -> EmbeddedServer:
    return EmbeddedServer(settings.data_dir, maxmemory=settings.embedded_maxmemory)


@contextlib.contextmanager
def started_beside(settings: Settings) -> Iterator[None]:
    """Let the embedded server start while this thread imports what it needs; who joins it then finds it up.

    What keeps it from starting is told to who joins it.
    """
    if settings.redis_url:
        yield
        return
    embedded = _embedded(settings)

    def join() -> None:
        with contextlib.suppress(EmbeddedError):
            embedded.acquire()

    joining = threading.Thread(target=join, name="embedded start")
    joining.start()
    try:
        yield
    finally:
        joining.join()
        embedded.release()


@contextlib.asynccontextmanager
async def open_client(settings: Settings) -> AsyncIterator[Session]:
    """A client of the server, with no worker in this process."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(server(settings))
        redis = connect(url)
        try:
            names = Topology(settings.stream_prefix)
            yield Session(settings, url, Client(redis, names, settings.publish_copies))
        finally:
            await redis.aclose()


@contextlib.asynccontextmanager
async def open_pipeline(
    settings: Settings, *, stages: Sequence[str] | None = None, sources: Sequence[str] | None = None
) -> AsyncIterator[Session]:
    """The client, and a running service beside it; all stages by default."""
    from streams.service.app import ALL_STAGES, Service

    async with open_client(settings) as session:
        service = Service(settings, session.url, stages=stages or ALL_STAGES, sources=sources)
        await service.start()
        try:
            yield Session(settings, session.url, session.client, service)
        finally:
            await service.stop(grace=PARTING_SECONDS)


@contextlib.asynccontextmanager
async def offline(settings: Settings) -> AsyncIterator[Settings]:
    """Settings that point every source at the played sites, with a server, cache and title index of their own."""
    from sources.demo.world import World

    async with contextlib.AsyncExitStack() as stack:
        try:
            world = await stack.enter_async_context(World(keep_log=False, port=played_port(settings)))
        except (
            OSError
        ):  # another run plays there: its answers are cached under its addresses, ours under ours
            world = await stack.enter_async_context(World(keep_log=False))
        played = Settings.from_values(world.environment())
        of_sources = {
            name: {**settings.sources.get(name, {}), **played.sources.get(name, {}), "LIMITS": "off"}
            for name in discover()
        }
        yield offline_store(settings).with_values(sources=of_sources, crawl_engine="http")


def played_port(settings: Settings) -> int:
    """The first port of the sites played for one data folder: always the same, so that their cached answers are found."""
    return 20_000 + zlib.crc32(str(settings.data_dir.absolute()).encode()) % 1_000 * 10


def offline_store(settings: Settings) -> Settings:
    """Settings that lead to the server and cache of the played sites, apart from the real ones."""
    return settings.with_values(data_dir=settings.data_dir / "offline", redis_url=None, redis_cache_url=None)
