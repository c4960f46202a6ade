"""A server and its replica that three Sentinels watch over; publishers find the one that takes writes by asking them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Self

from redis import Redis

from benchmarks.failover.replicated import PASSWORD, Pair, at, until
from benchmarks.support.servers import free_port
from streams.broker.connection import connect_blocking
from streams.broker.embedded import find_binary

_CONFIG = """
port {port}
dir {folder}
sentinel monitor main 127.0.0.1 {main} 2
sentinel auth-user main watch
sentinel auth-pass main {password}
sentinel down-after-milliseconds main 400
sentinel failover-timeout main 3000
"""
_QUICKER = ("info-period 200", "ping-period 100", "publish-period 200", "ask-period 200")


class Watched(Pair):
    """``alive``: the server that is to be replaced lives on, cut off from its replica and the Sentinels; publishers reach it."""

    def __init__(self, folder: Path, *options: str, alive: bool = False) -> None:
        super().__init__(folder, *options)
        self.alive = alive
        self.ports = [free_port() for _ in range(3)]
        self._sentinels: list[subprocess.Popen[bytes]] = []
        self._asked: list[Any] = [
            Redis(port=port, socket_timeout=5, decode_responses=True) for port in self.ports
        ]

    def __enter__(self) -> Self:
        super().__enter__()
        super().make_ready()
        for port in self.ports:
            path = self.folder / f"{port}.conf"
            path.write_text(
                _CONFIG.format(port=port, folder=self.folder, main=self.main.port, password=PASSWORD)
            )
            command = [find_binary(), str(path), "--sentinel"]
            self._sentinels.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        for one in self._asked:
            until(one.ping, "a Sentinel does not start")
            for setting in _QUICKER:
                one.execute_command("SENTINEL", "DEBUG", *setting.split())
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._sentinels:
            one.kill()
            one.wait()
        super().__exit__()

    def client(self) -> Any:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return connect_blocking(f"sentinel://publish:{PASSWORD}@{hosts}/main")

    def make_ready(self) -> None:
        super().make_ready()
        until(lambda: all(map(self._sees_both, self._asked)), "the Sentinels do not see both")

    def fail(self) -> None:
        if self.alive:
            self.cut_off()
        else:
            self.main.kill()
        until(lambda: {*map(_led_to, self._asked)} == {self.copy.port}, "nobody takes its place")
        self.turn()
        if self.alive:
            self.reach_again()
            until(lambda: at(self.copy).info("replication")["role"] == "slave", "the old one goes on")
        else:
            self.follow()

    def _sees_both(self, sentinel: Any) -> bool:
        main = sentinel.sentinel_master("main")
        (copy,) = sentinel.sentinel_slaves("main")
        well = main["flags"] == "master" and copy["flags"] == "slave"
        linked = copy["master-link-status"] == "ok" and copy["port"] == self.copy.port
        return bool(well and linked and main["num-other-sentinels"] == 2)


def _led_to(sentinel: Any) -> int:
    _, port = sentinel.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")
    return int(port)
