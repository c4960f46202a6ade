"""A cluster of three nodes, all keys in one slot by their hash tag; the node that has the slot has a replica, which is elected."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from redis.cluster import RedisCluster
from redis.exceptions import RedisError

from benchmarks.failover.publishers import STREAM
from benchmarks.failover.replicated import at, until
from benchmarks.support.servers import Server, free_port

_SLOTS = 16_384


class Confirming(RedisCluster):
    """A cluster client whose pipelines go to the node that has the stream, so that WAIT speaks of what they wrote."""

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> Any:
        return _Pipeline(self)


class _Pipeline:
    def __init__(self, cluster: Any) -> None:
        self.cluster = cluster
        node = cluster.get_node_from_key(STREAM)
        self.own = cluster.get_redis_connection(node).pipeline(transaction=False)
        self.xadd, self.execute_command = self.own.xadd, self.own.execute_command

    def execute(self) -> Any:
        """Raises ``RedisError``; then the cluster is looked at anew."""
        try:
            return self.own.execute()
        except (RedisError, OSError):
            self.cluster.nodes_manager.initialize()
            raise


class Cluster:
    """Four servers: three that take writes, and a copy of the one that has the stream."""

    def __init__(self, folder: Path, *options: str) -> None:
        own = ("--cluster-enabled", "yes", "--cluster-node-timeout", "600", "--repl-diskless-sync-delay", "0")
        self.buses = [free_port() for _ in range(4)]
        self.all = [
            Server(folder / str(number), None, *own, "--cluster-port", str(bus), *options)
            for number, bus in enumerate(self.buses)
        ]
        self.main, self.copy = self.all[0], self.all[3]

    def __enter__(self) -> Self:
        for one in self.all:
            one.start()
        first = self.main
        for one, bus in zip(self.all, self.buses, strict=True):
            at(first).execute_command("CLUSTER", "MEET", "127.0.0.1", one.port, bus)
        slot = at(first).execute_command("CLUSTER", "KEYSLOT", STREAM)
        shares = [[slot], range(slot), range(slot + 1, _SLOTS)]
        for one, share in zip(self.all, shares, strict=False):
            if share:
                at(one).execute_command("CLUSTER", "ADDSLOTSRANGE", share[0], share[-1])
        until(lambda: all(self._knows_all(one) for one in self.all), "the nodes do not meet")
        until(self._copies, "the replica does not know its node")
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.all:
            one.__exit__()

    def client(self) -> Any:
        return Confirming(host="127.0.0.1", port=self.all[1].port, socket_timeout=5)

    def make_ready(self) -> None:
        until(lambda: at(self.copy).info("replication")["master_link_status"] == "up", "no replica")
        until(lambda: all(self._is_well(one) for one in self.all), "the cluster does not come up")
        until(lambda: bool(at(self.main).flushall()), "the node takes no writes")
        until(lambda: at(self.main).wait(1, 100) == 1, "the replica does not follow")

    def fail(self) -> None:
        self.main.kill()
        until(lambda: at(self.copy).info("replication")["role"] == "master", "nobody is elected")
        self.main, self.copy = self.copy, self.main
        self.copy.start()

    def _is_well(self, server: Server) -> bool:
        told = str(at(server).execute_command("CLUSTER", "NODES"))
        return "fail" not in told and at(server).cluster("INFO")["cluster_state"] == "ok"

    def _copies(self) -> bool:
        return bool(at(self.copy).execute_command("CLUSTER", "REPLICATE", at(self.main).cluster("MYID")))

    def _knows_all(self, server: Server) -> bool:
        return bool(at(server).cluster("INFO")["cluster_known_nodes"] == "4")
