"""What a run is: a seed, its requests and its faults. What is taken out of a story changes nothing of the rest."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

KINDS = {
    "kill": 10,
    "restart": 2,
    "cut": 2,
    "stall": 1,
    "lose": 2,
    "latency": 1,
    "pause": 5,
    "ban": 1,
    "site": 4,
    "wrong_key": 1,
    "stop": 2,
}
"""Kinds of faults, and how many of each 200 requests meet."""
GAP, TRIVIAL_GAP = 0.12, 0.02
"""Mean seconds between two requests; they come in bursts."""
BURST = 12


@dataclass(frozen=True, slots=True)
class Fault:
    """One: when it happens (seconds), and what chance it has of its own."""

    at: float
    kind: str
    number: int

    def __str__(self) -> str:
        return f"{self.at:8.2f} s  {self.kind} ({self.number})"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    at: float
    number: int
    title: str
    priority: str
    refresh: bool

    @property
    def fields(self) -> dict[str, str]:
        said = {"title": self.title, "request_id": f"r{self.number}", "priority": self.priority}
        return {**said, "refresh": "true"} if self.refresh else said

    def __str__(self) -> str:
        more = ", fresh" if self.refresh else ""
        return f"{self.at:8.2f} s  r{self.number} asks for {self.title} ({self.priority}{more})"


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that a run follows from."""

    seed: int
    asks: tuple[Ask, ...]
    faults: tuple[Fault, ...]
    trivial: bool = False
    workers: int = 2
    plant: tuple[str, str, str] | None = None
    """A fault that is put into the product, to show that it is found: a Lua script, what of it goes, what comes instead."""

    def without(self, gone: set[Ask | Fault]) -> Story:
        return replace(
            self,
            asks=tuple(one for one in self.asks if one not in gone),
            faults=tuple(one for one in self.faults if one not in gone),
        )

    @property
    def told(self) -> list[str]:
        """All that happens, in its order."""
        happens = [(one.at, str(one)) for one in self.asks] + [(one.at, str(one)) for one in self.faults]
        return [said for _, said in sorted(happens)]


def story_of(
    seed: int,
    requests: int = 200,
    titles: int = 60,
    faults: float = 1.0,
    *,
    trivial: bool = False,
    plant: tuple[str, str, str] | None = None,
) -> Story:
    """The story of a seed; ``faults`` is how many times the usual number of them."""
    chance = random.Random(f"story {seed}")
    asks = tuple(_asks(chance, requests, titles, TRIVIAL_GAP if trivial else GAP))
    span = asks[-1].at if asks else 0.0
    counts = {kind: _about(chance, many * faults * requests / 200) for kind, many in KINDS.items()}
    kinds = [kind for kind, many in counts.items() for _ in range(many)]
    happens = sorted((chance.uniform(0.5, span + 5), kind) for kind in kinds)
    all_faults = tuple(Fault(at, kind, number) for number, (at, kind) in enumerate(happens))
    return Story(seed, asks, all_faults, trivial, chance.choice((2, 2, 3)), plant)


def _about(chance: random.Random, mean: float) -> int:
    """A whole number that is ``mean`` in the long run."""
    whole = int(mean)
    return whole + (chance.random() < mean - whole)


def _asks(chance: random.Random, requests: int, titles: int, gap: float) -> Iterator[Ask]:
    at = 0.5
    for number in itertools.count():
        if number == requests:
            return
        if number % BURST == 0:
            at += chance.expovariate(1 / (gap * BURST))
        at += chance.uniform(0, gap / 6)
        title = f"Loopback Show {chance.randrange(titles):06d}"
        priority = "interactive" if number % 5 == 0 else "bulk"
        yield Ask(at, number, title, priority, number % 10 == 3)
