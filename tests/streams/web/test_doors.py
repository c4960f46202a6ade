"""The doors of the status page: names, connections, tokens, and the port that somebody else has."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from benchmarks.support.servers import Server
from streams.config.settings import Settings
from streams.service.app import Service
from streams.serving import tokens
from streams.telemetry.seldom import Seldom
from streams.web import doors
from streams.web.beside import Beside
from tests.support.page import TOKEN, served


@pytest.fixture
async def base(environment: dict[str, str], server: Server) -> AsyncIterator[str]:
    given = environment | {"ADMIN_TOKEN": TOKEN, "HTTP_ALLOWED_HOSTS": "enrich.example, other.example"}
    async with served(given, server.url, stages=["page"]) as (_, address):
        yield address


@pytest.mark.parametrize(
    ("host", "status"),
    {
        "localhost": 200,
        "localhost:8080": 200,
        "127.0.0.1": 200,
        "[::1]:8080": 200,
        "192.0.2.7:80": 200,
        "status:8080": 200,
        "enrich.example": 200,
        "Enrich.Example.:443": 200,
        "evil.example": 421,
        "127.0.0.1.evil.example": 421,
        "localhost.evil.example:80": 421,
        "[": 421,
    }.items(),
)
async def test_a_foreign_name_that_is_pointed_at_the_page_gets_nothing(
    base: str, host: str, status: int
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{base}/healthz", headers={"Host": host}) as reply,
    ):
        assert reply.status == status


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()


async def test_more_connections_than_there_are_places_are_hung_up(
    base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "MOST_CONNECTIONS", 3)
    monkeypatch.setattr(doors, "HEAD_SECONDS", 600.0)  # or who sends nothing is hung up for that
    host, port = base.removeprefix("http://").split(":")
    kept = [await asyncio.open_connection(host, int(port)) for _ in range(3)]
    async with asyncio.timeout(20):
        await hangs_up(*await asyncio.open_connection(host, int(port)))
        kept.pop()[1].close()
        async with aiohttp.ClientSession() as session:
            while await status_of(session, base) != 200:
                await asyncio.sleep(0.05)
    for _, writer in kept:
        writer.close()


async def status_of(session: aiohttp.ClientSession, base: str) -> int:
    try:
        async with session.get(f"{base}/healthz") as reply:
            return reply.status
    except aiohttp.ClientError:
        return 0


async def test_who_drips_a_request_loses_the_place(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "HEAD_SECONDS", 0.5)
    host, port = base.removeprefix("http://").split(":")
    for before in (b"", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(before)
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionError):
                while not reader.at_eof():
                    writer.write(b"G" if not before else b"GET / HTTP/1.1\r\nX-Drip: 1\r\n"[:5])
                    await writer.drain()
                    await asyncio.sleep(0.05)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(1000), 0.05)
        writer.close()


class Wire(asyncio.Transport):
    """A connection whose other end takes so many bytes in 20 ms, of a great many."""

    def __init__(self, taken: int) -> None:
        super().__init__()
        self.taken, self.unread, self.hung_up, self.looks = taken, 10_000_000, False, 0

    def get_write_buffer_size(self) -> int:
        self.looks += 1
        return self.unread - self.looks * self.taken

    def abort(self) -> None:
        self.hung_up = True


@pytest.mark.parametrize(("taken", "hung_up"), [(0, True), (47_999, True), (48_000, False)])
async def test_who_is_slow_and_reads_keeps_the_place(
    taken: int, hung_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "READ_SECONDS", 0.02)
    connection, wire = doors.Connection.__new__(doors.Connection), Wire(taken)
    connection.transport, connection.loop = wire, asyncio.get_running_loop()
    connection._await_reader()
    async with asyncio.timeout(20):
        while not wire.hung_up and wire.looks < 4:
            await asyncio.sleep(0.01)
    connection._read_on()
    assert wire.hung_up == hung_up


async def test_a_wrong_token_is_told_from_too_many_tokens(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_WAITING", 1)
    async with aiohttp.ClientSession() as session:

        async def guess() -> int:
            async with session.post(f"{base}/dead/replay", data={"token": "wrong"}) as reply:
                return reply.status

        assert set(await asyncio.gather(*(guess() for _ in range(6)))) == {403, 429}


def test_a_line_that_a_stranger_causes_is_written_once_in_a_while_and_counts_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr("cache.clock.monotonic", lambda: now[0])
    seldom = Seldom()
    line = logging.LogRecord("uvicorn.error", logging.WARNING, "a.py", 7, "Invalid HTTP request", (), None)
    assert [seldom.filter(line) for _ in range(5)] == [True, False, False, False, False]
    now[0] += 61
    assert seldom._turn("a.py:7") == 4
    assert seldom._turn("another") == 0


async def told_of_a_stranger(
    settings: Settings, url: str, caplog: pytest.LogCaptureFixture, waits: float
) -> bool:
    both = Beside(Service(settings, url, stages=["page"]))
    await both.start()
    try:
        async with asyncio.timeout(waits):
            while "another program has the port" not in caplog.text:
                await asyncio.sleep(0.05)
    except TimeoutError:
        return False
    finally:
        await both.stop()
    return True


async def test_a_port_that_a_stranger_has_is_told(
    environment: dict[str, str], server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    async def stranger(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 404 Not Found\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(stranger, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    settings = Settings.load(environment | {"HTTP_PORT": str(port)}, env_file=None)
    assert await told_of_a_stranger(settings, server.url, caplog, 20)
    assert "HTTP_PORT" in caplog.text
    listening.close()


async def test_a_page_of_our_own_is_no_stranger(
    base: str, environment: dict[str, str], server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings.load(environment | {"HTTP_PORT": base.rpartition(":")[2]}, env_file=None)
    assert not await told_of_a_stranger(settings, server.url, caplog, 3)


async def test_the_page_of_a_server_that_is_away_looks_again_by_itself(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with Server(tmp_path) as own:
        async with (
            served(environment, own.url, stages=["page"]) as (_, base),
            aiohttp.ClientSession() as session,
        ):
            own.kill()
            async with session.get(base + "/records") as reply:
                assert reply.status == 503
                assert 'data-refresh="5"' in await reply.text()


async def test_who_waits_for_an_answer_when_the_service_ends_is_told_and_nothing_is_logged(
    environment: dict[str, str], server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    asked = environment | {"HTTP_API": "true", "API_TOKENS": "bot:publish:a-secret-of-a-program"}
    told = {"Authorization": "Bearer a-secret-of-a-program"}
    async with aiohttp.ClientSession() as session:
        async with served(asked, server.url, stages=["page"]) as (service, base):
            asking = session.post(f"{base}/v1/enrich?wait=60", json={"title": "A"}, headers=told)
            sending = session.post(f"{base}/dead/replay", data=dripping())
            waiting = [asyncio.create_task(one.__aenter__()) for one in (asking, sending)]
            events = await session.get(f"{base}/live", params={"page": "/"})
            await events.content.readline()
            async with asyncio.timeout(20):
                while not await service.client.xlen(service.names.requests):
                    await asyncio.sleep(0.02)
        async with asyncio.timeout(5):
            answers = [await one for one in waiting]
            assert [one.status for one in answers] == [503, 503]
            assert "urn:anime-enrich:problem:ends" in await answers[0].text()
            assert "The service ends" in await answers[1].text()
            await events.content.read()
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{base}/healthz")
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []


async def dripping() -> AsyncIterator[bytes]:
    """A form that never ends."""
    while True:
        yield b"a"
        await asyncio.sleep(0.05)
