"""What an answer that accepts nothing says of the works it may be. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sources.base import Candidate
from sources.discovery import id_name
from streams.contract.record import CandidateReport, MatchReport, RuleReport
from streams.matching.clusters import Work, group
from streams.matching.rules.decision import Judgement

MAX_CANDIDATES = 10
MOST_TITLES = 6
MOST_SHOWN = 5
"""Works that are listed of those that merely stand in the sites' answers."""
_DAMPING = 60
"""How little the first places in a ranking differ, as in reciprocal rank fusion (Cormack and others, SIGIR 2009)."""
NOT_BORNE = RuleReport(
    id="not_borne", sentence="no entry bears the title; these are what the sites show first", weight=-6.0
)


def refusals(results: Mapping[str, Sequence[Candidate]], told: Sequence[Judgement]) -> dict[str, MatchReport]:
    """Why each source's entries were not accepted."""
    reports = {}
    for source in results:
        mine = next((one for one in told if source in one.hit.work.sources), None)
        if mine is None:
            reports[source] = MatchReport(
                verdict="none",
                evidence=["no candidate bears the title"],
                confidence=0.0,
                rule=NOT_BORNE.id,
                rules=[NOT_BORNE],
            )
            continue
        reports[source] = MatchReport(
            verdict="ambiguous",
            score=mine.hit.score,
            evidence=mine.words,
            confidence=mine.confidence,
            rule=mine.rule,
            rules=list(mine.rules),
        )
    return reports


def listed(told: Sequence[Judgement]) -> list[CandidateReport]:
    """The works it may be, best first."""
    return [_report(one.hit.work, one) for one in _worth_listing(told)[:MAX_CANDIDATES]]


def shown_first(results: Mapping[str, Sequence[Candidate]]) -> list[CandidateReport]:
    """What the sites' answers together show first: the works with the best places in all of them."""
    places = defaultdict[tuple[str, str], float](float)
    for found in results.values():
        for place, one in enumerate(found):
            places[one.source, one.id] = max(places[one.source, one.id], 1 / (_DAMPING + place))
    works = group({source: found[: 2 * MOST_SHOWN] for source, found in results.items()})
    ranked = sorted(works, key=lambda work: (-sum(places[c.source, c.id] for c in work.candidates), work.key))
    return [_report(work) for work in ranked[:MOST_SHOWN]]


def _report(work: Work, judgement: Judgement | None = None) -> CandidateReport:
    rules = list(judgement.rules) if judgement else [NOT_BORNE]
    return CandidateReport(
        title=work.candidates[0].title,
        ids=dict(work.traits.ids),
        type=min(work.traits.types, default=None),
        year=min(work.traits.years, default=None),
        url=next((one.url for one in work.candidates if one.url), None),
        titles=_titles(work),
        episode_count=next((one.episode_count for one in work.candidates if one.episode_count), None),
        picture=next((one.picture for one in work.candidates if one.picture), None),
        links={one.source: {id_name(one.source): one.id, **one.ids} for one in work.candidates},
        sources=work.sources,
        confidence=judgement.confidence if judgement else 0.0,
        rule=judgement.rule if judgement else NOT_BORNE.id,
        rules=rules,
    )


def _titles(work: Work) -> list[str]:
    """The headings, then what else it is called."""
    named = [one.title for one in work.candidates] + [
        title for one in work.candidates for title in one.titles
    ]
    return list(dict.fromkeys(title for title in named if title))[:MOST_TITLES]


def _worth_listing(told: Sequence[Judgement]) -> list[Judgement]:
    """The works without entries that have only a title which another work has with facts."""
    heads = {m.written for one in told for m in one.hit.work.traits.main if _has_facts(one.hit.work)}
    return [
        one
        for one in told
        if _has_facts(one.hit.work) or heads.isdisjoint(m.written for m in one.hit.work.traits.main)
    ]


def _has_facts(work: Work) -> bool:
    return bool(work.traits.types or work.traits.years or len(work.candidates) > 1)
