"""Whether the best answer to a request is sure enough to be accepted, by the `rules`, and what each of them said. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streams.contract.record import RuleReport, odds
from streams.matching.hits import Hit
from streams.matching.rules.model import Case, Rule, RuleSet
from streams.matching.rules.verdicts import RULES
from streams.text.similarity import Likeness


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one work: the rule that decided and all that applied, with what each added or took."""

    hit: Hit
    accepted: bool
    rule: str
    rules: tuple[RuleReport, ...]

    @property
    def confidence(self) -> float:
        """0 to 1: the odds that the weights of all rules add up to."""
        return odds(self.rules)

    @property
    def words(self) -> list[str]:
        """The evidence of the rules that speak for the work."""
        return [rule.evidence for rule in self.rules if rule.weight > 0 and rule.id != "facts_allow_it"]


def judge(case: Case, rules: RuleSet = RULES) -> Judgement:
    """What the rules say of one work."""
    hit = case.hit
    reports = [
        RuleReport(
            id=preference.id,
            sentence=preference.sentence,
            weight=preference.bits(hit),
            evidence=preference.says(hit),
        )
        for preference in rules.preferences
        if preference.measure(hit) > 0
    ]
    decided, evidence = _first(case, rules.verdicts)
    if decided is None:
        return Judgement(hit, False, "", tuple(reports))
    reports.append(
        RuleReport(id=decided.id, sentence=decided.sentence, weight=decided.weight, evidence=evidence)
    )
    return Judgement(hit, decided.verdict == "accept", decided.id, tuple(reports))


def _first(case: Case, verdicts: Sequence[Rule]) -> tuple[Rule | None, str]:
    for rule in verdicts:
        if evidence := rule.applies(case):
            return rule, evidence
    return None, ""


def decide(hits: Sequence[Hit], rules: RuleSet = RULES, pinned: bool = False) -> Judgement | None:
    """The judgement on the best hit, or on the one season of the year asked for; ``None`` without hits. ``hits`` as rated."""
    if not hits:
        return None
    best = _on(hits[0], hits, rules, pinned)
    if best.accepted or best.rule == "two_works":
        return best
    of_the_year = [hit for hit in hits if hit.year == 0 and hit.level > Likeness.BEGINNING]
    if len(of_the_year) == 1:
        only = _on(of_the_year[0], hits, rules)
        return only if only.rule == "season_of_the_year" else best
    return best


def judged(hits: Sequence[Hit], rules: RuleSet = RULES) -> list[Judgement]:
    """What the rules say of every hit, the best first."""
    return [_on(hit, hits, rules) for hit in hits]


def _on(hit: Hit, hits: Sequence[Hit], rules: RuleSet, pinned: bool = False) -> Judgement:
    others = [other for other in hits if other is not hit]
    rank = rules.rank(hit)
    tied = [other for other in others if rules.rank(other) == rank]
    return judge(Case(hit, others, tied, pinned=pinned and hit.ids > 0), rules)
