"""Ratings: each on its own scale, and one from 0 to 10 that they make together."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sources.record import Score
from streams.contract.scores import CombinedScore, SourceScore
from streams.merging.inputs import Inputs
from streams.merging.provenance import Claim


@dataclass(frozen=True, slots=True)
class _Rating:
    source: str
    value: float
    votes: int | None


def merge_scores(inputs: Inputs) -> dict[str, SourceScore]:
    """Each site's own rating; a zero and what lies outside the scale is no rating."""
    if inputs.policy.of("scores").rule == "omit":
        return {}
    scores: dict[str, SourceScore] = {}
    for source, record in sorted(inputs.records.items()):
        if record.score is not None and is_rating(record.score):
            as_of = inputs.trail.fetched.get(source)
            scores[source] = SourceScore(**record.score.model_dump(), as_of=as_of)
            inputs.trail.note(f"scores.{source}", "own", [source])
    inputs.trail.note_whole("scores", "by_source", scores)
    return scores


def is_rating(score: Score) -> bool:
    """Whether the value lies on its scale; 0 means that nobody rated."""
    return score.value > 0 and score.scale_min <= score.value <= score.scale_max > score.scale_min


def to_ten(score: Score) -> float:
    """The rating as people read it, so many of ten: 4.4 of 10 stays, 4 of 5 and 80 of 100 are 8."""
    return 10 * score.value / score.scale_max


def combine_scores(inputs: Inputs) -> CombinedScore | None:
    """One rating from 0 to 10 by the policy's rule."""
    policy = inputs.policy.of("score")
    scores = [(s, inputs.records[s].score) for s in inputs.sources("score")]
    rated = [_Rating(s, to_ten(score), score.votes) for s, score in scores if score and is_rating(score)]
    if policy.rule == "omit" or not rated:
        return None
    used = rated[:1] if policy.rule == "first" else rated
    value = round(_COMBINE[policy.rule](used), 2)
    votes = sum(r.votes or 0 for r in used) or None
    beaten = [Claim(r.source, round(r.value, 2)) for r in rated if round(r.value, 2) != value]
    inputs.trail.note("score", policy.rule, [r.source for r in used], beaten, source="combined")
    return CombinedScore(value=value, votes=votes, rule=policy.rule)


def _weighted(rated: Sequence[_Rating]) -> float:
    """Mean by votes; a site that does not say how many voted weighs as little as the least that another says."""
    known = [r.votes for r in rated if r.votes]
    least = min(known, default=1)
    weights = [r.votes or least for r in rated]
    return sum(r.value * w for r, w in zip(rated, weights, strict=True)) / sum(weights)


_COMBINE: dict[str, Callable[[Sequence[_Rating]], float]] = {
    "vote_weighted_mean": _weighted,
    "mean": lambda rated: statistics.fmean(r.value for r in rated),
    "median": lambda rated: statistics.median(r.value for r in rated),
    "first": lambda rated: rated[0].value,
}


def merge_popularity(inputs: Inputs) -> dict[str, dict[str, float]]:
    """Each site's own counters; they cannot be compared, so they stay apart."""
    if inputs.policy.of("popularity").rule == "omit":
        return {}
    counters = {
        s: dict(sorted(r.popularity.items())) for s, r in sorted(inputs.records.items()) if r.popularity
    }
    for source in counters:
        inputs.trail.note(f"popularity.{source}", "own", [source])
    inputs.trail.note_whole("popularity", "by_source", counters)
    return counters
