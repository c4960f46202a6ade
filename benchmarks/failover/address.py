"""A server and its replica behind an address that stays the same, as those have who offer a managed server."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any, Literal, Self

from benchmarks.failover.replicated import PASSWORD, Pair, at, until
from benchmarks.support.proxy import Proxy
from streams.broker.connection import connect_blocking

_SWITCH_S = 0.3
"""Between the moment in which the replica takes writes and that in which the old server no longer does."""


class Address(Pair):
    """``how`` the server is changed: it dies; it lives, and is made a replica behind the other; it hands over (FAILOVER)."""

    def __init__(self, folder: Path, how: Literal["dies", "is turned", "hands over"], *options: str) -> None:
        super().__init__(folder, *options)
        self.how = how
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        super().__enter__()
        self.proxy = Proxy(self.main.port)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.proxy.start(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.proxy.stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        super().__exit__()

    def client(self) -> Any:
        return connect_blocking(f"redis://publish:{PASSWORD}@127.0.0.1:{self.proxy.port}/0")

    def fail(self) -> None:
        """Connections that there are stay with the old server as long as it lives, as they do when a name leads elsewhere."""
        if self.how == "hands over":
            at(self.main).execute_command("FAILOVER")
            until(lambda: at(self.copy).info("replication")["role"] == "master", "it does not hand over")
            self.turn()
        else:
            if self.how == "dies":
                self.main.kill()
            self.take_the_place()
        self.proxy.upstream = self.main.port
        if self.how == "is turned":
            time.sleep(_SWITCH_S)
        self.follow()
