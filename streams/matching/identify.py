"""Which work a request means, and whether a site's entry is that work. Pure.

Cross links confirm; equal titles find; likeness alone never decides. What cannot be told apart is said to be ambiguous.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal

from sources.base import Candidate
from sources.discovery import id_name
from sources.parsing.dates import sure_part
from streams.contract.events import Evidence
from streams.contract.record import CandidateReport, MatchReport, RunnerUp
from streams.matching.alternatives import readings
from streams.matching.clusters import Work, group
from streams.matching.decision import decide
from streams.matching.overrides import NOTHING, Overrides
from streams.matching.prefilter import relevant
from streams.matching.ranking import Hit, Wanted, rate
from streams.matching.refusal import listed, refusals
from streams.matching.single_site import choose, confirm
from streams.text.similarity import Likeness

__all__ = ["Identity", "Wanted", "choose", "confirm", "identify"]

MAX_TITLES = 40
Verdict = Literal["accept", "ambiguous", "none"]


@dataclass(frozen=True, slots=True)
class Identity:
    """The verdict on a request: the work's evidence and chosen entries, or the works it may mean."""

    verdict: Verdict
    evidence: Evidence
    match: dict[str, MatchReport] = field(default_factory=dict)
    chosen: dict[str, Candidate] = field(default_factory=dict)
    candidates: list[CandidateReport] = field(default_factory=list)

    @property
    def suggestion(self) -> str | None:
        """The title of the one work that an unsure answer leaves.

        Searched for on all sites, it brings the entries whose links confirm the work, or those that speak against it.
        """
        only = self.verdict == "ambiguous" and len(self.candidates) == 1
        return self.candidates[0].title if only else None


def identify(
    request: Wanted,
    results: Mapping[str, Sequence[Candidate]],
    *,
    witnesses: Sequence[Candidate] = (),
    overrides: Overrides = NOTHING,
) -> Identity:
    """The work that ``request`` means among the search answers of any of the sites.

    ``witnesses`` are entries of an imported data set: they link and name like a site's, but are never chosen.
    """
    pinned = overrides.pinned(request.title, request.year)
    ids = overrides.widened({**request.ids, **pinned})
    wanted = Wanted(request.title, request.year, request.type, ids)
    said = {**results, **_by_source(witnesses)}
    hits = _hits(wanted, said, overrides)
    best = hits[0] if pinned and hits and hits[0].ids else decide(hits)
    if best is None:
        best, hits = _read_otherwise(wanted, said, overrides, hits)
    if best is not None:
        return _accepted(wanted, best, [hit for hit in hits if hit is not best], results, overrides)
    if not hits:
        return _unseen(wanted, results, sure=bool(pinned))
    return Identity("ambiguous", _asked(wanted), refusals(results, hits), {}, listed(hits))


def _hits(wanted: Wanted, said: Mapping[str, Sequence[Candidate]], overrides: Overrides) -> list[Hit]:
    near = relevant(wanted, said, overrides.same)
    return rate(wanted, group(near, overrides.same, overrides.different))


def _read_otherwise(
    wanted: Wanted, said: Mapping[str, Sequence[Candidate]], overrides: Overrides, hits: list[Hit]
) -> tuple[Hit | None, list[Hit]]:
    """What a `reading` finds of a title that nothing bears as it is written; ``hits`` stay where none finds anything."""
    for reading in readings(wanted):
        if any(hit.ids or hit.level >= Likeness.WRITTEN for hit in hits):
            break
        others = _hits(reading, said, overrides)
        if best := _as_read(wanted, reading, others):
            return best, others
        hits = hits or others
    return None, hits


def _as_read(wanted: Wanted, reading: Wanted, hits: Sequence[Hit]) -> Hit | None:
    """The hit that may be accepted of another reading; one with a year must bear the title itself, and most must say that year.

    ``Title (2023)`` is how sites head one of two works of a year, so there the title must head the entry.
    """
    best = decide(hits)
    if best is None or reading.year == wanted.year:
        return best
    years = [one.year for one in best.work.candidates if one.year]
    of_the_year = 2 * years.count(reading.year or 0) > len(years)
    names_it = best.main or not (wanted.title or "").endswith(")")
    return best if of_the_year and names_it and best.level >= Likeness.REWORDED else None


def _unseen(wanted: Wanted, results: Mapping[str, Sequence[Candidate]], sure: bool) -> Identity:
    """Ids that no site could be asked about stand as given; those that a site does not know are nothing."""
    unknown = any(id_name(source) in wanted.ids for source in results)
    verdict: Verdict = "accept" if sure or (wanted.ids and not unknown) else "none"
    reports = {} if verdict == "accept" else refusals(results, [])
    return Identity(verdict, _asked(wanted), reports)


def _accepted(
    wanted: Wanted,
    hit: Hit,
    others: Sequence[Hit],
    results: Mapping[str, Sequence[Candidate]],
    overrides: Overrides,
) -> Identity:
    chosen = {one.source: one for one in hit.work.candidates if one.source in results}
    evidence = _evidence(wanted, hit.work, overrides)
    match: dict[str, MatchReport] = {}
    for source, candidates in results.items():
        if source in chosen:
            match[source] = _chosen(hit, chosen[source], others)
            continue
        one, match[source] = choose(evidence, candidates, overrides)
        if one is not None:
            chosen[source] = one
    return Identity("accept", evidence, match, chosen)


def _by_source(witnesses: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    found: dict[str, list[Candidate]] = {}
    for witness in witnesses:
        found.setdefault(witness.source, []).append(witness)
    return found


def _chosen(hit: Hit, candidate: Candidate, others: Sequence[Hit]) -> MatchReport:
    linked = [f"linked with {source}" for source in hit.work.sources if source != candidate.source]
    rest = ((other, one) for other in others for one in other.work.candidates)
    second = next(((other, one) for other, one in rest if one.source == candidate.source), None)
    runner_up = RunnerUp(id=second[1].id, title=second[1].title, score=second[0].score) if second else None
    return MatchReport(verdict="accept", score=hit.score, evidence=hit.reasons + linked, runner_up=runner_up)


def _asked(wanted: Wanted) -> Evidence:
    titles = [wanted.title] if wanted.title else []
    return Evidence(titles=titles, type=wanted.type, year=wanted.year, ids=dict(wanted.ids))


def _evidence(wanted: Wanted, work: Work, overrides: Overrides) -> Evidence:
    """What all entries say, titles in turn: each site gives its most important ones first."""
    members = work.candidates
    turns = zip_longest(*([one.title, *one.titles] for one in members))
    titles = [title for turn in turns for title in turn if title]
    return Evidence(
        titles=list(dict.fromkeys(titles))[:MAX_TITLES],
        type=next((one.type for one in members if one.type), wanted.type),
        year=next((one.year for one in members if one.year), wanted.year),
        start_date=max(
            (one.start_date for one in members if one.start_date),
            key=lambda date: len(sure_part(date)),
            default=None,
        ),
        episode_count=next((one.episode_count for one in members if one.episode_count), None),
        ids=overrides.widened({**wanted.ids, **work.traits.ids}),
    )
