"""Which looks at known works are made now, and when the others come round again. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from streams.records.looks import DAY, HOUR, Due, Work, has_tail, reasons, wants_all

ASKED_AGAIN = HOUR
"""Seconds after which a work comes round again whose look brought no answer."""
SOONEST, LATEST = 120.0, DAY / 2
"""Seconds after which a work comes round again that there was no room for: a twentieth of its wait, within these."""
UNWANTED = 7 * DAY
TOGETHER = 900.0
"""Seconds for which looks by age wait for others that go with them in one request."""
AIRING_COUNTS = 20.0
"""How much more the lateness of an airing work counts where there is not room for all."""
FIRST = {"aired": 0, "season": 1}
"""Which news go first; a change that a list shows waits for them."""
WHYS = {"known": "refresh", "airing": "aired"}
"""What is followed, and what looks are made for it."""


@dataclass(frozen=True, slots=True)
class Room:
    """Works that a site may be asked for now: because something happened, and by age alone.

    ``whole`` is for how many of them everything may be asked, ``together`` whether they go in one request, ``owed`` for
    how many new works, of which everything is asked, too.
    """

    urgent: int = 0
    spare: int = 0
    whole: int = 0
    together: bool = False
    owed: int = 0

    def less(self, count: int) -> Room:
        """After so many works."""
        urgent, spare, whole = (max(0, now - count) for now in (self.urgent, self.spare, self.whole))
        return Room(urgent, spare, whole, self.together)


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
    told_of: str = ""
    """Under which name the news of it was kept."""

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
    source: str, room: Room, news: Mapping[str, tuple[str, str]], works: Mapping[str, Work]
) -> list[Look]:
    """The looks at works that a site has news of (why and mark), what has aired first, then what is new.

    ``works`` are those that the news are of, by the name under which the news was told.
    """
    looks: dict[str, Look] = {}
    owed = room.owed
    for key in sorted(works, key=lambda key: (FIRST.get(news[key][0], len(FIRST)), key)):
        anime, (why, mark) = works[key].anime_id, news[key]
        if anime in looks or len(looks) >= room.urgent or (why == "season" and not owed):
            continue
        owed -= why == "season"
        looks[anime] = Look(anime, source, why, mark, why == "season" or not has_tail(source), key)
    return list(looks.values())


def plan(
    works: Sequence[Work],
    room: Mapping[str, Room],
    kinds: Collection[str],
    now: float,
    taken: Collection[tuple[str, str]] = (),
) -> Plan:
    """What is done about ``works`` that are due; sites that are not in ``room`` are not asked.

    ``taken`` are looks that are made already, as pairs of work and source.
    """
    whys = [why for kind, why in WHYS.items() if kind in kinds]
    wanted = [Late(work, source, due) for work in works for source, due in reasons(work, whys)]
    looks: list[Look] = []
    asked = set(taken)
    for source, has in room.items():
        riding = any(other == source for _, other in taken)
        own = [one for one in wanted if one.source == source and (one.work.anime_id, source) not in asked]
        looks += _chosen(has, own, now, riding=riding)
    asked.update((look.anime_id, look.source) for look in looks)
    times: dict[str, list[float]] = {work.anime_id: [] for work in works}
    for one in wanted:
        times[one.work.anime_id].append(_next(one, (one.work.anime_id, one.source) in asked, now))
    return Plan(looks, {anime: min(own, default=now + UNWANTED) for anime, own in times.items()})


@dataclass(frozen=True, slots=True)
class Late:
    """A reason to look at a work at one site, and when."""

    work: Work
    source: str
    due: Due


def _chosen(room: Room, wanted: Sequence[Late], now: float, *, riding: bool) -> list[Look]:
    """The looks at one site: what has aired first, then by how late each is for its age.

    Where many go together in one request, those by age wait for each other for a while, unless a request goes anyway. Those
    that ask for everything take further requests, so there are few of them.
    """
    riding = riding or any(one.due.why == "aired" and one.due.at <= now for one in wanted)
    ripe = now if riding or not room.together else now - now % TOGETHER
    due = [one for one in wanted if one.due.at <= ripe]
    looks: dict[str, Look] = {}
    whole, spare = room.whole, room.spare
    for one in sorted(due, key=lambda one: (one.due.why == "refresh", _lateness(one, now))):
        name, source, aged = one.work.anime_id, one.source, one.due.why == "refresh"
        everything = wants_all(one.work, source, now)
        no_room = aged and (spare <= 0 or (everything and whole <= 0))
        if name in looks or len(looks) >= room.urgent or no_room:
            continue
        spare -= aged
        whole -= everything
        mark = f"{one.work.heard[source].at:.0f}"  # an answer, be it that it failed, makes the next look another one
        looks[name] = Look(name, source, one.due.why, mark, everything)
    return list(looks.values())


def _lateness(one: Late, now: float) -> float:
    """Lower is later, as a share of the wait that was meant; what airs counts more."""
    share = (one.due.at - now) / max(one.due.wait, 1.0)
    return share * AIRING_COUNTS if one.work.status == "AIRING" else share


def _next(one: Late, asked: bool, now: float) -> float:
    """When a work comes round again for one of its reasons."""
    if asked:
        return now + ASKED_AGAIN
    if one.due.at > now:
        return one.due.at
    return now + min(
        max(one.due.wait / 20, SOONEST), TOGETHER - now % TOGETHER if one.due.at > now - TOGETHER else LATEST
    )
