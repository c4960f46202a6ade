"""Why an entry is, or is not, the asked-for work, and which works a title may mean: parts of records and events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from sources.record import Shape

Verdict = Literal["accept", "ambiguous", "none", "mismatch"]


class RunnerUp(Shape):
    """The candidate that came second."""

    id: str
    """Its id on the site."""
    title: str
    """Its title."""
    score: float
    """How well it fits, 0 to 1."""


class RuleReport(Shape):
    """One rule that applied: what it says, what it added (or took, below 0) in bits, and the evidence it used."""

    id: str
    """Name of the rule."""
    sentence: str
    """What the rule says."""
    weight: float
    """What it added, or took where below 0, in bits."""
    evidence: str = ""
    """What it went by."""


def odds(rules: Iterable[RuleReport]) -> float:
    """The odds, 0 to 1, that the weights of all rules add up to."""
    return round(1 / (1 + 2.0 ** -sum(one.weight for one in rules)), 4)


class MatchReport(Shape):
    """Why a source's entry is, or is not, the asked-for work."""

    verdict: Verdict
    """Whether the entry was taken for the work."""
    score: float = 0.0
    """How well it fits, 0 to 1."""
    evidence: list[str] = Field(default_factory=list)
    """What speaks for it, and against."""
    runner_up: RunnerUp | None = None
    """The candidate that came second."""
    confidence: float | None = None
    """The odds that the rules' weights add up to, 0 to 1."""
    rule: str | None = None
    """The rule that decided."""
    rules: list[RuleReport] = Field(default_factory=list)
    """All rules that applied, in the order in which they were asked."""


class CandidateReport(Shape):
    """One of several works that the asked-for title may mean, and by which ``rule`` it was not taken for it."""

    title: str
    """Title of the candidate."""
    ids: dict[str, str] = Field(default_factory=dict)
    """Its ids by site."""
    type: str | None = None
    """Its type."""
    year: int | None = None
    """The year in which it began."""
    url: str | None = None
    """Its page."""
    titles: list[str] = Field(default_factory=list)
    """Its titles on the sites, a few."""
    episode_count: int | None = None
    """How many episodes it has."""
    picture: str | None = None
    """Address of a picture of it."""
    links: dict[str, dict[str, str]] = Field(default_factory=dict)
    """The ids that each source's entry names, by source: who links to whom."""
    sources: list[str] = Field(default_factory=list)
    """Sources that list it."""
    confidence: float | None = None
    """How probable it is that this is meant, 0 to 1."""
    rule: str | None = None
    """The rule that decided."""
    rules: list[RuleReport] = Field(default_factory=list)
    """All rules that applied."""
