"""A fail-over behind a fixed address: the old server answers on, and must be left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
from redis.exceptions import MasterDownError, MovedError, RedisError

from benchmarks.failover.replicated import at, until
from benchmarks.support.proxy import Proxy
from benchmarks.support.servers import Server, free_port
from cache.store.link import Link, StorageDownError
from cache.store.wire import Endpoint
from streams.broker.connection import connect, connect_blocking
from streams.broker.faults import is_server_trouble
from streams.broker.scripts import Scripts


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[Server]]:
    with Server(tmp_path / "a") as old, Server(tmp_path / "b") as new:
        yield [old, new]


@pytest.fixture
async def proxy(servers: list[Server]) -> AsyncIterator[Proxy]:
    running = Proxy(servers[0].port)
    await running.start()
    yield running
    await running.stop()


def fail_over(servers: list[Server], proxy: Proxy) -> None:
    old, new = servers
    old.client.replicaof("127.0.0.1", new.port)
    proxy.upstream = new.port


@pytest.mark.parametrize("by_script", [False, True])
async def test_a_client_leaves_the_server_that_takes_writes_no_longer(
    servers: list[Server], proxy: Proxy, by_script: bool
) -> None:
    client = connect(proxy.url)
    write = partial(Scripts(client).call, "SET", "a") if by_script else partial(client.set, "a")
    await write(1)
    fail_over(servers, proxy)
    with pytest.raises(RedisError):
        await write(2)
    await write(2)
    assert servers[1].client.get("a") == b"2"
    await client.aclose()


async def test_a_server_that_has_lost_its_master_is_left_too(servers: list[Server], proxy: Proxy) -> None:
    client, (old, new) = connect(proxy.url), servers
    assert await client.get("x") is None
    old.client.config_set("replica-serve-stale-data", "no")
    old.client.replicaof("127.0.0.1", 1)
    proxy.upstream = new.port
    with pytest.raises(MasterDownError):
        await client.get("x")
    assert await client.get("x") is None
    await client.aclose()


async def test_a_node_of_a_cluster_whose_slot_another_has_taken_over_is_left_and_no_entry_is_blamed(
    tmp_path: Path,
) -> None:
    options = ("--cluster-enabled", "yes", "--cluster-port")
    buses = [str(free_port()) for _ in range(2)]
    with (
        Server(tmp_path / "a", None, *options, buses[0]) as old,
        Server(tmp_path / "b", None, *options, buses[1]) as new,
    ):
        at(old).execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
        at(new).execute_command("CLUSTER", "MEET", "127.0.0.1", old.port, buses[0])
        until(lambda: at(old).cluster("INFO")["cluster_known_nodes"] == "2", "they do not meet")
        for one in (old, new):
            until(lambda one=one: at(one).cluster("INFO")["cluster_state"] == "ok", "it does not come up")  # type: ignore[misc]
        running = Proxy(old.port)
        await running.start()
        client = connect(running.url)
        await client.set("a", 1)
        at(old).delete("a")
        for one in (new, old):
            at(one).execute_command("CLUSTER", "SETSLOT", 15_495, "NODE", at(new).cluster("MYID"))
        until(lambda: at(new).cluster("INFO")["cluster_state"] == "ok", "it does not take over")
        running.upstream = new.port
        with pytest.raises(MovedError) as moved:
            await client.set("a", 2)
        assert is_server_trouble(moved.value)
        await client.set("a", 2)
        await client.aclose()
        await running.stop()


async def test_the_heartbeats_client_does_too(servers: list[Server], proxy: Proxy) -> None:
    client = connect_blocking(proxy.url)
    await asyncio.to_thread(client.set, "a", 1)
    fail_over(servers, proxy)
    with pytest.raises(RedisError):
        await asyncio.to_thread(client.set, "a", 2)
    assert await asyncio.to_thread(client.set, "a", 2)
    client.close()


async def test_the_cache_does_too(servers: list[Server], proxy: Proxy) -> None:
    link = Link(Endpoint.of(proxy.url, 1.0))
    await link.call("SET", "a", 1)
    fail_over(servers, proxy)
    with pytest.raises(StorageDownError):
        await link.call("SET", "a", 2)
    await asyncio.sleep(0.6)
    assert await link.call("SET", "a", 2) == b"OK"
    await link.aclose()
