"""As users of FastStream know it: its command runs the service and writes its contract, its middlewares see each batch."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client import generate_latest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.broker.keys import Topology
from streams.client.client import Client
from streams.config.settings import Settings
from streams.config.values import SettingsError
from streams.contract.events import TitleRequest
from streams.engine.dispatch import Broker
from streams.faststream import application
from streams.service.description import described
from streams.service.middlewares import watch
from streams.telemetry import tracing
from tests.support.command_line import Program
from tests.support.flow import Flow, service, until
from tests.support.page import served

FASTSTREAM = [sys.executable, "-m", "faststream"]
APP = "streams.faststream:app"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@contextmanager
def started(program: Program) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [*FASTSTREAM, "run", APP],
        cwd=program.folder,
        env=program.variables(),
        stderr=subprocess.PIPE,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


async def ended(running: subprocess.Popen[bytes]) -> int:
    running.send_signal(signal.SIGTERM)
    return await asyncio.to_thread(running.wait, 60)


async def pending(redis: Redis, prefix: str) -> dict[str, int]:
    found = {}
    for stream in [key async for key in redis.scan_iter(f"{prefix}:*", _type="stream")]:
        for group in await redis.xinfo_groups(stream):
            found[f"{stream.decode()}/{group['name'].decode()}"] = group["pending"] + group["consumers"]
    return {name: count for name, count in found.items() if count}


async def test_faststream_run_serves_and_leaves_no_entry_behind(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, world: World, tmp_path: Path
) -> None:
    program, flow = Program({**environment, "REDIS_URL": server.url}, tmp_path, redis), Flow(redis, prefix)
    with started(program) as running:
        assert (await program.ask(title="Cowboy Bebop"))["status"] == "complete"
        world.fault("kitsu", "hang", seconds=3)
        await flow.publish(title="Shelter")

        async def in_hand() -> bool:
            return any(name.endswith("/kitsu") for name, count in (await flow.unfinished()).items() if count)

        await until(in_hand)
        assert await ended(running) == 0
    assert await pending(redis, prefix) == {}


@pytest.mark.parametrize(
    ("alone", "set_up", "taken"), [(False, False, False), (True, True, False), (True, False, True)]
)
async def test_a_program_that_we_are_embedded_in_keeps_its_logging(
    environment: dict[str, str],
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    alone: bool,
    set_up: bool,
    taken: bool,
) -> None:
    theirs, root, hook = logging.NullHandler(), logging.getLogger(), sys.excepthook
    monkeypatch.setattr(root, "handlers", [theirs] if set_up else [])
    for name in ("excepthook", "unraisablehook"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    settings = Settings.load({**environment, "REDIS_URL": server.url, "LOG_LEVEL": "WARNING"}, None)
    app = application(settings, alone=alone)
    running = asyncio.create_task(app.run())

    async def runs() -> bool:
        return app.context.get("service") is not None

    await until(runs)
    app.exit()
    await asyncio.wait_for(running, 30)
    assert (root.handlers != ([theirs] if set_up else [])) == taken
    assert (sys.excepthook is not hook) == taken


async def test_faststream_docs_gen_writes_the_published_contract(tmp_path: Path) -> None:
    variables = {
        "STREAM_PREFIX": "other",
        "ENABLED_SOURCES": "kitsu,anilist",
        "REDIS_URL": "redis://u:secret@far/1",
    }
    program = Program(variables, tmp_path)
    done = await asyncio.to_thread(
        subprocess.run,
        [*FASTSTREAM, "docs", "gen", APP],
        cwd=tmp_path,
        env=program.variables(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "asyncapi.json" in done.stdout
    document = json.loads((tmp_path / "asyncapi.json").read_text())
    assert document == described()
    assert "secret" not in json.dumps(document)


def test_what_schema_asyncapi_prints_is_faststreams_document(tmp_path: Path) -> None:
    assert json.loads(Program({}, tmp_path).run("schema", "asyncapi").out) == described()


def test_every_stream_is_typed_and_described() -> None:
    document = described()
    assert list(document["channels"]) == [
        "requests",
        "identified",
        "partials",
        "enriched",
        "dead",
        "decisions",
    ]
    for channel in document["channels"].values():
        assert channel["description"]
        (message,) = channel["messages"]
        entry = document["components"]["schemas"][f"{message}Entry"]
        assert {field["type"] for field in entry["properties"].values()} == {"string"}


async def test_faststreams_metrics_count_the_batches_of_each_group(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str
) -> None:
    async with service({**environment, "FASTSTREAM_PROMETHEUS": "true"}, server.url) as running:
        await Client(redis, Topology(prefix)).ask(TitleRequest(title="Cowboy Bebop"))
        assert running.metrics is not None
        told = generate_latest(running.metrics).decode()
    counted = {
        line.partition(" ")[0]: float(line.rpartition(" ")[2])
        for line in told.splitlines()
        if "#" not in line
    }

    def count(name: str, group: str, stream: str) -> float:
        start = f"faststream_{name}{{"
        return sum(
            value
            for line, value in counted.items()
            if line.startswith(start)
            and f'group="{group}"' in line
            and f'handler="{prefix}:{stream}"' in line
        )

    assert count("received_messages_total", "identify", "requests") == 1
    for group in ("kitsu", "jikan"):
        assert (
            count("received_messages_total", group, "identified:interactive")
            + count("received_messages_total", group, "identified")
            == 1
        )
    assert count("received_messages_total", "aggregate", "partials") == 7
    assert count("received_messages_size_bytes_sum", "identify", "requests") > len("Cowboy Bebop")


async def test_the_status_page_shows_faststreams_metrics_beside_ours(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str
) -> None:
    async with served({**environment, "FASTSTREAM_PROMETHEUS": "true"}, server.url) as (_, page):
        await Flow(redis, prefix).ask(title="Shelter")
        async with aiohttp.ClientSession() as session, session.get(f"{page}/metrics") as reply:
            told = await reply.text()
    assert "anime_enrich_open_requests" in told
    assert f'group="identify",handler="{prefix}:requests"' in told


def test_spans_without_the_extra_are_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faststream.redis.opentelemetry", None)
    settings = Settings.load({"FASTSTREAM_OPENTELEMETRY": "true"}, env_file=None)
    with pytest.raises(SettingsError, match="--extra otel"):
        watch(Broker(), settings)


async def test_nothing_is_counted_or_traced_unless_it_is_switched_on(
    environment: dict[str, str], server: Server
) -> None:
    async with service(environment, server.url) as running:
        assert running.metrics is None
        assert list(running.broker.middlewares) == []


@pytest.fixture
def spans() -> Iterator[Any]:
    sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="needs the extra otel")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


async def test_faststreams_spans_tell_of_each_batch_and_leave_the_requests_trace_whole(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, spans: Any
) -> None:
    flow = Flow(redis, prefix)
    async with service({**environment, "FASTSTREAM_OPENTELEMETRY": "true"}, server.url):
        await flow.ask(title="Cowboy Bebop", traceparent=f"00-{TRACE}-b7ad6b7169203331-01")
    done = spans.get_finished_spans()
    ours = {span.name for span in done if f"{span.context.trace_id:032x}" == TRACE}
    assert {"accept", "identify", "kitsu", "aggregate", "emit"} <= ours
    batches = {span.name: span for span in done if span.name.endswith(" process")}
    assert f"{prefix}:requests process" in batches and f"{prefix}:partials process" in batches
    assert batches[f"{prefix}:requests process"].attributes["messaging.batch.message_count"] == 1
    linked = [
        link.context.trace_id
        for span in done
        if span.name == f"{prefix}:requests create"
        for link in span.links
    ]
    assert [f"{trace:032x}" for trace in linked] == [TRACE]
