"""A server with a replica that takes its place when it is killed, as a Sentinel would have it."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.support.servers import Server

_LINKED_WITHIN_S = 30.0


class Pair(Server):
    """What it is asked for as a `Server` concerns the one that is the master now."""

    def __init__(self, folder: Path, binary: str | None = None, *options: str) -> None:
        self._all, self._made = folder, 0
        super().__init__(folder / "0", binary, "--repl-diskless-sync-delay", "0", *options)
        self.replica: Server | None = None

    def start(self) -> None:
        super().start()
        if self.replica is None:
            self._add_replica()

    def fail_over(self) -> None:
        """SIGKILL the master and let its replica be one, with a new replica of its own."""
        self.wait_for_replica()
        assert self.replica is not None
        self.kill()
        self.client.close()
        next_one = self.replica
        next_one.client.replicaof("NO", "ONE")
        self.folder, self.port = next_one.folder, next_one.port
        self.process, self.client = next_one.process, next_one.client
        self._add_replica()

    def wait_for_replica(self) -> None:
        """Until the replica has what the master had when it came. Raises ``AssertionError`` when it does not come."""
        assert self.replica is not None
        until = time.monotonic() + _LINKED_WITHIN_S
        while self.replica.client.info("replication").get("master_link_status") != "up":
            assert time.monotonic() < until, "the replica did not come up"
            time.sleep(0.02)

    def __exit__(self, *told: object) -> None:
        super().__exit__(*told)
        if self.replica:
            self.replica.__exit__(*told)

    def _add_replica(self) -> None:
        self._made += 1
        self.replica = Server(self._all / str(self._made), self.binary, *self.options)
        self.replica.start()
        self.replica.client.replicaof("127.0.0.1", str(self.port))
