"""A small world of requests, workers and a server: every move that is possible in a state, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from benchmarks.orders.actors import OTHER_WORK, SLOW, SOURCES, Actors, Hand
from benchmarks.orders.moves import LEASE_MS, Move, around, by_worker, lanes, set_up, silence_rest
from benchmarks.orders.scenes import Scene
from benchmarks.orders.server import Server
from benchmarks.orders.steps import Steps
from benchmarks.orders.tokens import Tokens
from benchmarks.orders.values import AT_MS, Row, Stream, Value, Zset
from streams.broker.connection import text

YEAR_MS = 365 * 86_400_000
READS = {"remember_whole", "look", "recall", "look_in_full", "prepare"}
"""Steps that only read: doing them twice, or losing what they wrote, changes nothing."""


class State(NamedTuple):
    """Everything there is; ``left`` is what may still happen, ``due`` whose deadline has passed, ``told`` outputs that readers
    have seen and the server has lost."""

    keys: dict[bytes, Value]
    hands: tuple[Hand, ...]
    left: tuple[int, ...]
    published: int = 0
    due: frozenset[str] = frozenset()
    told: frozenset[tuple[bytes, ...]] = frozenset()
    lost: bool = False


class World:
    """One scene; ``planted`` holds scripts, by name, that take the place of the product's."""

    def __init__(self, scene: Scene, planted: Mapping[str, str] | None = None) -> None:
        self.scene = scene
        self.tokens = Tokens()
        self.steps = Steps(planted)
        self.actors = Actors(self.steps, self.tokens)
        self.names = self.actors.names
        if scene.merges:
            self.actors.refreshed = OTHER_WORK
        self.said: list[bytes] = []
        """What the last move of a worker told those who follow requests."""
        self.budget = ("fault", *scene.events)
        self.lanes = [(s.encode(), g.encode()) for s, g in lanes(self.names, SOURCES)]

    def beginning(self) -> State:
        """Nothing is published yet, and nobody has anything in hand."""
        self.steps.stand_on(Server())
        set_up(self.actors, SOURCES)
        hands = tuple(Hand(b"%d" % number) for number in range(self.scene.workers))
        return State(self.steps.server.keys, hands, (self.scene.faults, *self.scene.events.values()))

    def after(self, state: State, move: Move) -> State:
        """Where a move leads."""
        left = self._spent(state.left, move)
        if move.kind == "a deadline passes":
            return state._replace(left=left, due=state.due | {move.what})
        at = AT_MS + state.lost + YEAR_MS * (move.costs == "refresh")  # a fail-over takes its time too
        self.steps.stand_on(Server(dict(state.keys), at))
        if move.who < 0:
            around(self.actors, self.scene, move)
            published = state.published + (move.kind == "somebody publishes")
            return state._replace(keys=self.steps.server.keys, left=left, published=published)
        hand = state.hands[move.who]
        new = by_worker(self.actors, hand, move)
        self.said = self.steps.server.said
        hands = (*state.hands[: move.who], new, *state.hands[move.who + 1 :])
        if move.costs != "fail-over":
            return state._replace(keys=self.steps.server.keys, hands=hands, left=left)
        told = state.told | (self._outputs(self.steps.server.keys) - self._outputs(state.keys))
        self.steps.stand_on(Server(dict(state.keys)))
        if new.delivery is None:
            silence_rest(self.actors, hand)
        return state._replace(keys=self.steps.server.keys, hands=hands, left=left, told=told, lost=True)

    def moves(self, state: State) -> Iterator[Move]:
        """Every move that is possible."""
        yield from self._by_the_world(state)
        idle = True
        for who, hand in enumerate(state.hands):
            if hand.doing == "idle":
                if idle:  # one idle worker is like another
                    yield from self._by_idle(state, who)
                idle = False
            else:
                yield from self._by_busy(state, who, hand)

    def left(self, state: State, what: str) -> int:
        """How often something may still happen."""
        return state.left[self.budget.index(what)] if what in self.budget else 0

    def token(self, state: State) -> tuple[int, ...]:
        """The same for states that differ in ids, times, the order of sets and the names of workers only."""
        of = self.tokens.of
        held = tuple((key, self.tokens.of_value(state.keys[key])) for key in sorted(state.keys))
        rows = self._rows(state)
        busy = {hand.worker for hand in state.hands if hand.doing != "idle"}
        hands = sorted(of(self._of_hand(state, hand, rows)) for hand in state.hands)
        nobodys = of(tuple(sorted(row[:4] for row in rows if row[4] not in busy)))
        rest = of((state.left, state.published, state.due, state.told, state.lost))
        return (of(held), *hands, nobodys, rest)

    def row(self, state: State, hand: Hand) -> Row | None:
        """The line of the pending list about what a worker has in hand."""
        if hand.delivery is None:
            return None
        held = state.keys[hand.delivery.stream.encode()]
        assert isinstance(held, Stream)
        return held.groups[hand.delivery.group.encode()].pending.get(hand.delivery.id.encode())

    def _of_hand(self, state: State, hand: Hand, rows: list[tuple[bytes, bytes, int, bool, bytes]]) -> object:
        if hand.doing == "idle":
            return ""
        own = tuple(row[:4] for row in rows if row[4] == hand.worker)
        seen = self.tokens.of_hash(hand.seen) if hand.seen is not None else -1
        order = self.actors.token_of(hand.order)
        outline = (hand.outline.version, *sorted(hand.outline.marks.items())) if hand.outline else ""
        what: object = ""
        if one := hand.delivery:
            stream = state.keys[one.stream.encode()]
            assert isinstance(stream, Stream)
            held = one.id.encode() in stream.group(one.group.encode()).pending
            place = _place(stream, one.id.encode()) if held else -1
            what = one.stream, one.group, place, tuple(one.raw.items())
        return hand.doing, hand.request, own, seen, hand.mode, order, outline, what

    def _rows(self, state: State) -> list[tuple[bytes, bytes, int, bool, bytes]]:
        found = []
        for stream, group in self.lanes:
            held = state.keys[stream]
            assert isinstance(held, Stream)
            for entry, row in held.groups[group].pending.items():
                found.append((stream, group, _place(held, entry), row.idle > 0, row.owner))
        return sorted(found)

    def _by_the_world(self, state: State) -> Iterator[Move]:
        names, requests = self.names, self.scene.requests
        if state.published < requests:
            yield Move("somebody publishes", what=f"{self.scene.names}{state.published + 1}")
        if names.delayed.encode() in state.keys:
            yield Move("what is put off is due")
        if self._may(state, "deadline"):
            for one in sorted(self._members(state, names.deadlines) - {*state.due}):
                yield Move("a deadline passes", what=one, costs="deadline")
        for one in sorted(self._known(state)):
            if self._may(state, "replay"):
                yield Move("a replay asks", what="", costs="replay", where=(one, SLOW))
                yield Move("a replay asks", what="by its letter", costs="replay", where=(one, SLOW))
            if self._may(state, "old letter") and names.dead.encode() in state.keys:
                yield Move(
                    "a replay asks", what="by a letter of before", costs="old letter", where=(one, SLOW)
                )
        if self._may(state, "reader leaves") and b"reply:r1" in state.keys:
            yield Move("a reader deletes its stream", what="reply:r1", costs="reader leaves")
        if self._may(state, "refresh") and self.actors.refreshed in self._planned(state):
            yield Move("a refresh is published", costs="refresh")
        if self._may(state, "forget") and names.closed.encode() in state.keys:
            yield Move("a state is forgotten", costs="forget")
        if self._may(state, "record forgotten") and names.records.encode() in state.keys:
            yield Move("a record is forgotten", costs="record forgotten")

    def _by_idle(self, state: State, who: int) -> Iterator[Move]:
        for stream, group in self.lanes:
            held = state.keys[stream]
            assert isinstance(held, Stream)
            where = text(stream), text(group)
            if held.unread(group):
                yield from self._or_lost(state, Move("reads", who, where=where))
            if any(_is_silent(row) for row in held.groups[group].pending.values()):
                yield from self._or_lost(state, Move("takes over", who, where=where))
        for one in sorted(state.due & self._members(state, self.names.deadlines)):
            yield Move("sees that it is overdue", who, one)

    def _by_busy(self, state: State, who: int, hand: Hand) -> Iterator[Move]:
        for what in self._work(state, hand):
            costs = _EVENT_OF.get(what, "")
            move = Move("does", who, what, costs)
            yield move
            if what in READS or costs:
                continue
            if self._may(state, "fault"):
                yield Move("does, and hears nothing of it,", who, what, "fault")
            yield from self._or_lost(state, move, itself=False)
        if self._may(state, "fault"):
            yield Move("crashes", who, costs="fault")
        row = self.row(state, hand)
        if row is None:
            return
        if self._may(state, "fault") and row.owner == hand.worker and not row.idle:
            yield Move("is silent", who, costs="fault")
        if row.owner != hand.worker or row.idle:
            yield Move("renews its lease", who)

    def _work(self, state: State, hand: Hand) -> Iterator[str]:
        yield hand.doing
        if hand.doing == "answer" and hand.delivery and hand.delivery.group == SLOW:
            others = ("fail", "put_off", "know_nothing")
            yield from (what for what in others if self._may(state, _EVENT_OF[what]))
        if hand.doing in {"accept", "identify"} and self._may(state, "poison"):
            yield "give_up"
        if hand.doing == "look_in_full" and hand.delivery is None and self._may(state, "poison"):
            yield "fail_overdue"
        if hand.doing == "identify" and self.scene.known:
            yield "remember_whole"
        if hand.doing in {"identify", "answer", "look"} and hand.delivery and self._may(state, "stop"):
            yield "hand_back"

    def _or_lost(self, state: State, move: Move, *, itself: bool = True) -> Iterator[Move]:
        if itself:
            yield move
        if self._may(state, "fail-over"):
            yield move._replace(kind=move.kind + ", which a fail-over loses,", costs="fail-over")

    def _may(self, state: State, what: str) -> bool:
        return self.left(state, what) > 0

    def _spent(self, left: tuple[int, ...], move: Move) -> tuple[int, ...]:
        if not move.costs:
            return left
        place = self.budget.index(move.costs)
        return (*left[:place], left[place] - 1, *left[place + 1 :])

    def _known(self, state: State) -> set[str]:
        prefix = self.names.states.encode()
        return {text(key[len(prefix) :]) for key in state.keys if key.startswith(prefix)}

    def _members(self, state: State, key: str) -> set[str]:
        held = state.keys.get(key.encode())
        return {text(member) for member in held} if isinstance(held, Zset) else set()

    def _planned(self, state: State) -> set[str]:
        """The works that a refresh may ask for: under whatever name, where there is one alone."""
        planned = self._members(state, self.names.refresh)
        return planned if self.scene.merges or not planned else {self.actors.refreshed}

    def _outputs(self, keys: dict[bytes, Value]) -> set[tuple[bytes, ...]]:
        held = keys.get(self.names.enriched.encode())
        return set(held.entries.values()) if isinstance(held, Stream) else set()


_EVENT_OF = {
    "fail": "failure",
    "know_nothing": "not found",
    "put_off": "put off",
    "give_up": "poison",
    "fail_overdue": "poison",
    "hand_back": "stop",
}


def _is_silent(row: Row) -> bool:
    return row.idle >= LEASE_MS


def _place(stream: Stream, entry: bytes) -> int:
    return list(stream.entries).index(entry)
