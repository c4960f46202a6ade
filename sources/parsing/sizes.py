"""Numbers with a range that makes sense: episodes, lengths, years. What lies outside is a slip or a sentinel, no knowledge."""

from __future__ import annotations

from sources.parsing.json_reply import whole
from sources.record import EpisodeKind

MOST_EPISODES = 20_000
"""The longest real show has some 7,000 segments."""

_LONGEST = 86_400
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def episode_total(value: object) -> int | None:
    """How many episodes; ``None`` for 0, which all sites use for "not known", and for what no show can have."""
    found = whole(value)
    return found if found is not None and found <= MOST_EPISODES else None


def episode_kind(number: float) -> EpisodeKind:
    """What an episode is by its number alone: 0 and 13.5 are none of those that a show counts."""
    return "special" if number == 0 or number % 1 else "regular"


def seconds(value: object) -> int | None:
    """A length given in seconds, a day at most."""
    found = whole(value)
    return found if found is not None and found <= _LONGEST else None


def minutes(value: object) -> int | None:
    """Seconds of a length given in minutes, a day at most."""
    found = whole(value)
    return found * 60 if found is not None and found * 60 <= _LONGEST else None


def year(value: object) -> int | None:
    """A year of the calendar from 1900 to 2200."""
    found = whole(value, _FIRST_YEAR)
    return found if found is not None and found <= _LAST_YEAR else None
