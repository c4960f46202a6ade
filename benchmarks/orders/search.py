"""Breadth first through every state of a scene; what is wrong with one is told by the shortest story that leads there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lupa.lua51 import LuaError
from redis.exceptions import ResponseError

from benchmarks.orders.actors import stopped_clock
from benchmarks.orders.moves import Move
from benchmarks.orders.promises import AT_REST, Judge
from benchmarks.orders.scenes import Scene
from benchmarks.orders.world import State, World

Token = tuple[int, ...]


@dataclass(slots=True)
class Found:
    """What a search came by: how many states and moves, whether that was all; or a broken promise and its story."""

    states: int = 0
    moves: int = 0
    exhausted: bool = False
    seconds: float = 0.0
    promise: str = ""
    story: list[str] = field(default_factory=list)


def go_through(scene: Scene) -> Found:
    """All states of a scene."""
    with stopped_clock():
        return Search(scene).run()


class Search:
    """One search; ``most`` bounds the states, ``say`` hears of every depth."""

    def __init__(
        self,
        scene: Scene,
        planted: Mapping[str, str] | None = None,
        most: int | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.world, self.most, self.say = World(scene, planted), most, say
        self.judge = Judge(self.world)
        self.found = Found()
        self._from: dict[Token, tuple[Token | None, Move | None]] = {}

    def run(self) -> Found:
        began = time.monotonic()
        first = self.world.beginning()
        token = self.world.token(first)
        self._from[token] = (None, None)
        level: list[tuple[State, Token]] = [(first, token)]
        depth = 0
        while level and not self.found.promise and not self._is_full():
            level = self._deeper(level)
            depth += 1
            self.say(f"{depth} moves deep: {len(self._from)} states, {len(level)} of them new")
        self.found.exhausted = not level and not self.found.promise
        self.found.states = len(self._from)
        self.found.seconds = time.monotonic() - began
        return self.found

    def _is_full(self) -> bool:
        return self.most is not None and len(self._from) >= self.most

    def _deeper(self, level: list[tuple[State, Token]]) -> list[tuple[State, Token]]:
        """All new states that are one move away; stops at the first broken promise."""
        new: list[tuple[State, Token]] = []
        for state, token in level:
            rests = True
            for move in self.world.moves(state):
                try:
                    after = self.world.after(state, move)
                except (LuaError, ResponseError, TypeError) as error:
                    return self._tell(f"a step broke: {type(error).__name__}: {error}", token, move)
                self.found.moves += 1
                reached = self.world.token(after)
                rests = rests and (bool(move.costs) or reached == token)
                known = reached in self._from
                wrong = self._judged(state, after, move, known=known)
                if not known:
                    self._from[reached] = (token, move)
                    new.append((after, reached))
                if wrong:
                    return self._tell(wrong, token, move)
            if rests and (wrong := self.judge.broken(state, AT_REST)):
                return self._tell(wrong, token, None)
        return new

    def _judged(self, before: State, after: State, move: Move, *, known: bool) -> str:
        try:
            return self.judge.broken_by(before, after, move) or ("" if known else self.judge.broken(after))
        except (AssertionError, KeyError, ValueError) as error:
            return f"what the server holds makes no sense: {type(error).__name__}: {error}"

    def _tell(self, wrong: str, token: Token, last: Move | None) -> list[tuple[State, Token]]:
        story = [last.told] if last else []
        at: Token | None = token
        while at is not None:
            at, move = self._from[at]
            if move is not None:
                story.append(move.told)
        self.found.promise, self.found.story = wrong, story[::-1]
        return []
