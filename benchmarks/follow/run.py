"""Runs the model: the days go by, people ask for titles, the scout does its steps, dies, is doubled, loses its marks."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from unittest.mock import patch

from benchmarks.follow.ledger import Killed, ModelLedger
from benchmarks.follow.sites import Job, ModelSite
from benchmarks.follow.world import START, World
from cache import clock
from streams.config.settings import Settings
from streams.following.scout import Scout
from streams.following.site import Wishes, sites
from streams.records.looks import DAY, HOUR, Heard

STEP = 120.0
KINDS = frozenset({"season", "airing", "changes", "known"})


@dataclass(slots=True)
class Plan:
    """What is run; ``titles_a_day`` are those that people ask for."""

    days: int = 90
    works: int = 5000
    new_a_day: int = 40
    changed_a_day: int = 300
    titles_a_day: int = 50
    kills_a_day: int = 4
    seed: int = 1


@dataclass(slots=True)
class Held:
    """What the run came through."""

    kills: int = 0
    steps_of_two: int = 0
    both_were_scout: int = 0
    lost_marks: int = 0
    clock_jumps: int = 0


@dataclass(slots=True)
class Run:
    """The model after the last day."""

    plan: Plan
    world: World
    ledger: ModelLedger
    people: list[Job] = field(default_factory=list)
    held: Held = field(default_factory=Held)

    @property
    def days(self) -> int:
        """Full days that have gone by."""
        return int((self.ledger.now_at - START) / DAY)


def run(
    plan: Plan,
    say: Callable[[str], None] = lambda _: None,
    prepare: Callable[[ModelLedger], None] = lambda _: None,
) -> Run:
    """Let the days go by; ``prepare`` may change the world before the first."""
    settings = Settings.from_values({})
    own = sites(settings)
    play = {name: ModelSite(name, settings.limits(name), plan.seed, plan.days, START) for name in own}
    world = World(plan.works, plan.new_a_day, plan.changed_a_day, plan.seed)
    done = Run(plan, world, ModelLedger(world, own, play))
    prepare(done.ledger)
    with ExitStack() as stack:
        stack.enter_context(patch.object(clock, "now", lambda: done.ledger.now_at))
        stack.enter_context(patch.object(clock, "monotonic", lambda: done.ledger.now_at))
        with suppress(KeyboardInterrupt):  # what was reached until then can be told all the same
            asyncio.run(_Days(done, own_scouts(done.ledger)).go(say))
    return done


def own_scouts(ledger: ModelLedger) -> Callable[[str], Scout]:
    """Scouts that know nothing of each other."""
    return lambda who: Scout(ledger, ledger.sites, Wishes(KINDS), who)


class _Days:
    def __init__(self, done: Run, scout: Callable[[str], Scout]) -> None:
        self.done, self.make_scout = done, scout
        self.ledger, self.world, self.plan = done.ledger, done.world, done.plan
        self.random = random.Random(self.plan.seed)
        self.scouts = [scout("a0"), scout("b0")]
        self.born = Counter[str]()

    async def go(self, say: Callable[[str], None]) -> None:
        self.ledger.now_at = START
        for anime in self.world.anime.values():
            self._known_for_long(anime.number)
        for day in range(self.plan.days):
            begin = START + day * DAY
            self.world.day(begin)
            self._events(day)
            people = sorted(begin + self.random.random() * DAY for _ in range(self.plan.titles_a_day))
            kills = {self.random.randrange(int(DAY / STEP)) for _ in range(self.plan.kills_a_day)}
            for number in range(int(DAY / STEP)):
                while people and people[0] < self.ledger.now_at + STEP:
                    self._somebody_asks(people.pop(0))
                await self._step(kill=number in kills)
            if day % 10 == 9:
                say(
                    f"day {day + 1}: {len(self.ledger.known)} works, {len(self.world.events)} things happened"
                )

    def _known_for_long(self, number: int) -> None:
        """A work that was there before: each site was asked for it at some time in the last month."""
        anime, ledger = self.world.anime[number], self.ledger
        name = anime.anime_id
        ledger.known[name], ledger.versions[name] = anime, {}
        ledger.wanted.add(number)
        month = 30 * DAY if not anime.airs(START) else DAY
        at = START - self.random.random() * month
        ledger.heard[name] = {
            source: self.world.answer(anime, source, at, None, whole=True)
            if source in anime.listed
            else Heard(at)
            for source in ledger.sites
        }
        ledger._schedule(name)

    def _events(self, day: int) -> None:
        """In the middle of the run: the marks are lost, and the server's clock jumps for some hours."""
        held, ledger = self.done.held, self.ledger
        if day == self.plan.days // 2:
            ledger.marked.clear()
            ledger.lists.clear()
            held.lost_marks += 1
        if day in {self.plan.days // 3, 2 * self.plan.days // 3}:
            ledger.server_is_off_by = HOUR if day == self.plan.days // 3 else -HOUR
            held.clock_jumps += 1
        elif day in {self.plan.days // 3 + 1, 2 * self.plan.days // 3 + 1}:
            ledger.server_is_off_by = 0.0
            held.clock_jumps += 1

    def _somebody_asks(self, at: float) -> None:
        unknown = [n for n in range(1, len(self.world.anime) + 1) if n not in self.ledger.wanted]
        later = [
            n
            for n in unknown
            if self.world.anime[n].quarter is None and min(self.world.anime[n].listed.values()) < at
        ]
        number = (
            self.random.choice(later)
            if later and self.random.random() < 0.3
            else self.random.randint(1, self.plan.works)
        )
        anime = self.world.anime[number]
        if number not in self.ledger.wanted:
            self.ledger.make(anime, at, person=True)
            return
        for name, site in self.ledger.play.items():
            if site.latched_until <= at:
                site.people.append(Job(self.ledger.sites[name].new, at, person=True))

    async def _step(self, *, kill: bool) -> None:
        ledger, held = self.ledger, self.done.held
        ledger.now_at += STEP
        self.world.happen(ledger.now_at)
        self.done.people += ledger.advance()
        if kill:
            ledger.kill_after = self.random.randrange(12)
        working = 0
        for number, scout in enumerate(self.scouts):
            try:
                working += await scout.step()
            except Killed:
                held.kills += 1
                self.born["ab"[number]] += 1
                self.scouts[number] = self.make_scout(f"{'ab'[number]}{held.kills}")
        ledger.kill_after = None
        held.steps_of_two += 1
        held.both_were_scout += working > 1
