"""The works of the model, and what each site says of them as time goes by."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from sources.listing import ListPage, Quarter, Row
from streams.following.quarters import followed
from streams.records.looks import DAY, HOUR, Heard, Work

START = dt.datetime(2026, 10, 3, tzinfo=dt.UTC).timestamp()
WEEK = 7 * DAY
PRESENT = {
    "anilist": 1.0, "jikan": 0.97, "kitsu": 0.93, "anidb": 0.8, "animeschedule": 0.5, "anisearch": 0.75, "anime_planet": 0.85,
}  # fmt: skip
"""How likely a site is to have a work."""
ID_NAMES = {"jikan": "mal"}
LISTS = ("anilist", "jikan", "animeschedule")
"""Sites whose lists show a work of a season."""
CHANGES = {
    "anilist": 0.5, "jikan": 0.25, "animeschedule": 0.05, "kitsu": 0.05, "anidb": 0.08, "anisearch": 0.035,
    "anime_planet": 0.035,
}  # fmt: skip
"""Where a change happens."""
AIRING_SHARE = 0.5
"""Of the changes, those of works that air or are announced."""
SHOWN_BEFORE = 10 * DAY
SHOWN_AFTER = 9 * DAY
"""How long before its first episode a show stands in the timetable, and how long after its last."""
OTHERS_A_DAY = 2000
"""Entries of AniList's list of changes that we do not hold."""


@dataclass(slots=True, eq=False)
class Anime:
    """One work: where it is listed since when, when its episodes are planned, and what has changed."""

    number: int
    listed: dict[str, float]
    quarter: Quarter | None = None
    first: float | None = None
    episodes: int = 12
    late: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Episodes that come a week late, and all after them: when the sites learn of it, and by how much."""
    ended: float | None = None
    version: dict[str, int] = field(default_factory=dict)
    changed: dict[str, float] = field(default_factory=dict)
    lag: dict[tuple[str, int], float] = field(default_factory=dict)
    fame: float = 1.0
    coming: dict[str, tuple[int | None, float]] = field(default_factory=dict)
    """By site the episode that it does not know yet, and until when that is so."""

    def members(self, at: float) -> float:
        """How many have it on their lists at MyAnimeList: next to none when it is new, a month later most."""
        return self.fame * min(1.0, 0.01 + (at - self.listed["jikan"]) / (30 * DAY))

    def id_at(self, source: str) -> str:
        return f"{source[:2]}{self.number}" if source == "animeschedule" else str(self.number)

    def ids(self, at: float) -> dict[str, str]:
        return {ID_NAMES.get(s, s): self.id_at(s) for s, since in self.listed.items() if since <= at}

    @property
    def anime_id(self) -> str:
        """The name under which it is known; a later id does not change it."""
        return f"mal:{self.number}" if "jikan" in self.listed else f"anilist:{self.number}"

    def planned(self, episode: int, at: float | None = None) -> float:
        """When an episode airs, as it stands ``at`` some time; in truth without one."""
        assert self.first is not None
        moved = sum(
            by
            for number, (known, by) in self.late.items()
            if number <= episode and (at is None or at >= known)
        )
        return self.first + (episode - 1) * WEEK + moved

    def known_at(self, source: str, episode: int) -> float:
        """When a site knows that an episode has aired."""
        return self.planned(episode) + self.lag.get((source, episode), 0.0)

    def next_episode(self, source: str, at: float) -> int | None:
        """The first episode that a site does not know to have aired; ``at`` never goes back."""
        if self.first is None:
            return None
        number, until = self.coming.get(source, (1, 0.0))
        if at >= until:
            number, until = self._find_next(source, number or self.episodes + 1, at)
            self.coming[source] = number, until
        return number

    def _find_next(self, source: str, start: int, at: float) -> tuple[int | None, float]:
        for number in range(start, self.episodes + 1):
            if (known := self.known_at(source, number)) > at:
                return number, known
        return None, float("inf")

    def status(self, at: float) -> str:
        if self.first is None:
            return "FINISHED" if self.ended is not None else "UPCOMING"
        if at < self.first:
            return "UPCOMING"
        return "AIRING" if at < self.planned(self.episodes) + HOUR else "FINISHED"

    def airs(self, at: float) -> bool:
        return self.first is not None and self.status(at) != "FINISHED"


@dataclass(slots=True, eq=False)
class Change:
    """Something that happened at a site: what, when, and when we noted it; ``kind`` is shown, airing, older or aired."""

    anime: Anime
    source: str
    at: float
    kind: str
    noted: float | None = None


class World:
    """All works; `day` makes what happens on each day before it begins."""

    def __init__(self, works: int, new_a_day: int, changed_a_day: int, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.new_a_day, self.changed_a_day = new_a_day, changed_a_day
        self.anime: dict[int, Anime] = {}
        self.by_id: dict[str, Anime] = {}
        self.events: list[Change] = []
        self.open: dict[tuple[int, str], list[Change]] = {}
        self.of_quarter: dict[Quarter, list[Anime]] = {}
        self.feed: list[tuple[float, str]] = []
        self.planned: list[tuple[float, Change]] = []
        self.on_air: list[Anime] = []
        self.new: list[tuple[float, Anime]] = []
        """Works of this season or the next by when a list shows them first."""
        this, coming = followed(START)
        for _ in range(works):
            draw = self.random.random()
            self._add(START - DAY, this if draw < 0.05 else coming if draw < 0.06 else None)

    def _add(self, at: float, quarter: Quarter | None) -> Anime:
        number = len(self.anime) + 1
        listed = {s: at for s, share in PRESENT.items() if self.random.random() < share or s == "anilist"}
        anime = Anime(number, listed, quarter, fame=self.random.lognormvariate(0, 2))
        if quarter is None:
            anime.ended = START - self.random.uniform(0.1, 25) * 365 * DAY
        else:
            listed["animeschedule"] = at
            self._schedule(anime, at)
            self.of_quarter.setdefault(quarter, []).append(anime)
        self.anime[number] = anime
        for source in listed:
            anime.version[source], anime.changed[source] = 1, at
            self.by_id[f"{ID_NAMES.get(source, source)}:{anime.id_at(source)}"] = anime
        return anime

    def _schedule(self, anime: Anime, at: float) -> None:
        """Weekly episodes, of works that were there before since long; now and then one is late, or a site slow to know it."""
        anime.first = (
            at + self.random.uniform(-80, 10) * DAY if at < START else at + self.random.uniform(0, 60) * DAY
        )
        anime.episodes = self.random.choice([12, 12, 13, 24])
        for number in range(1, anime.episodes + 1):
            if self.random.random() < 0.03:
                learned = anime.planned(number) + self.random.choice([-2 * DAY, -6 * HOUR, 2 * HOUR])
                anime.late[number] = (learned, WEEK)
            for source, usual in (("anilist", 60.0), ("animeschedule", 1200.0)):
                slow = self.random.random() < 0.1
                anime.lag[source, number] = (
                    self.random.uniform(1, 20) * HOUR if slow else self.random.random() * usual
                )

    def day(self, begin: float) -> None:
        """Make the day that begins: its new works, its changes, its episodes, in order of time."""
        self._new_works(begin)
        self.on_air = [
            one
            for one in self.anime.values()
            if one.first and one.planned(one.episodes) > begin - SHOWN_AFTER - DAY
        ]
        made = [*self._changes(begin), *self._episodes(begin)]
        self.planned = sorted([*self.planned, *made], key=lambda one: one[0])
        others = [
            (begin + self.random.random() * DAY, f"other{self.random.randrange(15_000)}")
            for _ in range(OTHERS_A_DAY)
        ]
        self.feed = sorted(
            [
                *self.feed[-20_000:],
                *others,
                *((at, str(c.anime.number)) for at, c in made if c.source == "anilist" and c.kind != "aired"),
            ]
        )

    def _new_works(self, begin: float) -> None:
        this, coming = followed(begin)
        for _ in range(self.new_a_day):
            at, draw = begin + self.random.random() * DAY, self.random.random()
            quarter = this if draw < 0.2 else coming if draw < 0.3 else None
            anime = self._add(at, quarter)
            first = self.random.choices(["anilist", "jikan", "animeschedule"], [70, 25, 5])[0]
            for source in anime.listed:
                late = 0.0 if source == first else self.random.random() * 2 * DAY
                anime.listed[source] = anime.changed[source] = at + late
            if quarter is not None:
                self.new.append((shown_from(anime, first_to_list(anime)), anime))

    def _changes(self, begin: float) -> Iterator[tuple[float, Change]]:
        on_air = [one for one in self.anime.values() if one.airs(begin)]
        others = [one for one in self.anime.values() if not one.airs(begin)]
        for _ in range(self.changed_a_day):
            at = begin + self.random.random() * DAY
            source = self.random.choices(list(CHANGES), list(CHANGES.values()))[0]
            among = on_air if self.random.random() < AIRING_SHARE and on_air else others
            anime = self.random.choice(among)
            if anime.listed.get(source, at + 1) > at:
                continue
            shown = source == "anilist" or (source == "jikan" and anime.quarter in followed(at))
            kind = "shown" if shown else "airing" if anime.status(at) == "AIRING" else "older"
            yield at, Change(anime, source, at, kind)

    def _episodes(self, begin: float) -> Iterator[tuple[float, Change]]:
        for anime in self.on_air:
            for source in ("anilist", "animeschedule"):
                if source in anime.listed:
                    for number in range(1, anime.episodes + 1):
                        at = anime.known_at(source, number)
                        if begin <= at < begin + DAY and anime.listed[source] <= at:
                            yield at, Change(anime, source, at, "aired")

    def happen(self, now: float) -> None:
        """Let everything happen that is planned up to ``now``."""
        while self.planned and self.planned[0][0] <= now:
            at, change = self.planned.pop(0)
            anime, source = change.anime, change.source
            if change.kind != "aired":
                anime.changed[source] = at
                anime.version[source] += 1
            self.events.append(change)
            self.open.setdefault((anime.number, source), []).append(change)

    def answer(self, anime: Anime, source: str, at: float, before: Heard | None, *, whole: bool) -> Heard:
        """What a site says of a work, which notes everything that happened there until then."""
        for change in self.open.pop((anime.number, source), []):
            change.noted = at
        if anime.listed.get(source, at + 1) > at:
            return Heard(at)
        number = anime.next_episode(source, at) if source in {"anilist", "animeschedule"} else None
        airs = anime.planned(number, at) if number is not None else 0.0
        return Heard(at, 0, airs, number or 0, at if whole or before is None else before.whole_at)

    def work(self, anime: Anime, at: float, heard: dict[str, Heard], unchanged: int) -> Work:
        """The work as its record would have it."""
        end = anime.ended or (
            anime.planned(anime.episodes) if anime.first is not None and not anime.airs(at) else None
        )
        return Work(anime.anime_id, anime.status(at), _day(anime.first), _day(end), heard, unchanged)

    # lists

    def season(self, source: str, quarter: Quarter, page: int, at: float) -> ListPage:
        size = 200 if source == "anilist" else 25
        own = [a for a in self.of_quarter.get(quarter, ()) if a.listed.get(source, at + 1) <= at]
        if source == "jikan":
            own.sort(key=lambda one: -one.members(at))
        some = own[(page - 1) * size : page * size]
        return ListPage(tuple(self._row(source, anime, at) for anime in some), len(own) > page * size)

    def newest(self, quarter: Quarter, at: float) -> ListPage:
        """Those that MyAnimeList has since shortest."""
        own = [a for a in self.of_quarter.get(quarter, ()) if a.listed.get("jikan", at + 1) <= at]
        own.sort(key=lambda one: -one.listed["jikan"])
        return ListPage(tuple(self._row("jikan", anime, at) for anime in own[:25]))

    def _row(self, source: str, anime: Anime, at: float) -> Row:
        ids = anime.ids(at)
        if source == "anilist":
            both = {name: one for name, one in ids.items() if name in {"anilist", "mal"}}
            return Row(str(anime.number), both, changed_at=anime.changed["anilist"])
        return Row(str(anime.number), {"mal": str(anime.number)}, mark=str(anime.version["jikan"]))

    def changes(self, page: int, at: float) -> ListPage:
        """The newest first, each entry once."""
        rows: dict[str, Row] = {}
        for when, entry in reversed(self.feed):
            if when <= at and entry not in rows:
                rows[entry] = Row(entry, {"anilist": entry}, changed_at=when)
            if len(rows) >= page * 200:
                break
        some = tuple(rows.values())[(page - 1) * 200 : page * 200]
        return ListPage(some, len(some) == 200)

    def timetable(self, page: int, at: float) -> ListPage:
        """All shows that air around now, on the first page."""
        rows = []
        for anime in self.on_air if page == 1 else ():
            if anime.first is None or anime.listed.get("animeschedule", at + 1) > at:
                continue
            if anime.first > at + SHOWN_BEFORE or anime.planned(anime.episodes) < at - SHOWN_AFTER:
                continue
            number, entry = anime.next_episode("animeschedule", at), anime.id_at("animeschedule")
            moves = sum(known <= at for known, _ in anime.late.values())
            mark = f"slot {anime.version['animeschedule']} {moves}" if number is not None else ""
            aired = number - 1 if number is not None else anime.episodes
            rows.append(Row(entry, {"animeschedule": entry}, mark=mark, aired=aired or None))
        return ListPage(tuple(rows), page < 3)


def shown_from(anime: Anime, source: str) -> float:
    """When a list shows a work first; a timetable shows the shows of about the next days."""
    listed = anime.listed[source]
    if source != "animeschedule" or anime.first is None:
        return listed
    return max(listed, anime.first - SHOWN_BEFORE)


def first_to_list(anime: Anime) -> str:
    """The site whose list shows a work first."""
    return min((one for one in LISTS if one in anime.listed), key=lambda one: shown_from(anime, one))


def _day(at: float | None) -> str | None:
    return dt.datetime.fromtimestamp(at, dt.UTC).date().isoformat() if at is not None else None
