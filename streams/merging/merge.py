"""Merges what the sources say about one work into one record; pure, no clock, no I/O.

The same partials give the same record and the same ``content_hash``, in any order, grouping or repetition. The
fields are decided by the policy (`streams.merging.policy`); the concepts are in `streams.merging`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streams.contract.events import PartialResult
from streams.contract.record import EnrichedRecord, MatchReport, Outcome
from streams.merging.content_hash import content_hash
from streams.merging.fields.calendar import (
    derive_aired,
    derive_end,
    derive_status,
    merge_broadcast,
    merge_season,
)
from streams.merging.fields.episodes import merge_episodes
from streams.merging.fields.ids import anime_id, merge_ids, merge_urls
from streams.merging.fields.lists import merge_images, merge_links, merge_names, merge_trailers
from streams.merging.fields.people import merge_characters, merge_staff
from streams.merging.fields.relations import merge_relations
from streams.merging.fields.scores import combine_scores, merge_popularity, merge_scores
from streams.merging.fields.tags import merge_tags
from streams.merging.fields.texts import merge_releases, merge_synopses
from streams.merging.fields.theme_songs import merge_themes
from streams.merging.fields.titles import choose_title, merge_titles
from streams.merging.inputs import Inputs
from streams.merging.match_confidence import with_confidence
from streams.merging.pins import apply_pins
from streams.merging.policy import Policy, field_of
from streams.merging.provenance import Trail, rounded
from streams.merging.search_text import search_text, search_text_hash
from streams.merging.source_reports import NO_ANSWER, completeness, refusal, source_report
from streams.merging.weighing import kind_of
from streams.merging.weights import Weights

Partials = Mapping[str, PartialResult]
"""The newest partial of each source."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Partials put side by side: how each is matched, why some do not count, and the ids that the others name."""

    partials: Partials
    reports: Mapping[str, MatchReport]
    refused: Mapping[str, Outcome | None]
    inputs: Inputs
    ids: Mapping[str, str]

    def is_of(self, partials: Partials) -> bool:
        """Whether these very partials were joined."""
        return partials.keys() == self.partials.keys() and all(
            partials[source] is mine for source, mine in self.partials.items()
        )


def join(
    partials: Partials,
    match: Mapping[str, MatchReport] | None,
    policy: Policy,
    weights: Weights | None = None,
) -> Joined:
    """The first step of a merge, which says what the work is known by."""
    reports = {**(match or {}), **{s: p.match for s, p in partials.items() if p.match}}
    refused = {source: refusal(partial, reports.get(source)) for source, partial in sorted(partials.items())}
    inputs = inputs_of({s: partials[s] for s, why in refused.items() if why is None}, policy, weights)
    return Joined(partials, reports, refused, inputs, merge_ids(inputs))


def merge(
    partials: Partials,
    *,
    asked: Sequence[str],
    match: Mapping[str, MatchReport] | None = None,
    policy: Policy,
    overrides: Mapping[str, Any] | None = None,
    known_id: str | None = None,
    joined: Joined | None = None,
    weights: Weights | None = None,
) -> EnrichedRecord:
    """One record from the partials; ``revision`` and ``generated_at`` are left to the caller.

    Args:
        partials: by source. Those that failed, or whose entry is another work, are reported and not merged.
        asked: the sources that should answer; those without a partial are reported as missing.
        match: what identification found, by source; a partial's own report goes before it.
        policy: how fields are decided.
        overrides: values that the user pinned for this work, by field.
        known_id: ``anime_id`` of an earlier revision, kept even when a better id has turned up.
        joined: what `join` made of these partials, where it was needed before; used up by this.
        weights: how far sources are believed; without any as the policy starts, or as ``joined`` was made.
    """
    if joined is None or not joined.is_of(partials):
        joined = join(partials, match, policy, weights)
    inputs = joined.inputs
    facts = _facts(joined)
    fared = {s: source_report(partials[s], why) for s, why in joined.refused.items()}
    fared.update({source: NO_ANSWER for source in asked if source not in fared})
    record = EnrichedRecord(
        anime_id=anime_id(facts["ids"], policy.id_order, known_id),
        **facts,
        match=with_confidence(inputs, joined.reports),
        sources=dict(sorted(fared.items())),
        reliability_version=inputs.weights.table.version,
    )
    record = apply_pins(record, overrides or {}, inputs.trail)
    record.provenance, record.conflicts = inputs.trail.provenance(), inputs.trail.conflicts
    record.completeness = completeness(asked, record.sources, record)
    record.content_hash = content_hash(record)
    record.search_text = search_text(record, policy.search_language)
    record.search_text_hash = search_text_hash(record.search_text)
    return record


def inputs_of(partials: Partials, policy: Policy, weights: Weights | None) -> Inputs:
    """What a merge goes by: the records of ``partials``, all of which count, and how far they are believed."""
    records = {source: partial.record for source, partial in partials.items() if partial.record}
    fetched = {source: partial.fetched_at for source, partial in partials.items()}
    stale = frozenset(source for source, partial in partials.items() if partial.stale)
    weights, kind = weights or policy.weights(), kind_of(records, fetched)

    known: dict[tuple[str, ...], float] = {}

    def believed(path: str, sources: Sequence[str]) -> float | None:
        if not sources:
            return None
        asked = (field_of(path), *sources)
        if (found := known.get(asked)) is None:
            found = known[asked] = rounded(weights.believed(asked[0], kind, asked[1:]))
        return found

    return Inputs(records, policy, Trail(fetched, stale, believed), weights, kind)


def _facts(joined: Joined) -> dict[str, Any]:
    """All fields of the record that say something about the work."""
    inputs = joined.inputs
    facts: dict[str, Any] = {"ids": dict(joined.ids), "urls": merge_urls(inputs)}
    facts.update(_names_of(inputs))
    facts.update(_nature(inputs))
    facts.update(_lists(inputs, facts["ids"]))
    facts.update(_calendar(inputs, facts))
    return facts


def _names_of(inputs: Inputs) -> dict[str, Any]:
    english, native = inputs.decide("title_english"), inputs.decide("title_native")
    title = choose_title(inputs, english, native)
    titles = merge_titles(inputs, title)
    return {"title": title, "title_english": english, "title_native": native, "titles": titles}


def _nature(inputs: Inputs) -> dict[str, Any]:
    plain = ("type", "duration_seconds", "synopsis", "content_rating", "source_material")
    decided = {field: inputs.decide(field) for field in plain}
    return {
        **decided,
        "synopses": merge_synopses(inputs),
        "adult": _adult(inputs),
        "score": combine_scores(inputs),
        "scores": merge_scores(inputs),
        "popularity": merge_popularity(inputs),
    }


def _adult(inputs: Inputs) -> bool | None:
    """A rating for adults is a mark as good as the mark itself."""
    claims = inputs.claims("adult", lambda r: True if r.content_rating == "RX" else r.adult)
    adult: bool | None = inputs.decide("adult", claims)
    return adult


def _lists(inputs: Inputs, ids: Mapping[str, str]) -> dict[str, Any]:
    names = ("genres", "demographics", "studios", "producers", "licensors")
    return {
        **{field: merge_names(inputs, field) for field in names},
        "tags": merge_tags(inputs),
        "relations": merge_relations(inputs, ids),
        "images": merge_images(inputs),
        "trailers": merge_trailers(inputs),
        "streaming": merge_links(inputs, "streaming"),
        "links": merge_links(inputs, "links"),
        "theme_songs": merge_themes(inputs),
        "episodes": merge_episodes(inputs),
        "characters": merge_characters(inputs),
        "staff": merge_staff(inputs),
    }


def _calendar(inputs: Inputs, facts: Mapping[str, Any]) -> dict[str, Any]:
    start, count = inputs.decide("start_date"), inputs.decide("episode_count")
    end = inputs.decide("end_date") or derive_end(inputs, start, count)
    status = inputs.decide("status") or derive_status(inputs, start, end, count)
    aired = inputs.decide("episodes_aired") or derive_aired(inputs, status, count, facts["episodes"])
    season, year = merge_season(inputs, start, facts["type"])
    return {
        "start_date": start,
        "end_date": end,
        "episode_count": count,
        "status": status,
        "episodes_aired": aired,
        "season": season,
        "year": year,
        "broadcast": merge_broadcast(inputs),
        "releases": merge_releases(inputs),
    }
