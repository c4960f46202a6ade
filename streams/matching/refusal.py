"""What an answer that accepts nothing says of the works it may be. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sources.base import Candidate
from streams.contract.record import CandidateReport, MatchReport
from streams.matching.clusters import Work
from streams.matching.ranking import Hit

MAX_CANDIDATES = 10


def refusals(results: Mapping[str, Sequence[Candidate]], hits: Sequence[Hit]) -> dict[str, MatchReport]:
    """Why each source's entries were not accepted."""
    reports = {}
    for source in results:
        mine = [hit for hit in hits if source in hit.work.sources]
        reports[source] = MatchReport(
            verdict="ambiguous" if mine else "none",
            score=mine[0].score if mine else 0.0,
            evidence=mine[0].reasons if mine else ["no candidate bears the title"],
        )
    return reports


def listed(hits: Sequence[Hit]) -> list[CandidateReport]:
    """The works it may be, best first."""
    return [
        CandidateReport(
            title=hit.work.candidates[0].title,
            ids=dict(hit.work.traits.ids),
            type=min(hit.work.traits.types, default=None),
            year=min(hit.work.traits.years, default=None),
            url=next((one.url for one in hit.work.candidates if one.url), None),
            sources=hit.work.sources,
        )
        for hit in _worth_listing(hits)[:MAX_CANDIDATES]
    ]


def _worth_listing(hits: Sequence[Hit]) -> list[Hit]:
    """The hits without entries that have only a title which another hit has with facts."""
    told = {one.written for hit in hits for one in hit.work.traits.main if _has_facts(hit.work)}
    return [
        hit
        for hit in hits
        if _has_facts(hit.work) or told.isdisjoint(one.written for one in hit.work.traits.main)
    ]


def _has_facts(work: Work) -> bool:
    return bool(work.traits.types or work.traits.years or len(work.candidates) > 1)
