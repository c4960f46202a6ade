"""Asks one source for one identified work, and makes sure that the answer is that work."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from cache import clock
from sources import NotAnEntry, Query, Reason, Source, SourceError
from sources.http import Origin, origin
from sources.record import SourceRecord
from streams.contract.events import Evidence, IdentifiedTitle, PartialResult
from streams.contract.record import MatchReport, RuleReport, SourceReport, odds
from streams.matching.identify import choose, confirm
from streams.matching.overrides import NOTHING, Overrides
from streams.matching.single_site import wordings

MAX_SEARCHES = 3
"""Titles tried on a site that knows no foreign id; each is one request."""


async def collect(
    source: Source, event: IdentifiedTitle, overrides: Overrides = NOTHING, *, long_tail: bool = True
) -> PartialResult:
    """What ``source`` says about the work of ``event``; without ``long_tail`` its main document alone.

    A finding (an entry, none, several, another work) is a `PartialResult`. Raises `SourceError` for what may be tried
    again: the caller decides.
    """
    began, note = clock.monotonic(), Origin()
    token = origin.set(note)
    try:
        partial = await _ask(source, event, overrides, long_tail)
    except NotAnEntry as error:
        raise error.as_source_error(source.name) from error
    finally:
        origin.reset(token)
    return partial.model_copy(
        update={
            "fetched_at": _iso(note.oldest or clock.now()),
            "from_cache": note.from_cache,
            "stale": note.stale,
            "duration_ms": int((clock.monotonic() - began) * 1000),
        }
    )


def failure(event: IdentifiedTitle, source: str, error: SourceError, attempts: int) -> PartialResult:
    """The same for a source that could not answer."""
    return PartialResult.model_validate(
        {
            "request_id": event.request_id,
            "source": source,
            "outcome": error.outcome,
            "reason": error.reason.value,
            "message": error.message,
            "next_step": error.next_step or None,
            "answered_as": error.other_id or None,
            "fetched_at": _iso(clock.now()),
            "attempts": attempts,
        }
    )


def report(error: SourceError) -> SourceReport:
    """A failure as the record tells it."""
    return SourceReport.model_validate(
        {
            "outcome": error.outcome,
            "reason": error.reason.value,
            "message": error.message,
            "next_step": error.next_step or None,
        }
    )


async def _ask(source: Source, event: IdentifiedTitle, overrides: Overrides, tail: bool) -> PartialResult:
    """The entry that the links lead to; one that is gone or is another work is looked for by title instead."""
    own, match = await _locate(source, event, overrides)
    if own is None:
        outcome = "ambiguous" if match.verdict == "ambiguous" else "not_found"
        return _finding(event, source, outcome, match)
    first = await _fetch(source, event, own, match, overrides, tail)
    if first.outcome == "ok" or not (source.searches and event.evidence.titles):
        return first
    without = _without_id(event, source.name)
    other, match_by_title = await _search(source, without.evidence, overrides)
    if other is None or other == own:
        return first
    second = await _fetch(source, without, other, match_by_title, overrides, tail)
    return second if second.outcome == "ok" else first


def _without_id(event: IdentifiedTitle, site: str) -> IdentifiedTitle:
    """The event without an id that has proved wrong, or it would speak against the right entry."""
    ids = {name: value for name, value in event.evidence.ids.items() if name != site}
    return event.model_copy(update={"evidence": event.evidence.model_copy(update={"ids": ids})})


async def _fetch(
    source: Source, event: IdentifiedTitle, own: str, match: MatchReport, overrides: Overrides, tail: bool
) -> PartialResult:
    try:
        record = await source.core(own)
    except SourceError as error:
        if error.reason == Reason.NOT_FOUND:
            return _finding(event, source, "not_found", match)
        raise
    confirmed = confirm(event.evidence, record, match.score >= 1.0, overrides)
    if confirmed.verdict == "mismatch":
        return _finding(event, source, "mismatch", confirmed, record=record)
    record = await _extended(source, record) if tail else _without_details(record, Reason.SKIPPED)
    kept = match.model_copy(update=_joined(match, confirmed)) if match.evidence else confirmed
    both = kept.model_copy(update={"evidence": list(dict.fromkeys([*match.evidence, *confirmed.evidence]))})
    return _finding(event, source, "ok", both, record=record)


def _joined(found: MatchReport, confirmed: MatchReport) -> dict[str, object]:
    """The rules of both looks at an entry, each once: how it was found, and what it says itself."""
    known = {rule.id for rule in found.rules}
    rules = [*found.rules, *(rule for rule in confirmed.rules if rule.id not in known and rule.weight)]
    return {"rules": rules, "confidence": odds(rules)}


async def _extended(source: Source, record: SourceRecord) -> SourceRecord:
    """The record with its long tail; when that takes too long or fails, the core record stands as it is."""
    try:
        async with asyncio.timeout(source.budget_seconds):
            return await source.extend(record)
    except TimeoutError:
        return _without_details(record, Reason.TIMEOUT)
    except SourceError as error:
        return _without_details(record, error.reason)


def _without_details(record: SourceRecord, why: Reason) -> SourceRecord:
    return record.model_copy(update={"incomplete": {**record.incomplete, "details": why.value}})


async def _locate(
    source: Source, event: IdentifiedTitle, overrides: Overrides
) -> tuple[str | None, MatchReport]:
    """The site's own id: chosen at identification, linked by a foreign id, or found by title with the evidence."""
    if source.name in event.chosen:
        return event.chosen[source.name], event.match.get(source.name) or _by("chosen at identification")
    known = event.evidence.ids
    if source.name in known:
        return known[source.name], _by(f"{source.name} id from a cross link")
    linked = {name: known[name] for name in source.finds_by if name in known}
    if linked and (own := await source.lookup(linked)):
        return own, _by(f"looked up by {', '.join(linked)}")
    if source.searches and event.evidence.titles:
        return await _search(source, event.evidence, overrides)
    return None, MatchReport(verdict="none", evidence=["no id and no title to search by"])


def _by(how: str) -> MatchReport:
    rule = RuleReport(id="led_by_id", sentence="an id leads to it", weight=6.0, evidence=how)
    return MatchReport(
        verdict="accept", score=1.0, evidence=[how], confidence=odds([rule]), rule=rule.id, rules=[rule]
    )


async def _search(source: Source, evidence: Evidence, overrides: Overrides) -> tuple[str | None, MatchReport]:
    best = MatchReport(verdict="none", evidence=["no candidate"])
    for title in wordings(evidence.titles, MAX_SEARCHES):
        query = Query(title, titles=tuple(evidence.titles), year=evidence.year, type=evidence.type)
        candidate, match = choose(evidence, await source.search(query), overrides)
        if candidate is not None:
            return candidate.id, match
        best = match if match.score >= best.score else best
    return None, best


def _finding(
    event: IdentifiedTitle,
    source: Source,
    outcome: str,
    match: MatchReport,
    *,
    record: SourceRecord | None = None,
) -> PartialResult:
    return PartialResult.model_validate(
        {
            "request_id": event.request_id,
            "source": source.name,
            "outcome": outcome,
            "reason": None if outcome == "ok" else outcome,
            "url": record.url if record else None,
            "fetched_via": (record.raw.get("fetched_via") or "api") if record else None,
            "match": match,
            "record": record,
        }
    )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
