"""The ways in which a server can be set up, and what happens to it: the rows of the table in `docs/delivery.md`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from benchmarks.failover.address import Address
from benchmarks.failover.alone import Alone
from benchmarks.failover.cluster import Cluster
from benchmarks.failover.watched import Watched


class Servers(Protocol):
    """What a round needs."""

    def make_ready(self) -> None:
        """Empty, and everything is there that can fail."""

    def client(self) -> Any:
        """A client that finds what takes writes, as a publisher has one."""

    def fail(self) -> None:
        """Returns when something takes writes again, and it alone."""


class Setting(NamedTuple):
    """``confirm``: the command whose answer makes a request an acknowledged one, behind XADD; none: XADD's own does."""

    name: str
    servers: Callable[[Path], AbstractContextManager[Servers]]
    confirm: tuple[object, ...] = ()


_WAIT = ("WAIT", 1, 1000)
_MIN = ("--min-replicas-to-write", "1", "--min-replicas-max-lag", "1")

SETTINGS = (
    Setting("standalone, everysec; the process dies", lambda at: Alone(at, "everysec", machine=False)),
    Setting("standalone, everysec; the machine dies", lambda at: Alone(at, "everysec", machine=True)),
    Setting(
        "standalone, everysec, WAITAOF 1 0; the machine dies",
        lambda at: Alone(at, "everysec", machine=True),
        ("WAITAOF", 1, 0, 5000),
    ),
    Setting("standalone, always; the process dies", lambda at: Alone(at, "always", machine=False)),
    Setting("standalone, always; the machine dies", lambda at: Alone(at, "always", machine=True)),
    Setting("sentinel; the server dies", Watched),
    Setting("sentinel, min-replicas-to-write 1; the server dies", lambda at: Watched(at, *_MIN)),
    Setting("sentinel, WAIT 1; the server dies", Watched, _WAIT),
    Setting("sentinel; the server is cut off", lambda at: Watched(at, alive=True)),
    Setting(
        "sentinel, min-replicas-to-write 1; the server is cut off", lambda at: Watched(at, *_MIN, alive=True)
    ),
    Setting("sentinel, WAIT 1; the server is cut off", lambda at: Watched(at, alive=True), _WAIT),
    Setting("fixed address; the server dies", lambda at: Address(at, "dies")),
    Setting("fixed address, WAIT 1; the server dies", lambda at: Address(at, "dies"), _WAIT),
    Setting("fixed address; REPLICAOF turns it", lambda at: Address(at, "is turned")),
    Setting("fixed address, WAIT 1; REPLICAOF turns it", lambda at: Address(at, "is turned"), _WAIT),
    Setting("fixed address; FAILOVER hands it over", lambda at: Address(at, "hands over")),
    Setting("cluster of three; the node dies", Cluster),
    Setting("cluster of three, WAIT 1; the node dies", Cluster, _WAIT),
)
