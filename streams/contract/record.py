"""The enriched record: one anime merged from all sources, showing who said what. Published as JSON Schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from sources.described import Described
from sources.record import Character, Episode, Facts, Link, Relation, Shape, Staff, Tag, Title, Unmapped
from streams.contract.matches import CandidateReport, MatchReport, RuleReport, RunnerUp, Verdict, odds
from streams.contract.scores import CombinedScore, SourceScore

__all__ = [
    "SCHEMA_VERSION",
    "Beaten",
    "CandidateReport",
    "Change",
    "CombinedScore",
    "Completeness",
    "Conflict",
    "EnrichedRecord",
    "MatchReport",
    "MergedCharacter",
    "MergedEpisode",
    "MergedLink",
    "MergedRelation",
    "MergedStaff",
    "MergedTag",
    "MergedTitle",
    "Outcome",
    "Provenance",
    "Refusal",
    "Refused",
    "RuleReport",
    "RunnerUp",
    "SourceReport",
    "SourceScore",
    "Verdict",
    "odds",
]

SCHEMA_VERSION = "1.1"

# fmt: off
Outcome = Literal[
    "ok", "not_found", "ambiguous", "mismatch", "failed", "timeout",
    "skipped", "unavailable", "blocked", "not_configured",
]
# fmt: on


class MergedTitle(Title):
    """A title and the sources that have it."""

    sources: list[str] = Field(default_factory=list)
    """Sources that say so."""


class MergedTag(Tag):
    """A tag and the sources that set it."""

    sources: list[str] = Field(default_factory=list)
    """Sources that say so."""


class MergedRelation(Relation):
    """A relation and the sources that name it; more sources, more trust."""

    sources: list[str] = Field(default_factory=list)
    """Sources that say so."""


class MergedLink(Link):
    """A link and the sources that have it."""

    sources: list[str] = Field(default_factory=list)
    """Sources that say so."""


class MergedEpisode(Episode):
    """An episode joined over the sources that list it."""

    links: list[MergedLink] = Field(default_factory=list)  # type: ignore[assignment]
    """Pages on which to watch it, each with its sources."""
    sources: list[str] = Field(default_factory=list)
    """Sources that list it."""


class MergedCharacter(Character):
    """A character joined over the sources that list it."""

    sources: list[str] = Field(default_factory=list)
    """Sources that list them."""


class MergedStaff(Staff):
    """A staff member joined over the sources that list them."""

    sources: list[str] = Field(default_factory=list)
    """Sources that list them."""


class Beaten(Shape):
    """A value that lost, and who said it."""

    source: str
    """Who said it."""
    value: Any
    """What was said."""


class Provenance(Shape):
    """Where one value comes from: the source(s), the rule that chose it, what it beat, and how probable it is (0 to 1)."""

    source: str
    """The source that decided."""
    sources: list[str] = Field(default_factory=list)
    """All sources that agree."""
    rule: str
    """The rule that chose the value."""
    fetched_at: str | None = None
    """When the source said so, ISO 8601."""
    stale: bool = False
    """Whether that is older than it should be."""
    beaten: list[Beaten] = Field(default_factory=list)
    """Values that lost."""
    confidence: float | None = None
    """How probable the value is, 0 to 1."""


class SourceReport(Shape):
    """How one source fared."""

    outcome: Outcome
    """How the source fared."""
    reason: str | None = None
    """Reason code, where it gave no record."""
    message: str | None = None
    """The reason as a sentence."""
    next_step: str | None = None
    """What a person can do about it."""
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
    incomplete: dict[str, str] = Field(default_factory=dict)
    """Parts of its entry that could not be read, each with its reason code."""
    unmapped: list[Unmapped] = Field(default_factory=list)
    """Values of its entry that the vocabulary does not know."""
    repaired: list[str] = Field(default_factory=list)
    """What was mended in its reply before it could be read."""


class Conflict(Shape):
    """Sources that contradict each other on one field; ``values`` by source."""

    field: str
    """The field on which sources contradict each other."""
    values: dict[str, Any]
    """What each source says."""
    chosen: Any = None
    """The value that was taken."""
    rule: str = ""
    """The rule that took it."""


class Completeness(Shape):
    """Which sources were asked, which answered, what is missing and why; ``filled`` is the share of fields with a value."""

    asked: list[str] = Field(default_factory=list)
    """Sources that were asked."""
    answered: list[str] = Field(default_factory=list)
    """Those that answered."""
    missing: dict[str, str] = Field(default_factory=dict)
    """Those that did not, each with its reason code."""
    stale: list[str] = Field(default_factory=list)
    """Those that speak through an older answer."""
    filled: float = 0.0
    """Share of the record's fields that have a value, 0 to 1."""


class Change(Shape):
    """One difference to the revision before; ``flagged`` marks what should not happen (counts that fall, types that turn)."""

    path: str
    """The field, as `broadcast.time` or `studios[Sunrise]`."""
    kind: Literal["appeared", "vanished", "rose", "fell", "changed"]
    """What happened to it."""
    before: Any = None
    """The value before; absent when there was none."""
    after: Any = None
    """The value now; absent when there is none."""
    flagged: bool = False
    """Whether it should not happen: a count that falls, a type that turns."""


class EnrichedRecord(Facts):
    """One merged entry. The unit is one entry of AniList/MyAnimeList: a season is an entry, not a show."""

    anime_id: str
    """Name of the work: its most trusted id, as `mal:1`."""
    merged_into: str | None = None
    """The work that goes on in place of this one, whose entries became that one's."""
    urls: dict[str, str] = Field(default_factory=dict)
    """Its page on each site."""
    titles: list[MergedTitle] = Field(default_factory=list)  # type: ignore[assignment]
    """All titles, each with its sources."""
    tags: list[MergedTag] = Field(default_factory=list)  # type: ignore[assignment]
    """Finer marks than genres, each with its sources."""
    relations: list[MergedRelation] = Field(default_factory=list)  # type: ignore[assignment]
    """Works that belong to it, each with its sources."""
    episodes: list[MergedEpisode] = Field(default_factory=list)  # type: ignore[assignment]
    """Its episodes, joined over the sources."""
    characters: list[MergedCharacter] = Field(default_factory=list)  # type: ignore[assignment]
    """Who appears in it, joined over the sources."""
    staff: list[MergedStaff] = Field(default_factory=list)  # type: ignore[assignment]
    """Who made it, joined over the sources."""
    score: CombinedScore | None = None
    """The one rating made of all sites'."""
    scores: dict[str, SourceScore] = Field(default_factory=dict)
    """Each site's rating on its own scale."""
    popularity: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Each site's own counters."""
    match: dict[str, MatchReport] = Field(default_factory=dict)
    """Why each source's entry is, or is not, this work."""
    provenance: dict[str, Provenance] = Field(default_factory=dict)
    """Where each value comes from, by field."""
    sources: dict[str, SourceReport] = Field(default_factory=dict)
    """How each source fared."""
    conflicts: list[Conflict] = Field(default_factory=list)
    """What sources contradict each other on."""
    completeness: Completeness = Field(default_factory=Completeness)
    """Who answered, and what is missing."""
    candidates: list[CandidateReport] = Field(default_factory=list)
    """Other works that the title may mean."""
    revision: int = 1
    """Number of this version of the record, from 1."""
    schema_version: str = SCHEMA_VERSION
    """Version of this contract."""
    generated_at: str | None = None
    """When it was made, ISO 8601."""
    content_hash: str = ""
    """Hash of its content; the same for two records that say the same."""
    reliability_version: str | None = None
    """Version of the table of how reliable the sources are."""
    search_text: str | None = None
    """The work in one text for search and embeddings: titles, kind, genres and tags, studios, description."""
    search_text_hash: str | None = None
    """SHA-256 of that text; what was made of the text is as good as new until it moves."""


Refused = Literal["ambiguous", "not_found", "failed"]


class Refusal(Described):
    """What ``data`` of an output holds when there is no record: why, and what to do."""

    model_config = ConfigDict(extra="allow")

    status: Refused
    """Why there is no record, in a word."""
    title: str | None = None
    """The title that was asked for."""
    reason: str | None = None
    """Reason code."""
    message: str | None = None
    """The reason as a sentence."""
    next_step: str | None = None
    """What a person can do about it."""
    candidates: list[CandidateReport] | None = None
    """Works that an ambiguous title may mean."""
    match: dict[str, MatchReport] | None = Field(default=None)
    """What was found at each source, and why it was not taken."""
    sources: dict[str, SourceReport] | None = None
    """How each source fared."""
    generated_at: str | None = None
    """When it was made, ISO 8601."""
