"""How each source fared, and how complete the record is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sources.record import Facts, SourceRecord, Unmapped
from streams.contract.events import PartialResult
from streams.contract.record import Completeness, EnrichedRecord, MatchReport, Outcome, SourceReport
from streams.merging.doubts import doubts

_FIELDS = tuple(name for name in (*Facts.model_fields, "score") if name not in ("ids", "titles"))


def refusal(partial: PartialResult, match: MatchReport | None) -> Outcome | None:
    """Why a partial must not be merged, as an outcome; ``None`` when it counts."""
    verdict = (partial.match or match or MatchReport(verdict="accept")).verdict
    if partial.outcome != "ok":
        return partial.outcome
    if partial.record is None:
        return "failed"
    return verdict if verdict in ("mismatch", "ambiguous") else None


def source_report(partial: PartialResult, refused: Outcome | None) -> SourceReport:
    """How the source of ``partial`` fared."""
    record = partial.record
    return SourceReport(
        outcome=refused or "ok",
        reason=partial.reason or (refused if refused and partial.outcome == "ok" else None),
        message=partial.message,
        next_step=partial.next_step,
        url=partial.url or (record.url if record else None),
        fetched_at=partial.fetched_at,
        fetched_via=partial.fetched_via,
        from_cache=partial.from_cache,
        stale=partial.stale,
        duration_ms=partial.duration_ms,
        incomplete=dict(sorted(record.incomplete.items())) if record else {},
        unmapped=unmapped(record),
        repaired=sorted({*record.repaired}) if record else [],
    )


def unmapped(record: SourceRecord | None) -> list[Unmapped]:
    """The values of ``record`` that the vocabulary does not know or that are in doubt, each once, in a fixed order."""
    found = [*record.unmapped, *doubts(record)] if record else []
    unmapped = {(value.field, value.raw): value for value in found}
    return [unmapped[key] for key in sorted(unmapped)]


NO_ANSWER = SourceReport(outcome="timeout", reason="deadline", message="no answer before the deadline")
"""The report of a source that was asked and has not answered."""


def completeness(
    asked: Sequence[str], reports: Mapping[str, SourceReport], record: EnrichedRecord
) -> Completeness:
    """What was asked, what came, what is missing and why."""
    missing = {s: r.reason or r.outcome for s, r in reports.items() if r.outcome != "ok"}
    filled = sum(getattr(record, name) not in (None, [], {}) for name in _FIELDS)
    return Completeness(
        asked=sorted(set(asked)),
        answered=[source for source, report in reports.items() if report.outcome == "ok"],
        missing=missing,
        stale=[source for source, report in reports.items() if report.stale and report.outcome == "ok"],
        filled=round(filled / len(_FIELDS), 3),
    )
