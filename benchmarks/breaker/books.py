"""The books of a run: what was asked, what came out, what the sites saw; and what is wrong with it."""

from __future__ import annotations

import asyncio
import bisect
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from benchmarks.support.replies import scores
from cache.rules import Rate
from streams.broker.connection import text
from streams.broker.keys import Topology


@dataclass(slots=True)
class Books:
    """Everything that is counted; `faults` says what does not add up."""

    asked: set[str] = field(default_factory=set)
    outputs: Counter[str] = field(default_factory=Counter)
    revisions: Counter[tuple[str, str]] = field(default_factory=Counter)
    finals: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    unfinished: dict[str, int] = field(default_factory=dict)
    short: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    breaches: dict[str, int] = field(default_factory=dict)
    banned: dict[str, int] = field(default_factory=dict)

    def faults(self) -> dict[str, Any]:
        lost = self.asked - set(self.outputs)
        found = {
            "requests without an output": sorted(lost)[:10],
            "outputs of requests that nobody made": sorted(set(self.outputs) - self.asked)[:10],
            "one revision of a request twice": [pair for pair, n in self.revisions.items() if n > 1][:10],
            "requests with several final outputs": [one for one, n in self.finals.items() if n > 1][:10],
            "unfinished entries": self.unfinished,
            "requests that lack a partial": self.short[:10],
            "keys left over": self.leftovers[:10],
            "limits exceeded": self.breaches,
            "requests to a banned site": self.banned,
        }
        return {name: value for name, value in found.items() if value}

    def note(self, fields: dict[bytes, bytes]) -> None:
        request_id = text(fields[b"request_id"])
        if not self.outputs[request_id]:
            self.statuses[text(fields[b"status"])] += 1
        self.outputs[request_id] += 1
        self.revisions[request_id, text(fields[b"revision"])] += 1
        self.finals[request_id] += fields.get(b"final") == b"true"

    async def as_the_server_has_it(self, redis: Redis, names: Topology) -> int:
        """Judge the outputs that the surviving server holds; returns how many more were read before a fail-over lost them."""
        read = sum(self.outputs.values())
        for counts in (self.outputs, self.revisions, self.finals, self.statuses):
            counts.clear()
        last, more = "-", True
        while more:
            page: Any = await redis.xrange(names.enriched, last, "+", count=500)
            more = bool(page)
            for entry, fields in page:
                last = f"({text(entry)}"
                self.note(fields)
        return read - sum(self.outputs.values())


async def follow(redis: Redis, names: Topology, books: Books) -> None:
    """Write down every output, as it comes, until cancelled."""
    last = "0-0"
    while True:
        page: Any = await redis.xrange(names.enriched, f"({last}", "+", count=500)
        for entry, fields in page:
            last = text(entry)
            books.note(fields)
        if not page:
            await asyncio.sleep(0.1)


def breaches(times: Sequence[float], rates: Sequence[Rate], slack: float = 0.0) -> int:
    """How many requests came when a window was full; ``slack`` seconds are taken off each window for late arrivals."""
    found = 0
    ordered = sorted(times)
    for rate in rates:
        for index, at in enumerate(ordered):
            first = bisect.bisect_right(ordered, at - (rate.seconds - slack), 0, index + 1)
            found += index - first + 1 > rate.permits
    return found


class GrantLog:
    """Every turn that the fleet's limiters granted, on the server's clock; read before they are forgotten.

    A turn that goes before its windows have passed was given back unused. Where the server was started anew meanwhile,
    it may as well have lost it: then the turn counts.
    """

    def __init__(self, redis: Redis, names: Topology, rates: Mapping[str, Sequence[Rate]]) -> None:
        self.redis, self.names, self.rates = redis, names, rates
        self.grants: dict[str, dict[str, float]] = defaultdict(dict)
        self._run = ""

    async def read(self) -> None:
        run = str((await self.redis.info("server"))["run_id"])
        for source in self.rates:
            await self._read(source, lost=run != self._run)
        self._run = run

    async def _read(self, source: str, *, lost: bool) -> None:
        key = f"{self.names.prefix}:limit:{{{source}}}:grants"
        there = {member: score / 1_000_000 for member, score in (await scores(self.redis, key)).items()}
        seconds, micros = await self.redis.time()
        since = seconds + micros / 1_000_000 - max((rate.seconds for rate in self.rates[source]), default=0.0)
        known = self.grants[source]
        gone = [member for member, at in known.items() if member not in there and at > since]
        for member in () if lost else gone:
            del known[member]
        known.update(there)

    async def follow(self) -> None:
        while True:
            await self.read()
            await asyncio.sleep(0.3)


async def unfinished(redis: Redis, names: Topology) -> dict[str, int]:
    """What is still to be done: entries, put-off work, open requests."""
    left: dict[str, int] = {}
    for key in [k async for k in redis.scan_iter(f"{names.prefix}:*", _type="stream")]:
        for group in await redis.xinfo_groups(key):
            if count := group["pending"] + (group["lag"] or 0):
                left[f"{text(key)}/{text(group['name'])}"] = count
    for name, key in (("delayed", names.delayed), ("deadlines", names.deadlines)):
        if count := await redis.zcard(key):
            left[name] = count
    return left


async def short_of_partials(redis: Redis, names: Topology) -> list[str]:
    """Requests whose state has fewer partials than sources were asked; complete ones have dropped theirs."""
    short = []
    async for key in redis.scan_iter(f"{names.states}*", count=1000):
        if await redis.type(key) != b"hash":
            continue  # the breaker's own doing: the request ended in a dead letter
        have, asked, compact, buried = await redis.hmget(key, "have", "asked", "compact", "buried")
        if buried:
            continue
        if not compact and int(have or 0) < int(asked or 0):
            short.append(text(key).removeprefix(names.states))
    return short


async def dead_requests(redis: Redis, names: Topology) -> set[str]:
    """The requests that have a dead letter."""
    letters: Any = await redis.xrange(names.dead)
    return {text(fields[b"request_id"]) for _, fields in letters if b"request_id" in fields}


async def put_off(redis: Redis, names: Topology) -> list[str]:
    """What waits to be tried again, in how many seconds, and why."""
    seconds, _ = await redis.time()
    waiting = await scores(redis, names.delayed)
    bodies = [await redis.hget(names.delayed_bodies, member) for member in waiting]
    return [
        f"{member} in {due / 1000 - seconds:.0f} s: {body!r:.300}"
        for (member, due), body in zip(waiting.items(), bodies, strict=True)
    ]
