"""The service: readers read the streams, FastStream hands over, the workers work, the housekeeping keeps."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError, ResponseError
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer

from cache import HTTPCacheManager
from cache.limits.fleet import FleetLimiter
from sources.crawling.crawlers import Crawlers
from sources.crawling.page_memory import remember_in
from sources.discovery import broken
from streams.broker.answers import TELL_SECONDS, Answers
from streams.broker.connection import connect, connect_blocking, text
from streams.broker.delayed import Delayed
from streams.broker.delivery import Delivery
from streams.broker.following.budget import Budget
from streams.broker.groups import Presence, leave
from streams.broker.keys import AGGREGATE, IDENTIFY, Topology
from streams.broker.review.decisions import Decisions
from streams.broker.scripts import Scripts
from streams.config.policy_file import load_policy
from streams.config.settings import Settings
from streams.engine.backpressure import Gate, server_pause
from streams.engine.dispatch import Broker, Handler
from streams.engine.heartbeat import Heartbeat
from streams.engine.reader import Reader
from streams.engine.worker import Stage, Worker
from streams.following.ledger import RedisLedger
from streams.following.scout import Scout
from streams.following.site import sites, wishes
from streams.review.corrections import Corrections
from streams.service.company import Expected, capacity
from streams.service.housekeeping import Chore, Housekeeping
from streams.service.janitor import Janitor, groups_of
from streams.service.liveness import TOUCH_SECONDS, Alive
from streams.service.middlewares import watch
from streams.service.wiring import cache_options, corrections, crawl_options, undescribed, witness
from streams.stages.aggregate import Gatherer
from streams.stages.base import movable
from streams.stages.canary import DailyCanary
from streams.stages.collect import SourceStage
from streams.stages.identify import IdentifyStage
from streams.stages.intake import AT_ONCE, Intake
from streams.stages.search import Identifier
from streams.stages.source_pool import Askers
from streams.telemetry.logs import logger

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

SCOUT = "scout"
ALL_STAGES = (IDENTIFY, "collect", AGGREGATE, SCOUT, "page")
GRACE_SECONDS = 20.0
LEAVE_SECONDS = 5.0
COUNT_SECONDS = 15.0
STUCK_AFTER = 2
"""An entry in work for so many times the longest attempt will not be done."""
EXTRA = 100
"""Notices read beyond the free slots: most complete nothing and are acknowledged as they come."""

SCOUT_SECONDS = 10.0
"""How often the scout looks what is due."""
CANARY_SECONDS = 1800.0
"""How often a process looks whether a site was asked for its canary today."""

log = logger("app")


class Service:
    """Everything that one process runs: the groups of its stages and sources, over one server.

    Args:
        settings: see `Settings`.
        url: address of the server.
        stages: which of identify, collect and aggregate run here.
        sources: whose groups run here; all active ones by default.
        broker: FastStream's, with these groups `streams.service.description.declared`, for an application that starts and stops it itself.
    """

    def __init__(
        self,
        settings: Settings,
        url: str,
        *,
        stages: Sequence[str] = ALL_STAGES,
        sources: Sequence[str] | None = None,
        broker: Broker | None = None,
    ) -> None:
        self.settings = settings
        self.url = url
        self.names = Topology(settings.stream_prefix)
        self.consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self.client: Redis = connect(url)
        self.scripts = Scripts(self.client)
        self.gate = Gate(self.client)
        self.cache = HTTPCacheManager(cache_options(settings, url))
        self.limiter = FleetLimiter(self.client, settings.stream_prefix)
        self.crawlers = Crawlers(crawl_options(settings), self.limiter, partial(remember_in, self.cache))
        self.corrections = Corrections(Decisions(self.scripts, self.names), corrections(settings))
        self._policy = load_policy(settings.policy_file)
        self.askers = Askers(settings, self.cache, self.limiter, self.crawlers)
        self.answers = Answers(self.scripts, self.names)
        self.budget = Budget(self.scripts, self.names)
        self.scout = self._scout() if SCOUT in stages and wishes(settings).kinds else None
        self.janitor = Janitor(self.client, self.scripts, self.names, settings)
        self.groups = groups_of(stages, list(sources) if sources is not None else settings.active_sources)
        self.workers = {group: self._worker(group) for group in self.groups}
        self.door = self._door()
        self.broker = broker or undescribed(self.names, self.groups)
        self.broker.address = url
        self.metrics: CollectorRegistry | None = None
        """What FastStream's middleware counts, if that is on."""
        self.door_reader: Reader | None = None
        self.readers = {group: self._reader(group) for group in self.groups}
        self.askers.may_come = Expected(self.workers, self.readers, self.door, self.door_reader).may_come
        self.alive = Alive(
            self.client,
            self.readers,
            Presence(self.scripts, self.names),
            self.consumer,
            STUCK_AFTER * settings.attempt_seconds,
            settings.alive_file,
        )
        self.housekeeping = Housekeeping(
            self.client,
            self.names,
            settings,
            self.janitor,
            self.workers,
            self.consumer,
            self.gate,
            self._chores(),
        )
        self.heartbeat = Heartbeat(
            connect_blocking(url),
            self.consumer,
            [*self.workers.values(), self.door],
            settings.lease_seconds / 3,
        )

    def _chores(self) -> list[Chore]:
        """What is done again and again beside the work: seconds between two times, and what."""
        named = [group for group in self.groups if group in self.settings.active_sources]
        canaries = DailyCanary(self.client, self.names, self.askers, named)
        return [
            (TOUCH_SECONDS, self.alive.prove_alive),
            (TELL_SECONDS, self.tell_answers),
            *([(SCOUT_SECONDS, self.scout.step)] if self.scout else []),
            (COUNT_SECONDS, self.count_fleet),
            (CANARY_SECONDS, canaries.look_once_a_day),
        ]

    def _scout(self) -> Scout:
        ledger = RedisLedger(self.client, self.scripts, self.names, self.askers, self.limiter)
        return Scout(ledger, sites(self.settings), wishes(self.settings), self.consumer)

    def _worker(self, group: str) -> Worker:
        held = capacity(group, self.settings.worker_concurrency)
        return Worker(self._stage(group), held, self.settings.max_deliveries, self.gate.trouble)

    def _stage(self, group: str) -> Stage:
        common = (self.client, self.scripts, self.names, self.settings)
        if group == AGGREGATE:
            return Gatherer(*common, self._policy, self.corrections, self.askers.tally)
        if group == IDENTIFY:
            identifier = Identifier(self.askers, self.settings.active_sources, witness=witness(self.settings))
            return IdentifyStage(*common, identifier, self._policy, self.corrections)
        return SourceStage(*common, self.askers, group, self.corrections)

    def _door(self) -> Worker:
        """Takes requests in beside the identifying, so that a backlog of bulk ones keeps no interactive one waiting."""
        stage = Intake(self.client, self.scripts, self.names, self.settings)
        return Worker(stage, AT_ONCE, self.settings.max_deliveries, self.gate.trouble)

    def _reader(self, group: str) -> Reader:
        worker = self.workers[group]
        inside = [stream for stream in self.names.feeds(group) if stream != self.names.requests]
        feeds = {stream: group == AGGREGATE or index == 0 for index, stream in enumerate(inside)}
        reader = self._reading(group, feeds, worker, EXTRA if group == AGGREGATE else 0)
        subscriber = self.broker.groups[group]
        if group == IDENTIFY:
            self.door_reader = self._reading(group, {self.names.requests: True}, self.door)
            workers = {self.names.requests: self.door}
            subscriber.attach(
                partial(_side_by_side, reader.run, self.door_reader.run), _handler(worker, feeds, workers)
            )
        else:
            subscriber.attach(reader.run, _handler(worker, feeds, {}))
        return reader

    def _reading(self, group: str, feeds: Mapping[str, bool], worker: Worker, extra: int = 0) -> Reader:
        return Reader(
            connect(self.url, connections=1),
            group,
            self.consumer,
            feeds,
            worker,
            self.broker.groups[group].deliver,
            self.janitor.ensure_groups,
            self.gate.passed,
            extra,
            self._is_flooded,
        )

    def _is_flooded(self) -> bool:
        """Whether requests lie before the door: taking them in comes before beginning with bulk ones, it takes less."""
        return self.door_reader is not None and self.door_reader.behind

    async def tell_answers(self) -> None:
        """Tell the fleet what the sources were sent and answered here. Raises ``RedisError``; it is told the next time, then."""
        await self.answers.tell(self.askers.tally)
        await self.budget.tell(self.limiter.sent)

    async def await_server(self) -> None:
        """Return when the server answers; what waiting does not mend (a wrong password) is raised."""
        failures = 0
        while True:
            try:
                await self.client.ping()
            except AuthenticationError:
                raise
            except (NoConnection, NoAnswer) as error:
                failures += 1
                log.warning("waiting for the server", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(server_pause(failures))
            else:
                return

    async def count_fleet(self) -> None:
        """Know how many processes there are: while the server is away, each keeps its share of the sites' limits."""
        self.limiter.processes = len({one.consumer for one in await self.alive.presence.heard()})

    async def start(self) -> None:
        """Create the groups, start the housekeeping, start reading."""
        await self.prepare()
        await self.broker.start()

    async def prepare(self) -> None:
        """All that comes before reading."""
        self.metrics = watch(self.broker, self.settings)
        await self.janitor.check_keys()
        await self.janitor.records.forgotten.begin()
        await self.janitor.ensure_groups()
        await self.alive.prove_alive()
        await self.count_fleet()
        self.heartbeat.start()
        self.housekeeping.start()
        for one in broken():
            log.warning("source left out", source=one.name, package=one.package, why=one.why)
        log.info("started", groups=self.groups, consumer=self.consumer)

    async def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Stop reading, let work finish or hand it back, close everything."""
        await self.housekeeping.stop()
        await self.broker.stop()
        working = [*self.workers.values(), self.door]
        drained = await asyncio.gather(*(worker.drain(grace) for worker in working))
        await self._hand_over([one for left in drained for one in left])
        self.heartbeat.stop()
        await self.gate.aclose()
        await self.crawlers.aclose()
        await self.cache.aclose()
        for reader in [*self.readers.values(), *([self.door_reader] if self.door_reader else [])]:
            await reader.client.aclose()
        await self.client.aclose()
        log.info("stopped", consumer=self.consumer)

    async def _hand_over(self, left: Sequence[Delivery]) -> None:
        """Give back what is not finished and take the consumer's name off; a server that is away gets it by the lease."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                for one in left:
                    await self._hand_back(one)
                await self._leave()
                await self.tell_answers()
                if self.scout:
                    await self.scout.let_go()
        except (RedisError, TimeoutError) as error:
            log.warning(
                "not handed back; others take it over when the lease ends",
                error=f"{type(error).__name__}: {error}",
            )

    async def _hand_back(self, one: Delivery) -> None:
        await Delayed(self.scripts, self.names).hand_back(one, movable(one))

    async def _leave(self) -> None:
        """Hand back what was delivered to this consumer and never reached a worker, and take its name off."""
        await self.alive.leave()
        for group in self.groups:
            for stream in self.names.feeds(group):
                try:
                    while await leave(self.scripts, stream, group, self.consumer):
                        await self._hand_back_pending(stream, group)
                except ResponseError as error:
                    if "NOGROUP" not in str(error):
                        raise

    async def _hand_back_pending(self, stream: str, group: str) -> None:
        for row in await self.client.xpending_range(stream, group, "-", "+", 1000, self.consumer):
            entry = text(row["message_id"])
            found: Any = await self.client.xrange(stream, entry, entry)
            for _, fields in found:
                await self._hand_back(Delivery(stream, group, entry, fields))
            if not found:
                await self.client.xack(stream, group, entry)


async def _side_by_side(*reads: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """All until one ends; a cancellation reaches them each time it comes, since a library may have swallowed the first."""
    tasks = [asyncio.create_task(read()) for read in reads]
    for one in tasks:
        one.add_done_callback(lambda _: [other.cancel() for other in tasks])
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended


def _handler(worker: Worker, feeds: Mapping[str, bool], others: Mapping[str, Worker]) -> Handler:
    async def take(deliveries: list[Delivery]) -> None:
        stream = deliveries[0].stream
        await others.get(stream, worker).take(deliveries, urgent=feeds.get(stream, True))

    return take


@contextlib.asynccontextmanager
async def running(service: Service) -> AsyncIterator[Service]:
    """The service, started and in the end stopped."""
    await service.start()
    try:
        yield service
    finally:
        await service.stop()
