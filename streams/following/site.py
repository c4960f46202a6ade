"""What following needs to know of each site, as its source declares it and the settings have it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil

from sources import discover
from sources.listing import Listing
from streams.config.settings import Settings
from streams.following.pace import a_day


@dataclass(frozen=True, slots=True)
class Site:
    """One site.

    Args:
        id_name: the word under which ids of its entries are known.
        budget: requests that it may get in a day, from people and following together.
        at_once: entries that one request asks for.
        whole: requests that a whole entry takes, when it is known which one.
        new: the same for a work that is new.
    """

    name: str
    id_name: str
    lists: tuple[Listing, ...] = ()
    budget: int = 1000
    at_once: int = 1
    whole: int = 1
    new: int = 1


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is followed: ``kinds`` of season, airing, changes, known; ``share`` of each budget; how many ``seasons``."""

    kinds: Collection[str] = ()
    share: float = 0.5
    seasons: int = 2


def wishes(settings: Settings) -> Wishes:
    """What the settings want followed; ``REFRESH_RECORDS`` is the older way to ask for the known works."""
    kinds = frozenset([*settings.follow, *(["known"] if settings.refresh_records else [])])
    return Wishes(kinds, settings.follow_share, settings.follow_seasons)


def sites(settings: Settings) -> dict[str, Site]:
    """The fleet's sites."""
    found = {}
    for name in settings.active_sources:
        cls = discover()[name]
        found[name] = Site(
            name=name,
            id_name=cls.names_ids(),
            lists=cls.lists,
            budget=a_day(cls.budget_a_day, settings.limits(name)),
            at_once=max([1, *(batch.most for batch in cls.batches if batch.name != "search")]),
            whole=1 + ceil(cls.cost.tail),
            new=ceil(cls.cost.together + cls.cost.tail),
        )
    return found
