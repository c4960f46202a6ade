"""The private server's edges: which program it is, where it listens, what it is told, and what is said when it does not come."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from streams.broker import embedded, embedded_keeper
from streams.broker.embedded import EmbeddedError, EmbeddedServer, ServerVersion, find_binary, socket_path
from streams.broker.embedded_keeper import Keeper, lock
from tests.streams.broker.test_embedded import _keeper_of, _listens, eventually, has_ended


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    eventually(lambda: not _listens(tmp_path / "data"))


def program(path: Path, text: str = "") -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without the packaged server, whose programs lie in this folder."""
    monkeypatch.delenv("VALKEY_SERVER", raising=False)
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_without_the_packaged_server_one_on_the_path_serves_valkey_first(bare: Path) -> None:
    with pytest.raises(EmbeddedError, match="set REDIS_URL, or install valkey-server"):
        find_binary()
    theirs = program(bare / "redis-server")
    assert find_binary() == theirs
    better = program(bare / "valkey-server")
    assert find_binary() == better


def test_the_server_that_is_named_is_taken_or_said_to_be_none(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare / "valkey-server")
    monkeypatch.setenv("VALKEY_SERVER", program(bare / "mine"))
    assert find_binary() == str(bare / "mine")
    monkeypatch.setenv("VALKEY_SERVER", str(bare / "gone"))
    with pytest.raises(EmbeddedError, match="gone, which is no program"):
        find_binary()


@pytest.mark.parametrize(
    ("ours", "wrote", "opens"),
    [
        ("valkey 9.1.2", "valkey 9.1.2", True),
        ("valkey 9.1.0", "valkey 9.1.2", True),
        ("valkey 9.0.9", "valkey 9.1.0", False),
        ("valkey 10.0.0", "valkey 9.1.0", True),
        ("redis 8.0.1", "redis 7.4.0", True),
        ("redis 7.2.0", "redis 8.0.0", False),
        ("valkey 8.0.0", "redis 7.2.4", True),
        ("valkey 9.1.0", "redis 7.4.0", False),
        ("redis 8.0.0", "valkey 7.2.0", False),
    ],
)
def test_a_server_opens_what_its_own_kind_wrote_before_and_valkey_what_redis_wrote_up_to_7_2(
    ours: str, wrote: str, opens: bool
) -> None:
    server, other = (ServerVersion(*one.split()) for one in (ours, wrote))
    assert server.reads(other) is opens


def test_a_program_says_which_server_it_is_or_nothing(tmp_path: Path) -> None:
    said = program(tmp_path / "old", "echo 'Redis server v=7.0.15 sha=0:0 malloc=jemalloc'")
    assert embedded.version_of(said) == ServerVersion("redis", "7.0.15")
    assert embedded.version_of(program(tmp_path / "odd", "echo hello")) is None
    assert embedded.version_of(str(tmp_path / "none")) is None


@pytest.mark.parametrize("text", ["{", "[1]", '{"server": "valkey"}'])
def test_a_folder_whose_writer_is_not_known_is_opened(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text)
    assert embedded.written_by(tmp_path) is None


def test_a_socket_lies_in_its_folder_as_long_as_its_path_may_be(tmp_path: Path) -> None:
    name = len("/valkey.sock")
    longest = tmp_path / ("x" * (embedded._MAX_SOCKET - 2 - name - len(str(tmp_path))))
    assert socket_path(longest).parent == longest
    assert socket_path(Path(f"{longest}x")).parent != longest.parent / f"{longest.name}x"


def test_long_folders_listen_apart_and_only_where_nobody_else_may_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    one, other = (socket_path(tmp_path / (letter * 120)) for letter in "ab")
    assert one != other
    assert one.parent.stat().st_mode & 0o077 == 0
    one.parent.chmod(0o750)
    with pytest.raises(EmbeddedError, match="is not private to this user"):
        socket_path(tmp_path / ("a" * 120))


def test_the_server_is_told_what_was_asked_for_and_reads_a_file_that_ends_in_the_middle(folder: Path) -> None:
    with EmbeddedServer(folder, fsync="always", maxmemory="64mb") as server:
        client = redis.Redis.from_url(server.url)
        told: dict[str, Any] = {}
        for name in ("appendfsync", "maxmemory", "maxmemory-policy", "appendonly", "save", "port"):
            told.update(client.config_get(name))  # type: ignore[arg-type]
        client.set("a", "b")
    assert told == {
        "appendfsync": "always",
        "maxmemory": str(64 * 1024**2),
        "maxmemory-policy": "volatile-lru",
        "appendonly": "yes",
        "save": "",
        "port": "0",
    }
    eventually(lambda: not _listens(folder))
    (kept,) = (folder / "appendonlydir").glob("*.incr.aof")
    with kept.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$9\r\nhalf")
    with EmbeddedServer(folder) as server:
        assert redis.Redis.from_url(server.url).get("a") == b"b"


def test_ctrl_c_is_no_end_of_the_server_and_an_ended_keeper_ends_it(folder: Path) -> None:
    with EmbeddedServer(folder) as server:
        client = redis.Redis.from_url(server.url)
        client.set("a", "b")
        process = Path(f"/proc/{client.info('server')['process_id']}")
        keeper = _keeper_of(folder)
        os.kill(keeper, signal.SIGINT)
        time.sleep(3 * embedded_keeper.POLL)
        assert not has_ended(Path(f"/proc/{keeper}"))
        os.kill(keeper, signal.SIGTERM)
        eventually(lambda: has_ended(process) and _listens(folder))
        assert redis.Redis.from_url(server.url).get("a") == b"b"


def test_a_server_that_always_ends_is_given_up_and_one_that_never_comes_is_not_waited_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VALKEY_SERVER", program(tmp_path / "ends", "echo gone wrong >&2; exit 1"))
    with pytest.raises(EmbeddedError, match=r"(?s)gone wrong.*ended 3 times in a row"):
        EmbeddedServer(folder).acquire(20)
    waits = program(tmp_path / "waits", '[ "$1" = --version ] || exec sleep 30')
    monkeypatch.setenv("VALKEY_SERVER", waits)
    with pytest.raises(EmbeddedError, match=r"is not ready; see .*valkey\.log"):
        EmbeddedServer(folder).acquire(0.3)
    eventually(lambda: not _is_kept(folder))


def _is_kept(folder: Path) -> bool:
    return EmbeddedServer(folder)._kept()


@pytest.mark.parametrize(
    ("says", "taken"),
    [("+PONG", True), ("-MISCONF its disk is full", True), ("-LOADING", False), ("", False)],
)
def test_a_server_whose_disk_is_full_can_be_joined_and_one_that_still_reads_its_file_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, says: str, taken: bool
) -> None:
    folder.mkdir()
    kept = lock(folder / "keeper.lock", fcntl.LOCK_EX)
    monkeypatch.setattr(embedded, "answers", lambda _: says)
    server = EmbeddedServer(folder)
    try:
        if taken:
            assert server.acquire(0.1) == server.url
        else:
            with pytest.raises(EmbeddedError, match="is not ready"):
                server.acquire(0.1)
    finally:
        server.release()
        os.close(kept)


def test_a_folder_that_another_server_holds_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.broker.embedded_keeper.time.sleep", lambda _: None)
    theirs = lock(tmp_path / "server.lock", fcntl.LOCK_EX)
    keeper = Keeper({"dir": str(tmp_path), "sock": str(tmp_path / "s"), "argv": [sys.executable, "-c", "1"]})
    assert keeper._take_folder() == "another server still holds this folder"
    os.close(theirs)
    assert keeper._take_folder() is None
    assert keeper.held is not None
    os.close(keeper.held)
