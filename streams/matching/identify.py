"""Which work a request means, and whether a site's entry is that work. Pure.

Cross links confirm; equal titles find; likeness alone never decides. What cannot be told apart is said to be ambiguous.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest
from typing import Literal

from sources.base import Candidate
from sources.discovery import id_name
from sources.parsing.dates import sure_part
from streams.contract.events import Evidence
from streams.contract.record import CandidateReport, MatchReport, RunnerUp
from streams.matching.alternatives import corrected, cut_of, readings
from streams.matching.asking import Again, again, of_work
from streams.matching.clusters import Work, group
from streams.matching.hits import Hit, Wanted
from streams.matching.links import keys
from streams.matching.overrides import NOTHING, Overrides
from streams.matching.prefilter import relevant
from streams.matching.ranking import rate
from streams.matching.rarity import WordCounts
from streams.matching.refusal import listed, refusals, shown_first
from streams.matching.rules.decision import Judgement, decide, judged
from streams.matching.rules.model import RuleSet
from streams.matching.rules.verdicts import RULES
from streams.matching.seasons import is_named
from streams.matching.single_site import choose, confirm
from streams.matching.wider import wider
from streams.text.normalization import form
from streams.text.similarity import Likeness

__all__ = ["Again", "Identity", "Wanted", "choose", "confirm", "identify"]

MAX_TITLES = 40
Verdict = Literal["accept", "ambiguous", "none"]


@dataclass(frozen=True, slots=True)
class Identity:
    """The verdict on a request: the work's evidence and chosen entries, or the works it may mean.

    ``again`` is what to ask the sites for once more where the answer is not sure: it brings the entries that confirm the
    work that is nearest, or those that speak against it.
    """

    verdict: Verdict
    evidence: Evidence
    match: dict[str, MatchReport] = field(default_factory=dict)
    chosen: dict[str, Candidate] = field(default_factory=dict)
    candidates: list[CandidateReport] = field(default_factory=list)
    again: Again | None = None


@dataclass(frozen=True, slots=True)
class _Search:
    """What one request is decided on."""

    shown: Mapping[str, Sequence[Candidate]]
    overrides: Overrides
    counts: WordCounts | None
    rules: RuleSet

    def strictly(self, wanted: Wanted) -> list[Hit]:
        """The works that bear the title, best first."""
        near = relevant(wanted, self.shown, self.overrides.same)
        works = group(near, self.overrides.same, self.overrides.different)
        return self._among_others(rate(wanted, works, self.rules))

    def widely(self, wanted: Wanted) -> list[Hit]:
        """The works that may be meant though none bears the title, best first."""
        return self._among_others(wider(wanted, self.shown, self.overrides, self.counts, self.rules))

    def _among_others(self, hits: Sequence[Hit]) -> list[Hit]:
        """The hits, each with whether several sites have answered, so that a nearer work would be seen."""
        compared = len(self.shown) > 1
        return [replace(hit, compared=compared) for hit in hits]


def identify(
    request: Wanted,
    results: Mapping[str, Sequence[Candidate]],
    *,
    witnesses: Sequence[Candidate] = (),
    overrides: Overrides = NOTHING,
    counts: WordCounts | None = None,
    rules: RuleSet = RULES,
) -> Identity:
    """The work that ``request`` means among the search answers of any of the sites.

    ``witnesses`` are entries of an imported data set: they link and name like a site's, but are never chosen. ``counts``
    say how rare words are, instead of those that come with the program.
    """
    pinned = overrides.pinned(request.title, request.year, request.type, request.ids)
    if not request.ids:
        results = overrides.allowed(results, request.title, request.year, request.type)
        allowed = overrides.allowed(_by_source(witnesses), request.title, request.year, request.type)
        witnesses = [entry for entries in allowed.values() for entry in entries]
    shown = (key for entries in (*results.values(), witnesses) for entry in entries for key in keys(entry))
    overrides = overrides.about(chain(shown, request.ids.items(), pinned.items()))
    ids = overrides.widened({**request.ids, **pinned})
    wanted = Wanted(request.title, request.year, request.type, ids)
    search = _Search({**results, **_by_source(witnesses)}, overrides, counts, rules)
    hits = search.strictly(wanted)
    if pinned and not any(hit.ids for hit in hits):
        return Identity("accept", _asked(wanted))
    best = decide(hits, rules, bool(pinned))
    if best is not None and best.accepted:
        best, hits = _season_before_synonym(wanted, best, hits, search)
    else:
        best, hits = _read_otherwise(wanted, search, best, hits)
    if best is not None and best.accepted:
        others = [hit for hit in hits if hit.work.key != best.hit.work.key]
        return _accepted(wanted, best, others, results, overrides)
    if not hits and wanted.ids and not _asked_in_vain(wanted, results):
        return Identity("accept", _asked(wanted))
    return _refused(wanted, hits, search, results)


def _season_before_synonym(
    wanted: Wanted, best: Judgement, hits: list[Hit], search: _Search
) -> tuple[Judgement, list[Hit]]:
    """The season that titles count, before a work that merely lists the words: a second cour is listed as ``s2``, too."""
    asked = form(wanted.title or "")
    if best.hit.main or best.hit.ids or not asked.signature.later or not is_named(asked, search.shown):
        return best, hits
    wide = search.widely(wanted)
    counted = decide(wide, search.rules)
    if counted is None or counted.rule != "season_counted":
        return best, hits
    return counted, [*wide, *hits]


def _read_otherwise(
    wanted: Wanted, search: _Search, best: Judgement | None, hits: list[Hit]
) -> tuple[Judgement | None, list[Hit]]:
    """What a `reading` finds of a title that nothing bears as it is written, then what may be meant by it.

    ``best`` and ``hits`` stay where none finds anything.
    """
    last = wanted.title
    for reading in readings(wanted):
        if any(hit.ids or hit.level >= Likeness.WRITTEN for hit in hits):
            return best, hits
        last = reading.title if reading.year == wanted.year else last
        others = search.strictly(reading)
        if judgement := _as_read(wanted, reading, others, search):
            return judgement, others
        hits = hits or others
    if any(hit.ids or hit.level >= Likeness.ARTICLE for hit in hits):
        return best, hits
    right = corrected(last or "", search.shown)
    for title in dict.fromkeys([wanted.title, last, right or last]):
        wide = search.widely(replace(wanted, title=title))
        judgement = decide(wide, search.rules)
        put_right = title not in {wanted.title, last}
        if judgement and judgement.accepted and not _guessed(judgement, hits, put_right):
            return judgement, wide
        known = {hit.work.key for hit in hits}
        hits = [*hits, *(hit for hit in wide if hit.work.key not in known)]
    return best, hits


def _guessed(judgement: Judgement, hits: Sequence[Hit], put_right: bool) -> bool:
    """Whether too much is guessed: a word put right of a title that goes on, or a slip that is how another work's title begins.

    *Onimai* is not *Oniai* misspelt where a title begins with it.
    """
    begun = [hit for hit in hits if hit.level == Likeness.BEGINNING and not hit.slips]
    others = [hit for hit in begun if hit.work.key != judgement.hit.work.key]
    slipped = judgement.hit.level == Likeness.SLIPPED and bool(others)
    return slipped or (put_right and judgement.hit.level == Likeness.AMONG)


def _as_read(wanted: Wanted, reading: Wanted, hits: Sequence[Hit], search: _Search) -> Judgement | None:
    """The hit that may be accepted of another reading; one with a year must bear the title itself, and most must say that year.

    ``Title (2023)`` is how sites head one of two works of a year, so there the title must head the entry, or many sites
    list it and none gives another year.
    """
    best = decide(hits, search.rules)
    if best is None or not best.accepted or _borne_by_another_cut(wanted, reading, best.hit, search):
        return None
    if reading.year == wanted.year:
        return best
    agreeing = [entry.year == reading.year for entry in best.hit.work.candidates if entry.year]
    in_round = (wanted.title or "").endswith(")")
    half = 2 * sum(agreeing) == len(agreeing) > 0 and (best.hit.main or not in_round)
    of_the_year = half or 2 * sum(agreeing) > len(agreeing)
    names_it = not in_round or best.hit.main or len(best.hit.bearers) > 1
    return best if of_the_year and names_it and best.hit.level >= Likeness.REWORDED else None


def _borne_by_another_cut(wanted: Wanted, reading: Wanted, hit: Hit, search: _Search) -> bool:
    """Whether a file's name may as well be cut so that another work bears what is left, or is cut at a special's number."""
    cut = cut_of(wanted, reading)
    if cut is None:
        return False
    for other in readings(wanted):
        beside = cut_of(wanted, other)
        if beside is None or beside.whole != cut.whole or len(beside.title) >= len(cut.title):
            continue
        judgement = decide(search.strictly(other), search.rules)
        if judgement and judgement.accepted and judgement.hit.work.key != hit.work.key:
            return True
    return not cut.sure


def _refused(
    wanted: Wanted, hits: Sequence[Hit], search: _Search, results: Mapping[str, Sequence[Candidate]]
) -> Identity:
    """Nothing is guessed: the works it may be, and where none answers those that the sites show first."""
    judgements = judged(hits, search.rules)
    candidates = listed(judgements) or shown_first(results)
    verdict: Verdict = "ambiguous" if hits else "none"
    return Identity(
        verdict,
        _asked(wanted),
        refusals(results, judgements),
        {},
        candidates,
        again(wanted, hits, results),
    )


def _asked_in_vain(wanted: Wanted, results: Mapping[str, Sequence[Candidate]]) -> bool:
    """Whether a site was asked for an id and does not know it; those that no site could be asked about stand as given."""
    return any(id_name(source) in wanted.ids for source in results)


def _accepted(
    wanted: Wanted,
    best: Judgement,
    others: Sequence[Hit],
    results: Mapping[str, Sequence[Candidate]],
    overrides: Overrides,
) -> Identity:
    hit = best.hit
    chosen = {entry.source: entry for entry in hit.work.candidates if entry.source in results}
    evidence = _evidence(wanted, hit.work, overrides)
    match: dict[str, MatchReport] = {}
    for source, candidates in results.items():
        if source in chosen:
            match[source] = _chosen(best, chosen[source], others)
            continue
        entry, match[source] = choose(evidence, candidates, overrides)
        if entry is not None:
            chosen[source] = entry
    unsure = len(hit.work.candidates) == 1 and hit.level < Likeness.ARTICLE and not hit.ids
    return Identity("accept", evidence, match, chosen, again=of_work(hit.work) if unsure else None)


def _by_source(witnesses: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    by_source: dict[str, list[Candidate]] = {}
    for witness in witnesses:
        by_source.setdefault(witness.source, []).append(witness)
    return by_source


def _chosen(best: Judgement, candidate: Candidate, others: Sequence[Hit]) -> MatchReport:
    linked = [f"linked with {source}" for source in best.hit.work.sources if source != candidate.source]
    rest = ((other, entry) for other in others for entry in other.work.candidates)
    second = next(((other, entry) for other, entry in rest if entry.source == candidate.source), None)
    runner_up = RunnerUp(id=second[1].id, title=second[1].title, score=second[0].score) if second else None
    return MatchReport(
        verdict="accept",
        score=best.hit.score,
        evidence=best.words + linked,
        runner_up=runner_up,
        confidence=best.confidence,
        rule=best.rule,
        rules=list(best.rules),
    )


def _asked(wanted: Wanted) -> Evidence:
    titles = [wanted.title] if wanted.title else []
    return Evidence(titles=titles, type=wanted.type, year=wanted.year, ids=dict(wanted.ids))


def _evidence(wanted: Wanted, work: Work, overrides: Overrides) -> Evidence:
    """What all entries say, titles in turn: each site gives its most important ones first."""
    members = work.candidates
    turns = zip_longest(*([entry.title, *entry.titles] for entry in members))
    titles = [title for turn in turns for title in turn if title]
    return Evidence(
        titles=list(dict.fromkeys(titles))[:MAX_TITLES],
        type=next((entry.type for entry in members if entry.type), wanted.type),
        year=next((entry.year for entry in members if entry.year), wanted.year),
        start_date=max(
            (entry.start_date for entry in members if entry.start_date),
            key=lambda date: len(sure_part(date)),
            default=None,
        ),
        episode_count=next((entry.episode_count for entry in members if entry.episode_count), None),
        ids=overrides.widened({**wanted.ids, **work.traits.ids}),
    )
