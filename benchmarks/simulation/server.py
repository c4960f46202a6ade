"""A real server that lives in played time: its clocks are moved by ours, and it does one thing after another.

Whatever a played connection says is sent to it over a socket of that connection's own, and answered before anything else
happens. A read that blocks is asked again without blocking whenever an entry came to one of its streams, which the server
tells us; so nothing hangs on when its own timers come round.
"""

from __future__ import annotations

import asyncio
import atexit
import mmap
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import hiredis

from benchmarks.simulation.edges import EPOCH
from benchmarks.simulation.loop import SimulatedLoop
from benchmarks.simulation.network import Address, End

_SOURCE = Path(__file__).with_name("moved_clock.c")
_OPTIONS = (
    *("--port", "0", "--save", "", "--appendonly", "no", "--loglevel", "warning"),
    *("--hz", "1", "--dynamic-hz", "no", "--activerehashing", "no", "--maxclients", "4000"),
    *("--notify-keyspace-events", "Et", "--client-output-buffer-limit", "pubsub 0 0 0"),
)
_ENTRIES = b"__keyevent@0__:xadd"
_WAKES_NOBODY = frozenset(
    b"AUTH CLIENT EXISTS GET HDEL HELLO HEXISTS HGET HGETALL HINCRBY HKEYS HLEN HMGET HSET HSETNX INFO MEMORY PEXPIRE PING "
    b"PTTL SCAN SELECT SUBSCRIBE TIME TTL TYPE UNSUBSCRIBE XACK XINFO XLEN XPENDING XRANGE XREVRANGE ZADD ZCARD ZCOUNT "
    b"ZRANGE ZRANGEBYSCORE ZREM ZSCORE".split()
)
"""Commands after which nobody who waits has anything to read."""
Told = Callable[[str, bytes, bytes], None]
"""Hears who asked what and was answered what, in order."""


def unable() -> str:
    """Why there can be no such server here; '' when there can."""
    if shutil.which("cc") is None:
        return "no C compiler (cc), which builds the moved clock"
    return "" if hasattr(select, "epoll") else "no epoll: not Linux"


@cache
def moved_clock() -> Path:
    """The library that moves a server's clocks, built once for this process and all that it forks."""
    folder = tempfile.mkdtemp(prefix="moved-clock-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = Path(folder) / "moved_clock.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl"], check=True)
    return library


class MovedServer:
    """``with MovedServer(loop, folder, binary) as server``; `listen` puts it at an address of the loop's network."""

    def __init__(self, loop: SimulatedLoop, folder: Path, binary: str, *options: str) -> None:
        self.loop, self.folder, self.binary, self.options = loop, folder, binary, options
        self.path = folder / "server.sock"
        self.told: Told | None = None
        self.exchanges = 0
        self.parked: dict[bytes, dict[int, Front]] = {}
        """By stream, the reads that wait for an entry, the longest first."""
        self.subscribed: dict[int, Front] = {}
        """By the file number of their socket."""
        self._clock = folder / "clock"
        self._ready = select.epoll()
        self._at = -1

    def __enter__(self) -> MovedServer:
        library = moved_clock()
        self._clock.write_bytes(bytes(8))
        with self._clock.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), 8)
        self.set_clock()
        command = [self.binary, *_OPTIONS, "--dir", str(self.folder), "--unixsocket", str(self.path)]
        environment = {"MOVED_CLOCK": str(self._clock), "LD_PRELOAD": str(library)}
        self._process = subprocess.Popen(
            [*command, *self.options], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._control = self._connected()
        self._ear = self.connect()
        self._ear.sendall(_packed(("SUBSCRIBE", _ENTRIES)))
        received(self._ear, self._heard, 1)
        self.control("DEBUG", "SET-ACTIVE-EXPIRE", "0")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._page.close()
        self._ready.close()

    def listen(self, address: Address, *, told: bool = True) -> None:
        """Be reached at ``address``."""
        self.loop.network.listen(lambda: Front(self, told), address)

    def set_clock(self) -> None:
        """Tell the server what time it is."""
        at = int((EPOCH + self.loop.time()) * 1_000_000)
        if at != self._at:
            self._at = at
            struct.pack_into("<q", self._page, 0, at)

    def control(self, *words: Any) -> Any:
        """One command from outside, at once."""
        self.set_clock()
        self._control.sendall(_packed(words))
        _, replies = received(self._control, self._answers, 1)
        return replies[0]

    def ask(self, who: str, *words: Any) -> Any:
        """One command of a played thread, at once; an error reply is a `hiredis.ReplyError` value."""
        command = _packed(words)
        self.set_clock()
        self._control.sendall(command)
        raw, replies = received(self._control, self._answers, 1)
        self.note(who, command, raw)
        self.wake(words)
        return replies[0]

    def note(self, who: str, asked: bytes, answered: bytes) -> None:
        self.exchanges += 1
        if self.told:
            self.told(who, asked, answered)

    def wake(self, *commands: Sequence[Any]) -> None:
        """Give those who wait what these commands brought them."""
        if all(_word(one[0]) in _WAKES_NOBODY for one in commands):
            return
        for stream in dict.fromkeys(self._streams_with_news()):
            for front in list(self.parked.get(stream, {}).values()):
                front.look_again()
        if self.subscribed:
            found = [self.subscribed[number] for number, _ in self._ready.poll(0)]
            for front in sorted(found, key=lambda one: one.number):
                front.hear()

    def _streams_with_news(self) -> list[bytes]:
        """By its answer to this, the server has also sent all that it had to send to those who are subscribed."""
        self._ear.sendall(_packed(("PING",)))
        told: list[Any] = []
        received(self._ear, self._heard, 1, told)
        return [one[2] for one in told]

    def subscribe(self, front: Front) -> None:
        number = front.socket.fileno()
        if number not in self.subscribed:
            self.subscribed[number] = front
            self._ready.register(number, select.EPOLLIN)

    def unsubscribe(self, front: Front) -> None:
        number = front.socket.fileno()
        if self.subscribed.pop(number, None):
            self._ready.unregister(number)

    def connect(self) -> socket.socket:
        """A socket to the real server."""
        made = socket.socket(socket.AF_UNIX)
        made.connect(str(self.path))
        return made

    def _connected(self) -> socket.socket:
        self._answers, self._heard = hiredis.Reader(), hiredis.Reader()
        for _ in range(500):
            try:
                return self.connect()
            except OSError:
                time.sleep(0.02)
        raise TimeoutError(f"{self.binary} did not start")


class Front(asyncio.Protocol):
    """One played connection to the server."""

    def __init__(self, server: MovedServer, told: bool) -> None:
        self.server, self.told = server, told
        self._asked, self._answers = hiredis.Reader(), hiredis.Reader()
        self._waits: tuple[bytes, Sequence[bytes], bytes, asyncio.TimerHandle] | None = None
        """A read that waits: the command without its patience, its streams, what "nothing" is called, and its end."""

    def connection_made(self, transport: Any) -> None:
        self._end: End = transport
        self.number = transport.number
        self.who = f"{transport.peer.host.name if transport.peer.host else ''} {self.number}"
        self.server.set_clock()
        self.socket = self.server.connect()
        self.id = self._exchange(_packed(("CLIENT", "ID")), 1)[1][0]

    def data_received(self, data: bytes) -> None:
        self._asked.feed(data)
        together: list[tuple[bytes, ...]] = []
        while (words := self._asked.gets()) is not False:
            if _blocks(words):
                self._run(together)
                together = []
                self._block(words)
            else:
                together.append(tuple(words))
        self._run(together)

    def connection_lost(self, _: Exception | None) -> None:
        """The server hears of it at once, or it would be up to its own loop when."""
        self._wait_no_longer()
        self.server.unsubscribe(self)
        self.server.control("CLIENT", "KILL", "ID", self.id)
        self.socket.close()

    def hear(self) -> None:
        """Pass on what came without being asked for."""
        raw, _ = received(self.socket, self._answers, 0)
        self._answer(b"", raw)

    def look_again(self) -> None:
        """Whether there is now what a read waits for."""
        if self._waits is None:
            return
        raw, replies = self._exchange(self._waits[0], 1)
        if replies[0] is not None:
            self._answer(self._waits[0], raw)
            self._wait_no_longer()

    def _run(self, commands: list[tuple[bytes, ...]]) -> None:
        if not commands:
            return
        packed = b"".join(map(_packed, commands))
        raw, replies = self._exchange(packed, len(commands))
        self._answer(packed, raw if all(one[0] != b"INFO" for one in commands) else b"", raw)
        for words, reply in zip(commands, replies, strict=True):
            if words[0] == b"SUBSCRIBE":
                self.server.subscribe(self)
            elif words[0] == b"UNSUBSCRIBE" and not reply[2]:
                self.server.unsubscribe(self)
        self.server.wake(*commands)

    def _exchange(self, packed: bytes, answers: int) -> tuple[bytes, list[Any]]:
        self.server.set_clock()
        self.socket.sendall(packed)
        return received(self.socket, self._answers, answers)

    def _block(self, words: list[bytes]) -> None:
        names = [one.upper() for one in words]
        at, first = names.index(b"BLOCK"), names.index(b"STREAMS") + 1
        streams = words[first : first + (len(words) - first) // 2]
        command = _packed((*words[:at], *words[at + 2 :]))
        raw, replies = self._exchange(command, 1)
        if replies[0] is not None:
            self._answer(command, raw)
            return
        patience = int(words[at + 1]) / 1000 or 1e9
        end = self.server.loop.call_later(patience, self._find_nothing)
        self._waits = command, streams, raw, end
        for stream in streams:
            self.server.parked.setdefault(stream, {})[self.number] = self

    def _find_nothing(self) -> None:
        assert self._waits is not None
        self._answer(self._waits[0], self._waits[2])
        self._wait_no_longer()

    def _wait_no_longer(self) -> None:
        if self._waits:
            _, streams, _, end = self._waits
            end.cancel()
            for stream in streams:
                self.server.parked[stream].pop(self.number, None)
            self._waits = None

    def _answer(self, asked: bytes, noted: bytes, raw: bytes | None = None) -> None:
        if self.told:
            self.server.note(self.who, asked, noted)
        self._end.write(noted if raw is None else raw)


def received(
    source: socket.socket, reader: hiredis.Reader, answers: int, told: list[Any] | None = None
) -> tuple[bytes, list[Any]]:
    """So many answers, as they came and as they read; with 0, what is there now. Messages in between go to ``told``."""
    raw: list[bytes] = []
    found: list[Any] = []
    while True:
        part = source.recv(1 << 20)
        if not part:
            raise ConnectionError("the server is gone")
        raw.append(part)
        reader.feed(part)
        while (reply := reader.gets()) is not False:
            message = isinstance(reply, list) and reply[:1] == [b"message"]
            (found if not message else told if told is not None else []).append(reply)
        if len(found) >= answers:
            return b"".join(raw), found


def _packed(words: Sequence[Any]) -> bytes:
    return bytes(hiredis.pack_command(tuple(words)))


def _blocks(words: Sequence[bytes]) -> bool:
    name = words[0].upper()
    if name in {b"BLPOP", b"BRPOP", b"BZPOPMIN"}:
        raise NotImplementedError(f"{name.decode()} blocks in a way that is not played")
    return name in {b"XREADGROUP", b"XREAD"} and any(one.upper() == b"BLOCK" for one in words[:8])


def _word(word: Any) -> bytes:
    return word.encode() if isinstance(word, str) else bytes(word)
