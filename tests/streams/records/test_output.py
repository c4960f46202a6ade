"""What goes out when no answer can name a record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sources.record import SourceRecord
from streams.broker.records import Known
from streams.broker.request_state import State
from streams.config.policy_file import default_policy
from streams.contract.codec import unpack_bytes
from streams.contract.events import IdentifiedTitle, PartialResult, TitleRequest
from streams.contract.record import Refusal
from streams.merging.fields.ids import merge_ids
from streams.merging.inputs import Inputs
from streams.records.known import gather
from streams.records.output import compose, joined_now, merged
from tests.support.partials import partial


def answered(*partials: PartialResult) -> State:
    request = TitleRequest(title="Cowboy Bebop", request_id="r")
    asked = [one.source for one in partials]
    identified = IdentifiedTitle(request_id="r", request=request, asked=asked)
    return State(request, identified, {one.source: one for one in partials})


@pytest.mark.parametrize("source", ["a_source_of_another_worker", "kitsu"])
def test_a_work_without_an_id_is_refused_with_a_reason_and_a_next_step(source: str) -> None:
    number = "" if source == "kitsu" else "7"
    state = answered(partial(source, source_id=number, title="Cowboy Bebop"))
    gathered = gather(state.partials, Known(), amend=False)
    record = merged(state, gathered, default_policy())
    assert record is None
    output = compose(state, record, Known(), datetime.now(UTC))
    refusal = output.event.record
    assert isinstance(refusal, Refusal)
    assert (output.event.status, refusal.reason) == ("failed", "no_id")
    assert "doctor" in (refusal.next_step or "")
    assert output.fields["anime_id"] == ""


def test_an_answer_of_an_unknown_source_still_counts_where_another_names_the_work() -> None:
    state = answered(partial("kitsu", source_id="1"), partial("a_source_of_another_worker", source_id="7"))
    record = merged(state, gather(state.partials, Known(), amend=False), default_policy())
    assert record is not None
    assert (record.anime_id, record.ids["a_source_of_another_worker"]) == ("kitsu:1", "7")


def test_an_empty_id_is_none() -> None:
    assert SourceRecord(source="kitsu", source_id="1", ids={"kitsu": "1", "mal": ""}).ids == {"kitsu": "1"}


def test_ids_are_merged_once_where_nothing_known_joins_in(monkeypatch: pytest.MonkeyPatch) -> None:
    merges: list[object] = []

    def counted(inputs: Inputs) -> dict[str, str]:
        merges.append(inputs)
        return merge_ids(inputs)

    monkeypatch.setattr("streams.merging.merge.merge_ids", counted)
    state, policy = answered(partial("jikan", source_id="1", title="Cowboy Bebop")), default_policy()
    joined = joined_now(state, state.partials, policy)
    with_it = merged(state, gather(state.partials, Known(), amend=False), policy, joined=joined)
    assert len(merges) == 1
    assert with_it == merged(state, gather(state.partials, Known(), amend=False), policy)


def test_a_record_is_written_once_and_kept_as_it_was_told() -> None:
    state = answered(partial("jikan", source_id="1", title="Cowboy Bebop " * 200))
    record = merged(state, gather(state.partials, Known(), amend=False), default_policy())
    output = compose(state, record, Known(), datetime.now(UTC))
    assert unpack_bytes(output.packed).decode() == output.fields["data"]
    assert output.record == output.event.record
