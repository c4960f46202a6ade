"""The wire contract: what travels on the streams. Nothing that a newer producer adds is refused."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from sources.discovery import id_names
from sources.parsing.vocabulary import canonical, words
from sources.record import SourceRecord
from streams.contract.record import (
    SCHEMA_VERSION,
    CandidateReport,
    Change,
    EnrichedRecord,
    MatchReport,
    Outcome,
    Refusal,
    SourceReport,
)

Priority = Literal["interactive", "bulk"]
Status = Literal["complete", "partial", "ambiguous", "not_found", "failed"]
Why = Literal["asked", "early", "late", "amend", "replay", "refresh", "season", "change", "aired", "decision"]
"""What made us speak: the request itself, an early record, a late answer, an amendment, a replay, a refresh, what is new."""
MAX_TITLE = 500
MAX_ID = 200


class Event(BaseModel):
    """Base of all events."""

    model_config = ConfigDict(extra="allow")

    schema_version: str = SCHEMA_VERSION


TitleText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TITLE)]
Identifier = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ID)]


_TEXTS = {"title", "request_id", "parent"}


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _number_as_text(value: object) -> object:
    """A whole number as the text that names it; anything else as it is."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class TitleRequest(Event):
    """A title (or ids, or both) to enrich. ``deadline_s`` counts from acceptance, in seconds.

    ``wait_for_blocked`` waits (until the deadline) for a site that has shut us out, instead of finishing without it.
    ``amend`` adds to the known record: sources that are not asked keep what they said last. ``why`` and ``parent`` (the
    request that somebody published) are set on requests that the pipeline makes itself: their outputs are not final.
    """

    title: TitleText | None = None
    request_id: Identifier | None = None
    year: int | None = Field(default=None, ge=1900, le=2200)
    type: str | None = None
    ids: dict[str, Identifier] = Field(default_factory=dict)
    only: list[str] | None = None
    skip: list[str] | None = None
    priority: Priority = "bulk"
    deadline_s: float | None = Field(default=None, gt=0, le=86_400)
    refresh: bool = False
    early: bool = False
    wait_for_blocked: bool = False
    amend: bool = False
    reply_to: Identifier | None = None
    why: Why | None = None
    parent: Identifier | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_people_write_it(cls, values: object) -> object:
        """``null`` and empty text say nothing, whatever the field; an id (or a title, as of "86") may be a number."""
        if not isinstance(values, dict):
            return values
        said = {k: v for k, v in values.items() if not (k in cls.model_fields and _is_nothing(v))}
        for name in _TEXTS & said.keys():
            said[name] = _number_as_text(said[name])
        if isinstance(said.get("ids"), dict):
            known = {site: value for site, value in said["ids"].items() if not _is_nothing(value)}
            said["ids"] = {site: _number_as_text(value) for site, value in known.items()}
        return said

    @field_validator("type")
    @classmethod
    def _one_of_ours(cls, value: str | None) -> str | None:
        """``tv`` and ``TV Special`` are as good as our words; a kind that no site has would speak against every work."""
        word = canonical("type", "", value)
        if word is None and value and value.strip():
            raise ValueError(f"{value[:40]!r} is none of {', '.join(words('type'))}")
        return word

    @model_validator(mode="after")
    def _something_to_look_for(self) -> Self:
        if not self.title and not self.ids:
            raise ValueError("needs a title or at least one id")
        if self.only and self.skip:
            raise ValueError("takes only or skip, not both")
        unknown = sorted(set(self.ids).difference(id_names() if self.ids else ()))
        if unknown:
            raise ValueError(f"unknown id names: {', '.join(unknown)} (known: {', '.join(id_names())})")
        return self


class Evidence(BaseModel):
    """What is known about the asked-for work: enough to recognise it on a site without cross ids."""

    titles: list[str] = Field(default_factory=list)
    type: str | None = None
    year: int | None = None
    start_date: str | None = None
    episode_count: int | None = None
    ids: dict[str, str] = Field(default_factory=dict)


class IdentifiedTitle(Event):
    """What a request was identified as; every source group reads it and looks whether it is ``asked``.

    ``chosen`` holds the ids to fetch by source, ``reports`` the sources that are not asked and why, ``candidates`` the
    works an ambiguous title may mean. ``deadline_at`` is Unix milliseconds.
    """

    request_id: str
    request: TitleRequest
    verdict: Literal["accept", "ambiguous", "none", "failed"] = "accept"
    asked: list[str] = Field(default_factory=list)
    chosen: dict[str, str] = Field(default_factory=dict)
    evidence: Evidence = Field(default_factory=Evidence)
    match: dict[str, MatchReport] = Field(default_factory=dict)
    reports: dict[str, SourceReport] = Field(default_factory=dict)
    candidates: list[CandidateReport] = Field(default_factory=list)
    deadline_at: float = 0.0
    traceparent: str | None = None


class PartialResult(Event):
    """What one source contributed to one request, be it a record or a reason why there is none."""

    request_id: str
    source: str
    outcome: Outcome
    reason: str | None = None
    message: str | None = None
    next_step: str | None = None
    url: str | None = None
    fetched_at: str | None = None
    fetched_via: str | None = None
    from_cache: bool = False
    stale: bool = False
    duration_ms: int | None = None
    attempts: int = 1
    match: MatchReport | None = None
    record: SourceRecord | None = None


class EnrichedTitle(Event):
    """The output entry; ``data`` on the wire is this event's ``record`` as JSON.

    ``final`` is true exactly once for a request that somebody published; what comes before or later says ``why``.
    ``output_id`` is ``anime_id@revision`` on the one entry that made this revision and ``request_id#n`` on every other;
    the server gives it. ``parent`` is the request that somebody published, where this answers one that was made for it.
    """

    request_id: str
    output_id: str = ""
    anime_id: str | None = None
    title: str | None = None
    revision: int = 1
    status: Status
    final: bool = True
    why: Why = "asked"
    parent: str | None = None
    record: EnrichedRecord | Refusal
    candidates: list[CandidateReport] = Field(default_factory=list)
    changes: list[Change] = Field(default_factory=list)
    missing: dict[str, str] = Field(default_factory=dict)


class DeadLetter(Event):
    """An entry that could not be processed: where it stood, why, how often it was tried, and the original fields."""

    stream: str
    group: str
    entry_id: str
    request_id: str | None = None
    source: str | None = None
    reason: str
    message: str
    next_step: str = ""
    attempts: int = 1
    at: str
    trace: str | None = None
    original: dict[str, str] = Field(default_factory=dict)
