"""What goes out: the status of a request, the revision of its record, and the flat fields of the output entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sources import Reason
from streams.broker.emission import Mode
from streams.broker.records import Known
from streams.broker.request_state import State
from streams.contract.codec import pack_json
from streams.contract.events import EnrichedTitle, PartialResult, Status, TitleRequest, Why
from streams.contract.record import EnrichedRecord, Refusal, Refused, SourceReport
from streams.matching.overrides import NOTHING, Overrides
from streams.merging.merge import Joined, join, merge
from streams.merging.policy import Policy
from streams.merging.source_reports import unmapped
from streams.merging.weights import Weights
from streams.records import looks, revision
from streams.records.again.mergers import change_of
from streams.records.known import ANSWERS, SKIPPED, Gathered, admit, vanished

NAMELESS = {
    "reason": Reason.NO_ID.value,
    "message": "no answer has an id that can name the record",
    "next_step": "install the same sources on every worker; `anime-enrich doctor` names those that are left out here",
}
"""Why a work that some source knows has no record: one without an id would be stored under the key of all such works."""


@dataclass(frozen=True, slots=True)
class Output:
    """One output ready to be emitted; ``record`` is ``None`` when there is no anime to speak of.

    The record is written once: ``fields["data"]`` is its JSON, and what the server keeps is the same text, packed.
    """

    event: EnrichedTitle
    fields: dict[str, str]
    record: EnrichedRecord | None = None
    refresh_at_ms: int | None = None
    unchanged: bool = False
    work: looks.Work | None = None
    """What looking again needs to know."""

    @property
    def packed(self) -> bytes:
        """The record for the server."""
        return pack_json(self.fields["data"].encode()) if self.record else b""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why there is an output: ``final`` ends a request that somebody published, ``parent`` is that request elsewhere."""

    why: Why = "asked"
    final: bool = True
    parent: str | None = None


def cause_of(request: TitleRequest, mode: Mode, known: Known, *, replayed: bool = False) -> Cause:
    """Why a request gets this output; what the pipeline asked for itself ends no request that anybody published."""
    request_id = request.request_id or ""
    if mode == "early":
        return Cause("early", final=False, parent=request.parent)
    if mode == "revision":
        parent = request.parent or (request_id if replayed else None)
        return Cause("replay" if replayed else "late", final=False, parent=parent)
    if request.why not in (None, "asked"):
        return Cause(request.why, final=False, parent=request.parent or known.publisher or None)
    if not request.amend:
        return Cause(parent=request.parent)
    before = known.publisher if known.publisher != request_id else None
    return Cause("amend", parent=request.parent or before or None)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def said_now(state: State) -> dict[str, PartialResult]:
    """What every source says, those that never answered and those that were left out included."""
    return {**state.with_missing(), **_left_out(state)}


def joined_now(
    state: State, partials: Mapping[str, PartialResult], policy: Policy, weights: Weights | None = None
) -> Joined | None:
    """What the sources say now, side by side; ``None`` when the work was not accepted or no source has an entry."""
    identified = state.identified
    if identified is None or identified.verdict != "accept":
        return None
    if not any(partial.outcome == "ok" for partial in partials.values()):
        return None
    return join(partials, {s: one for s, one in identified.match.items() if s in partials}, policy, weights)


def merged(
    state: State,
    gathered: Gathered,
    policy: Policy,
    overrides: Overrides = NOTHING,
    known_id: str = "",
    joined: Joined | None = None,
    weights: Weights | None = None,
) -> EnrichedRecord | None:
    """The record of an accepted work; ``None`` when no source has an entry, or none whose id can name the record.

    ``joined`` is used where nothing that was known has come to what the sources say now; ``weights`` are how far they
    are believed.
    """
    if joined is None or not joined.is_of(gathered.partials):
        joined = joined_now(state, gathered.partials, policy, weights)
    if joined is None or state.identified is None:
        return None
    record = merge(
        gathered.partials,
        asked=state.identified.asked,
        policy=policy,
        known_id=known_id or None,
        overrides=overrides.values_for(state.identified.evidence.ids),
        joined=joined,
    )
    return admit(record, gathered.failed) if record.anime_id else None


def compose(
    state: State,
    record: EnrichedRecord | None,
    known: Known,
    now: datetime,
    *,
    mode: Mode = "final",
    view: bool = False,
    gathered: Gathered | None = None,
) -> Output:
    """The output for ``state`` as of ``now`` (aware); a ``view`` leaves the known record as it is.

    ``gathered`` is what the record was made of: it tells when to look again.
    """
    cause = cause_of(state.request, mode, known, replayed=state.replayed)
    if record is None:
        return _without_record(state, now, cause)
    gone = [*vanished(gathered, known), *change_of(record, known)] if gathered and not view else []
    same = known.hash == record.content_hash and not gone
    number = known.revision if same or view else known.next_revision
    changes = [] if same or view else [*gone, *(revision.compare(known.record, record) or [])]
    record = record.model_copy(update={"revision": number, "generated_at": iso(now)})
    event = EnrichedTitle.model_construct(
        request_id=state.request.request_id or "",
        anime_id=record.anime_id,
        title=record.title,
        revision=number,
        status=_status_with(record, state),
        final=cause.final,
        why=cause.why,
        parent=cause.parent,
        record=record,
        candidates=[],
        changes=changes,
        missing=record.completeness.missing,
    )
    heard = looks.heard_in(record)
    if gathered:
        heard = looks.heard_now(gathered, now.timestamp(), looks.heard_before(known))
    work = looks.work_of(record, heard, known.unchanged + 1 if same else 0)
    return Output(event, flat(event), record, int(looks.next_look(work) * 1000), same, work)


def _status_with(record: EnrichedRecord, state: State) -> Status:
    """The status of a request that has a record: one that amends it is as complete as the whole.

    A record that no site bears out any more is never complete.
    """
    if state.request.amend:
        failing = set(record.completeness.missing.values()) - {*ANSWERS, SKIPPED, Reason.NOT_CONFIGURED.value}
        return "complete" if record.completeness.answered and not failing else "partial"
    return status_of(state)


def status_of(state: State) -> Status:
    """The status of a request whose work was accepted."""
    partials = state.with_missing()
    if not any(partial.outcome == "ok" for partial in partials.values()):
        absent = partials and all(partial.outcome in ANSWERS for partial in partials.values())
        return "not_found" if absent else "failed"
    return "complete" if all(partial.outcome in ANSWERS for partial in partials.values()) else "partial"


def flat(event: EnrichedTitle) -> dict[str, str]:
    """The fields of an output entry, fit for a person with redis-cli; ``data`` is the record as JSON.

    ``output_id`` is missing: the step that emits it gives it.
    """
    fields = {**heading(event), "data": event.record.model_dump_json(exclude_none=True)}
    if event.changes:
        fields["changes"] = json.dumps(
            [c.model_dump(exclude_none=True) for c in event.changes], ensure_ascii=False
        )
    return fields


def heading(event: EnrichedTitle) -> dict[str, str]:
    """The fields of an output entry that say whose and what it is."""
    fields = {
        "request_id": event.request_id,
        "anime_id": event.anime_id or "",
        "title": event.title or "",
        "revision": str(event.revision),
        "status": event.status,
        "final": "true" if event.final else "false",
        "why": event.why,
        "schema_version": event.schema_version,
    }
    return {**fields, "parent": event.parent} if event.parent else fields


def failed_fields(
    request_id: str, message: str, reason: str, next_step: str = "", cause: Cause | None = None
) -> dict[str, str]:
    """The one output of a request that could not be read or worked on."""
    cause = cause or Cause()
    refusal = Refusal(status="failed", reason=reason, message=message, next_step=next_step or None)
    event = EnrichedTitle(
        request_id=request_id,
        status="failed",
        revision=0,
        final=cause.final,
        why=cause.why,
        parent=cause.parent,
        record=refusal,
    )
    return flat(event)


def _without_record(state: State, now: datetime, cause: Cause) -> Output:
    identified = state.identified
    refusal = Refusal(
        status=_refused(state),
        title=state.request.title,
        candidates=identified.candidates if identified else [],
        match=identified.match if identified else {},
        sources={name: as_report(partial) for name, partial in said_now(state).items()},
        generated_at=iso(now),
        **_reason(state),
    )
    event = EnrichedTitle(
        request_id=state.request.request_id or "",
        title=state.request.title,
        revision=0,
        status=refusal.status,
        final=cause.final,
        why=cause.why,
        parent=cause.parent,
        record=refusal,
        candidates=refusal.candidates or [],
    )
    return Output(event, flat(event))


def _refused(state: State) -> Refused:
    verdict = state.identified.verdict if state.identified else "failed"
    if verdict == "accept" and not _nameless(state):
        return "not_found" if status_of(state) == "not_found" else "failed"
    words: dict[str, Refused] = {"ambiguous": "ambiguous", "none": "not_found"}
    return words.get(verdict, "failed")


def _reason(state: State) -> dict[str, str]:
    if state.identified is None:
        message = "the title was not identified before the deadline"
        return {"reason": Reason.DEADLINE.value, "message": message}
    return NAMELESS if state.identified.verdict == "accept" and _nameless(state) else {}


def _nameless(state: State) -> bool:
    """Whether entries came in, but none with an id that can name a record."""
    return any(partial.outcome == "ok" for partial in state.partials.values())


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
