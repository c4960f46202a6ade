"""Holds what a real server has in the end against the promises of `benchmarks.orders.promises`: all at once, at rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from benchmarks.orders import promises
from benchmarks.orders.promises import Promise, Scenery
from benchmarks.orders.values import Hash, Stream, Value, Zset
from benchmarks.orders.view import Views
from sources import discover
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
    scenery = _scenery(dict(_keys(ask, names)), names, asked - spoilt)
    return [f"{name}: {wrong[:300]}" for name, promise in HELD if (wrong := promise(scenery))]


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


def _scenery(keys: dict[bytes, Value], names: Topology, asked: set[str]) -> Scenery:
    """All that there is, when nothing is on its way any more."""
    standing = Views(names).standing(keys, discover())
    return Scenery(
        **standing,
        published=asked,
        asked={},
        incoming=Counter(),
        notices=Counter(),
        replies={},
        looks=set(),
        part=False,
        told=[],
        reader_left=False,
        due=frozenset(standing["requests"]),
        replays=0,
        strangers=[],
    )
