"""Whatever the sources say: the merge does not care in which order, grouping or repetition it hears it."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sources.record import Facts
from streams.config.policy_file import default_policy
from streams.contract.events import PartialResult
from streams.contract.record import EnrichedRecord
from streams.merging.merge import merge
from streams.merging.provenance import plain
from streams.merging.weights import Table, Weights
from streams.records.explain import provenance_of
from tests.streams.merging.losses import losses
from tests.streams.merging.strategies import SOURCES, sets, tables

Partials = dict[str, PartialResult]
patient = settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking records of this size takes minutes
    suppress_health_check=list(HealthCheck),
)


def done(partials: Partials, table: Table | None = None) -> EnrichedRecord:
    weights = Weights(default_policy().starting, table) if table else None
    return merge(partials, asked=SOURCES, policy=default_policy(), weights=weights)


@patient
@given(sets(), st.randoms(use_true_random=False))
def test_the_order_of_the_sources_does_not_matter(partials: Partials, chance: random.Random) -> None:
    shuffled = list(partials.items())
    chance.shuffle(shuffled)
    assert done(dict(shuffled)) == done(partials)
    assert done(dict(shuffled)).model_dump_json() == done(partials).model_dump_json()


@patient
@given(sets(), tables, st.randoms(use_true_random=False))
def test_whatever_was_counted_order_grouping_and_repetition_do_not_matter(
    partials: Partials, table: Table, chance: random.Random
) -> None:
    shuffled = list(partials.items())
    chance.shuffle(shuffled)
    cut = len(shuffled) // 2
    record, again = done(partials, table), {**dict(shuffled[cut:]), **dict(shuffled[:cut]), **dict(shuffled)}
    assert done(again, table).model_dump_json() == record.model_dump_json()
    assert record.reliability_version == "5-1"


@patient
@given(sets(), tables)
def test_no_value_is_beaten_by_itself(partials: Partials, table: Table) -> None:
    record = done(partials, table)
    for path, note in record.provenance.items():
        if path in Facts.model_fields and note.source:
            assert plain(getattr(record, path)) not in [lost.value for lost in note.beaten], path


@patient
@given(sets(), tables)
def test_a_confidence_is_a_probability(partials: Partials, table: Table) -> None:
    record = done(partials, table)
    told = [note.confidence for note in record.provenance.values()]
    assert all(0 <= one < 1 for one in told if one is not None)


@patient
@given(sets())
def test_every_value_says_where_it_comes_from(partials: Partials) -> None:
    record = done(partials)
    for name in (*Facts.model_fields, "score", "scores", "popularity", "urls"):
        if getattr(record, name) not in (None, [], {}):
            assert provenance_of(record, name), name


@patient
@given(sets())
def test_what_every_source_said_can_be_read_back_from_the_record(partials: Partials) -> None:
    assert losses(done(partials), partials) == []


@patient
@given(sets())
def test_a_record_survives_being_written_and_read(partials: Partials) -> None:
    record = done(partials)
    assert EnrichedRecord.model_validate_json(record.model_dump_json()) == record
