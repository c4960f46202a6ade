"""Holds what a real server has in the end against the promises of `benchmarks.orders.promises`: one work after another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from benchmarks.orders import promises
from benchmarks.orders.promises import Promise, Scenery
from benchmarks.orders.values import Hash, Stream, Value, Zset
from benchmarks.orders.view import Request, Views
from streams.broker.connection import text
from streams.broker.keys import Topology

Ask = Callable[..., Any]
"""One command to the server; replies are those of RESP2."""
_ONLY_OF_THE_SMALL_WORLD = {
    promises.record_shows_what_was_said,
    promises.record_can_be_told_again,
    promises.answers_are_told,
    promises.nothing_strange,
    promises.replies_follow,
    promises.seen_again_is_the_same,
}
"""These name the sources, the scores and the streams of the small world, or speak of a lost write."""
HELD: tuple[tuple[str, Promise], ...] = tuple(
    (name, promise)
    for name, promise in (*promises.ALWAYS, *promises.AT_REST)
    if promise not in _ONLY_OF_THE_SMALL_WORLD
)


def broken_promises(ask: Ask, names: Topology, asked: set[str], spoilt: set[str]) -> list[str]:
    """What is wrong at rest, each with the promise that it breaks; ``spoilt`` requests had their state taken from them."""
    keys = dict(_keys(ask, names))
    return [
        f"{name}: {wrong}"
        for scenery in _sceneries(keys, names, asked - spoilt)
        for name, promise in HELD
        if (wrong := promise(scenery))
    ]


def _keys(ask: Ask, names: Topology) -> Iterator[tuple[bytes, Value]]:
    cursor: bytes = b"0"
    while True:
        cursor, page = ask("SCAN", cursor, "MATCH", f"{names.prefix}:*", "COUNT", 1000)
        for key in page:
            if (value := _value(ask, key)) is not None:
                yield key, value
        if cursor == b"0":
            return


def _value(ask: Ask, key: bytes) -> Value | None:
    kind = text(ask("TYPE", key))
    if kind == "hash":
        return Hash(_pairs(ask("HGETALL", key)))
    if kind == "zset":
        scores = _pairs(ask("ZRANGE", key, 0, -1, "WITHSCORES"))
        return Zset({member: float(score) for member, score in scores})
    if kind == "stream":
        return Stream({entry: tuple(fields) for entry, fields in ask("XRANGE", key, "-", "+")}, {})
    return None


def _pairs(flat: list[bytes]) -> Iterable[tuple[bytes, bytes]]:
    return zip(flat[::2], flat[1::2], strict=True)


def _sceneries(keys: dict[bytes, Value], names: Topology, asked: set[str]) -> Iterator[Scenery]:
    """One for each work, and one for the requests that came to none."""
    views = Views(names)
    requests = dict(views.requests(keys))
    outputs = views.entries(keys, names.enriched)
    work_of = {one["request_id"]: one.get("anime_id", "") for one in outputs if one["request_id"] in asked}
    members: dict[str, set[str]] = defaultdict(set)
    for request in asked:
        members[work_of.get(request, "")].add(request)
    for work, inside in members.items():
        yield _scenery(keys, names, views, work, inside, requests, outputs)


def _scenery(
    keys: dict[bytes, Value],
    names: Topology,
    views: Views,
    work: str,
    inside: set[str],
    requests: dict[str, Request],
    outputs: list[dict[str, str]],
) -> Scenery:
    prefix = names.record_prefix.encode()
    own = {
        key: one for key, one in keys.items() if not key.startswith(prefix) or key == prefix + work.encode()
    }
    mine = {request: requests[request] for request in inside & requests.keys()}
    said = [one for one in outputs if one["request_id"] in inside or (work and one.get("anime_id") == work)]
    failed: dict[str, set[str]] = defaultdict(set)
    for state in mine.values():
        failed |= {source: views.members(keys, names.failed(source)) for source in state.outcomes}
    return Scenery(
        published=inside,
        requests=mine,
        outputs=said,
        letters=views.entries(keys, names.dead),
        record=views.record(own),
        aliases={},
        open=views.members(keys, names.deadlines) & inside,
        closed=views.members(keys, names.closed),
        failed=failed,
        asked={},
        incoming=Counter(),
        notices=Counter(),
        last_look="",
        replies={},
        looks=set(),
        part=False,
        told=[],
        reader_left=False,
        done={r: one for r, one in views.done(keys, mine).items() if one},
        due=frozenset(inside),
        replays=0,
        planned=set(),
        strangers=[],
    )
