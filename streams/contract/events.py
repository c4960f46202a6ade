"""The wire contract: what travels on the streams. Nothing that a newer producer adds is refused."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from sources.described import Described
from sources.discovery import id_names
from sources.parsing.vocabulary import canonical, words
from sources.record import SourceRecord
from streams.contract.profiles import Part, Profile
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
FOLLOWED = frozenset({"refresh", "season", "change", "aired"})
"""Why we look by ourselves: nobody waits for it, and where nothing is new, nothing is told."""
MAX_TITLE = 500
MAX_ID = 200


class Event(Described):
    """Base of all events."""

    model_config = ConfigDict(extra="allow")

    schema_version: str = SCHEMA_VERSION
    """Version of this contract."""


TitleText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TITLE)]
Identifier = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ID)]


_TEXTS = {"title", "request_id", "parent"}
_NAMES = {"only", "skip", "fields"}


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _number_as_text(value: object) -> object:
    """A whole number as the text that names it, and a text without a byte order mark; anything else as it is."""
    if isinstance(value, str):
        return value.strip("\ufeff")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_names(value: object) -> object:
    """The names in one text, set apart by commas or blanks, or in a list without what says nothing."""
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return [one for one in value if not _is_nothing(one)] if isinstance(value, list) else value


class TitleRequest(Event):
    """A title (or ids, or both) to enrich. ``deadline_s`` counts from acceptance, in seconds.

    ``wait_for_blocked`` waits (until the deadline) for a site that has shut us out, instead of finishing without it.
    ``long_tail`` false asks each source for its main document only; unset, the setting of that name decides.
    ``amend`` adds to the known record: sources that are not asked keep what they said last. ``why`` and ``parent`` (the
    request that somebody published) are set on requests that the pipeline makes itself: their outputs are not final.
    """

    title: TitleText | None = None
    """The title to look for."""
    request_id: Identifier | None = None
    """A name of the publisher's own; the id of its entry where none is given."""
    year: int | None = Field(default=None, ge=1900, le=2200)
    """The year in which the work began."""
    type: str | None = None
    """Its type: TV, MOVIE and so on."""
    ids: dict[str, Identifier] = Field(default_factory=dict)
    """Its ids by site, as far as they are known."""
    only: list[str] | None = None
    """Ask these sources and no others."""
    skip: list[str] | None = None
    """Do not ask these sources."""
    priority: Priority = "bulk"
    """interactive goes before bulk."""
    deadline_s: float | None = Field(default=None, gt=0, le=86_400)
    """Seconds from acceptance until it is closed with what is there."""
    refresh: bool = False
    """Ask the sites even for what the cache has."""
    early: bool = False
    """Give out a first record when only slow sites are missing."""
    long_tail: bool | None = None
    """False: main documents only. Unset, the setting LONG_TAIL decides."""
    wait_for_blocked: bool = False
    """Wait until the deadline for a site that shuts us out."""
    amend: bool = False
    """Add to the known record: sources that are not asked keep what they said."""
    reply_to: Identifier | None = None
    """A stream of the publisher's that gets the outputs too."""
    profile: Profile | None = None
    """How much of the record goes to `reply_to`: slim, text, notes, or full (the whole). Others still get the whole."""
    fields: list[str] | None = None
    """Fields of the record that go to `reply_to`, in place of a profile or besides it."""
    why: Why | None = None
    """Why the pipeline asked by itself; not for publishers."""
    parent: Identifier | None = None
    """The request that somebody published, where the pipeline asks by itself."""

    @property
    def priority_at_sites(self) -> Literal["interactive", "bulk", "following"]:
        """Where its questions to a site stand: behind those of people, if nobody asked for it."""
        return "following" if self.why in FOLLOWED else self.priority

    @model_validator(mode="before")
    @classmethod
    def _as_people_write_it(cls, values: object) -> object:
        """``null`` and empty text say nothing, whatever the field; an id (or a title, as of "86") may be a number.

        Names may be given as one text; an empty list for ``ids`` is how PHP writes an empty object.
        """
        if not isinstance(values, dict):
            return values
        said = {k: v for k, v in values.items() if not (k in cls.model_fields and _is_nothing(v))}
        for name in _TEXTS & said.keys():
            said[name] = _number_as_text(said[name])
        for name in _NAMES & said.keys():
            said[name] = _as_names(said[name])
        if said.get("ids") == []:
            del said["ids"]
        if isinstance(said.get("ids"), dict):
            known = {site: value for site, value in said["ids"].items() if not _is_nothing(value)}
            said["ids"] = {site: _number_as_text(value) for site, value in known.items()}
        return said

    @field_validator("ids")
    @classmethod
    def _lead_nowhere_else(cls, value: dict[str, str]) -> dict[str, str]:
        """An id becomes part of an address; ``..`` would change that address."""
        for site, one in value.items():
            if {"", ".", ".."} & set(one.replace("\\", "/").split("/")):
                raise ValueError(f"{site}: {one[:40]!r} is no id")
        return value

    @field_validator("type")
    @classmethod
    def _one_of_ours(cls, value: str | None) -> str | None:
        """``tv`` and ``TV Special`` are as good as our words; a kind that no site has would speak against every work."""
        word = canonical("type", "", value)
        if word is None and value and value.strip():
            raise ValueError(f"{value[:40]!r} is none of {', '.join(words('type'))}")
        return word

    @field_validator("fields")
    @classmethod
    def _of_a_record(cls, value: list[str] | None) -> list[str] | None:
        Part.of(fields=value or ())
        return value

    @property
    def part(self) -> Part:
        """The part of the record that goes to `reply_to`."""
        return Part.of(self.profile or "", self.fields or ())

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


class Evidence(Described):
    """What is known about the asked-for work: enough to recognise it on a site without cross ids."""

    titles: list[str] = Field(default_factory=list)
    """Titles of the work."""
    type: str | None = None
    """Its type."""
    year: int | None = None
    """The year in which it began."""
    start_date: str | None = None
    """The day on which it began, as exact as it is known."""
    episode_count: int | None = None
    """How many episodes it has."""
    ids: dict[str, str] = Field(default_factory=dict)
    """Its ids by site."""


class IdentifiedTitle(Event):
    """What a request was identified as; every source group reads it and looks whether it is ``asked``.

    ``chosen`` holds the ids to fetch by source, ``reports`` the sources that are not asked and why, ``candidates`` the
    works an ambiguous title may mean. ``deadline_at`` is Unix milliseconds.
    """

    request_id: str
    """The request that this belongs to."""
    request: TitleRequest
    """The request itself."""
    verdict: Literal["accept", "ambiguous", "none", "failed"] = "accept"
    """One work, several, none, or nobody could be asked."""
    asked: list[str] = Field(default_factory=list)
    """Sources that are asked for the work."""
    chosen: dict[str, str] = Field(default_factory=dict)
    """The ids to fetch, by source."""
    evidence: Evidence = Field(default_factory=Evidence)
    """What is known of the work."""
    match: dict[str, MatchReport] = Field(default_factory=dict)
    """What was found at each source, and why it was or was not taken."""
    reports: dict[str, SourceReport] = Field(default_factory=dict)
    """Sources that are not asked, and why."""
    candidates: list[CandidateReport] = Field(default_factory=list)
    """Works that an ambiguous title may mean."""
    deadline_at: float = 0.0
    """When the request is closed, Unix milliseconds."""
    traceparent: str | None = None
    """Trace that the request belongs to (W3C)."""


class PartialResult(Event):
    """What one source contributed to one request, be it a record or a reason why there is none."""

    request_id: str
    """The request that this belongs to."""
    source: str
    """The source that speaks."""
    outcome: Outcome
    """How the source fared."""
    reason: str | None = None
    """Reason code, where it gave no record."""
    message: str | None = None
    """The reason as a sentence."""
    next_step: str | None = None
    """What a person can do about it."""
    answered_as: str | None = None
    """Id of the entry that the site gave in place of the one that was asked for."""
    url: str | None = None
    """The entry's page."""
    fetched_at: str | None = None
    """When the site said so, ISO 8601."""
    fetched_via: str | None = None
    """By which way it was read: api, http or browser."""
    from_cache: bool = False
    """Whether all of it came from the cache."""
    stale: bool = False
    """Whether it is older than it should be."""
    duration_ms: int | None = None
    """How long it took, in milliseconds."""
    attempts: int = 1
    """How often it was asked."""
    match: MatchReport | None = None
    """Why its entry is, or is not, the work."""
    record: SourceRecord | None = None
    """What it says of the work."""


class EnrichedTitle(Event):
    """The output entry; ``data`` on the wire is this event's ``record`` as JSON.

    ``final`` is true exactly once for a request that somebody published; what comes before or later says ``why``.
    ``output_id`` is ``anime_id@revision`` on the one entry that made this revision and ``request_id#n`` on every other;
    the server gives it. ``parent`` is the request that somebody published, where this answers one that was made for it.
    """

    request_id: str
    """The request that this belongs to."""
    output_id: str = ""
    """Name of this output: `anime_id@revision` where it made the revision, `request_id#n` otherwise."""
    anime_id: str | None = None
    """The work, where there is one."""
    title: str | None = None
    """Title of the work, or the one that was asked for."""
    revision: int = 1
    """Number of the record's version; 0 without a record."""
    status: Status
    """How the request fared."""
    final: bool = True
    """Whether this ends the request; true once for each that somebody published."""
    why: Why = "asked"
    """What made us speak."""
    parent: str | None = None
    """The request that somebody published, where this answers one made for it."""
    record: EnrichedRecord | Refusal
    """The record, or why there is none."""
    candidates: list[CandidateReport] = Field(default_factory=list)
    """Works that an ambiguous title may mean."""
    changes: list[Change] = Field(default_factory=list)
    """What is new since the revision before."""
    missing: dict[str, str] = Field(default_factory=dict)
    """Sources that failed to answer, each with its reason code."""


class DeadLetter(Event):
    """An entry that could not be processed: where it stood, why, how often it was tried, and the original fields."""

    stream: str
    """The stream on which the entry stood."""
    group: str
    """The group that could not process it."""
    entry_id: str
    """The entry's id there."""
    request_id: str | None = None
    """The request that this belongs to."""
    source: str | None = None
    """The source that could not be asked."""
    reason: str
    """Reason code."""
    message: str
    """The reason as a sentence."""
    next_step: str = ""
    """What a person can do about it."""
    attempts: int = 1
    """How often it was tried."""
    at: str
    """When it was given up, ISO 8601."""
    trace: str | None = None
    """Where in our code it broke."""
    original: dict[str, str] = Field(default_factory=dict)
    """The fields of the entry, as they were."""
