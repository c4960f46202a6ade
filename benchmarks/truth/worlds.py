"""Made-up works with known facts, and sites that say them with slips; every chance comes from one seed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sources.record import SourceRecord, Title
from streams.contract.events import PartialResult

SITES = ("jikan", "anilist", "kitsu", "anidb", "animeschedule", "anisearch", "anime_planet")
FETCHED = "2026-11-24T10:00:00Z"
PRESENT = 0.92
"""Share of works that a site has."""

FEW = ("content_rating",)
"""Facts that only two sites have: no vote can mend them."""

SAYS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("title", "type", "episode_count", "start_date"), SITES),
    "title_english": ("jikan", "anilist", "kitsu", "anidb", "animeschedule", "anisearch"),
    "title_native": ("jikan", "anilist", "kitsu", "anidb", "animeschedule", "anisearch"),
    "status": ("jikan", "anilist", "kitsu", "animeschedule", "anisearch"),
    "duration_seconds": ("jikan", "anilist", "kitsu", "anidb", "animeschedule", "anisearch"),
    "season": ("jikan", "anilist", "animeschedule", "anime_planet"),
    "year": ("jikan", "anilist", "animeschedule", "anime_planet"),
    "end_date": ("jikan", "anilist", "kitsu", "anidb", "anisearch", "anime_planet"),
    "source_material": ("jikan", "anilist", "animeschedule", "anidb", "anisearch", "anime_planet"),
    "content_rating": ("jikan", "kitsu"),
}
"""Which sites say a fact at all, roughly as the seven do."""

_TYPES = ("TV", "MOVIE", "OVA", "ONA", "SPECIAL")
_SEASONS = ("WINTER", "SPRING", "SUMMER", "FALL")
_MATERIALS = ("ORIGINAL", "MANGA", "LIGHT_NOVEL", "GAME", "VISUAL_NOVEL")
_RATINGS = ("G", "PG13", "R17", "RX")
_SYLLABLES = (
    "ka",
    "ri",
    "no",
    "shi",
    "mo",
    "ta",
    "ke",
    "hana",
    "tsu",
    "yo",
    "ru",
    "kami",
    "sora",
    "mi",
    "ba",
)

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Habits:
    """What the sites of a world do.

    ``slips`` is the share of wrong claims by site, ``heads`` that of headings other than the usual name, ``copies`` whom
    a site takes everything from, ``spoiled`` the share of wrong claims of a site and fact from a certain work on.
    """

    slips: Mapping[str, float]
    heads: Mapping[str, float]
    copies: Mapping[str, str] = field(default_factory=dict)
    spoiled: Mapping[tuple[str, str], tuple[int, float]] = field(default_factory=dict)
    present: float = PRESENT
    says: Mapping[str, Sequence[str]] = field(default_factory=lambda: SAYS)


SLIPS = dict(zip(SITES, (0.02, 0.025, 0.04, 0.015, 0.03, 0.035, 0.04), strict=True))
HEADS = dict(zip(SITES, (0.05, 0.08, 0.15, 0.3, 0.1, 0.15, 0.3), strict=True))
"""AniDB heads by its own rules and tells works apart with a year, Anime-Planet in English."""

USUAL = Habits(SLIPS, HEADS)


def works(count: int, habits: Habits, seed: int) -> Iterator[tuple[Facts, dict[str, PartialResult]]]:
    """So many works: the truth, and what the sites say."""
    chance = Random(seed)
    for number in range(count):
        truth = _truth(chance)
        yield truth, _told(truth, number, habits, chance)


def _truth(chance: Random) -> Facts:
    start = dt.date(1995, 1, 1) + dt.timedelta(days=chance.randrange(11_000))
    count = chance.choice((1, 2, 6, 10, 11, 12, 12, 13, 13, 24, 25, 26, 50))
    name = _name(chance)
    return {
        "title": name,
        "title_english": f"The {_name(chance)}",
        "title_native": "".join(chr(0x30A2 + chance.randrange(80)) for _ in range(7)),
        "type": chance.choice(_TYPES),
        "status": "FINISHED",
        "episode_count": count,
        "duration_seconds": 60 * chance.choice((3, 5, 12, 24, 24, 24, 45, 90, 110)),
        "season": _SEASONS[(start.month - 1) // 3],
        "year": start.year,
        "start_date": start.isoformat(),
        "end_date": (start + dt.timedelta(days=7 * (count - 1))).isoformat(),
        "content_rating": chance.choice(_RATINGS),
        "source_material": chance.choice(_MATERIALS),
    }


def _name(chance: Random) -> str:
    words = ("".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(chance.randint(2, 4)))
    return " ".join(words).title()


def _told(truth: Facts, number: int, habits: Habits, chance: Random) -> dict[str, PartialResult]:
    said: dict[str, Facts] = {}
    for site in sorted(SITES, key=lambda one: one in habits.copies):
        if chance.random() < habits.present:
            own = _claims(truth, site, number, habits, chance)
            model = said.get(habits.copies.get(site, ""), {})
            said[site] = {**own, **{name: value for name, value in model.items() if name in own}}
    return {site: partial(site, said[site], number) for site in SITES if site in said}


def _claims(truth: Facts, site: str, number: int, habits: Habits, chance: Random) -> Facts:
    claims = {}
    for name, sites in habits.says.items():
        if site in sites:
            wrong = habits.heads[site] if name == "title" else habits.slips[site]
            since, share = habits.spoiled.get((site, name), (number + 1, 0.0))
            wrong = share if number >= since else wrong
            claims[name] = _SLIPS[name](truth, site, chance) if chance.random() < wrong else truth[name]
    return claims


def partial(site: str, claims: Facts, number: int) -> PartialResult:
    """An answer that says ``claims``."""
    title = claims.get("title")
    titles = [Title(text=title, language="ja-Latn", kind="main")] if title else []
    record = SourceRecord(source=site, source_id=str(number), titles=titles, **claims)
    return PartialResult(request_id="r", source=site, outcome="ok", fetched_at=FETCHED, record=record)


Slip = Callable[[Facts, str, Random], Any]


def _another(name: str, words: Sequence[Any]) -> Slip:
    return lambda truth, _, chance: chance.choice([word for word in words if word != truth[name]])


def _near(name: str, steps: Sequence[int]) -> Slip:
    def slip(truth: Facts, _: str, chance: Random) -> int:
        value: int = truth[name]
        return max(1, value + chance.choice(steps)) if value > 1 else value + abs(steps[0])

    return slip


def _day(name: str) -> Slip:
    """Mostly a neighbouring day or week, sometimes the month alone, another year, or the day of another showing."""

    def slip(truth: Facts, _: str, chance: Random) -> str:
        day = dt.date.fromisoformat(truth[name])
        away = chance.choice((-1, 1, -1, 1, 7, -7, 30, -30, 365, chance.randrange(2, 200)))
        return (day + dt.timedelta(days=away)).isoformat()

    return slip


def _heading(truth: Facts, site: str, chance: Random) -> str:
    name: str = truth["title"]
    if site == "anidb" and chance.random() < 0.7:
        return f"{name.rpartition(' ')[0] or name} ({truth['year']})"
    return chance.choice((f"{name} TV", name.partition(" ")[0], _name(chance), f"{name}: {_name(chance)}"))


_SLIPS: dict[str, Slip] = {
    "title": _heading,
    "title_english": lambda truth, _, chance: f"{truth['title_english']} {_name(chance)}",
    "title_native": lambda truth, _, chance: truth["title_native"] + chr(0x30A2 + chance.randrange(80)),
    "type": _another("type", _TYPES),
    "status": _another("status", ("AIRING", "UPCOMING", "HIATUS", "CANCELLED")),
    "episode_count": _near("episode_count", (1, -1, 2, -2, 12, 13)),
    "duration_seconds": _near("duration_seconds", (60, 300, -60, 600)),
    "season": _another("season", _SEASONS),
    "year": _near("year", (1, -1, 1, -1, 2)),
    "start_date": _day("start_date"),
    "end_date": _day("end_date"),
    "content_rating": _another("content_rating", _RATINGS),
    "source_material": _another("source_material", _MATERIALS),
}
