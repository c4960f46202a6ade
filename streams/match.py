"""Which work a request means, and whether a site's entry is that work. Pure.

Cross links confirm; equal titles find; likeness alone never decides. What cannot be told apart is said to be ambiguous.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sources.base import Candidate
from sources.record import SourceRecord
from streams.events import Evidence
from streams.overrides import NOTHING, Overrides
from streams.record import CandidateReport, MatchReport, RunnerUp
from streams.titles import Likeness, TitleForm, form, likeness
from streams.traits import Agreement, Traits, compare, kinship, of_candidates, of_evidence, of_record, site_of
from streams.works import Work, group

MAX_CANDIDATES = 10
_SCORES = {
    Likeness.EXACT: 1.0,
    Likeness.WRITTEN: 0.97,
    Likeness.SPELLED: 0.92,
    Likeness.UNMARKED: 0.7,
    Likeness.MISSPELT: 0.6,
    Likeness.NONE: 0.0,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a title, ids, or both, and what else the asker knows."""

    title: str | None = None
    year: int | None = None
    type: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """The verdict on a request: the work's evidence and chosen entries, or the works it may mean."""

    verdict: Literal["accept", "ambiguous", "none"]
    evidence: Evidence
    match: dict[str, MatchReport] = field(default_factory=dict)
    chosen: dict[str, Candidate] = field(default_factory=dict)
    candidates: list[CandidateReport] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Hit:
    """How well a work answers the request; ``main`` if by a heading title, ``fits`` 1, 0 or -1 by year and type."""

    work: Work
    level: Likeness
    main: bool
    by_id: int
    fits: int

    @property
    def rank(self) -> tuple[int, int, int, bool]:
        return (self.by_id, self.fits >= 0, self.level, self.main)


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
    wanted = Wanted(request.title, request.year, request.type, {**request.ids, **pinned})
    everything = {**results, **_by_source(witnesses)}
    works = group(everything, overrides.same)
    hits = sorted((_hit(wanted, work) for work in works), key=lambda hit: hit.rank, reverse=True)
    hits = [hit for hit in hits if hit.level or hit.by_id]
    verdict, found = _verdict(wanted, hits, results, bool(pinned))
    if verdict != "accept":
        return Identity(verdict, _asked(wanted), _refusals(results, hits), {}, _reports(found))
    return _accepted(wanted, found, hits, results)


def choose(evidence: Evidence, candidates: Sequence[Candidate]) -> tuple[Candidate | None, MatchReport]:
    """The entry of one site that is the work of ``evidence``, if one is, and why."""
    asked = of_evidence(evidence)
    rated = [(_weight(compare(asked, of_candidates([one]))), one) for one in candidates]
    rated = sorted((row for row in rated if row[0] > 0), key=lambda row: (-row[0], row[1].id))
    if not rated:
        return None, MatchReport(verdict="none", evidence=["no candidate agrees with the evidence"])
    (score, best), rest = rated[0], rated[1:]
    runner_up = RunnerUp(id=rest[0][1].id, title=rest[0][1].title, score=rest[0][0]) if rest else None
    words = compare(asked, of_candidates([best])).words()
    close = bool(rest) and score - rest[0][0] < 0.05
    verdict: Literal["accept", "ambiguous"] = "accept" if score >= 0.7 and not close else "ambiguous"
    report = MatchReport(verdict=verdict, score=score, evidence=words, runner_up=runner_up)
    return (best if verdict == "accept" else None), report


def confirm(evidence: Evidence, record: SourceRecord, by_id: bool) -> MatchReport:
    """Whether a fetched entry is the work of ``evidence``; ``by_id`` if a cross link led to it."""
    agreement = compare(of_evidence(evidence), of_record(record))
    score = _weight(agreement)
    if by_id and not _denied(agreement):
        score = max(score, 0.8)
    verdict: Literal["accept", "mismatch"] = "accept" if score >= 0.7 else "mismatch"
    return MatchReport(verdict=verdict, score=score, evidence=agreement.words())


def _denied(agreement: Agreement) -> bool:
    """Whether an entry that a link names is another work all the same."""
    if agreement.title < Likeness.SPELLED:
        return agreement.contradicts or len(agreement.other_ids) > len(agreement.shared_ids)
    return agreement.contradicts and len(agreement.shared_ids) < 2


def _weight(agreement: Agreement) -> float:
    """0 to 1: likeness of the best title, moved by what else agrees or differs."""
    score = _SCORES[agreement.title] * 0.8
    if not agreement.title or agreement.contradicts:
        return 0.0
    score += 0.05 * agreement.supports + 0.02 * min(agreement.shared_titles, 4)
    score += 0.1 * len(agreement.shared_ids) - 0.4 * len(agreement.other_ids)
    return round(max(0.0, min(1.0, score)), 3)


def _by_source(witnesses: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    found: dict[str, list[Candidate]] = {}
    for witness in witnesses:
        found.setdefault(witness.source, []).append(witness)
    return found


def _hit(wanted: Wanted, work: Work) -> _Hit:
    """How ``work`` answers the request."""
    level, main = Likeness.NONE, False
    if wanted.title:
        asked = form(wanted.title)
        level, main = _level(asked, work.traits)
    by_id = sum(work.traits.ids.get(site) == value for site, value in wanted.ids.items())
    return _Hit(work, level, main, by_id, _fits(wanted, work.traits))


def _level(asked: TitleForm, seen: Traits) -> tuple[Likeness, bool]:
    by_main = max((likeness(asked, one, seen.types) for one in seen.main), default=Likeness.NONE)
    by_any = max((likeness(asked, one, seen.types) for one in seen.titles), default=Likeness.NONE)
    return max(by_main, by_any), by_main >= by_any


def _fits(wanted: Wanted, seen: Traits) -> int:
    """1 if the year is the one asked for, -1 if year or type are others, otherwise 0."""
    types = frozenset([wanted.type] if wanted.type else [])
    if kinship(types, seen.types) < 0:
        return -1
    if wanted.year is None or not seen.years:
        return 0
    apart = min(abs(wanted.year - year) for year in seen.years)
    return 1 if apart == 0 else 0 if apart == 1 else -1


def _verdict(
    wanted: Wanted, hits: list[_Hit], results: Mapping[str, Sequence[Candidate]], pinned: bool
) -> tuple[Literal["accept", "ambiguous", "none"], list[_Hit]]:
    if not hits:
        unknown = any(site_of(source) in wanted.ids for source in results)
        return ("accept", []) if pinned or (wanted.ids and not unknown) else ("none", [])
    best = [hit for hit in hits if hit.rank == hits[0].rank]
    if len(best) > 1 and any(hit.fits > 0 for hit in best):
        best = [hit for hit in best if hit.fits > 0]
    if len(best) == 1 and _enough(best[0]):
        return "accept", best
    return "ambiguous", hits


def _enough(hit: _Hit) -> bool:
    """Whether a hit without a rival of its rank may be accepted."""
    if hit.by_id:
        return True
    if hit.fits < 0:
        return False
    return hit.level >= Likeness.SPELLED or (hit.fits > 0 and hit.level > Likeness.NONE)


def _accepted(
    wanted: Wanted, found: list[_Hit], hits: list[_Hit], results: Mapping[str, Sequence[Candidate]]
) -> Identity:
    if not found:
        return Identity("accept", _asked(wanted), {}, {}, [])
    hit = found[0]
    chosen = {one.source: one for one in hit.work.candidates if one.source in results}
    evidence = _evidence(wanted, hit.work)
    match: dict[str, MatchReport] = {}
    for source, candidates in results.items():
        if source in chosen:
            match[source] = _chosen(hit, chosen[source], hits)
            continue
        one, match[source] = choose(evidence, candidates)
        if one is not None:
            chosen[source] = one
    return Identity("accept", evidence, match, chosen, [])


def _chosen(hit: _Hit, candidate: Candidate, hits: list[_Hit]) -> MatchReport:
    words = [f"title {hit.level.name.lower()}"] if hit.level else []
    words += ["id as asked"] * bool(hit.by_id) + ["year as asked"] * (hit.fits > 0)
    linked = [one.source for one in hit.work.candidates if one.source != candidate.source]
    words += [f"linked with {source}" for source in linked]
    return MatchReport(
        verdict="accept", score=_score(hit), evidence=words, runner_up=_runner_up(candidate.source, hit, hits)
    )


def _score(hit: _Hit) -> float:
    return 1.0 if hit.by_id else _SCORES[hit.level]


def _runner_up(source: str, hit: _Hit, hits: list[_Hit]) -> RunnerUp | None:
    for other in hits:
        for one in other.work.candidates:
            if other is not hit and one.source == source:
                return RunnerUp(id=one.id, title=one.title, score=_score(other))
    return None


def _asked(wanted: Wanted) -> Evidence:
    titles = [wanted.title] if wanted.title else []
    return Evidence(titles=titles, type=wanted.type, year=wanted.year, ids=dict(wanted.ids))


def _evidence(wanted: Wanted, work: Work) -> Evidence:
    members = work.candidates
    titles = [one.title for one in members] + [title for one in members for title in one.titles]
    return Evidence(
        titles=list(dict.fromkeys(titles)),
        type=next((one.type for one in members if one.type), wanted.type),
        year=next((one.year for one in members if one.year), wanted.year),
        start_date=max((one.start_date for one in members if one.start_date), key=len, default=None),
        episode_count=next((one.episode_count for one in members if one.episode_count), None),
        ids={**wanted.ids, **work.traits.ids},
    )


def _refusals(results: Mapping[str, Sequence[Candidate]], hits: list[_Hit]) -> dict[str, MatchReport]:
    reports = {}
    for source in results:
        mine = [hit for hit in hits if source in hit.work.sources]
        verdict: Literal["ambiguous", "none"] = "ambiguous" if mine else "none"
        best = mine[0] if mine else None
        reports[source] = MatchReport(verdict=verdict, score=_score(best) if best else 0.0)
    return reports


def _reports(hits: list[_Hit]) -> list[CandidateReport]:
    return [
        CandidateReport(
            title=hit.work.title,
            ids=dict(hit.work.traits.ids),
            type=next(iter(sorted(hit.work.traits.types)), None),
            year=min(hit.work.traits.years, default=None),
            url=next((one.url for one in hit.work.candidates if one.url), None),
            sources=hit.work.sources,
        )
        for hit in hits[:MAX_CANDIDATES]
    ]
