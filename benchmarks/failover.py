"""How many acknowledged requests a fail-over loses: a server and its replica, publishers that go on, and a SIGKILL.

    python -m benchmarks.failover --times 20

A request counts as acknowledged when XADD has answered; with ``wait`` when ``WAIT 1`` has confirmed it on the replica besides.
The replica is made the master after each kill, as a Sentinel does, and what was acknowledged and is not there is lost.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from benchmarks.support.servers import Server

PUBLISHERS = 4
WAYS = {
    "as it comes": ((), False),
    "min-replicas-to-write 1": (("--min-replicas-to-write", "1", "--min-replicas-max-lag", "1"), False),
    "WAIT 1 before a request counts": ((), True),
}


def lost_in(folder: Path, options: tuple[str, ...], *, wait: bool) -> tuple[int, int]:
    """One fail-over; returns how many requests were acknowledged, and how many of them are gone."""
    with Server(folder / "old", None, *options) as old, Server(folder / "new") as new:
        new.client.replicaof("127.0.0.1", str(old.port))
        _until_linked(new.client)
        acknowledged: list[str] = []
        ended = threading.Event()
        each = [
            threading.Thread(target=_publish, args=(old.port, number, acknowledged, ended, wait))
            for number in range(PUBLISHERS)
        ]
        for one in each:
            one.start()
        time.sleep(random.uniform(0.3, 0.8))
        old.kill()
        ended.set()
        for one in each:
            one.join()
        new.client.replicaof("NO", "ONE")
        entries: Any = new.client.xrange("anime:requests")
        found = {fields[b"request_id"].decode() for _, fields in entries}
        return len(acknowledged), len(set(acknowledged) - found)


def _publish(port: int, number: int, acknowledged: list[str], ended: threading.Event, wait: bool) -> None:
    client = Redis(port=port, socket_timeout=2, retry=Retry(NoBackoff(), 0))
    count = 0
    with contextlib.suppress(RedisError, OSError):
        while not ended.is_set():
            request = f"{number}-{count}"
            client.xadd("anime:requests", {"request_id": request, "title": "Loopback Show"})
            if not wait or client.wait(1, 1000) >= 1:
                acknowledged.append(request)
            count += 1
    client.close()


def _until_linked(replica: Redis) -> None:
    until = time.monotonic() + 30
    while replica.info("replication").get("master_link_status") != "up":
        assert time.monotonic() < until, "the replica did not come up"
        time.sleep(0.05)
    time.sleep(1.2)  # it has to be counted as good


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=20)
    given = parser.parse_args()
    for name, (options, wait) in WAYS.items():
        told, gone, hit = 0, 0, 0
        for _ in range(given.times):
            with tempfile.TemporaryDirectory() as folder:
                acknowledged, lost = lost_in(Path(folder), options, wait=wait)
            told, gone, hit = told + acknowledged, gone + lost, hit + (lost > 0)
        print(f"{name}: {told:,} acknowledged, {gone} lost, in {hit} of {given.times} fail-overs", flush=True)


if __name__ == "__main__":
    main()
