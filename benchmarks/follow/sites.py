"""The sites of the model: when they answer, how they are limited, who was let through when."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from cache.limits.local import guarded
from cache.rules import Rate
from streams.records.looks import DAY, HOUR

OUTAGES = {
    "jikan": (5 * DAY, 6 * HOUR),
    "anilist": (30 * DAY, 12 * HOUR),
    "kitsu": (7 * DAY, 3 * HOUR),
    "anidb": (30 * DAY, 24 * HOUR),
    "animeschedule": (10 * DAY, 2 * HOUR),
    "anisearch": (45 * DAY, 7 * DAY),
    "anime_planet": (15 * DAY, 12 * HOUR),
}
"""About how often each site is out of reach, and for how long: bans of a day and a week, servers that are down for hours."""
FAILS = {"jikan": 0.03}
"""Share of requests that fail by themselves."""
LATENCY = 4.0


@dataclass(slots=True)
class Job:
    """Some requests to one site in a row; ``granted`` is when each was let through."""

    requests: int
    arrived: float
    person: bool = False
    errand: str = "people"
    """What for: people, lists, season, aired, change, refresh."""
    granted: list[float] = field(default_factory=list)
    alone: float = 0.0
    """When a person's last request would have been let through without any following."""
    failed: bool = False

    @property
    def done(self) -> bool:
        return len(self.granted) >= self.requests

    @property
    def answered_at(self) -> float:
        return self.granted[-1] + LATENCY


class Window:
    """Grants under some rates, the newest last."""

    def __init__(self, rates: Sequence[Rate]) -> None:
        self.rates = rates
        self.grants: deque[float] = deque(maxlen=max([rate.permits for rate in rates], default=1))

    def next(self, at: float) -> float:
        """When one more may be let through, from ``at`` on."""
        for rate in self.rates:
            if len(self.grants) >= rate.permits:
                at = max(at, self.grants[-rate.permits] + guarded(rate))
        return at


class ModelSite:
    """One site: people first, following behind them, both within its limits."""

    def __init__(self, name: str, rates: Sequence[Rate], seed: int, days: float, start: float) -> None:
        self.name, self.rates = name, rates
        self.random = random.Random(f"{name} {seed}")
        self.all, self.people_alone = Window(rates), Window(rates)
        self.people: deque[Job] = deque()
        self.following: deque[Job] = deque()
        self.log: list[tuple[float, bool]] = []
        """Every request: when, and whether a person wanted it."""
        self.out = self._outages(start, days)
        self.hours: Counter[tuple[int, bool]] = Counter()
        self.errands: Counter[tuple[int, str]] = Counter()
        """Requests by day and what for."""
        self.latched_until, self.strikes = 0.0, 0

    def _outages(self, start: float, days: float) -> list[tuple[float, float]]:
        every, length = OUTAGES[self.name]
        at, found = start + self.random.uniform(0.3, 1) * every, []
        while at < start + days * DAY:
            end = at + length * self.random.uniform(0.6, 1.4)
            found.append((at, end))
            at = end + self.random.uniform(0.6, 1.4) * every
        return found

    def is_out(self, at: float) -> bool:
        return any(begin <= at < end for begin, end in self.out)

    def reachable(self, since: float, until: float) -> float:
        """Seconds between two moments in which the site answered."""
        out = sum(max(0.0, min(end, until) - max(begin, since)) for begin, end in self.out)
        return until - since - out

    def fails(self, at: float) -> bool:
        return self.is_out(at) or self.random.random() < FAILS.get(self.name, 0.0)

    def grant(self, at: float, errand: str, *, person: bool = False) -> None:
        """A request is let through."""
        self.all.grants.append(at)
        self.errands[int(at // DAY), errand] += 1
        self.log.append((at, person))
        self.hours[int(at // HOUR), person] += 1

    def note(self, at: float, *, failed: bool) -> None:
        """The fleet leaves a site alone that failed, for longer each time, and forgets it when it answers."""
        self.strikes = self.strikes + 1 if failed else 0
        if self.strikes >= 3:
            self.latched_until = at + min(600.0 * 2 ** (self.strikes - 3), HOUR)

    def advance(self, now: float) -> list[Job]:
        """Let requests through up to ``now``; the jobs that are done, in order."""
        done: list[Job] = []
        while (job := self._turn(now)) is not None:
            at = self.all.next(max(job.arrived, self.log[-1][0] if self.log else 0.0))
            if at > now:
                break
            self.grant(at, job.errand, person=job.person)
            job.granted.append(at)
            if job.person:
                job.alone = self.people_alone.next(max(job.arrived, job.alone))
                self.people_alone.grants.append(job.alone)
            if job.done:
                (self.people if job.person else self.following).popleft()
                done.append(job)
        return done

    def _turn(self, now: float) -> Job | None:
        """Whose request is next: a person's, if one is there by the time that one is let through."""
        person = self.people[0] if self.people else None
        other = self.following[0] if self.following else None
        if person is None or other is None:
            return person or other
        return person if person.arrived <= self.all.next(other.arrived) else other
