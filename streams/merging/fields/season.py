"""Season and year: what a site says, else what the start date says."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sources.parsing.dates import season_of
from sources.record import SourceRecord
from streams.merging.conflicts import contradicts
from streams.merging.inputs import Inputs
from streams.merging.rules import choose

_SERIES = frozenset({"TV", "TV_SHORT", "ONA"})
_EVE = dt.timedelta(days=10)
"""A series that starts in the last days of a quarter is counted to the next one by everybody."""


def merge_season(inputs: Inputs, start: str | None, kind: str | None) -> tuple[str | None, int | None]:
    """Season and year of a work of the type ``kind``; a winter is that of its January."""
    derived = derive_season(start, kind)
    season, year = _decide(inputs, "season", derived[0]), _decide(inputs, "year", derived[1])
    if season == "WINTER" and start and start[5:7] == "12" and year == int(start[:4]):
        year += 1
        rule = f"{inputs.trail.notes['year']['rule']}, winter of its January"
        _note_derived(inputs, "year", year, rule)
    return season, year


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
    said = [claim for claim in allowed if _says(inputs.records[claim.source], field)]
    if said:
        won = choose(policy.rule, said, inputs.trail.fetched)
        inputs.note_choice(field, won, claims, policy.rule)
        if any(contradicts(field, won.value, claim.value) for claim in said):
            inputs.trail.contradict(field, said, won.value, policy.rule)
        return won.value
    if derived is not None:
        _note_derived(inputs, field, derived, "derived from start_date")
        return derived
    return inputs.decide(field, claims)


def _note_derived(inputs: Inputs, field: str, value: Any, rule: str) -> None:
    claims = inputs.claims(field)
    agreeing = [claim.source for claim in claims if claim.value == value]
    origin = inputs.trail.notes["start_date"]["sources"]
    beaten = [claim for claim in claims if claim.value != value]
    inputs.trail.note(field, rule, agreeing or origin, beaten, source="derived")


def _says(record: SourceRecord, field: str) -> bool:
    """Whether the site itself said it: its raw values show; a record without any is believed."""
    if not record.raw:
        return True
    said = record.raw.get("season")
    named = said.get("season") if isinstance(said, dict) else said
    if field == "season":
        return bool(named)
    return bool(said) or any(record.raw.get(name) for name in ("seasonYear", "year", "years"))
