"""The service: FastStream reads the streams, the workers work, the housekeeping keeps."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import FAKE_CONSUMER, RedisBatchStreamMessage
from redis.asyncio import Redis
from redis.exceptions import RedisError

from cache import CacheOptions, HTTPCacheManager
from cache.limits import FleetLimiter
from sources.browser import BrowserOptions
from sources.crawlers import Crawlers, CrawlOptions
from sources.page_memory import remember_in
from streams.askers import Askers
from streams.connection import BLOCK_MS, connect, text
from streams.delivery import Delivery
from streams.gather import Gatherer
from streams.identify import Identifier
from streams.janitor import Janitor, groups_of
from streams.leases import renew, take_over
from streams.logs import logger
from streams.policy import load_policy
from streams.scripts import Scripts
from streams.settings import Settings
from streams.stages import IdentifyStage, SourceStage
from streams.topology import AGGREGATE, IDENTIFY, Topology
from streams.worker import Stage, Worker

ALL_STAGES = (IDENTIFY, "collect", AGGREGATE)
GRACE_SECONDS = 20.0
FEW = 16
MANY = 100

log = logger("app")


class Service:
    """Everything that one process runs: the groups of its stages and sources, over one server.

    Args:
        settings: see `Settings`.
        url: address of the server.
        stages: which of identify, collect and aggregate run here.
        sources: whose groups run here; all active ones by default.
    """

    def __init__(
        self,
        settings: Settings,
        url: str,
        *,
        stages: Sequence[str] = ALL_STAGES,
        sources: Sequence[str] | None = None,
    ) -> None:
        self.settings = settings
        self.names = Topology(settings.stream_prefix)
        self.consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self.client: Redis = connect(url)
        self.scripts = Scripts(self.client)
        self.cache = HTTPCacheManager(cache_options(settings, url))
        self.limiter = FleetLimiter(self.client, settings.stream_prefix)
        self.crawlers = Crawlers(crawl_options(settings), self.limiter, partial(remember_in, self.cache))
        self.askers = Askers(settings, self.cache, self.limiter, self.crawlers)
        self.janitor = Janitor(self.client, self.scripts, self.names, settings)
        self.groups = groups_of(stages, list(sources) if sources is not None else settings.active_sources)
        self.workers = {group: Worker(self._stage(group), self._capacity(group)) for group in self.groups}
        self.broker = RedisBroker(
            url, logger=_quiet(), apply_types=False, max_connections=256, socket_timeout=15.0
        )
        self.readers: list[Any] = []
        self._chores: list[asyncio.Task[None]] = []
        for group, worker in self.workers.items():
            for index, stream in enumerate(self.names.feeds(group)):
                self.readers.append(
                    self._reader(stream, group, worker, urgent=index == 0 or group == AGGREGATE)
                )

    def _stage(self, group: str) -> Stage:
        common = (self.client, self.scripts, self.names)
        if group == AGGREGATE:
            return Gatherer(*common, self.settings, load_policy(self.settings.policy_file))
        if group == IDENTIFY:
            return IdentifyStage(
                *common, self.settings, Identifier(self.askers, self.settings.active_sources)
            )
        return SourceStage(*common, self.settings, self.askers, group)

    def _capacity(self, group: str) -> int:
        return self.settings.worker_concurrency * (4 if group in {AGGREGATE, IDENTIFY} else 1)

    def _reader(self, stream: str, group: str, worker: Worker, *, urgent: bool) -> Any:
        sub = StreamSub(
            stream,
            group=group,
            consumer=self.consumer,
            batch=True,
            max_records=MANY if group == AGGREGATE else FEW,
            polling_interval=BLOCK_MS,
        )

        async def handle(deliveries: list[Delivery]) -> None:
            await worker.take(deliveries, urgent=urgent)

        decorate = self.broker.subscriber(
            stream=sub, ack_policy=AckPolicy.MANUAL, parser=_parse, decoder=_decoder(group)
        )
        return decorate(handle)

    async def start(self) -> None:
        """Create the groups, start reading, start the housekeeping."""
        await self.janitor.ensure_groups()
        await self.broker.start()
        every = self.settings.lease_seconds / 3
        self._chore(every, self._renew)
        self._chore(every, self._take_over)
        self._chore(0.25, self._due)
        self._chore(5.0, self._tidy)
        self._chore(1.0, self._revive)
        log.info("started", groups=self.groups, consumer=self.consumer)

    async def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Stop reading, let work finish or hand it back, close everything."""
        for chore in self._chores[1:]:
            chore.cancel()
        await self.broker.stop()
        for worker in self.workers.values():
            await self._hand_back(worker, await worker.drain(grace))
        for chore in self._chores:
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        await self._leave()
        await self.crawlers.aclose()
        await self.cache.aclose()
        await self.client.aclose()
        log.info("stopped", consumer=self.consumer)

    def _chore(self, every: float, step: Callable[[], Awaitable[object]]) -> None:
        self._chores.append(asyncio.create_task(_repeat(every, step)))

    async def _renew(self) -> None:
        await renew(self.scripts, self.consumer, list(self.workers.values()))

    async def _take_over(self) -> None:
        lease_ms = int(self.settings.lease_seconds * 1000)
        for group, worker in self.workers.items():
            for stream in self.names.feeds(group):
                await worker.take(
                    await take_over(self.client, stream, group, self.consumer, lease_ms), urgent=True
                )

    async def _due(self) -> None:
        await self.janitor.move_due()
        gatherer = self.workers[AGGREGATE].stage if AGGREGATE in self.workers else None
        if isinstance(gatherer, Gatherer):
            await gatherer.sweep()

    async def _tidy(self) -> None:
        await self.janitor.trim()
        await self.janitor.forget()
        await self.janitor.drop_dead_consumers()

    async def _revive(self) -> None:
        """Groups that were lost are made again, and the readers that stopped because of it start again."""
        if await self.janitor.ensure_groups():
            log.warning("groups were missing and have been created again")
        for subscriber in self.broker.subscribers:
            if not subscriber.running:
                log.warning("a reader had stopped; starting it again")
                await subscriber.start()

    async def _hand_back(self, worker: Worker, left: Sequence[Delivery]) -> None:
        for one in left:
            fields = [part for pair in one.saved().items() for part in pair]
            await self.scripts.run(
                "requeue", [one.stream, self.names.lane(one.group)], [one.group, one.id, *fields]
            )

    async def _leave(self) -> None:
        """Hand back what was delivered to this consumer and never reached a worker, and take the consumer's name off."""
        for group in self.groups:
            for stream in self.names.feeds(group):
                pending = await self.client.xpending_range(stream, group, "-", "+", 1000, self.consumer)
                for row in pending:
                    entry = text(row["message_id"])
                    found: Any = await self.client.xrange(stream, entry, entry)
                    for _, fields in found:
                        one = Delivery(stream, group, entry, fields)
                        await self._hand_back(self.workers[group], [one])
                await self.client.xgroup_delconsumer(stream, group, self.consumer)


def cache_options(settings: Settings, url: str) -> CacheOptions:
    """The cache as the settings want it; it shares the server unless another is named."""
    other = settings.redis_cache_url.get_secret_value() if settings.redis_cache_url else url
    return CacheOptions(
        enabled=settings.enable_http_cache,
        storage=settings.http_cache_storage,
        redis_url=other,
        sqlite_path=settings.data_dir / "http_cache.db",
    )


def _quiet() -> logging.Logger:
    """FastStream's own log, warnings only: it writes two lines a message otherwise."""
    log_of_faststream = logging.getLogger("faststream")
    log_of_faststream.setLevel(logging.WARNING)
    return log_of_faststream


def crawl_options(settings: Settings) -> CrawlOptions:
    """How the crawled sites are read."""
    browser = BrowserOptions(cdp_url=settings.browser_cdp_url, path=settings.browser_path)
    return CrawlOptions(engine=settings.crawl_engine, browser=browser)


async def _repeat(every: float, step: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(every)
        try:
            await step()
        except RedisError as error:
            log.warning(
                "server trouble during housekeeping", step=getattr(step, "__name__", ""), error=repr(error)
            )
        except Exception:
            log.exception("housekeeping broke", step=getattr(step, "__name__", ""))


async def _parse(message: Any) -> RedisBatchStreamMessage:
    return RedisBatchStreamMessage(raw_message=message, body=b"", consumer=FAKE_CONSUMER, group=None)


def _decoder(group: str) -> Callable[[RedisBatchStreamMessage], Awaitable[list[Delivery]]]:
    async def decode(message: RedisBatchStreamMessage) -> list[Delivery]:
        raw: Any = message.raw_message
        pairs = zip(raw["message_ids"], raw["data"], strict=True)
        return [Delivery(raw["channel"], group, text(entry), fields) for entry, fields in pairs]

    return decode


@contextlib.asynccontextmanager
async def running(service: Service) -> Any:
    """The service, started and in the end stopped."""
    await service.start()
    try:
        yield service
    finally:
        await service.stop()
