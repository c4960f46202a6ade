"""FastStream's part: what is not public in it stands in one file, and its subscribers are started and stopped by it."""

from __future__ import annotations

import ast
import asyncio
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from streams.broker.delivery import Delivery
from streams.engine.dispatch import Broker
from tests.support.command_line import ROOT

DISPATCH = ROOT / "streams" / "engine" / "dispatch.py"
PUBLIC = {"faststream", "faststream.nats", "faststream.redis", "faststream.asgi", "faststream.specification"}
SHOWN = {"faststream.redis.prometheus", "faststream.redis.opentelemetry"}
SCHEMA = "faststream.specification.asyncapi.v3_0_0.schema"
USED = {
    "faststream.redis:RedisBroker": ["_make_connection_state", "config", "start", "stop"],
    "faststream.redis.subscriber.usecases:StreamBatchSubscriber": [
        "_broker_middlewares",
        "_consume",
        "add_call",
        "consume",
        "stop",
    ],
    "faststream.redis.subscriber.usecases.basic:LogicSubscriber": ["start", "add_task"],
    "faststream.redis.configs.state:RedisConnectionState": ["connect", "_client", "_connected"],
    "faststream.redis.subscriber.specification:StreamSubscriberSpecification": ["get_payloads", "call_name"],
    "faststream._internal.broker.registrator:Registrator": ["subscriber"],
}
"""What `dispatch` calls or overrides."""


def faststream_imports(path: Path) -> list[tuple[str, str]]:
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    nodes = [node for node in tree if isinstance(node, ast.ImportFrom) and node.module]
    return [
        (str(node.module), alias.name)
        for node in nodes
        if str(node.module).split(".")[0] == "faststream" and not node.level
        for alias in node.names
    ]


def moved(what: str) -> str:
    return f"FastStream {version('faststream')} has moved {what}: mend streams/engine/dispatch.py"


@pytest.mark.parametrize(("module", "name"), faststream_imports(DISPATCH))
def test_what_is_taken_from_faststream_is_where_it_was(module: str, name: str) -> None:
    try:
        found = import_module(module)
    except ModuleNotFoundError:
        pytest.fail(moved(module))
    assert hasattr(found, name), moved(f"{module}.{name}")


@pytest.mark.parametrize(
    ("owner", "name"), [(owner, name) for owner, names in USED.items() for name in names]
)
def test_an_attribute_that_is_not_public_is_where_it_was(owner: str, name: str) -> None:
    module, _, cls = owner.partition(":")
    kind: Any = getattr(import_module(module), cls)
    known = hasattr(kind, name) or any(name in getattr(base, "__slots__", ()) for base in kind.__mro__)
    assert known or name in vars(Broker()), moved(f"{cls}.{name}")


def test_nobody_else_takes_what_is_not_public() -> None:
    files = [
        path for top in ("streams", "sources", "cache", "examples") for path in (ROOT / top).rglob("*.py")
    ]
    found = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in files
        if path != DISPATCH
        for module, _ in faststream_imports(path)
        if module not in PUBLIC | SHOWN | {SCHEMA}
    }
    assert found == set()


async def test_the_broker_starts_the_reading_and_stops_it() -> None:
    broker, told = Broker(), []
    group = broker.group("readers", "any:stream")

    async def read() -> None:
        told.append("began")
        try:
            await asyncio.Event().wait()
        finally:
            told.append("ended")

    async def take(_: list[Delivery]) -> None:
        """Nothing comes."""

    group.attach(read, take)
    await broker.start()
    await asyncio.sleep(0)
    assert told == ["began"]
    await broker.stop()
    assert told == ["began", "ended"]


async def test_reading_that_is_ended_while_a_batch_is_handed_over_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker, handed = Broker(), asyncio.Event()
    group = broker.group("readers", "any:stream")

    async def read() -> None:
        await group.deliver("any:stream", [(b"1-0", {b"title": b"K-On!"})])

    async def take(_: list[Delivery]) -> None:
        handed.set()
        await asyncio.Event().wait()

    group.attach(read, take)
    await broker.start()
    await asyncio.wait_for(handed.wait(), 10)
    await broker.stop()
    assert [one.getMessage() for one in caplog.records] == []


async def test_a_handler_that_breaks_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    broker, told = Broker(), asyncio.Event()
    group = broker.group("readers", "any:stream")

    async def read() -> None:
        await group.deliver("any:stream", [(b"1-0", {b"title": b"K-On!"})])
        told.set()
        await asyncio.Event().wait()

    async def take(_: list[Delivery]) -> None:
        raise ValueError("a fault of ours")

    group.attach(read, take)
    await broker.start()
    await asyncio.wait_for(told.wait(), 10)
    await broker.stop()
    assert ["a fault of ours" in one.getMessage() for one in caplog.records] == [True]


async def test_reading_that_breaks_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.engine.dispatch.AGAIN_AFTER", 0.01)
    broker, tries = Broker(), 0
    again = asyncio.Event()

    async def read() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ValueError("a fault of ours")
        again.set()
        await asyncio.Event().wait()

    async def take(_: list[Delivery]) -> None:
        """Nothing comes."""

    broker.group("readers", "any:stream").attach(read, take)
    await broker.start()
    await asyncio.wait_for(again.wait(), 10)
    await broker.stop()
    assert tries == 2


async def test_a_handler_gets_deliveries_of_ours_and_the_broker_creates_no_group(
    redis: Redis, prefix: str, server: Any
) -> None:
    broker, got = Broker(), []
    broker.address = server.url
    group = broker.group("readers", f"{prefix}:stream")

    async def take(deliveries: list[Delivery]) -> None:
        got.extend(deliveries)

    async def read() -> None:
        await group.deliver(
            f"{prefix}:stream", [(b"1-0", {b"title": b"K-On!"}), (b"2-0", {b"title": b"Monster"})]
        )

    group.attach(read, take)
    await broker.start()
    await asyncio.sleep(0.05)
    await broker.stop()
    assert [(one.group, one.id, one.raw[b"title"]) for one in got] == [
        ("readers", "1-0", b"K-On!"),
        ("readers", "2-0", b"Monster"),
    ]
    assert not await redis.exists(f"{prefix}:stream")
