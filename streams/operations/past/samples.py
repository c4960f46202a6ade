"""How the fleet stood over time: what each look at it adds to the buckets, and the last hour, day or month read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from streams.broker.answers import LATELY, OUTPUTS, Answers, Counted
from streams.operations.fleet_status import FleetStatus

FLEET = "-fleet"
"""Under this name, which no source has, the looks at the fleet are counted."""
_LOOKS, _LAG, _BAN, _DRIFT = "looks", "lag/", "ban/", "drift/"

Series = list[float | None]
"""A value a step, the oldest first; ``None`` where nothing is known."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time up to now, in steps: of one minute, or of so many ``hours`` each."""

    name: str
    title: str
    ago: str
    step: str
    steps: str
    count: int
    hours: int = 0


HOUR = Span("hour", "The last hour", "60 min ago", "a minute", "minutes", LATELY)
DAY = Span("day", "The last 24 hours", "24 h ago", "an hour", "hours", 24, 1)
MONTH = Span("month", "The last 30 days", "30 d ago", "in 6 hours", "quarters of a day", 120, 6)
SPANS = {one.name: one for one in (HOUR, DAY, MONTH)}


def sampled(status: FleetStatus) -> dict[str, int]:
    """What one look counts: what is unread by group, which sites shut us out, which seem to have changed."""
    lags = {_LAG + one.group: one.lag for one in status.groups if one.lag}
    bans = {_BAN + one.source: 1 for one in status.sources if (one.banned_until or 0) > status.at}
    drifts = {_DRIFT + one.source: 1 for one in status.sources if one.drift}
    return {_LOOKS: 1, **lags, **bans, **drifts}


@dataclass(frozen=True, slots=True)
class SourcePast:
    """One source over a span: seconds within which half and 95 % of its answers came, share from the cache, share of
    the looks at which it shut us out or seemed to have changed."""

    p50: Series = field(default_factory=list)
    p95: Series = field(default_factory=list)
    cached: Series = field(default_factory=list)
    banned: Series = field(default_factory=list)
    drifting: Series = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Past:
    """A span of time; ``outputs`` by status and ``lag`` by group, only those that were there."""

    outputs: Mapping[str, Series] = field(default_factory=dict)
    lag: Mapping[str, Series] = field(default_factory=dict)
    sources: Mapping[str, SourcePast] = field(default_factory=dict)


async def past(answers: Answers, sources: Sequence[str], span: Span = HOUR) -> Past:
    """The span that ends now, step by step."""
    steps = await _steps(answers, [*sources, FLEET, OUTPUTS], span)
    looks = steps[FLEET]
    return Past(
        _by_name(steps[OUTPUTS]),
        {name: _mean(looks, _LAG + name) for name in _names(looks, _LAG)},
        {name: _of_source(name, steps[name], looks) for name in sources},
    )


async def _steps(answers: Answers, names: Sequence[str], span: Span) -> dict[str, list[Counted]]:
    """What was counted in each step, the oldest first."""
    if not span.hours:
        heard = await answers.heard(names)
        return {name: [*reversed(one.minutes)] or [Counted()] * LATELY for name, one in heard.items()}
    hours = await answers.by_hour(names, span.count * span.hours)
    return {name: [*reversed(_together(counted, span.hours))] for name, counted in hours.items()}


def _together(hours: Sequence[Counted], size: int) -> list[Counted]:
    return [sum(hours[at : at + size], Counted()) for at in range(0, len(hours), size)]


def _of_source(name: str, minutes: Sequence[Counted], looks: Sequence[Counted]) -> SourcePast:
    return SourcePast(
        p50=[one.seconds(0.5) for one in minutes],
        p95=[one.seconds(0.95) for one in minutes],
        cached=[one.from_cache / one.answered if one.answered else None for one in minutes],
        banned=_mean(looks, _BAN + name),
        drifting=_mean(looks, _DRIFT + name),
    )


def _by_name(minutes: Sequence[Counted]) -> dict[str, Series]:
    names = dict.fromkeys(name for one in minutes for name in one.counts)
    return {name: [float(one.counts.get(name, 0)) for one in minutes] for name in names}


def _names(looks: Sequence[Counted], family: str) -> list[str]:
    found = {name for one in looks for name in one.counts if name.startswith(family)}
    return sorted(name.removeprefix(family) for name in found)


def _mean(looks: Sequence[Counted], name: str) -> Series:
    """The mean over the looks of each minute."""
    return [one.counts.get(name, 0) / one.counts[_LOOKS] if one.counts.get(_LOOKS) else None for one in looks]
