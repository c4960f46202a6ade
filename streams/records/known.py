"""What is known of a work from earlier looks, and how it goes together with what the sites say now. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sources import Reason
from sources.discovery import id_names
from streams.broker.fields import RecordField
from streams.broker.records import Known
from streams.contract.codec import unpack
from streams.contract.events import PartialResult
from streams.contract.record import Change, EnrichedRecord
from streams.merging.rules import instant

ANSWERS = {"ok", "not_found", "mismatch", "ambiguous"}
"""Outcomes by which a source has answered; everything else is a failure to answer."""

SKIPPED = "skipped"
GONE = Reason.NOT_FOUND.value
"""Why a source speaks only through what it said before: it has the entry no longer."""


@dataclass(slots=True)
class Gathered:
    """What a record is made of.

    ``copy`` and ``drop`` name the sources whose answer is kept beside the record from now on, or no longer; ``failed``
    those that failed now and speak through what they said last, with the reason; ``carried`` those that gave their main
    document alone, to which the rest of what they said last was added. A ``view`` was asked for with fewer
    sources than are known: it answers its request and leaves the record alone.
    """

    partials: dict[str, PartialResult]
    copy: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    carried: set[str] = field(default_factory=set)
    view: bool = False


def gather(now: Mapping[str, PartialResult], known: Known, *, amend: bool) -> Gathered:
    """Join what the sites say now with what they said last: an answer beats a failure, the newer answer the older.

    Sources that are not asked this time say nothing, unless the request amends the record.
    """
    gathered = Gathered(dict(now))
    for source, packed in known.said.items():
        _recall(gathered, source, packed, known.fetched.get(source), amend=amend)
    kept = set(known.said) - set(gathered.drop)
    gathered.copy = [s for s, p in gathered.partials.items() if is_record(p) and p is now.get(s)]
    asked_less = {s for s, p in now.items() if p.outcome == SKIPPED}
    gathered.view = not amend and bool(kept & asked_less)
    return gathered


def _recall(found: Gathered, source: str, packed: bytes, fetched: str | None, *, amend: bool) -> None:
    new = found.partials.get(source)
    if new is None or new.outcome == SKIPPED:
        if amend:
            found.partials[source] = unpack(PartialResult, packed)
        elif new is None:
            found.drop.append(source)
    elif is_record(new):
        if instant(fetched) > instant(new.fetched_at):
            found.partials[source] = unpack(PartialResult, packed)
    elif new.outcome in ANSWERS:
        found.drop.append(source)
    else:
        found.failed[source] = new.reason or new.outcome
        found.partials[source] = unpack(PartialResult, packed).model_copy(
            update={"stale": True, "reason": new.reason, "message": new.message, "next_step": new.next_step}
        )


def newly_fetched(known: Known, gathered: Gathered) -> list[str]:
    """The sources whose answer is another one than the known record has: those that were really asked again."""
    partials = gathered.partials
    return [source for source in gathered.copy if known.fetched.get(source) != partials[source].fetched_at]


def recall_absences(found: Gathered, known: Known) -> None:
    """Add that sources had no such entry when they were asked last: that is an answer too, until they are asked again."""
    reports = known.record.sources if known.record else {}
    for source, report in reports.items():
        new = found.partials.get(source)
        if report.outcome in ANSWERS and report.outcome != "ok" and (new is None or new.outcome == SKIPPED):
            entry = report.model_dump(exclude={"incomplete", "unmapped", "repaired"})
            found.partials[source] = PartialResult.model_validate(
                {"request_id": "", "source": source, **entry}
            )


def keep_last(found: Gathered, known: Known) -> None:
    """A work that its last site no longer has stays as it was told last, and says that the site has it no longer."""
    if any(is_record(partial) for partial in found.partials.values()):
        return
    for source in found.drop:
        found.partials[source] = unpack(PartialResult, known.said[source]).model_copy(
            update={"stale": True, "reason": GONE, "message": "the site has no such entry any more"}
        )
        found.failed[source] = GONE
    found.drop = []


def vanished(found: Gathered, known: Known) -> list[Change]:
    """The sources that have the work no longer and had it before, each once, as changes of the record."""
    gone = [*found.drop, *(source for source, reason in found.failed.items() if reason == GONE)]
    before = known.record if gone else None
    reported = {source: before.sources.get(source) for source in gone} if before else {}
    return [
        Change(path=f"sources.{source}", kind="vanished", before=report.url or source, flagged=True)
        for source, report in reported.items()
        if report and report.outcome == "ok" and report.reason != GONE
    ]


def is_record(partial: PartialResult) -> bool:
    """Whether a source gave an entry."""
    return partial.outcome == "ok" and partial.record is not None


def admit(record: EnrichedRecord, failed: Mapping[str, str]) -> EnrichedRecord:
    """The record saying that these sources did not answer this time, though it shows what they said last."""
    if not failed:
        return record
    whole = record.completeness
    answered = [source for source in whole.answered if source not in failed]
    missing = dict(sorted({**whole.missing, **failed}.items()))
    return record.model_copy(
        update={"completeness": whole.model_copy(update={"answered": answered, "missing": missing})}
    )


def alias_names(ids: Mapping[str, str], order: Sequence[str]) -> list[str]:
    """The names under which a work with these ids can be found again, best first; ``order`` is the policy's."""
    return [f"{site}:{ids[site]}" for site in order if site in ids]


def known_as(ids: Mapping[str, str], aliases: Mapping[str, str]) -> str:
    """The ``anime_id`` by which a work with these ids is known already, or ''; ``aliases`` come best first.

    A known id is not believed when its own site calls this work by another id: one wrong cross link must not make two
    works one.
    """
    for anime in aliases.values():
        site, _, own = anime.partition(":")
        if anime and ids.get(site, own) == own:
            return anime
    return ""


def facts(record: EnrichedRecord, gathered: Gathered) -> dict[str, str]:
    """Fields of the record's hash that scripts and replays read without unpacking anything."""
    missing = {
        s: r.reason or r.outcome for s, r in record.sources.items() if r.outcome not in {*ANSWERS, SKIPPED}
    }
    return {
        RecordField.TITLE: record.title or "",
        RecordField.MISSING: _json({**missing, **gathered.failed}),
        RecordField.IDS: _json({name: one for name, one in record.ids.items() if name in id_names()}),
        **{RecordField.FETCHED + s: gathered.partials[s].fetched_at or "" for s in gathered.copy},
    }


def _json(values: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(values.items())), ensure_ascii=False)
