"""Who is stopped on purpose in the middle of work says so in a line: no error, no trace, and nothing is lost."""

from __future__ import annotations

import asyncio
import gc
import logging

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.config.settings import Settings
from streams.engine.heartbeat import Heartbeat
from streams.service.app import Service
from tests.support.flow import Flow, service


async def test_a_service_that_is_stopped_in_mid_work_logs_no_error_and_another_does_the_work(
    environment: dict[str, str],
    server: Server,
    redis: Redis,
    prefix: str,
    world: World,
    caplog: pytest.LogCaptureFixture,
) -> None:
    flow = Flow(redis, prefix)
    asked = {f"r{number}" for number in range(8)}
    for number in range(8):
        await flow.publish(title=f"Loopback Show {number:06d}", request_id=f"r{number}")
    world.fault("kitsu", "slow", seconds=0.5)
    for moment in (0.0, 0.2, 0.6):
        stopped = Service(Settings.load(environment, env_file=None), server.url)
        await stopped.start()
        await asyncio.sleep(moment)
        await stopped.stop(grace=0)
        gc.collect()  # what was never looked at is told of when it goes
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []
    world.fault("kitsu", None)
    async with service(environment, server.url):
        await flow.quiet(120)
    assert {one["request_id"] for one in await flow.outputs() if one["final"] == "true"} == asked


def test_a_heartbeat_that_outlives_its_loop_for_a_moment_breaks_nothing(server: Server) -> None:
    loop = asyncio.new_event_loop()
    heart = Heartbeat(server.client, "c", [], 60.0)
    heart._loop = loop
    loop.close()
    alive = heart._alive
    heart._call(heart._live)
    assert heart._alive == alive
