"""Whether the best answer to a request is sure enough to be accepted. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from streams.matching.ranking import Hit
from streams.text.similarity import Likeness

_AGREED_NAME = 3
"""Sites that list a title, which begins others of the entry, as its own title."""


def decide(hits: Sequence[Hit]) -> Hit | None:
    """The hit that may be accepted; ``None`` when none is sure enough or several are as good. ``hits`` as rated."""
    best = [hit for hit in hits if hit.rank == hits[0].rank]
    if len(best) == 1 and _is_enough(best[0], [hit for hit in hits if hit is not best[0]]):
        return best[0]
    return _by_year(hits) if len(best) == 1 else None


def _by_year(hits: Sequence[Hit]) -> Hit | None:
    """The season that ``Series (2016)`` means: the only one of that year, beside a first season of another."""
    of_the_year = [hit for hit in hits if hit.year == 0 and hit.level > Likeness.BEGINNING]
    others = [hit for hit in hits if hit.year and hit.level >= Likeness.NEAR]
    if len(of_the_year) != 1 or not others:
        return None
    only = of_the_year[0]
    named = only.level == Likeness.SERIES or (only.level == Likeness.NEAR and not only.plain)
    return only if named and only.fits else None


def _is_enough(hit: Hit, others: Sequence[Hit]) -> bool:
    """Whether a hit without a rival may be accepted, ``others`` being the lesser ones.

    A title that is not quite the one asked for needs more: sites that agree on the one work it may be and nothing else
    like it, or the exact year; without its signs it also needs them to be seen to tell nothing. A title that heads no
    entry needs a year that does not differ; the exact year is needed for one that another entry has as well, or that may
    be the name of the series, unless many sites give it to this work and none shows another like it. Where the year is
    one beside the year asked for, no other entry may have that.
    """
    if hit.ids:
        return not hit.apart and not any(
            one.level >= Likeness.WRITTEN > hit.level and one.fits for one in others
        )
    agreed = len(hit.work.candidates) > 1 and all(one.level == Likeness.BEGINNING for one in others)
    dated = hit.main and hit.year == 0
    series_name = hit.begins_others and (bool(others) or hit.bearers < _AGREED_NAME)
    shared = any(one.shares and one.fits for one in others) or ((hit.shares or series_name) and hit.year != 0)
    rivalled = any(one.year == 0 and one.fits and one.level >= Likeness.NEAR for one in others)
    enough = {
        Likeness.BEGINNING: False,
        Likeness.SERIES: False,
        Likeness.MISSPELT: agreed and (hit.main or hit.bearers > 1),
        Likeness.NEAR: hit.listed and hit.year == 0 and not rivalled,
        Likeness.UNMARKED: dated or (agreed and hit.settled),
        Likeness.REWORDED: hit.main,
    }
    return (
        hit.fits
        and not (hit.year and rivalled)
        and enough.get(hit.level, dated or ((hit.main or not hit.year) and not shared))
    )
