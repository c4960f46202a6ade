"""One trace from the request to the output, across all groups; nothing at all unless it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from benchmarks.support.replies import add
from benchmarks.support.servers import Server
from sources import discover
from sources.demo.world import World
from streams.broker.delivery import Delivery
from streams.config.settings import Settings
from streams.service.app import Service
from streams.telemetry import tracing

sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="needs the extra otel")
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def spans() -> Iterator[Any]:
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


async def run(environment: dict[str, str], server: Server, redis: Redis, prefix: str, **fields: str) -> None:
    service = Service(Settings.load(environment, env_file=None), server.url)
    await service.start()
    try:
        await add(redis, f"{prefix}:requests", fields)
        async with asyncio.timeout(30):
            while not await redis.xlen(f"{prefix}:enriched"):
                await asyncio.sleep(0.05)
    finally:
        await service.stop(grace=2)


async def test_a_publishers_trace_goes_on_to_the_output(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, spans: Any
) -> None:
    parent = f"00-{TRACE}-b7ad6b7169203331-01"
    await run(environment, server, redis, prefix, title="Cowboy Bebop", traceparent=parent)
    done = spans.get_finished_spans()
    assert {f"{span.context.trace_id:032x}" for span in done} == {TRACE}
    assert {span.name for span in done} == {"accept", "identify", *discover(), "aggregate", "emit"}
    by_id = {span.context.span_id: span.name for span in done}
    above = {span.name: by_id.get(span.parent.span_id, "publisher") for span in done}
    assert (above["accept"], above["identify"], above["kitsu"]) == ("publisher", "accept", "identify")
    assert above["aggregate"] in set(discover())
    assert above["emit"] == "aggregate"


async def test_without_one_the_request_begins_a_trace_of_its_own(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, spans: Any
) -> None:
    await run(environment, server, redis, prefix, title="Shelter")
    done = spans.get_finished_spans()
    assert len({span.context.trace_id for span in done}) == 1
    assert [span.name for span in done if span.parent is None] == ["accept"]


async def test_a_request_closed_at_its_deadline_ends_in_the_same_trace(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, world: World, spans: Any
) -> None:
    world.fault("kitsu", "hang", seconds=60)
    await run(environment, server, redis, prefix, title="Cowboy Bebop", ids='{"mal": "1"}', deadline_s="3")
    done = spans.get_finished_spans()
    assert "emit" in {span.name for span in done}
    assert len({span.context.trace_id for span in done}) == 1


async def test_a_source_says_in_its_step_how_it_fared(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, world: World, spans: Any
) -> None:
    world.fault("kitsu", "down")
    await run(environment, server, redis, prefix, title="Cowboy Bebop", only="kitsu anilist")
    steps = [span for span in spans.get_finished_spans() if span.name == "kitsu"]
    assert len(steps) == 2  # MAX_ATTEMPTS of the tests
    assert dict(steps[-1].attributes)["reason"] == "unreachable"


@pytest.mark.parametrize("raw", [{b"data": b"[" * 100_000}, {b"data": b"{"}, {b"intake_id": b"\xff"}])
def test_an_entry_that_cannot_be_read_has_a_step_all_the_same(raw: dict[bytes, bytes], spans: Any) -> None:
    with tracing.step(Delivery("anime:requests", "identify", "1-1", raw)):
        pass
    assert [span.name for span in spans.get_finished_spans()] == ["accept"]


def test_without_an_endpoint_nothing_is_traced() -> None:
    tracing.start(Settings.load({}, env_file=None))()
    with tracing.span("anything"):
        assert tracing.onwards("given") == "given"


async def test_with_an_endpoint_spans_are_sent_there() -> None:
    asked: list[str] = []

    async def take(request: web.Request) -> web.Response:
        asked.append(f"{request.path} {len(await request.read()) > 50}")
        return web.Response()

    app = web.Application()
    app.router.add_post("/{tail:.*}", take)
    async with TestServer(app) as collector:
        address = f"http://{collector.host}:{collector.port}"
        end = tracing.start(Settings.load({"OTEL_EXPORTER_OTLP_ENDPOINT": address}, env_file=None))
        with tracing.span("anything"):
            assert tracing.onwards("").startswith("00-")
        await asyncio.to_thread(end)
    assert asked == ["/v1/traces True"]
