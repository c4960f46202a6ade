"""The scout's ledger in the model: the same promises as the one on a server, on the model's clock and sites."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from benchmarks.follow.sites import Job, ModelSite
from benchmarks.follow.world import Anime, World
from cache import clock
from sources import Reason, SourceError
from sources.listing import Listing, ListPage, Quarter
from streams.broker.following.budget import HOURS, Spent
from streams.broker.following.desk import LEASE_SECONDS, Next
from streams.contract.events import TitleRequest
from streams.following.ledger import NEW
from streams.following.plan import Look
from streams.following.site import Site
from streams.records.looks import Heard, Work, next_look


class Killed(BaseException):
    """The scout's process is killed."""


class ModelLedger:
    """Everything that outlives a scout, and the pipeline behind it; ``now_at`` is the time of the model."""

    def __init__(self, world: World, sites: Mapping[str, Site], play: Mapping[str, ModelSite]) -> None:
        self.world, self.sites, self.play = world, sites, play
        self.now_at = 0.0
        self.server_is_off_by = 0.0
        self.scout: tuple[str, float] = ("", 0.0)
        self.lists: dict[str, Next] = {}
        self.marked: dict[str, dict[str, str]] = {}
        self.new: dict[str, dict[str, str]] = {}
        self.told: dict[str, dict[str, tuple[str, str]]] = {}
        self.known: dict[str, Anime] = {}
        self.heard: dict[str, dict[str, Heard]] = {}
        self.unchanged: Counter[str] = Counter()
        self.kept: dict[str, Work] = {}
        self.versions: dict[str, dict[str, int]] = {}
        self.refresh: dict[str, float] = {}
        self.queue: list[tuple[float, str]] = []
        self.asked: set[str] = set()
        self.jobs: dict[int, tuple[Job, str, list[Look]]] = {}
        self.making: dict[int, tuple[Anime, list[Job], Collection[str]]] = {}
        self.found_at: dict[int, float] = {}
        self.asked_at: dict[int, float] = {}
        self.made_at: dict[int, float] = {}
        self.doubled: list[str] = []
        self.needless: list[str] = []
        self.wanted: set[int] = set()
        self.kill_after: int | None = None

    # what tests the scout's survival

    def breathe(self) -> None:
        """A moment in which the process may be killed."""
        if self.kill_after is not None:
            self.kill_after -= 1
            if self.kill_after < 0:
                self.kill_after = None
                raise Killed

    # clock and office

    async def now(self) -> float:
        return min(self.now_at + self.server_is_off_by, clock.now())

    async def hold(self, who: str) -> bool:
        self.breathe()
        holder, until = self.scout
        now = self.now_at + self.server_is_off_by
        if holder not in {who, ""} and 0 < until - now <= LEASE_SECONDS:
            return False
        self.scout = who, now + LEASE_SECONDS
        return True

    async def let_go(self, who: str) -> None:
        self.scout = ("", 0.0) if self.scout[0] == who else self.scout

    async def spent(self, sources: Sequence[str]) -> dict[str, Spent]:
        self.breathe()
        return {source: self._spent(source) for source in sources}

    def _spent(self, source: str) -> Spent:
        hour, hours = int(self.now_at // 3600), self.play[source].hours
        people = tuple(hours[hour - back, True] for back in range(HOURS))
        return Spent(people, tuple(hours[hour - back, False] for back in range(HOURS)))

    async def shut(self, sources: Sequence[str]) -> set[str]:
        self.breathe()
        return {source for source in sources if self.play[source].latched_until > self.now_at}

    async def under_way(self) -> dict[str, int]:
        self.breathe()
        counts = Counter(source for job, source, _ in self.jobs.values())
        return {**counts, **({NEW: len(self.making)} if self.making else {})}

    # lists

    async def due_lists(self) -> dict[str, Next]:
        return dict(self.lists)

    async def list_due(self, name: str, at: Next) -> None:
        self.breathe()
        self.lists[name] = at

    async def forget_lists(self, names: Sequence[str]) -> None:
        for name in names:
            self.lists.pop(name, None)
            self.marked.pop(name, None)

    async def read_list(self, source: str, listing: Listing, page: int, of: Quarter | None) -> ListPage:
        self.breathe()
        site, at = self.play[source], self.now_at
        at = site.all.next(at)
        site.grant(at, "lists")
        failed = site.fails(at)
        site.note(at, failed=failed)
        if failed:
            raise SourceError(Reason.UPSTREAM_ERROR, "the model says so", source=source)
        if listing.kind == "season" and of is not None:
            return self.world.season(source, of, page, at)
        if listing.kind == "newest" and of is not None:
            return self.world.newest(of, at)
        return self.world.changes(page, at) if listing.kind == "changes" else self.world.timetable(page, at)

    async def marks(self, name: str) -> dict[str, str]:
        return dict(self.marked.get(name, {}))

    async def remember(self, name: str, marks: Mapping[str, str], rows: Sequence[str] = ()) -> None:
        self.breathe()
        self.marked.setdefault(name, {}).update(marks)

    # new works

    async def works_of(self, aliases: Sequence[str]) -> dict[str, str]:
        return {alias: self._led(alias) for alias in aliases}

    def _led(self, alias: str) -> str:
        anime = self.world.by_id.get(alias)
        return anime.anime_id if anime is not None and anime.anime_id in self.known else ""

    async def found(self, ids: Mapping[str, Mapping[str, str]]) -> None:
        self.breathe()
        self.new.update({key: dict(own) for key, own in ids.items()})
        for key in ids:
            self.found_at.setdefault(self.world.by_id[key].number, self.now_at)

    async def waiting(self) -> dict[str, dict[str, str]]:
        return {key: dict(ids) for key, ids in self.new.items()}

    async def drop(self, keys: Sequence[str]) -> None:
        self.breathe()
        for key in keys:
            self.new.pop(key, None)

    async def ask_new(self, request: TitleRequest) -> None:
        self.breathe()
        if request.request_id in self.asked:
            return
        self.asked.add(request.request_id or "")
        (anime,) = {self.world.by_id[f"{name}:{one}"] for name, one in request.ids.items()}
        if anime.number in self.wanted:
            self.doubled.append(request.request_id or "")
            return
        self.asked_at[anime.number] = self.now_at
        if anime.quarter is None:
            self.needless.append(request.request_id or "")
        self.make(anime, self.now_at, person=False, skip=request.skip or ())

    def make(self, anime: Anime, at: float, *, person: bool, skip: Collection[str] = ()) -> None:
        """Ask the sites for a work that is not known; the record is there when the last of them has answered."""
        self.wanted.add(anime.number)
        jobs = []
        for name, site in self.sites.items():
            if name in skip:
                continue
            job = Job(site.new, at, person, "people" if person else "season")
            if self.play[name].latched_until > self.now_at:
                continue
            (self.play[name].people if person else self.play[name].following).append(job)
            jobs.append(job)
        if person:
            self.known_now(anime)
        else:
            self.making[anime.number] = anime, jobs, skip

    def known_now(self, anime: Anime, skip: Collection[str] = ()) -> None:
        """There is a record of a work, of what the sites that are in reach say."""
        name, at = anime.anime_id, self.now_at
        self.kept.pop(name, None)
        self.known[name], self.made_at[anime.number] = anime, at
        self.versions[name] = {}
        self.heard[name] = {
            source: self.world.answer(anime, source, at, None, whole=True)
            if not self.play[source].is_out(at)
            else Heard(at, failed=1)
            for source in self.sites
            if source not in skip
        }
        self._schedule(name)

    # known works

    async def tell_news(self, source: str, news: Mapping[str, tuple[str, str]]) -> None:
        self.breathe()
        self.told.setdefault(source, {}).update(news)

    async def news(self, source: str) -> dict[str, tuple[str, str]]:
        return dict(self.told.get(source, {}))

    async def drop_news(self, source: str, anime_ids: Sequence[str]) -> None:
        self.breathe()
        for anime in anime_ids:
            self.told.get(source, {}).pop(anime, None)

    async def due_works(self, now: float, most: int) -> list[tuple[Work, float]]:
        found: list[tuple[Work, float]] = []
        while self.queue and len(found) < most and self.queue[0][0] <= now:
            at, name = heapq.heappop(self.queue)
            if self.refresh.get(name) == at:
                found.append((self._work(name), at))
        for work, at in found:  # they stay due until somebody puts them off
            heapq.heappush(self.queue, (at, work.anime_id))
        return found

    async def works(self, anime_ids: Sequence[str]) -> list[Work]:
        return [self._work(name) for name in anime_ids if name in self.known]

    def _work(self, name: str) -> Work:
        if (kept := self.kept.get(name)) is None:
            kept = self.kept[name] = self._work_now(name)
        return kept

    def _work_now(self, name: str) -> Work:
        heard = self.heard[name]
        said_at = max((one.at for one in heard.values() if not one.failed), default=self.now_at)
        return self.world.work(self.known[name], said_at, heard, self.unchanged[name])

    def _schedule(self, name: str, at: float | None = None) -> None:
        due = next_look(self._work(name)) if at is None else at
        self.refresh[name] = due
        heapq.heappush(self.queue, (due, name))

    async def put_off(self, anime_id: str, seen: float, at: float) -> None:
        self.breathe()
        if self.refresh.get(anime_id) == seen:
            self._schedule(anime_id, at)

    async def look(self, looks: Sequence[Look]) -> None:
        self.breathe()
        for source in {look.source for look in looks}:
            own = [one for one in looks if one.source == source and one.request_id not in self.asked]
            self.asked.update(one.request_id for one in own)
            site = self.sites[source]
            cores = -(-len(own) // site.at_once)
            tails = sum(self._has_tail(one) for one in own) * (site.whole - 1)
            if own:
                job = Job(cores + tails, self.now_at, errand=own[0].why)
                self.play[source].following.append(job)
                self.jobs[id(job)] = job, source, own

    def _has_tail(self, look: Look) -> bool:
        """Whether it takes further requests: of an entry that is not there nothing more is asked."""
        return (
            look.whole and self.known[look.anime_id].listed.get(look.source, self.now_at + 1) <= self.now_at
        )

    # the pipeline behind it

    def advance(self) -> list[Job]:
        """Let the sites answer what is due by now; the jobs of people that are done."""
        people = []
        for name, site in self.play.items():
            for job in site.advance(self.now_at):
                job.failed = site.fails(job.answered_at)
                site.note(job.answered_at, failed=job.failed)
                if job.person:
                    people.append(job)
                elif id(job) in self.jobs:
                    _, _, looks = self.jobs.pop(id(job))
                    self._answered(name, looks, job)
        for number, (anime, jobs, skip) in list(self.making.items()):
            if all(job.done for job in jobs):
                del self.making[number]
                self.known_now(anime, skip)
        return people

    def _answered(self, source: str, looks: Sequence[Look], job: Job) -> None:
        for look in looks:
            name, at = look.anime_id, job.answered_at
            anime, before = self.known[name], self.heard[name].get(source)
            if job.failed:
                old = before or Heard(at)
                self.heard[name][source] = Heard(at, old.failed + 1, old.airs_at, old.episode, old.whole_at)
            else:
                self.heard[name][source] = self.world.answer(anime, source, at, before, whole=look.whole)
            version = anime.version.get(source, 0)
            same = self.versions[name].get(source, version) == version
            self.versions[name][source] = version
            self.unchanged[name] = self.unchanged[name] + 1 if same else 0
            self.kept.pop(name, None)
            self._schedule(name)
