"""The one shared connection: in order, over TCP and Unix sockets, with passwords, and with large values."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis

from benchmarks.support.origin import Origin, get
from benchmarks.support.servers import Server
from cache import CacheOptions, HTTPCacheManager
from cache.store.link import Circuit, Link, StorageDownError
from cache.store.wire import Endpoint

pytest_plugins = ["tests.support.cache_fixtures"]


@pytest.fixture
async def link(cache_server: Server) -> AsyncIterator[Link]:
    made = Link(Endpoint.of(cache_server.url, 5.0))
    yield made
    await made.aclose()


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[str]:
    """A server with a password on a Unix socket; its address without the password."""
    socket = tmp_path / "s.sock"
    server = Server(tmp_path / "locked", None, "--unixsocket", str(socket), "--requirepass", "open-sesame")
    server.client.close()
    server.client = redis.Redis(port=server.port, password="open-sesame", socket_timeout=5)
    with server:
        yield str(socket)


async def test_many_tasks_get_their_own_answers(link: Link) -> None:
    answers = await asyncio.gather(*(link.call("ECHO", f"word {number}") for number in range(2000)))
    assert answers == [f"word {number}".encode() for number in range(2000)]


async def test_a_cancelled_caller_does_not_mix_up_the_others(link: Link) -> None:
    await link.call("PING")
    tasks = [asyncio.create_task(link.call("ECHO", str(number))) for number in range(50)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    assert [await task for task in tasks[1::2]] == [str(number).encode() for number in range(1, 50, 2)]


async def test_large_values_travel(link: Link) -> None:
    value = b"0123456789" * 1_000_000
    await link.call("SET", "large", value, "EX", 60)
    assert await link.call("GET", "large") == value


async def test_an_error_reply_is_raised_and_breaks_nothing(link: Link) -> None:
    with pytest.raises(StorageDownError, match="unknown command"):
        await link.call("NOSUCHCOMMAND")
    assert await link.call("PING") == b"PONG"


async def test_a_password_and_a_unix_socket(locked: str, origin: Origin) -> None:
    url = origin.json("/a", 1)
    for password, hits in (("open-sesame", 1), ("wrong", 0)):
        options = CacheOptions(redis_url=f"unix://:{password}@{locked}?db=1")
        assert password not in repr(options)
        async with HTTPCacheManager(options) as manager, manager.get_aiohttp_session("demo") as session:
            answers = [await get(session, url) for _ in range(2)]
        assert sum(answer.info.from_cache for answer in answers) == hits
        assert [answer.body for answer in answers] == [b"1", b"1"]


def test_a_password_is_not_shown() -> None:
    assert "hush" not in repr(Endpoint.of("redis://:hush@host:1/2", 1.0))


def test_the_circuit_tells_once_of_an_outage_and_once_of_its_end() -> None:
    circuit = Circuit()
    assert [circuit.failed(), circuit.failed()] == [True, False]
    assert circuit.broken
    assert [circuit.succeeded(), circuit.succeeded()] == [True, False]
