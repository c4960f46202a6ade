"""Whether an entry of one site is the work that is already known: before it is fetched, and after. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from sources.base import Candidate
from sources.discovery import id_name
from sources.record import SourceRecord
from streams.contract.events import Evidence
from streams.contract.record import MatchReport, RunnerUp, Verdict, odds
from streams.matching.comparison import Agreement, compare
from streams.matching.hits import SCORES
from streams.matching.overrides import NOTHING, Overrides
from streams.matching.profile import Traits, of_candidates, of_evidence, of_record
from streams.matching.rules.one_site import decided, reports
from streams.text.normalization import form
from streams.text.similarity import Likeness

ENOUGH = 0.7
"""The score from which an entry found by title is taken for the work."""
_SPELLING = 75.0
"""Per cent of letters in common from which two titles are spellings of one."""
MARGIN = 0.05
"""How far the next entry must be behind."""


def choose(
    evidence: Evidence, candidates: Sequence[Candidate], overrides: Overrides = NOTHING
) -> tuple[Candidate | None, MatchReport]:
    """The entry of one site that is the work of ``evidence``, if one is, and why."""
    asked = of_evidence(evidence)
    allowed = [
        entry for entry in candidates if not overrides.apart(asked.ids, id_name(entry.source), entry.id)
    ]
    rated = [(*_weigh(asked, of_candidates([entry])), entry) for entry in allowed]
    rated = sorted((row for row in rated if row[0] > 0), key=lambda row: (-row[0], row[2].id))
    if not rated:
        none = decided("not_borne_out", -6.0)
        return None, MatchReport(
            verdict="none",
            evidence=["no candidate agrees with the evidence"],
            confidence=odds([none]),
            rule=none.id,
            rules=[none],
        )
    (score, agreement, best), rest = rated[0], rated[1:]
    runner_up = RunnerUp(id=rest[0][2].id, title=rest[0][2].title, score=rest[0][0]) if rest else None
    sure = score >= ENOUGH and not (rest and score - rest[0][0] < MARGIN)
    near = "another_comes_near" if rest and score - rest[0][0] < MARGIN else "not_borne_out"
    report = _report("accept" if sure else "ambiguous", score, agreement, "borne_out" if sure else near)
    return (best if sure else None), report.model_copy(update={"runner_up": runner_up})


def wordings(titles: Sequence[str], most: int) -> list[str]:
    """Titles to search one site by: as it heads, in another language, in its own script, then what is left.

    Spellings of one title find the same entries, so those of another language go first.
    """
    chosen: list[str] = []
    for title in titles:
        if title and not any(_is_spelling(title, other) for other in chosen):
            chosen.append(title)
    native = [title for title in chosen if not form(title).written.isascii()]
    latin = [title for title in chosen if title not in native]
    turns = [*latin[:2], *native[:1], *latin[2:], *native[1:]]
    return [*turns, *(title for title in titles if title and title not in turns)][:most]


def _is_spelling(one: str, other: str) -> bool:
    """Whether two titles are one title in two spellings, by the share of letters that they have in common."""
    first, second = form(one), form(other)
    if first.written.isascii() != second.written.isascii():
        return False
    return fuzz.ratio(first.letters, second.letters) >= _SPELLING


def confirm(
    evidence: Evidence, record: SourceRecord, by_id: bool, overrides: Overrides = NOTHING
) -> MatchReport:
    """Whether a fetched entry is the work of ``evidence``; ``by_id`` if a cross link led to it."""
    own = (id_name(record.source), record.source_id)
    if overrides.apart(evidence.ids, *own):
        return _by_user("mismatch", 0.0, "the user says that it is another work")
    if overrides.joined(evidence.ids, *own):
        return _by_user("accept", 1.0, "the user says that it is the work")
    score, agreement = _weigh(of_evidence(evidence), of_record(record))
    if by_id:
        others = [site for site in agreement.shared_ids if site != id_name(record.source)]
        score = 0.0 if _denied(agreement, len(others)) else max(score, ENOUGH)
    if score >= ENOUGH:
        return _report("accept", score, agreement, "linked" if by_id else "borne_out")
    return _report("mismatch", score, agreement, "link_denied" if by_id else "not_borne_out")


def _report(verdict: Verdict, score: float, agreement: Agreement, rule: str) -> MatchReport:
    rules = reports(agreement, rule)
    return MatchReport(
        verdict=verdict,
        score=score,
        evidence=agreement.words(),
        confidence=odds(rules),
        rule=rule,
        rules=rules,
    )


def _by_user(verdict: Verdict, score: float, evidence: str) -> MatchReport:
    rule = decided("user_says", 20.0 if verdict == "accept" else -20.0)
    return MatchReport(
        verdict=verdict,
        score=score,
        evidence=[evidence],
        confidence=odds([rule]),
        rule=rule.id,
        rules=[rule],
    )


def _denied(agreement: Agreement, links: int) -> bool:
    """Whether an entry that a link names is another work all the same; ``links`` are further ids that agree."""
    others = len(agreement.other_ids)
    if agreement.title < Likeness.REWORDED:
        return (agreement.contradicts and not links) or others > links
    return agreement.contradicts and others >= links


def _weigh(one: Traits, other: Traits) -> tuple[float, Agreement]:
    """0 to 1, and why: the likeness of the best title, moved by what else agrees or differs."""
    agreement = compare(one, other)
    links = len(agreement.shared_ids) - len(agreement.other_ids)
    if agreement.contradicts or links < 0 or agreement.title < Likeness.NEAR:
        return 0.0, agreement
    if not links and not _is_borne_out(agreement):
        return 0.0, agreement
    score = 0.75 * SCORES[agreement.title] + 0.02 * min(agreement.shared_titles, 3)
    score += 0.06 * (agreement.time > 0) + 0.03 * (agreement.type > 0) + 0.03 * (agreement.episodes > 0)
    score += 0.02 * bool(one.years & other.years) - 0.05 * (agreement.episodes < 0)
    return round(min(0.99, score + 0.2 * min(links, 1)), 3), agreement


def _is_borne_out(agreement: Agreement) -> bool:
    """Whether titles bear out what no id does: both heading titles where the time is not known, otherwise one."""
    enough = 1 if agreement.time > 0 else 2
    return agreement.headed >= enough or agreement.shared_titles > enough
