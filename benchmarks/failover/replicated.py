"""A server and its replica, which takes its place."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from redis import Redis

from benchmarks.support.servers import Server

PASSWORD = "p"
_WITHIN_S = 60.0


def until(there: Callable[[], bool], what: str) -> None:
    """Wait for something; a server that does not answer does not have it. Raises ``AssertionError`` after a minute."""
    end = time.monotonic() + _WITHIN_S
    while True:
        with contextlib.suppress(Exception):
            if there():
                return
        assert time.monotonic() < end, what
        time.sleep(0.02)


def at(server: Server) -> Any:
    """Its client; what that returns depends on the command."""
    return server.client


class Pair:
    """Two servers; ``main`` takes writes and the other copies it. Replicas and Sentinels have logins of their own, so that they
    can be kept away from a server while publishers reach it: that is a cut network for them."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.options = folder, options
        self.both = [self._server(name) for name in ("a", "b")]
        self.main, self.copy = self.both

    def __enter__(self) -> Self:
        for one in self.both:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.both:
            one.__exit__()

    def make_ready(self) -> None:
        """An empty stream, and a replica that counts as good."""
        self.follow()
        until(self._is_copied, "the replica does not come up")
        until(lambda: bool(at(self.main).flushall()), "the server takes no writes")
        until(lambda: at(self.main).wait(1, 100) == 1, "the replica does not follow")

    def follow(self) -> None:
        """The one that takes no writes comes back, if it is gone, and copies the other."""
        if not self.copy.process:
            self.copy.start()
        at(self.copy).replicaof("127.0.0.1", self.main.port)

    def cut_off(self) -> None:
        """From now on nobody but publishers reaches the server that takes writes."""
        for user in ("copy", "watch"):
            at(self.main).acl_setuser(user, enabled=False)
            at(self.main).execute_command("CLIENT", "KILL", "USER", user)

    def reach_again(self) -> None:
        """The network is whole again: who was let in as nobody comes again."""
        for user in ("copy", "watch"):
            at(self.copy).acl_setuser(user, enabled=True)
        at(self.copy).execute_command("CLIENT", "KILL", "USER", "default", "SKIPME", "yes")

    def take_the_place(self) -> None:
        """The replica becomes the one that takes writes."""
        at(self.copy).replicaof("NO", "ONE")
        self.turn()

    def turn(self) -> None:
        self.main, self.copy = self.copy, self.main

    def _is_copied(self) -> bool:
        told: Any = at(self.main).info("replication").get("slave0")
        return bool(told) and told["state"] == "online" and told["lag"] <= 1

    def _server(self, name: str) -> Server:
        rights = ("on", f">{PASSWORD}", "~*", "&*", "+@all")
        logins = [word for user in ("copy", "watch", "publish") for word in ("--user", user, *rights)]
        own = Server(
            self.folder / name,
            None,
            *("--requirepass", PASSWORD, "--masteruser", "copy", "--masterauth", PASSWORD),
            *("--repl-diskless-sync-delay", "0", "--repl-timeout", "5"),
            *logins,
            *self.options,
        )
        own.client = Redis(port=own.port, password=PASSWORD, socket_timeout=5)
        return own
