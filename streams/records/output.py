"""What goes out: the status of a request, the revision of its record, and the flat fields of the output entry."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sources import Reason
from streams.broker.records import Known
from streams.broker.request_state import State
from streams.contract.codec import pack
from streams.contract.events import EnrichedTitle, PartialResult, Status
from streams.contract.record import EnrichedRecord, SourceReport
from streams.matching.overrides import NOTHING, Overrides
from streams.merging.merge import merge
from streams.merging.policy import Policy
from streams.merging.source_reports import unmapped
from streams.records import refresh_schedule, revision
from streams.records.known import ANSWERS, Gathered, admit

NAMELESS = {
    "reason": Reason.NO_ID.value,
    "message": "no answer has an id that can name the record",
    "next_step": "install the same sources on every worker; `anime-enrich doctor` names those that are left out here",
}
"""Why a work that some source knows has no record: one without an id would be stored under the key of all such works."""


@dataclass(frozen=True, slots=True)
class Output:
    """One revision ready to be emitted; ``record`` is ``None`` when there is no anime to speak of."""

    event: EnrichedTitle
    content_hash: str = ""
    record: EnrichedRecord | None = None
    refresh_at_ms: int | None = None
    unchanged: bool = False
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def packed(self) -> bytes:
        """The record for the server."""
        return pack(self.record) if self.record else b""


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def said_now(state: State) -> dict[str, PartialResult]:
    """What every source says, those that never answered and those that were left out included."""
    return {**state.with_missing(), **_left_out(state)}


def merged(
    state: State, gathered: Gathered, policy: Policy, overrides: Overrides = NOTHING, known_id: str = ""
) -> EnrichedRecord | None:
    """The record of an accepted work; ``None`` when no source has an entry, or none whose id can name the record."""
    identified, partials = state.identified, gathered.partials
    if identified is None or identified.verdict != "accept":
        return None
    if not any(partial.outcome == "ok" for partial in partials.values()):
        return None
    match = {name: report for name, report in identified.match.items() if name in partials}
    record = merge(
        partials,
        asked=identified.asked,
        match=match,
        policy=policy,
        known_id=known_id or None,
        overrides=overrides.values_for(identified.evidence.ids),
    )
    return admit(record, gathered.failed) if record.anime_id else None


def compose(
    state: State,
    record: EnrichedRecord | None,
    known: Known,
    now: datetime,
    *,
    final: bool = True,
    view: bool = False,
) -> Output:
    """The output for ``state`` as of ``now`` (aware); a ``view`` leaves the known record as it is."""
    if record is None:
        return _without_record(state, now, final=final)
    same = known.hash == record.content_hash
    number = known.revision if same or view else known.revision + 1
    changes = [] if same or view else revision.compare(known.record, record) or []
    record = record.model_copy(update={"revision": number, "generated_at": iso(now)})
    event = EnrichedTitle(
        request_id=state.request.request_id or "",
        anime_id=record.anime_id,
        title=record.title,
        revision=number,
        status=status_of(state),
        final=final,
        record=json.loads(record.model_dump_json(exclude_none=True)),
        changes=changes,
        missing=record.completeness.missing,
    )
    due = refresh_schedule.next_refresh(record, now=now, unchanged=known.unchanged + 1 if same else 0)
    return Output(event, record.content_hash, record, int(due.timestamp() * 1000), same, flat(event))


def status_of(state: State) -> Status:
    """The status of a request whose work was accepted."""
    partials = state.with_missing()
    if not any(partial.outcome == "ok" for partial in partials.values()):
        absent = partials and all(partial.outcome in ANSWERS for partial in partials.values())
        return "not_found" if absent else "failed"
    return "complete" if all(partial.outcome in ANSWERS for partial in partials.values()) else "partial"


def flat(event: EnrichedTitle) -> dict[str, str]:
    """The fields of an output entry, fit for a person with redis-cli; ``data`` is the record as JSON."""
    fields = {
        "request_id": event.request_id,
        "anime_id": event.anime_id or "",
        "title": event.title or "",
        "revision": str(event.revision),
        "status": event.status,
        "final": "true" if event.final else "false",
        "schema_version": event.schema_version,
        "data": json.dumps(event.record, ensure_ascii=False, separators=(",", ":")),
    }
    if event.changes:
        fields["changes"] = json.dumps(
            [c.model_dump(exclude_none=True) for c in event.changes], ensure_ascii=False
        )
    return fields


def failed_fields(request_id: str, message: str, reason: str, next_step: str = "") -> dict[str, str]:
    """The one output of a request that could not be read."""
    data: dict[str, Any] = {
        "status": "failed",
        "reason": reason,
        "message": message,
        "next_step": next_step or None,
    }
    return flat(EnrichedTitle(request_id=request_id, status="failed", revision=0, record=data))


def _without_record(state: State, now: datetime, *, final: bool) -> Output:
    identified = state.identified
    verdict = identified.verdict if identified else "failed"
    status: Status = {"ambiguous": "ambiguous", "none": "not_found"}.get(verdict, "failed")  # type: ignore[assignment]
    nameless = verdict == "accept" and any(one.outcome == "ok" for one in state.partials.values())
    if verdict == "accept":
        status = "failed" if nameless else status_of(state)
    reports = {name: as_report(partial) for name, partial in said_now(state).items()}
    candidates = identified.candidates if identified else []
    data: dict[str, Any] = {
        "status": status,
        "title": state.request.title,
        "candidates": [one.model_dump(exclude_none=True) for one in candidates],
        "match": {
            n: m.model_dump(exclude_none=True) for n, m in (identified.match if identified else {}).items()
        },
        "sources": {name: one.model_dump(exclude_none=True) for name, one in reports.items()},
        "generated_at": iso(now),
    }
    if identified is None:
        data |= {
            "reason": Reason.DEADLINE.value,
            "message": "the title was not identified before the deadline",
        }
    elif nameless:
        data |= NAMELESS
    event = EnrichedTitle(
        request_id=state.request.request_id or "",
        title=state.request.title,
        revision=0,
        status=status,
        final=final,
        record=data,
        candidates=candidates,
    )
    return Output(event, fields=flat(event))


def as_report(partial: PartialResult) -> SourceReport:
    """How a source fared, without its record."""
    incomplete = partial.record.incomplete if partial.record else {}
    return SourceReport.model_validate(
        {
            **partial.model_dump(exclude={"record", "match"}),
            "incomplete": incomplete,
            "unmapped": unmapped(partial.record),
            "repaired": sorted({*partial.record.repaired}) if partial.record else [],
        }
    )


def _left_out(state: State) -> dict[str, PartialResult]:
    """Sources that were not asked, in the shape of partials, so that the record names them."""
    reports = state.identified.reports if state.identified else {}
    return {
        name: PartialResult.model_validate(
            {
                "request_id": state.request.request_id,
                "source": name,
                **one.model_dump(exclude={"incomplete", "unmapped", "repaired"}),
            }
        )
        for name, one in reports.items()
    }
