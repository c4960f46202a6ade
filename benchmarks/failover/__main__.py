"""How many acknowledged requests a fail-over loses, by the way in which the server is set up.

    python -m benchmarks.failover --rounds 100                       all settings, one after the other
    python -m benchmarks.failover --rounds 100 --setting sentinel    those with this in their name
    python -m benchmarks.failover --list

A round: four publishers with the product's own client, something happens to the server, they go on with what takes its
place. A request counts as acknowledged when XADD has answered, or, where the setting says so, when WAIT or WAITAOF in the same
pipeline has confirmed it; what was acknowledged and does not lie on the server that is left is lost. Only the clocks of
Sentinels and cluster are quicker than in operation, so that a round takes seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.failover.publishers import STREAM, Publishers
from benchmarks.failover.settings import SETTINGS, Servers, Setting


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--setting", default="", help="only settings with this in their name")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    chosen = [one for one in SETTINGS if given.setting in one.name]
    for one in chosen:
        print(one.name if given.list else measured(one, given.rounds), flush=True)
    return int(not chosen)


def measured(setting: Setting, rounds: int) -> str:
    """One line of the table."""
    began, told, lost, hit, away = time.monotonic(), 0, 0, 0, []
    with tempfile.TemporaryDirectory() as folder, setting.servers(Path(folder)) as servers:
        for _ in range(rounds):
            acknowledged, gone, seconds = fail_over(servers, setting)
            told, lost, hit = told + acknowledged, lost + gone, hit + (gone > 0)
            away.append(seconds)
            print(f"{setting.name}: {acknowledged} acknowledged, {gone} lost", file=sys.stderr, flush=True)
    return (
        f"| {setting.name} | {told:,} | {lost:,} | {hit} of {rounds} |  (without an acknowledgement for"
        f" {statistics.median(away):.1f} s in the median; {time.monotonic() - began:.0f} s)"
    )


def fail_over(servers: Servers, setting: Setting) -> tuple[int, int, float]:
    """One round; returns how many requests were acknowledged, how many of them are gone, and how long none was."""
    servers.make_ready()
    with Publishers(servers.client, setting.confirm) as publishers:
        time.sleep(random.uniform(0.3, 0.6))
        since = time.monotonic()
        servers.fail()
        publishers.go_on()
    with contextlib.closing(servers.client()) as client:
        entries = client.xrange(STREAM)
    found = {fields[b"request_id"].decode() for _, fields in entries}
    return len(publishers.acknowledged), len(publishers.acknowledged.keys() - found), publishers.away(since)


if __name__ == "__main__":
    sys.exit(main())
