"""Servers as people run them: behind Sentinels, behind TLS, with a user that may do no more than it must."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as blocking
from redis.exceptions import RedisError

from benchmarks.support.servers import Server, free_port
from streams.broker.connection import connect, connect_blocking, read_sentinel
from streams.broker.embedded import find_binary
from tests.support.flow import Flow, service, until

ACL = (
    "~{prefix}:* ~hishel_cache:* ~result_cache:* ~cache_counters:* &* -@all +@read +@write +@stream +@scripting +@connection "
    "+publish +subscribe +unsubscribe +time +ping +info +xinfo -@admin -@dangerous +info"
)
"""The rule that the documentation gives; `docs/delivery.md` says the same."""


async def test_a_user_with_few_rights_can_run_everything(
    environment: dict[str, str], prefix: str, tmp_path: Path
) -> None:
    with Server(tmp_path) as own:
        root = connect(own.url)
        rule = ACL.format(prefix=prefix).split()
        await root.execute_command("ACL", "SETUSER", "worker", "on", ">secret", *rule)  # type: ignore[no-untyped-call]
        url = own.url.replace("redis://", "redis://worker:secret@")
        flow = Flow(root, prefix)
        async with service(environment, url):
            assert (await flow.ask(title="Shelter", request_id="r"))["status"] == "complete"
            await flow.quiet()
        log = await root.execute_command("ACL", "LOG")  # type: ignore[no-untyped-call]
        assert log == []
        with pytest.raises(blocking.exceptions.NoPermissionError):
            await connect(url).flushall()
        await root.aclose()


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    if not shutil.which("openssl"):
        pytest.skip("no openssl here")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem -subj /CN=localhost"
    )
    extra = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command.split(), *extra], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


async def test_everything_works_behind_tls(
    environment: dict[str, str], prefix: str, certificates: Path
) -> None:
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("no server with TLS here")
    port = free_port()
    files = {"cert-file": "cert.pem", "key-file": "key.pem", "ca-cert-file": "cert.pem"}
    options = [part for k, v in files.items() for part in (f"--tls-{k}", str(certificates / v))]
    options += ["--tls-port", str(port), "--tls-auth-clients", "no"]
    with Server(certificates, binary, *options) as own:
        url = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificates / 'cert.pem'}"
        root = connect(own.url)
        async with service(environment, url):
            assert (await Flow(root, prefix).ask(title="Shelter", request_id="r"))["status"] == "complete"
        await root.aclose()


@contextlib.contextmanager
def sentinels(folder: Path, main: Server, count: int = 3) -> Iterator[list[int]]:
    ports, processes = [free_port() for _ in range(count)], []
    for port in ports:
        config = folder / f"sentinel-{port}.conf"
        config.write_text(
            f"port {port}\ndir {folder}\nsentinel monitor main 127.0.0.1 {main.port} 2\n"
            "sentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 6000\n"
        )
        command = [find_binary(), str(config), "--sentinel"]
        processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
    try:
        yield ports
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.mark.slow
async def test_the_work_goes_on_after_a_fail_over(
    environment: dict[str, str], prefix: str, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("a", "b", "s")]
    for folder in folders:
        folder.mkdir()
    with Server(folders[0]) as main, contextlib.ExitStack() as stack:
        copy = stack.enter_context(Server(folders[1], None, "--replicaof", f"127.0.0.1 {main.port}"))
        ports = stack.enter_context(sentinels(folders[2], main))
        await until(lambda: _replicating(main, copy, ports), 30)
        url = "sentinel://" + ",".join(f"127.0.0.1:{port}" for port in ports) + "/main"
        own_cache = environment | {"HTTP_CACHE_STORAGE": "sqlite", "LEASE_SECONDS": "2"}
        async with service(own_cache, url):
            redis = connect(url)
            flow = Flow(redis, prefix)
            assert (await flow.ask(title="Shelter", request_id="before"))["status"] == "complete"
            await flow.quiet()
            main.kill()
            began = time.monotonic()
            await until(lambda: _master_is(copy), 30)
            await until(lambda: _published(flow, "after"), 30)
            assert (await flow.output("after", 40))["status"] == "complete"
            assert time.monotonic() - began < 60
            assert len({one["request_id"] for one in await flow.outputs()}) == 2
            await redis.aclose()


async def _published(flow: Flow, request_id: str) -> bool:
    """Whether the request went in; right after a fail-over the Sentinels may not agree on a master yet."""
    try:
        await flow.publish(title="K-On!", request_id=request_id)
    except RedisError:
        return False
    return True


async def _replicating(main: Server, copy: Server, ports: list[int]) -> bool:
    info = connect_blocking(copy.url).info("replication")
    known: list[Any] = [blocking.Redis(port=port).sentinel_master("main") for port in ports]
    return info.get("master_link_status") == "up" and all(
        one["num-slaves"] == 1 and one["num-other-sentinels"] == len(ports) - 1 for one in known
    )


async def _master_is(copy: Server) -> bool:
    """Whether it was promoted; a Sentinel that promotes a server cuts its connections."""
    try:
        return bool(connect_blocking(copy.url).info("replication")["role"] == "master")
    except RedisError:
        return False


def test_an_address_of_sentinels_is_understood() -> None:
    found = read_sentinel("sentinel://u:p%40ss@one:26379,two:26380/main/3")
    assert found is not None
    assert found.sentinels == [("one", 26379), ("two", 26380)]
    assert (found.name, found.options) == ("main", {"db": 3, "password": "p@ss", "username": "u"})
    with pytest.raises(ValueError, match="sentinel://"):
        read_sentinel("sentinel://one:1")
