"""Which looks at known works are made now, and when the others come round again. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from streams.records.looks import DAY, HOUR, Due, Work, dues, has_tail, wants_all

ASKED_AGAIN = HOUR
"""Seconds after which a work comes round again whose look brought no answer."""
SOONEST, LATEST = 120.0, DAY / 4
"""Seconds after which a work comes round again that there was no room for: a twentieth of its wait, within these."""
UNWANTED = 7 * DAY
WHYS = {"known": "refresh", "airing": "aired"}
"""What is followed, and what looks are made for it."""


@dataclass(frozen=True, slots=True)
class Room:
    """Works that a site may be asked for now: because something happened, and by age alone.

    ``whole`` is for how many of them everything may be asked.
    """

    urgent: int = 0
    spare: int = 0
    whole: int = 0

    def less(self, count: int) -> Room:
        """After so many works."""
        return Room(max(0, self.urgent - count), max(0, self.spare - count), max(0, self.whole - count))


@dataclass(frozen=True, slots=True)
class Look:
    """One question to one site about a known work."""

    anime_id: str
    source: str
    why: str
    mark: str
    """Tells this look from others of its work, site and kind: one that is made twice is one."""
    whole: bool = False
    """Whether it asks for everything, not for the main document alone."""

    @property
    def request_id(self) -> str:
        """The name of the request that it becomes."""
        return f"{self.why}:{self.anime_id}:{self.source}:{self.mark}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The looks to make, and when each work comes round again (Unix seconds)."""

    looks: list[Look] = field(default_factory=list)
    next_at: dict[str, float] = field(default_factory=dict)


def looks_for_news(
    source: str, room: Room, news: Mapping[str, tuple[str, str]], works: Sequence[Work]
) -> list[Look]:
    """The looks at works that a site has news of (why and mark, by work), what has aired first."""
    by_name = {work.anime_id: work for work in works}
    order = sorted(
        (anime for anime in news if anime in by_name), key=lambda anime: (news[anime][0] != "aired", anime)
    )
    return [Look(anime, source, *news[anime], whole=not has_tail(source)) for anime in order[: room.urgent]]


def plan(works: Sequence[Work], room: Mapping[str, Room], kinds: Collection[str], now: float) -> Plan:
    """What is done about ``works`` that are due; sites that are not in ``room`` are not asked."""
    whys = {why for kind, why in WHYS.items() if kind in kinds}
    wanted = {work.anime_id: dues(work, whys) for work in works}
    by_name = {work.anime_id: work for work in works}
    looks: list[Look] = []
    for source, has in room.items():
        late = [Late(by_name[anime], found[source]) for anime, found in wanted.items() if source in found]
        looks += _chosen(source, has, [one for one in late if one.due.at <= now], now)
    asked = {(look.anime_id, look.source) for look in looks}
    return Plan(looks, {anime: _next(anime, found, asked, now) for anime, found in wanted.items()})


@dataclass(frozen=True, slots=True)
class Late:
    """A work that is due at one site."""

    work: Work
    due: Due


def _chosen(source: str, room: Room, late: Sequence[Late], now: float) -> list[Look]:
    """The looks at one site: what has aired first, then by how late each is for its age.

    Those that ask for everything take further requests, so there are few of them among many.
    """
    order = sorted(late, key=lambda one: (one.due.why == "refresh", _lateness(one.due, now)))
    looks: list[Look] = []
    whole, spare = room.whole, room.spare
    for one in order:
        aged, everything = one.due.why == "refresh", wants_all(one.work, source, now)
        if len(looks) >= room.urgent or (aged and (spare <= 0 or (everything and whole <= 0))):
            continue
        spare -= aged
        whole -= everything
        mark = f"{one.work.heard[source].at:.0f}"  # an answer, be it that it failed, makes the next look another one
        looks.append(Look(one.work.anime_id, source, one.due.why, mark, everything))
    return looks


def _lateness(due: Due, now: float) -> float:
    """Lower is later, as a share of the wait that was meant."""
    return (due.at - now) / max(due.wait, 1.0)


def _next(anime: str, found: Mapping[str, Due], asked: Collection[tuple[str, str]], now: float) -> float:
    times = []
    for source, due in found.items():
        if (anime, source) in asked:
            times.append(now + ASKED_AGAIN)
        elif due.at > now:
            times.append(due.at)
        else:
            times.append(now + min(max(due.wait / 20, SOONEST), LATEST))
    return min(times, default=now + UNWANTED)
