"""The enriched record: one anime merged from all sources, showing who said what. Published as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sources.record import Character, Episode, Facts, Link, Relation, Shape, Staff, Tag, Title, Unmapped

SCHEMA_VERSION = "1.1"

Verdict = Literal["accept", "ambiguous", "none", "mismatch"]
Outcome = Literal[
    "ok",
    "not_found",
    "ambiguous",
    "mismatch",
    "failed",
    "timeout",
    "skipped",
    "unavailable",
    "blocked",
    "not_configured",
]


class MergedTitle(Title):
    """A title and the sources that have it."""

    sources: list[str] = Field(default_factory=list)


class MergedTag(Tag):
    """A tag and the sources that set it."""

    sources: list[str] = Field(default_factory=list)


class MergedRelation(Relation):
    """A relation and the sources that name it; more sources, more trust."""

    sources: list[str] = Field(default_factory=list)


class MergedLink(Link):
    """A link and the sources that have it."""

    sources: list[str] = Field(default_factory=list)


class MergedEpisode(Episode):
    """An episode joined over the sources that list it."""

    links: list[MergedLink] = Field(default_factory=list)  # type: ignore[assignment]
    sources: list[str] = Field(default_factory=list)


class MergedCharacter(Character):
    """A character joined over the sources that list it."""

    sources: list[str] = Field(default_factory=list)


class MergedStaff(Staff):
    """A staff member joined over the sources that list them."""

    sources: list[str] = Field(default_factory=list)


class CombinedScore(Shape):
    """The one rating, 0 to 10, and the rule that made it."""

    value: float
    votes: int | None = None
    rule: str


class SourceScore(Shape):
    """One site's rating on its own scale; ``as_of`` is ISO 8601."""

    value: float
    scale_min: float
    scale_max: float
    votes: int | None = None
    as_of: str | None = None


class RunnerUp(Shape):
    """The candidate that came second."""

    id: str
    title: str
    score: float


class RuleReport(Shape):
    """One rule that applied: what it says, what it added (or took, below 0) in bits, and the evidence it used."""

    id: str
    sentence: str
    weight: float
    evidence: str = ""


def odds(rules: Iterable[RuleReport]) -> float:
    """The odds, 0 to 1, that the weights of all rules add up to."""
    return round(1 / (1 + 2.0 ** -sum(one.weight for one in rules)), 4)


class MatchReport(Shape):
    """Why a source's entry is, or is not, the asked-for work; ``score`` runs 0 to 1.

    ``rules`` are those that applied, in the order in which they were asked; ``rule`` is the one that decided, and
    ``confidence``, 0 to 1, the odds that their weights add up to.
    """

    verdict: Verdict
    score: float = 0.0
    evidence: list[str] = Field(default_factory=list)
    runner_up: RunnerUp | None = None
    confidence: float | None = None
    rule: str | None = None
    rules: list[RuleReport] = Field(default_factory=list)


class Beaten(Shape):
    """A value that lost, and who said it."""

    source: str
    value: Any


class Provenance(Shape):
    """Where one value comes from: the source(s), the rule that chose it, what it beat, and how probable it is (0 to 1)."""

    source: str
    sources: list[str] = Field(default_factory=list)
    rule: str
    fetched_at: str | None = None
    stale: bool = False
    beaten: list[Beaten] = Field(default_factory=list)
    confidence: float | None = None


class SourceReport(Shape):
    """How one source fared; ``reason`` is a reason code, ``next_step`` what a person can do about it.

    ``unmapped`` holds the values of its record that the vocabulary does not know, each once, ``repaired`` what had to be
    mended in its reply before it could be read.
    """

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
    incomplete: dict[str, str] = Field(default_factory=dict)
    unmapped: list[Unmapped] = Field(default_factory=list)
    repaired: list[str] = Field(default_factory=list)


class Conflict(Shape):
    """Sources that contradict each other on one field; ``values`` by source."""

    field: str
    values: dict[str, Any]
    chosen: Any = None
    rule: str = ""


class Completeness(Shape):
    """Which sources were asked, which answered, what is missing and why; ``filled`` is the share of fields with a value."""

    asked: list[str] = Field(default_factory=list)
    answered: list[str] = Field(default_factory=list)
    missing: dict[str, str] = Field(default_factory=dict)
    stale: list[str] = Field(default_factory=list)
    filled: float = 0.0


class Change(Shape):
    """One difference to the revision before; ``flagged`` marks what should not happen (counts that fall, types that turn)."""

    path: str
    kind: Literal["appeared", "vanished", "rose", "fell", "changed"]
    before: Any = None
    after: Any = None
    flagged: bool = False


class CandidateReport(Shape):
    """One of several works that the asked-for title may mean, and by which ``rule`` it was not taken for it."""

    title: str
    ids: dict[str, str] = Field(default_factory=dict)
    type: str | None = None
    year: int | None = None
    url: str | None = None
    sources: list[str] = Field(default_factory=list)
    confidence: float | None = None
    rule: str | None = None
    rules: list[RuleReport] = Field(default_factory=list)


class EnrichedRecord(Facts):
    """One merged entry. The unit is one entry of AniList/MyAnimeList: a season is an entry, not a show."""

    anime_id: str
    urls: dict[str, str] = Field(default_factory=dict)
    titles: list[MergedTitle] = Field(default_factory=list)  # type: ignore[assignment]
    tags: list[MergedTag] = Field(default_factory=list)  # type: ignore[assignment]
    relations: list[MergedRelation] = Field(default_factory=list)  # type: ignore[assignment]
    episodes: list[MergedEpisode] = Field(default_factory=list)  # type: ignore[assignment]
    characters: list[MergedCharacter] = Field(default_factory=list)  # type: ignore[assignment]
    staff: list[MergedStaff] = Field(default_factory=list)  # type: ignore[assignment]
    score: CombinedScore | None = None
    scores: dict[str, SourceScore] = Field(default_factory=dict)
    popularity: dict[str, dict[str, float]] = Field(default_factory=dict)
    match: dict[str, MatchReport] = Field(default_factory=dict)
    provenance: dict[str, Provenance] = Field(default_factory=dict)
    sources: dict[str, SourceReport] = Field(default_factory=dict)
    conflicts: list[Conflict] = Field(default_factory=list)
    completeness: Completeness = Field(default_factory=Completeness)
    candidates: list[CandidateReport] = Field(default_factory=list)
    revision: int = 1
    schema_version: str = SCHEMA_VERSION
    generated_at: str | None = None
    content_hash: str = ""
    reliability_version: str | None = None


Refused = Literal["ambiguous", "not_found", "failed"]


class Refusal(BaseModel):
    """What ``data`` of an output holds when there is no record: why, and what to do.

    ``candidates`` are the works that an ambiguous title may mean; ``sources`` says how each source fared.
    """

    model_config = ConfigDict(extra="allow")

    status: Refused
    title: str | None = None
    reason: str | None = None
    message: str | None = None
    next_step: str | None = None
    candidates: list[CandidateReport] | None = None
    match: dict[str, MatchReport] | None = Field(default=None)
    sources: dict[str, SourceReport] | None = None
    generated_at: str | None = None
