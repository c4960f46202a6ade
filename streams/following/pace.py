"""How many requests following may send: a share of a day's budget, spread over the day, people first. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from cache.rules import DAY, Rate
from streams.broker.following.budget import HOURS, Spent

BURST = 2
"""No hour gets more than so many times its even part: what was missed is caught up with over hours, not at once."""

BY_AGE = 0.9
"""The part of following's share that looks by age alone may use up, evenly: no hour gives them more than its own part of it."""


def a_day(budget: int, limits: tuple[Rate, ...]) -> int:
    """The requests to a site that a day may have: what we allow ourselves, or less where the site's limits are lower."""
    return min([budget, *(rate.permits for rate in limits if rate.seconds >= DAY)])


def share_of(budget: int, share: float) -> int:
    """Of a day's budget, what following may take; one request at least, if it may take any."""
    return max(1, int(budget * share)) if budget and share > 0 else 0


def left(spent: Spent, budget: int, share: float, burst: float = BURST) -> int:
    """Requests that following may send now, of what it may send in a day and in an hour."""
    most = share_of(budget, share)
    in_day = min(most - sum(spent.following), budget - spent.used)
    in_hour = ceil(burst * most / HOURS) - spent.following[0]
    return max(0, min(in_day, in_hour))


@dataclass(frozen=True, slots=True)
class Left:
    """Requests that following may send now: for all that it does, and of these, for looks by age alone."""

    all: int
    spare: int

    def less(self, count: int) -> Left:
        """After ``count`` more."""
        return Left(max(0, self.all - count), max(0, self.spare - count))


def both(spent: Spent, budget: int, share: float) -> Left:
    """What is left; looks by age alone leave something for what happens later in the day, and in the hour."""
    return Left(left(spent, budget, share), left(spent, budget, share * BY_AGE, burst=1))


def forecast(spent: Spent) -> int:
    """Requests that this day will have had, if the last hours go on: the mean of the full ones among the last six."""
    hours = [one + other for one, other in zip(spent.people[1:7], spent.following[1:7], strict=True)]
    return ceil(sum(hours) / len(hours) * HOURS)
