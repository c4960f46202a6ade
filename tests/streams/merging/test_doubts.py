"""Numbers that cannot well be true together are shown with the record."""

from __future__ import annotations

from typing import Any

from sources.record import Score
from streams.merging.doubts import doubts
from tests.support.partials import merged, partial, record


def doubted(**fields: Any) -> list[str]:
    return [one.field for one in doubts(record("anisearch", title="Bebop", **fields))]


def test_a_finished_work_is_seldom_dropped_more_often_than_completed() -> None:
    counts = {"completed": 11, "dropped": 900}
    assert doubted(status="FINISHED", popularity=counts) == ["popularity.completed"]
    assert doubted(status="AIRING", popularity=counts) == []
    assert doubted(status="FINISHED", popularity={"completed": 900, "dropped": 11}) == []


def test_more_votes_than_members_and_more_aired_than_there_are() -> None:
    score = Score(value=4.3, scale_min=0, scale_max=5, votes=900)
    assert doubted(score=score, popularity={"members": 11}) == ["score.votes"]
    assert doubted(episodes_aired=14, episode_count=13) == ["episodes_aired"]


def test_a_doubt_stands_in_the_report_and_the_value_stays() -> None:
    found = merged(partial("jikan", title="Bebop", episodes_aired=14, episode_count=13))
    assert [one.raw for one in found.sources["jikan"].unmapped] == ["implausible: 14 aired of 13"]
    assert found.episodes_aired == 14
