"""Random stories, played on the model and on a real server: they must end alike, or the model says nothing about the server."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from redis import Redis

from benchmarks.orders.actors import SOURCES, Actors, Hand, stopped_clock
from benchmarks.orders.moves import LEASE_MS, Move, around, by_worker, lanes, set_up
from benchmarks.orders.scenes import EVENTS, Scene
from benchmarks.orders.steps import RealSteps
from benchmarks.orders.tokens import Tokens, sorted_json
from benchmarks.orders.values import Stream, Value, Zset
from benchmarks.orders.world import State, World
from benchmarks.support.servers import Server

SCENE = Scene(
    "a story", faults=2, events={one: 2 for one in EVENTS if one != "fail-over"}, early=True, reply=True
)
"""A fail-over is no move of one server: what it loses never came."""
_MOMENT = re.compile(rb"1\d{12}(-\d+)?")
Dump = dict[bytes, object]


def compare_many(count: int, seed: int = 0) -> str:
    """Play ``count`` stories on a server of their own. Raises ``AssertionError`` for the first that ends otherwise."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server, stopped_clock():
        client = client_of(server)
        moves = sum(compare(seed + number, client) for number in range(count))
        client.close()
    return f"{count:,} random stories of {moves:,} moves in all ended alike on the model and on a real server"


def client_of(server: Server) -> Redis:
    """A client for a database that nobody else on this server uses; replies are those of RESP2, as the model's."""
    return Redis(port=server.port, db=9, protocol=2, socket_timeout=10)


def compare(seed: int, client: Redis, most: int = 80) -> int:
    """Play one story on both, on a database that is emptied for it; returns how many moves it had."""
    client.flushdb()
    chance, world = random.Random(seed), World(SCENE)
    steps = RealSteps(client)
    real = Actors(steps, Tokens())
    set_up(real, SOURCES)
    hands = [Hand(hand.worker) for hand in world.beginning().hands]
    state, told = world.beginning(), []
    for _ in range(most):
        possible = list(world.moves(state))
        if not possible:
            break
        move = _chosen(chance, possible)
        told.append(move.told)
        state = world.after(state, move)
        _follow(real, hands, move)
    steps.close()
    here, there = of_model(state, world), of_real(client, world)
    for key in here.keys() | there.keys():
        assert here.get(key) == there.get(key), _differs(seed, key, here, there, told)
    assert [one.doing for one in state.hands] == [one.doing for one in hands], (seed, told)
    return len(told)


def _chosen(chance: random.Random, moves: list[Move]) -> Move:
    """What costs something happens less often than what has to be done."""
    return chance.choices(moves, [1 if move.costs else 6 for move in moves])[0]


def _follow(real: Actors, hands: list[Hand], move: Move) -> None:
    if move.kind == "a deadline passes":
        return
    if move.who < 0:
        around(real, SCENE, move)
    else:
        hands[move.who] = by_worker(real, hands[move.who], move)


def of_model(state: State, world: World) -> Dump:
    """What the model holds, ids and times left out."""
    return {key: _plain(held) for key, held in state.keys.items()}


def of_real(client: Any, world: World) -> Dump:
    """The same of a real server; entries that all groups are done with are none."""
    found: Dump = {}
    groups: dict[str, list[str]] = {}
    for stream, group in lanes(world.names, SOURCES):
        groups.setdefault(stream, []).append(group)
    for key in client.scan_iter():
        kind = client.type(key)
        if kind == b"hash":
            found[key] = _fields(client.hgetall(key))
        elif kind == b"zset":
            found[key] = _members(dict(client.zrange(key, 0, -1, withscores=True)))
        else:
            found[key] = _real_stream(client, key, groups.get(key.decode(), []))
    return found


def _plain(held: Value) -> object:
    if isinstance(held, Stream):
        rows = {
            (group, entry): (row.owner, row.idle >= LEASE_MS)
            for group, one in held.groups.items()
            for entry, row in one.pending.items()
        }
        unread = {group: len(held.unread(group)) for group in held.groups}
        return _stream(list(held.entries.items()), rows, unread)
    if isinstance(held, Zset):
        return _members(held)
    return _fields(held)


def _fields(held: Mapping[bytes, bytes]) -> object:
    return frozenset((_masked(name), _masked(sorted_json(name, value))) for name, value in held.items())


def _members(scores: Mapping[bytes, float]) -> object:
    return frozenset((_masked(member), "T" if score > 1e11 else score) for member, score in scores.items())


def _stream(
    entries: list[tuple[bytes, tuple[bytes, ...]]], rows: dict[Any, Any], unread: dict[bytes, int]
) -> object:
    """The entries in their order, and of each group what it has not read and what is pending where."""
    places = {entry: place for place, (entry, _) in enumerate(entries)}
    held = {(group, places[entry]): row for (group, entry), row in rows.items()}
    return [tuple(map(_masked, fields)) for _, fields in entries], held, unread


def _real_stream(client: Any, key: bytes, groups: list[str]) -> object:
    raw: Any = client.xrange(key)
    entries = [(entry, tuple(part for pair in fields.items() for part in pair)) for entry, fields in raw]
    if not groups:
        return _stream(entries, {}, {})
    rows: dict[Any, Any] = {}
    unread = {}
    for group in groups:
        last = next(
            one["last-delivered-id"] for one in client.xinfo_groups(key) if one["name"] == group.encode()
        )
        left = [entry for entry, _ in entries if _order(entry) > _order(last)]
        unread[group.encode()] = len(left)
        for row in client.xpending_range(key, group, "-", "+", 1000):
            silent = row["time_since_delivered"] >= LEASE_MS
            rows[group.encode(), row["message_id"]] = row["consumer"], silent
    live = {entry for _, entry in rows} | {
        entry for entry, _ in entries[len(entries) - max(unread.values()) :]
    }
    return _stream([one for one in entries if one[0] in live], rows, unread)


def _order(entry: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = entry.partition(b"-")
    return int(milliseconds), int(sequence)


def _masked(value: bytes) -> bytes:
    return _MOMENT.sub(b"T", value)


def _differs(seed: int, key: bytes, here: Dump, there: Dump, told: list[str]) -> str:
    story = "\n  ".join(told)
    return (
        f"story {seed}: {key.decode()} differs\n  model {here.get(key)}\n  real {there.get(key)}\n  {story}"
    )
