"""Status, counts and the broadcast: what follows from the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sources.parsing.dates import season_of, sure_part
from sources.record import Broadcast, Episode, SourceRecord
from streams.merging.conflicts import contradicts
from streams.merging.inputs import Inputs
from streams.merging.provenance import Choice, Claim
from streams.merging.rules import instant

_TOGETHER = (
    ("weekday", "time", "timezone", "text"),
    ("next_episode", "next_episode_at"),
    ("sub_at",),
    ("dub_at",),
    ("delayed_from", "delayed_until", "delay_reason"),
)
"""Parts of a broadcast that mean something only together, so they come from one source."""


def _derived(inputs: Inputs, field: str, origin: str) -> None:
    known = inputs.trail.notes.get(origin)
    sources, confidence = (known["sources"], known["confidence"]) if known else ([], None)
    inputs.trail.note(field, f"derived from {origin}", sources, source="derived", confidence=confidence)


def derive_status(inputs: Inputs, start: str | None, end: str | None, episodes: int | None) -> str | None:
    """Status by the dates, as of the newest answer, for works whose status no site says."""
    if inputs.policy.of("status").rule == "omit" or not start:
        return None
    times = [instant(text) for text in inputs.trail.fetched.values() if text]
    if not times:
        return None
    today = max(times).date().isoformat()
    if start > today[: len(start)]:
        status = "UPCOMING"
    elif (end and end < today[: len(end)]) or (episodes == 1 and start < today[: len(start)]):
        status = "FINISHED"
    elif end and start < today[: len(start)]:
        status = "AIRING"
    else:
        return None
    _derived(inputs, "status", "start_date")
    return status


def derive_end(inputs: Inputs, start: str | None, episodes: int | None) -> str | None:
    """A work of one episode ends on the day it starts, where nobody says when it ends."""
    if inputs.policy.of("end_date").rule == "omit" or "end_date" in inputs.trail.notes:
        return None
    if episodes != 1 or not start or len(start) < 10:
        return None
    _derived(inputs, "end_date", "start_date")
    return start


def derive_aired(
    inputs: Inputs, status: str | None, planned: int | None, episodes: Sequence[Episode]
) -> int | None:
    """Episodes aired so far: all of a finished work, else up to the last one dated before the newest answer.

    A site may have forgotten the days of the first ones, and a show may begin with an episode 0: the number counts, or
    how many there are.
    """
    if inputs.policy.of("episodes_aired").rule == "omit":
        return None
    if status == "FINISHED" and planned:
        _derived(inputs, "episodes_aired", "episode_count")
        return planned
    times = [instant(text) for text in inputs.trail.fetched.values() if text]
    if status not in ("AIRING", "HIATUS") or not times:
        return None
    today = max(times).date().isoformat()
    dated = [e for e in episodes if e.kind == "regular" and e.aired and e.aired <= today]
    if dated:
        _derived(inputs, "episodes_aired", "episodes")
    last = max((int(e.number) for e in dated if e.number), default=0)
    within = last if planned is None or last <= planned else 0
    return max(len(dated), within) or None


def merge_broadcast(inputs: Inputs) -> Broadcast | None:
    """The broadcast, group by group of parts that belong together, each from the best source that has any of it."""
    claims = inputs.claims("broadcast")
    policy = inputs.policy.of("broadcast")
    if policy.rule == "omit" or not claims:
        return None
    parts: dict[str, Any] = {}
    for group in _TOGETHER:
        having = [c for c in claims if any(getattr(c.value, part) is not None for part in group)]
        if not [c for c in having if c.source not in policy.never]:
            continue
        owner = next(c.source for c in having if c.source not in policy.never)
        for part in group:
            claimed = [(c.source, getattr(c.value, part)) for c in having]
            parts[part] = _decide_part(inputs, owner, part, claimed)
    if not any(value is not None for value in parts.values()):
        return None
    inputs.trail.note("broadcast", "first", [c.source for c in claims])
    return Broadcast(**parts)


def _decide_part(inputs: Inputs, owner: str, part: str, said: list[tuple[str, Any]]) -> Any:
    claims = [Claim(source, value) for source, value in said if value is not None]
    won = next((c for c in claims if c.source == owner), None)
    if won is None:  # the owner leaves this part open; what others say of it belongs to their slots
        if claims:
            inputs.trail.note(f"broadcast.{part}", "first", [], claims, source=owner)
        return None
    inputs.note_choice(f"broadcast.{part}", Choice(won), claims, "first")
    return won.value


_SERIES = frozenset({"TV", "TV_SHORT", "ONA"})
_EVE = dt.timedelta(days=10)
"""A series that starts in the last days of a quarter is counted to the next one by everybody."""


def merge_season(inputs: Inputs, start: str | None, kind: str | None) -> tuple[str | None, int | None]:
    """Season and year of a work of the type ``kind``; a winter is that of its January."""
    derived = derive_season(_said(inputs, start), kind)
    season, year = _decide(inputs, "season", derived[0]), _decide(inputs, "year", derived[1])
    if season == "WINTER" and start and start[5:7] == "12" and year == int(start[:4]):
        year += 1
        rule = f"{inputs.trail.notes['year']['rule']}, winter of its January"
        _note_derived(inputs, "year", year, rule)
    return season, year


def _said(inputs: Inputs, start: str | None) -> str | None:
    """The start as far as somebody said it: parsers make no season of the edge of a year that may be filled up."""
    note = inputs.trail.notes.get("start_date")
    saying = [inputs.records[s] for s in note["sources"] if s in inputs.records] if note else []
    doubted = bool(saying) and all(record.raw and record.season is None for record in saying)
    return sure_part(start) if start and doubted else start


def derive_season(start: str | None, kind: str | None) -> tuple[str | None, int | None]:
    """Season and its year by the start date."""
    if start and len(start) == 10 and kind in _SERIES:
        start = (dt.date.fromisoformat(start) + _EVE).isoformat()
    return season_of(start)


def _decide(inputs: Inputs, field: str, derived: Any) -> Any:
    """What a site says goes before what a parser, or we, made of the start date."""
    policy, claims = inputs.policy.of(field), inputs.claims(field)
    if policy.rule == "omit":
        return None
    allowed = [claim for claim in claims if claim.source not in policy.never]
    dated = [claim for claim in allowed if says(inputs.records[claim.source], field)]
    if dated:
        return _decide_said(inputs, field, dated, claims)
    if derived is not None:
        _note_derived(inputs, field, derived, "derived from start_date")
        return derived
    if field == "season":  # what is left was made of days that nobody is believed to have said
        return None
    return inputs.decide(field, claims)


def _decide_said(inputs: Inputs, field: str, dated: Sequence[Claim], claims: Sequence[Claim]) -> Any:
    """What the sites of ``dated`` say; what others have made of their dates agrees or is beaten, but contradicts nobody."""
    rule, choice = inputs.policy.of(field).rule, inputs.choose(field, dated, claims)
    inputs.note_choice(field, choice, claims, rule)
    if any(contradicts(field, choice.won.value, claim.value) for claim in dated):
        inputs.trail.contradict(field, dated, choice.won.value, rule)
    return choice.won.value


def _note_derived(inputs: Inputs, field: str, value: Any, rule: str) -> None:
    claims = inputs.claims(field)
    agreeing = [claim.source for claim in claims if claim.value == value]
    origin = inputs.trail.notes["start_date"]["sources"]
    beaten = [claim for claim in claims if claim.value != value]
    inputs.trail.note(field, rule, agreeing or origin, beaten, source="derived")


def says(record: SourceRecord, field: str) -> bool:
    """Whether the site itself said it: its raw values show; a record without any is believed."""
    if not record.raw:
        return True
    season = record.raw.get("season")
    named = season.get("season") if isinstance(season, dict) else season
    if field == "season":
        return bool(named)
    return bool(season) or any(record.raw.get(name) for name in ("seasonYear", "year", "years"))
