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


def refusals(
    results: Mapping[str, Sequence[Candidate]], judgements: Sequence[Judgement]
) -> dict[str, MatchReport]:
    """Why each source's entries were not accepted."""
    reports = {}
    for source in results:
        mine = next((judgement for judgement in judgements if source in judgement.hit.work.sources), None)
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


def listed(judgements: Sequence[Judgement]) -> list[CandidateReport]:
    """The works it may be, best first."""
    return [
        _report(judgement.hit.work, judgement) for judgement in _worth_listing(judgements)[:MAX_CANDIDATES]
    ]


def shown_first(results: Mapping[str, Sequence[Candidate]]) -> list[CandidateReport]:
    """What the sites' answers together show first: the works with the best places in all of them."""
    places = defaultdict[tuple[str, str], float](float)
    for entries in results.values():
        for place, entry in enumerate(entries):
            places[entry.source, entry.id] = max(places[entry.source, entry.id], 1 / (_DAMPING + place))
    works = group({source: entries[: 2 * MOST_SHOWN] for source, entries in results.items()})
    ranked = sorted(works, key=lambda work: (-sum(places[c.source, c.id] for c in work.candidates), work.key))
    return [_report(work) for work in ranked[:MOST_SHOWN]]


def _report(work: Work, judgement: Judgement | None = None) -> CandidateReport:
    rules = list(judgement.rules) if judgement else [NOT_BORNE]
    return CandidateReport(
        title=work.candidates[0].title,
        ids=dict(work.traits.ids),
        type=min(work.traits.types, default=None),
        year=min(work.traits.years, default=None),
        url=next((entry.url for entry in work.candidates if entry.url), None),
        titles=_titles(work),
        episode_count=next((entry.episode_count for entry in work.candidates if entry.episode_count), None),
        picture=next((entry.picture for entry in work.candidates if entry.picture), None),
        links={entry.source: {id_name(entry.source): entry.id, **entry.ids} for entry in work.candidates},
        sources=work.sources,
        confidence=judgement.confidence if judgement else 0.0,
        rule=judgement.rule if judgement else NOT_BORNE.id,
        rules=rules,
    )


def _titles(work: Work) -> list[str]:
    """The headings, then what else it is called."""
    named = [entry.title for entry in work.candidates] + [
        title for entry in work.candidates for title in entry.titles
    ]
    return list(dict.fromkeys(title for title in named if title))[:MOST_TITLES]


def _worth_listing(judgements: Sequence[Judgement]) -> list[Judgement]:
    """The works without entries that have only a title which another work has with facts."""
    heads = {
        m.written
        for judgement in judgements
        for m in judgement.hit.work.traits.main
        if _has_facts(judgement.hit.work)
    }
    return [
        judgement
        for judgement in judgements
        if _has_facts(judgement.hit.work)
        or heads.isdisjoint(m.written for m in judgement.hit.work.traits.main)
    ]


def _has_facts(work: Work) -> bool:
    return bool(work.traits.types or work.traits.years or len(work.candidates) > 1)
