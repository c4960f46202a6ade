"""Kills containers of the composed fleet under load, and counts what came out.

    python benchmarks/survival.py --titles 300 --kills 12

Starts the fleet with two workers a group against the played sites (deploy/compose.offline.yml), publishes titles, kills
a random container with SIGKILL every few seconds and brings it back, and at the end asks: did every request get exactly
one final output, is anything left pending? The server is killed too, once, when ``--server`` is given.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

ROOT = Path(__file__).parents[1]
GROUPS = (
    "identify",
    "aggregate",
    "jikan",
    "anilist",
    "kitsu",
    "anidb",
    "animeschedule",
    "anisearch",
    "anime_planet",
)
COMPOSE = [
    "docker",
    "compose",
    "-p",
    "survival",
    "-f",
    "docker-compose.yml",
    "-f",
    "deploy/compose.offline.yml",
]
PORTS = {"REDIS_PORT": "16379", "STATUS_PORT": "18080"}


def compose(*words: str) -> str:
    environment = {**os.environ, **PORTS}
    done = subprocess.run(
        [*COMPOSE, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"docker compose {' '.join(words)}: {done.stderr[-500:]}")
    return done.stdout


def start(*, wait: bool) -> None:
    scales = [part for group in GROUPS for part in ("--scale", f"{group}=2")]
    compose("up", "-d", "--no-recreate", *(["--wait"] if wait else []), *scales)


def publish(client: redis.Redis, count: int) -> None:
    pipe = client.pipeline(transaction=False)
    for number in range(count):
        title = f"Loopback Show {number:06d}"
        pipe.xadd("anime:requests", {"title": title, "request_id": f"survival-{number}"})
    pipe.execute()


def kill_one(groups: tuple[str, ...]) -> str:
    names = [one for one in compose("ps", "--format", "{{.Name}}").split() if one.split("-")[1] in groups]
    name = random.choice(names)
    subprocess.run(["docker", "kill", name], check=True, capture_output=True)
    return name


def outputs(client: redis.Redis) -> list[dict[str, str]]:
    found: Any = client.xrange("anime:enriched")
    return [{key.decode(): value.decode() for key, value in fields.items()} for _, fields in found]


def finals(client: redis.Redis) -> Counter[str]:
    found: Counter[str] = Counter()
    for fields in outputs(client):
        if fields["final"] == "true" and fields["request_id"].startswith("survival-"):
            found[fields["request_id"]] += 1
    return found


def left(client: redis.Redis) -> dict[str, int]:
    found = {}
    for key in client.scan_iter("anime:*", _type="stream"):
        for group in client.xinfo_groups(key):
            waiting = group["pending"] + (group["lag"] or 0)
            if waiting:
                found[f"{key.decode()} {group['name'].decode()}"] = waiting
    return found


def wait_for_all(client: redis.Redis, titles: int) -> None:
    """Until all are done, or nothing more has come out for two minutes."""
    done, changed = 0, time.monotonic()
    while done < titles and time.monotonic() - changed < 120:
        time.sleep(1)
        now = len(finals(client))
        if now != done:
            done, changed = now, time.monotonic()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--titles", type=int, default=300)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--pause", type=float, default=2.0)
    parser.add_argument("--server", action="store_true", help="kill the server once, too")
    parser.add_argument("--keep", action="store_true", help="leave the fleet running")
    asked = parser.parse_args()
    start(wait=True)
    outlasting = Retry(ConstantBackoff(0.5), 240)  # the server that --server kills
    client = redis.Redis(port=int(PORTS["REDIS_PORT"]), retry=outlasting)
    client.flushall()
    began = time.monotonic()
    publish(client, asked.titles)
    killed = []
    for number in range(asked.kills):
        time.sleep(asked.pause)
        groups = ("redis",) if asked.server and number == asked.kills // 2 else GROUPS
        killed.append((kill_one(groups), len(finals(client)) if groups == GROUPS else -1))
        start(wait=False)
    wait_for_all(client, asked.titles)
    seconds = time.monotonic() - began
    time.sleep(15)
    counts = finals(client)
    status = Counter(fields["status"] for fields in outputs(client))
    told = {
        "titles": asked.titles,
        "killed": [name for name, _ in killed],
        "done_when_killed": [done for _, done in killed],
        "with_one_final": sum(count == 1 for count in counts.values()),
        "with_more": sum(count > 1 for count in counts.values()),
        "without": asked.titles - len(counts),
        "status": dict(status),
        "dead_letters": client.xlen("anime:dead"),
        "left_pending": left(client),
        "seconds": round(seconds, 1),
    }
    print(json.dumps(told, indent=2))
    if not asked.keep:
        compose("down", "-v")


if __name__ == "__main__":
    main()
