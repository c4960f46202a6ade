"""The private server: one per folder, shared by all, gone when nobody needs it, and never two on one folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from streams.broker.embedded import EmbeddedError, EmbeddedServer, socket_path
from streams.broker.embedded_keeper import answers

USER = """
import sys, time, redis
from pathlib import Path
from streams.broker.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
client = redis.Redis.from_url(server.acquire())
client.rpush("users", sys.argv[2])
print(client.info("server")["process_id"], flush=True)
time.sleep(float(sys.argv[3]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    eventually(lambda: not _listens(tmp_path / "data"), 20)


def has_ended(process: Path) -> bool:
    """Whether the process at ``/proc/<pid>`` works no more; one whose parent has not looked yet is still listed."""
    try:
        state = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def eventually(condition: Callable[[], bool], wait: float = 20) -> None:
    until = time.monotonic() + wait
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


def _listens(folder: Path) -> bool:
    return bool(answers(str(socket_path(folder.resolve()))))


def _user(folder: Path, name: str, seconds: float = 0.0) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(folder), name, str(seconds)], stdout=subprocess.PIPE
    )


def _pid_of(user: subprocess.Popen[bytes]) -> int:
    assert user.stdout
    return int(user.stdout.readline())


def _keeper_of(folder: Path) -> int:
    """The process that holds the keeper's lock of a folder."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            if len(words) > 4 and words[3].endswith(b"keeper.py") and str(folder).encode() in words[4]:
                return int(entry.name)
    raise AssertionError("there is no keeper")


def test_many_who_start_at_once_share_one_server(folder: Path) -> None:
    users = [_user(folder, str(n), 1) for n in range(4)]
    assert len({_pid_of(user) for user in users}) == 1
    assert [user.wait() for user in users] == [0] * 4


def test_data_outlives_the_server(folder: Path) -> None:
    with EmbeddedServer(folder) as server:
        redis.Redis.from_url(server.url).xadd("s", {"a": "b"})
    eventually(lambda: not _listens(folder))
    with EmbeddedServer(folder) as server:
        assert redis.Redis.from_url(server.url).xlen("s") == 1


def test_the_server_of_a_killed_user_goes_away(folder: Path) -> None:
    user = _user(folder, "a", 60)
    server = Path(f"/proc/{_pid_of(user)}")
    assert server.exists()
    user.kill()
    user.wait()
    eventually(lambda: not server.exists())


def test_a_killed_server_comes_back_with_everything_that_was_acknowledged(folder: Path) -> None:
    with EmbeddedServer(folder) as server:
        client = redis.Redis.from_url(server.url)
        for number in range(500):
            client.xadd("s", {"n": number})
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
        eventually(lambda: answers(server.url.removeprefix("unix://")).startswith("+PONG"))
        assert redis.Redis.from_url(server.url).xlen("s") == 500


def test_a_killed_keeper_is_replaced_by_the_next_user_and_the_server_stays_the_same(folder: Path) -> None:
    with EmbeddedServer(folder) as server:
        pid = redis.Redis.from_url(server.url).info("server")["process_id"]
        os.kill(_keeper_of(folder), signal.SIGKILL)
        other = _user(folder, "b", 0)
        assert _pid_of(other) == pid
        other.wait()
        assert _keeper_of(folder)
    eventually(lambda: not Path(f"/proc/{pid}").exists())


def test_a_server_killed_together_with_its_keeper_is_brought_back_by_whoever_uses_it(folder: Path) -> None:
    with EmbeddedServer(folder) as server:
        client = redis.Redis.from_url(server.url)
        client.xadd("s", {"n": 1})
        time.sleep(1.2)  # it is written down every second
        pid = client.info("server")["process_id"]
        os.kill(_keeper_of(folder), signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: answers(server.url.removeprefix("unix://")).startswith("+PONG"))
        assert redis.Redis.from_url(server.url).xlen("s") == 1


def test_a_folder_that_is_removed_leaves_no_server_behind(folder: Path) -> None:
    with EmbeddedServer(folder) as server:
        process = Path(f"/proc/{redis.Redis.from_url(server.url).info('server')['process_id']}")
        keeper = Path(f"/proc/{_keeper_of(folder)}")
        shutil.rmtree(folder)
    eventually(lambda: has_ended(process) and has_ended(keeper))


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 60) / ("y" * 60)
    with EmbeddedServer(folder) as server:
        assert redis.Redis.from_url(server.url).ping()
        assert len(server.url) < 110
    eventually(lambda: not _listens(folder))


def test_nobody_else_may_connect_or_read(folder: Path) -> None:
    with EmbeddedServer(folder) as server:
        path = Path(server.url.removeprefix("unix://"))
        assert path.stat().st_mode & 0o077 == 0
        assert folder.stat().st_mode & 0o077 == 0


def test_an_older_server_does_not_open_what_a_newer_one_wrote(folder: Path) -> None:
    with EmbeddedServer(folder):
        pass
    eventually(lambda: not _listens(folder))
    (folder / "server.json").write_text('{"server": "valkey", "version": "99.0.0"}')
    with pytest.raises(EmbeddedError, match=r"99\.0\.0.*newer"):
        EmbeddedServer(folder).acquire()


def test_a_binary_that_does_not_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALKEY_SERVER", "/bin/false")
    with pytest.raises(EmbeddedError):
        EmbeddedServer(folder).acquire(5)
