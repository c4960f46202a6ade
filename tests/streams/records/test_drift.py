"""A site that changes under us is noticed by what its records newly lack."""

from __future__ import annotations

from sources.record import Score
from streams.records.drift import FieldTally, alarm, lost_fields
from tests.support.partials import record

FULL = {"title": "Bebop", "type": "TV", "genres": ["Action"], "studios": ["Sunrise"]}


def test_a_field_that_was_there_and_is_not_is_lost() -> None:
    assert lost_fields(record("kitsu", **FULL), record("kitsu", title="Bebop", type="UNKNOWN")) == (
        "type",
        "genres",
        "studios",
    )
    assert lost_fields(record("kitsu"), record("kitsu", **FULL)) == ()


def test_a_part_that_could_not_be_read_today_is_not_lost() -> None:
    after = record("kitsu", title="Bebop", type="TV", studios=["Sunrise"], incomplete={"genres": "timeout"})
    assert lost_fields(record("kitsu", **FULL), after) == ()


def test_a_part_whose_layout_has_changed_is_lost() -> None:
    after = record("anisearch", **FULL, incomplete={"relations": "changed_layout"})
    assert lost_fields(record("anisearch", **FULL), after) == ("relations",)


def test_a_count_that_falls_to_a_hundredth_is_our_misreading_and_a_rank_is_not() -> None:
    before = record("anisearch", **FULL, popularity={"completed": 11752, "dropped": 500, "rank": 9000})
    after = record("anisearch", **FULL, popularity={"completed": 11, "dropped": 1, "rank": 1})
    assert lost_fields(before, after) == ("completed",)
    votes = [
        record("anisearch", **FULL, score=Score(value=4, scale_min=0, scale_max=5, votes=n))
        for n in (9000, 9)
    ]
    assert lost_fields(*votes) == ("votes",)


def tally(entries: int, losing: int, *fields: str) -> FieldTally:
    found = FieldTally()
    for n in range(entries):
        found = found.seen(fields if n < losing else ())
    return found


def test_twenty_five_points_in_a_hundred_entries_are_an_alarm() -> None:
    assert alarm("anime_planet", tally(100, 24, "score")) is None
    found = alarm("anime_planet", tally(100, 25, "score"))
    assert found and found.fields == {"score": 0.25}
    assert "score in 25%" in found.message


def test_many_fields_in_few_entries_count_as_much_as_one_in_many() -> None:
    found = alarm("anime_planet", tally(100, 10, "title", "type", "genres"))
    assert found and found.points_per_hundred == 30


def test_a_handful_of_entries_proves_nothing() -> None:
    assert alarm("kitsu", tally(5, 5, "title")) is None
    assert alarm("kitsu", FieldTally()) is None


def test_tallies_of_several_workers_add_up() -> None:
    both = tally(60, 20, "score") + tally(40, 10, "type")
    assert (both.entries, both.lost) == (100, {"score": 20, "type": 10})
    assert alarm("kitsu", both)
