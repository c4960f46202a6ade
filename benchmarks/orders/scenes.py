"""The small worlds whose every order is gone through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FAULTS = ("crash", "lapse", "lost reply")
"""A worker dies; a living one is silent for longer than its lease; a step is done and the worker does not hear of it."""

EVENTS = (
    "deadline",
    "failure",
    "not found",
    "put off",
    "replay",
    "refresh",
    "forget",
    "poison",
    "stop",
    "fail-over",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A world and its bounds.

    Args:
        requests: requests of one work that somebody publishes, at any time.
        workers: each does whatever there is to do, one entry at a time.
        faults: how many of `FAULTS` happen at most, in all.
        events: what else may happen, how often at most: ``deadline`` (of any open request), ``failure`` (a site does not
            answer and will not), ``not found`` (it does not have the work), ``put off``, ``replay``, ``old letter`` (a replay by the first dead letter, when it may be gone
            already), ``refresh``, ``forget`` (a state's time is over), ``poison`` (an
            entry always fails), ``stop`` (a worker hands back), ``record forgotten`` (that which was looked at longest ago), ``fail-over`` (the last write is lost; who made it knows
            nothing of that).
        early: whether the requests want an early record.
        reply: whether the first, or all where ``known``, want their outputs in streams of their own; ``reader leaves`` deletes the
            first's.
        part: whether all of them want a part of the record in streams of their own.
        look: whether the last is a look that nobody asked for, which is told only when it finds something new.
        known: whether it may be remembered whole what was said of the work, so that a title ends as soon as it is identified.
        merges: whether the second request is for another work, which a site makes one with the first before it is refreshed.
    """

    name: str
    requests: int = 2
    workers: int = 3
    faults: int = 1
    events: Mapping[str, int] = field(default_factory=dict)
    early: bool = False
    reply: bool = False
    part: bool = False
    look: bool = False
    known: bool = False
    merges: bool = False
    names: str = "r"
    """Requests are r1, r2...; as x1, x2 they find the work under different ids."""

    @property
    def bounds(self) -> str:
        """In words."""
        more = "".join(f", {count} x {name}" for name, count in self.events.items())
        wants = " that want an early record" if self.early else ""
        wants += " that want a part of it" if self.part else ""
        wants += ", the last of which is our own" if self.look else ""
        works = " of two works that become one" if self.merges else ""
        return f"{self.requests} requests{works}{wants}, 2 sources, {self.workers} workers, {self.faults} faults{more}"


SMALL = (
    Scene("a fault", requests=1, workers=2),
    Scene("a replay", requests=1, workers=1, faults=0, events={"failure": 1, "replay": 1}),
    Scene(
        "the reader leaves",
        requests=1,
        workers=1,
        faults=0,
        reply=True,
        events={"deadline": 1, "reader leaves": 1},
    ),
    Scene("poison", requests=1, workers=1, faults=0, events={"poison": 1, "deadline": 1}),
    Scene("two early records", requests=1, workers=2, early=True),
    Scene("early of what is known", workers=1, faults=0, early=True),
    Scene("a part of what is known", workers=1, faults=0, part=True),
    Scene("a look at what is known", workers=1, faults=0, look=True),
    Scene(
        "not found",
        requests=1,
        workers=1,
        faults=0,
        events={"failure": 1, "replay": 1, "not found": 1, "old letter": 1},
    ),
    Scene("a failure", requests=1, workers=2, faults=0, events={"failure": 1, "replay": 2, "old letter": 1}),
    Scene("two requests", workers=2, faults=0),
    Scene("different ids", workers=2, faults=0, names="x"),
    Scene("forgotten", requests=1, workers=2, faults=0, events={"forget": 1, "deadline": 1}),
    Scene("known whole", workers=1, known=True, reply=True),
    Scene("two works become one", workers=1, faults=0, merges=True, names="m", events={"refresh": 1}),
    Scene(
        "the work that goes on is forgotten",
        workers=1,
        faults=0,
        merges=True,
        names="m",
        events={"refresh": 1, "record forgotten": 1},
    ),
    Scene("an early record", requests=1, workers=2, faults=0, early=True, reply=True, events={"deadline": 1}),
)
"""Enough for the fences of one script; a part of the tests."""

SHORT = (
    Scene("two requests", faults=1),
    Scene("two requests, a deadline", workers=2, faults=0, events={"deadline": 1}),
    Scene("two requests, a site fails", workers=2, faults=0, events={"failure": 1, "replay": 1}),
    Scene("two requests, a fail-over", workers=2, faults=0, events={"fail-over": 1}),
    Scene("two requests, a refresh", workers=2, faults=0, events={"refresh": 1}),
    Scene("two requests, states are forgotten", workers=2, faults=0, events={"forget": 2}),
    Scene("a deadline and a fault", requests=1, events={"deadline": 1}),
    Scene("a site fails and is asked again", requests=1, faults=1, events={"failure": 1, "replay": 2}),
    Scene(
        "a failure, a deadline",
        requests=1,
        workers=2,
        faults=0,
        events={"failure": 2, "deadline": 1, "replay": 1},
    ),
    Scene("a source is put off", requests=1, faults=1, events={"put off": 1}),
    Scene("put off beyond the deadline", requests=1, faults=0, events={"put off": 1, "deadline": 1}),
    Scene("a refresh and a fault", requests=1, faults=1, events={"refresh": 1}),
    Scene("a refresh and a failure", requests=1, faults=0, events={"refresh": 1, "failure": 1, "replay": 1}),
    Scene("forgotten while somebody sleeps", requests=1, faults=1, events={"forget": 1}),
    Scene("an entry always fails", requests=1, faults=1, events={"poison": 1}),
    Scene("poison and a deadline", requests=1, faults=0, events={"poison": 1, "deadline": 1}),
    Scene("a worker stops", requests=1, faults=1, events={"stop": 1}),
    Scene("early records", requests=1, faults=1, early=True, reply=True),
    Scene(
        "early records and a deadline", requests=1, faults=0, early=True, reply=True, events={"deadline": 1}
    ),
    Scene("parts of a record", workers=2, faults=0, part=True),
    Scene("known whole, and a fault", workers=2, known=True, reply=True),
    Scene("two works become one, and a fault", workers=1, merges=True, names="m", events={"refresh": 1}),
    Scene("a look between", requests=3, workers=1, faults=0, look=True),
    Scene("a fail-over", requests=1, faults=1, events={"fail-over": 1}),
    Scene("a fail-over and a deadline", requests=1, faults=0, events={"fail-over": 1, "deadline": 1}),
)
"""What `python -m benchmarks.orders` goes through."""

LONG = (
    *SHORT,
    Scene("two requests, two faults", workers=2, faults=2),
    Scene("two requests, a deadline, three workers", faults=0, events={"deadline": 1}),
    Scene("two requests, a failure, three workers", faults=0, events={"failure": 1, "replay": 1}),
    Scene("two deadlines", workers=2, faults=0, events={"deadline": 2}),
    Scene("a deadline and two faults", requests=1, workers=2, faults=2, events={"deadline": 1}),
    Scene("two fail-overs", requests=1, faults=0, events={"fail-over": 2, "deadline": 1}),
    Scene(
        "a failure, a deadline, a fault",
        requests=1,
        faults=1,
        events={"failure": 1, "deadline": 1, "replay": 1},
    ),
    Scene("everything once", requests=1, workers=2, faults=1, events=dict.fromkeys(EVENTS, 1)),
)
"""What it goes through with ``--long``."""
