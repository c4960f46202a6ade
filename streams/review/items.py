"""What an output leaves to a person: a title that may mean several works, an entry refused as another work, values that
contradict each other. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from sources.discovery import id_name
from sources.record import Facts, SourceRecord
from streams.contract.events import PartialResult, TitleRequest
from streams.contract.record import CandidateReport, Conflict, EnrichedRecord
from streams.merging.pins import PINNED
from streams.text.normalization import form

ItemKind = Literal["title", "entry", "value"]
MOST_CHOICES = 9
"""One a key."""
SURE = 0.9
"""A value that is as probable as that needs no person."""
_PLACE: Mapping[ItemKind, float] = {"title": 0.0, "entry": 1e13, "value": 2e13}
"""In milliseconds: what keeps a record from being made comes before what is wrong in one, and both before what may be."""


class Choice(CandidateReport):
    """One answer: a work or an entry with its evidence, or a value and who says it."""

    value: Any = None
    """The value, where values contradict each other."""


class Item(BaseModel):
    """One thing that a person is to decide, with the evidence of each answer."""

    key: str
    """What it is about."""
    mark: str
    """Mark of the evidence; a decision names it."""
    kind: ItemKind
    """title, entry or value."""
    at_ms: int
    """When it came up, Unix milliseconds."""
    title: str = ""
    """The title that was asked for, or that of the work."""
    year: int | None = None
    """The year that was asked for."""
    type: str | None = None
    """The type that was asked for."""
    anime_id: str = ""
    """The work, where there is one."""
    source: str = ""
    """The source whose entry was refused."""
    field: str = ""
    """The field on which values contradict each other."""
    rule: str = ""
    """The rule that decided, or could not."""
    parent: str = ""
    """The request that left the doubt."""
    work: Choice | None = None
    """The work beside whose entry it stands."""
    choices: list[Choice] = Field(default_factory=list)
    """The answers, in the order of their keys."""

    @property
    def score(self) -> float:
        """Its place in the queue."""
        return _PLACE[self.kind] + self.at_ms


def title_key(title: str, year: int | None, kind: str | None) -> str:
    """What a decision about a title is kept under: spelt alike, it is one title."""
    return f"title:{form(title).written}|{year or ''}|{kind or ''}"


def entry_key(anime_id: str, source: str) -> str:
    """The same for the entry of a source beside a work."""
    return f"entry:{anime_id}|{source}"


def value_key(anime_id: str, field: str) -> str:
    """The same for a value of a work."""
    return f"value:{anime_id}|{field}"


def of_refusal(request: TitleRequest, candidates: list[CandidateReport], at_ms: int) -> Item | None:
    """The item of a title that is ambiguous; ``None`` where a person could choose nothing."""
    choices = [Choice.model_validate(one.model_dump()) for one in candidates if one.ids][:MOST_CHOICES]
    if not request.title or request.ids or not choices:
        return None
    return Item(
        key=title_key(request.title, request.year, request.type),
        mark=_mark(sorted(_words(one.ids) for one in choices)),
        kind="title",
        at_ms=at_ms,
        title=request.title,
        year=request.year,
        type=request.type,
        rule=next((one.rule for one in choices if one.rule), ""),
        parent=request.parent or request.request_id or "",
        choices=choices,
    )


def of_record(
    record: EnrichedRecord, partials: Mapping[str, PartialResult], parent: str, at_ms: int
) -> Iterator[Item]:
    """The items of a record: entries refused as another work, values that contradict each other and are not sure."""
    shared: dict[str, Any] = {
        "title": record.title or "",
        "anime_id": record.anime_id,
        "at_ms": at_ms,
        "parent": parent,
    }
    for source, partial in partials.items():
        own = record.anime_id.startswith(f"{id_name(source)}:")
        if partial.outcome == "mismatch" and partial.record is not None and not own:
            yield _of_entry(source, partial, partial.record, _work(record), shared)
    for conflict in record.conflicts:
        if conflict.field in Facts.model_fields and _is_unsure(record, conflict.field):
            yield _of_conflict(conflict, shared)


def answered(
    request: TitleRequest, record: EnrichedRecord | None, partials: Mapping[str, PartialResult]
) -> set[str]:
    """What need not wait any longer, if it did: the title that has a record, entries taken, values that agree."""
    if record is None:
        return set()
    found = {value_key(record.anime_id, field) for field in Facts.model_fields}
    found |= {entry_key(record.anime_id, name) for name, one in partials.items() if one.outcome == "ok"}
    return found | answered_title(request)


def answered_title(request: TitleRequest) -> set[str]:
    """The title of a request that has its record: it need not wait, if it did."""
    return (
        {title_key(request.title, request.year, request.type)} if request.title and not request.ids else set()
    )


def _of_entry(
    source: str, partial: PartialResult, entry: SourceRecord, work: Choice, shared: Mapping[str, Any]
) -> Item:
    match = partial.match
    choice = Choice(
        title=entry.title or entry.source_id,
        titles=_titles(entry),
        ids={id_name(source): entry.source_id},
        type=entry.type,
        year=entry.year,
        url=entry.url,
        episode_count=entry.episode_count,
        picture=_picture(entry),
        links={source: {**entry.ids, id_name(source): entry.source_id}},
        sources=[source],
        confidence=match.confidence if match else None,
        rule=match.rule if match else None,
        rules=match.rules if match else [],
    )
    return Item(
        key=entry_key(shared["anime_id"], source),
        mark=_mark([id_name(source), entry.source_id]),
        kind="entry",
        source=source,
        rule=choice.rule or "",
        work=work,
        choices=[choice],
        **shared,
    )


def _of_conflict(conflict: Conflict, shared: Mapping[str, Any]) -> Item:
    said: dict[str, tuple[Any, list[str]]] = {}
    for source, value in conflict.values.items():
        said.setdefault(_words(value), (value, []))[1].append(source)
    choices = [
        Choice(title=_words(value), value=value, sources=sources, rule=conflict.rule)
        for value, sources in said.values()
    ]
    return Item(
        key=value_key(shared["anime_id"], conflict.field),
        mark=_mark(sorted(said)),
        kind="value",
        field=conflict.field,
        rule=conflict.rule,
        choices=sorted(choices, key=lambda one: one.value != conflict.chosen)[:MOST_CHOICES],
        **shared,
    )


def _is_unsure(record: EnrichedRecord, field: str) -> bool:
    told = record.provenance.get(field)
    return told is None or (told.source != PINNED and (told.confidence is None or told.confidence < SURE))


def _work(record: EnrichedRecord) -> Choice:
    return Choice(
        title=record.title or record.anime_id,
        titles=_titles(record),
        ids=record.ids,
        type=record.type,
        year=record.year,
        episode_count=record.episode_count,
        picture=_picture(record),
        sources=record.completeness.answered,
    )


def _titles(facts: Facts) -> list[str]:
    named = [facts.title, facts.title_english, facts.title_native, *(one.text for one in facts.titles)]
    return list(dict.fromkeys(title for title in named if title))[:6]


def _picture(facts: Facts) -> str | None:
    return next((one.url for one in facts.images if one.kind in {"poster", "cover"}), None)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _mark(evidence: Any) -> str:
    """A short name of the evidence; the same evidence has the same name."""
    return hashlib.sha256(json.dumps(evidence, ensure_ascii=True).encode()).hexdigest()[:16]
