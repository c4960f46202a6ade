"""Connections that are no sockets: what is written arrives after a while that the seed tells, in its order, or the wire breaks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import socket

    from benchmarks.simulation.loop import Host, SimulatedLoop

Address = tuple[str, int]
QUICK, SLOW = 0.0002, 0.002
"""Seconds that something is on its way, at least and mostly at most."""
_FIRST_PORT = 15_000


@dataclass(slots=True)
class Weather:
    """How it goes on the way to one address."""

    refused: bool = False
    stalled: bool = False
    latency: float = 0.0
    """Seconds more, at most."""
    lose: float = 0.0
    """How likely an answer is lost, and the connection with it."""


@dataclass(slots=True)
class Port:
    """What listens at one address."""

    make: Callable[[], asyncio.Protocol]
    host: Host | None
    weather: Weather = field(default_factory=Weather)


class Network:
    """All addresses and the wires between them."""

    def __init__(self, loop: SimulatedLoop, seed: int) -> None:
        self.loop, self.seed = loop, seed
        self.ports: dict[Address, Port] = {}
        self.ends: dict[int, End] = {}
        """Open ends of those who connected, by number."""
        self._dialled: WeakKeyDictionary[socket.socket, Address] = WeakKeyDictionary()
        self._numbers = count(1)
        self._free = count(_FIRST_PORT)

    def listen(self, make: Callable[[], Any], address: Address) -> Listener:
        """Take connections at ``address``; port 0 is a free one."""
        address = (address[0], address[1] or next(self._free))
        self.ports[address] = Port(make, self.loop.host)
        return Listener(self, address)

    def weather(self, address: Address) -> Weather:
        return self.ports[address].weather

    async def dial(self, sock: socket.socket, address: Address) -> None:
        """What comes before `connect` for whoever makes his own socket; it is never connected."""
        self._dialled[sock] = (address[0], address[1])
        await self._knock(self._dialled[sock])

    async def connect(
        self, make: Callable[[], Any], address: Address, sock: socket.socket | None
    ) -> tuple[End, Any]:
        """Raises ``ConnectionRefusedError``."""
        if sock is not None:
            address = self._dialled.pop(sock)
            sock.close()
        else:
            await self._knock(address)
        port = self._open(address)
        number = next(self._numbers)
        near, far = (
            End(self, address, number, self.loop.host),
            End(self, address, number, port.host, answers=True),
        )
        near.peer, far.peer = far, near
        self.ends[number] = near
        far.take(port.make())
        near.take(made := make())
        return near, made

    async def _knock(self, address: Address) -> None:
        await asyncio.sleep(random.uniform(QUICK, SLOW))
        self._open(address)

    def _open(self, address: Address) -> Port:
        port = self.ports.get(address)
        if port is None or port.weather.refused:
            raise ConnectionRefusedError(111, f"nobody listens at {address[0]}:{address[1]}")
        return port

    def cut(self, address: Address) -> None:
        """Break every connection to ``address``, for both sides, without warning."""
        for end in self._to(address):
            end.snap()

    def silence(self, host: Host) -> None:
        """Break the connections of a host that is no more."""
        for end in [one for one in self.ends.values() if one.host is host]:
            end.snap()

    def release(self, address: Address) -> None:
        """Let go what was held by a stall."""
        self.weather(address).stalled = False
        for end in self._to(address):
            end.flow()
            end.peer.flow()

    def _to(self, address: Address) -> Iterator[End]:
        yield from [one for one in self.ends.values() if one.address == address]


class Listener:
    """What `create_server` returns."""

    def __init__(self, network: Network, address: Address) -> None:
        self._network, self.address = network, address
        self.sockets = (self,)

    def getsockname(self) -> Address:
        return self.address

    def close(self) -> None:
        self._network.ports.pop(self.address, None)

    async def wait_closed(self) -> None:
        """Nothing is left to wait for."""


class End(asyncio.Transport):
    """One end of a wire."""

    peer: End

    def __init__(
        self, network: Network, address: Address, number: int, host: Host | None, *, answers: bool = False
    ) -> None:
        super().__init__()
        self.network, self.address, self.number, self.host = network, address, number, host
        self.answers = answers
        self._chance = random.Random(f"{network.seed} {number} {answers}")
        self._protocol: Any = None
        self._last = 0.0
        self._held: list[Callable[[], None]] = []
        self._reads = True
        self._closing = False
        self._lost = False

    def take(self, protocol: Any) -> None:
        """Give the other side's words to ``protocol``."""
        self._protocol, loop = protocol, self.network.loop
        before, loop.host = loop.host, self.host
        try:
            protocol.connection_made(self)
        finally:
            loop.host = before

    def write(self, data: Any) -> None:
        if not data or self._closing:
            return
        weather = self._weather()
        if self.answers and weather and weather.lose and self._chance.random() < weather.lose:
            self.snap()
            return
        whole = bytes(data)
        self._send(lambda peer: peer.hear(whole))

    def write_eof(self) -> None:
        self._send(End.ended)

    def can_write_eof(self) -> bool:
        return True

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._send(End.ended)
            self.lose(None)

    def abort(self) -> None:
        if not self._lost:
            self._closing = True
            self._send(lambda peer: peer.lose(ConnectionResetError(104, "reset by the peer")))
            self.lose(None)

    def snap(self) -> None:
        """Break now, for both sides, each as soon as its host can hear of it."""
        for end in (self, self.peer):
            end._closing = True
            end.lose(ConnectionResetError(104, "the wire broke"))

    def lose(self, error: Exception | None) -> None:
        if self._lost:
            return
        self._lost = self._closing = True
        if not self.answers:
            self.network.ends.pop(self.number, None)
        self._do(self._protocol.connection_lost, error)

    def hear(self, data: bytes) -> None:
        """Something arrived."""
        if not self._reads:
            self._held.append(lambda: self.hear(data))
        elif not self._lost:
            self._protocol.data_received(data)

    def ended(self) -> None:
        """The other side has closed."""
        if not self._reads:
            self._held.append(self.ended)
        elif not self._lost and not self._protocol.eof_received():
            self.close()

    def pause_reading(self) -> None:
        self._reads = False

    def resume_reading(self) -> None:
        self._reads = True
        self._do(self.flow)

    def is_reading(self) -> bool:
        return self._reads

    def flow(self) -> None:
        """Go on with what was held."""
        held, self._held = self._held, []
        for one in held:
            one()

    def is_closing(self) -> bool:
        return self._closing

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_protocol(self) -> Any:
        return self._protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        here = ("127.0.0.1", self.number)
        known = {"peername": here if self.answers else self.address, "sockname": here}
        return known.get(name, default)

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is ever full."""

    def _weather(self) -> Weather | None:
        port = self.network.ports.get(self.address)
        return port.weather if port else None

    def _send(self, what: Callable[[End], None]) -> None:
        """Have ``what`` done at the other end, after all that was sent before."""
        weather, loop = self._weather(), self.network.loop
        slower = weather.latency if weather else 0.0
        seconds = self._chance.uniform(QUICK, SLOW) + self._chance.uniform(0, slower)
        self._last = max(self._last + 1e-9, loop.time() + seconds)
        self._do(self._arrive, what, at=self._last, host=self.peer.host)

    def _arrive(self, what: Callable[[End], None]) -> None:
        weather, peer = self._weather(), self.peer
        if weather and (weather.stalled or (peer._held and peer._reads)):
            peer._held.append(lambda: what(peer))
        else:
            what(peer)

    def _do(self, what: Callable[..., Any], *args: Any, at: float | None = None, host: Any = None) -> None:
        """As the host that it belongs to."""
        loop = self.network.loop
        before, loop.host = loop.host, host if at is not None else self.host
        try:
            loop.call_soon(what, *args) if at is None else loop.call_at(at, what, *args)
        finally:
            loop.host = before
