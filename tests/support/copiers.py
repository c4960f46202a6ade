"""Tables of fleets in which some sites copy others."""

from __future__ import annotations

from itertools import combinations_with_replacement

from streams.config.policy_file import default_policy
from streams.merging.tally import Tally
from streams.merging.weights import Table, Weights

SEVEN = ("jikan", "anilist", "kitsu", "anidb", "animeschedule", "anisearch", "anime_planet")


def copiers(*league: str, field: str = "type") -> Weights:
    """All differ from each other in 6 of 100 works; those in league never."""
    pairs = list(combinations_with_replacement(sorted(SEVEN), 2))
    agreement = {(field, source, "finished old"): Tally(485, 500) for source in SEVEN}
    apart = {(field, *pair): 0.0 if set(pair) <= set(league) else 30.0 for pair in pairs}
    return Weights(
        default_policy().starting, Table("8-1", agreement, apart=apart, met=dict.fromkeys(pairs, 500.0))
    )
