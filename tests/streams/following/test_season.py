"""Works that a list names and nobody knows are asked for, each once."""

from __future__ import annotations

from streams.following.season import next_of, request_for


def test_a_request_for_a_new_work_has_its_ids_and_no_title_to_search_by() -> None:
    request = request_for({"anilist": "3", "mal": "4"})
    assert (request.request_id, request.ids, request.title) == (
        "season:anilist:3",
        {"anilist": "3", "mal": "4"},
        None,
    )
    assert (request.why, request.priority_at_sites) == ("season", "following")


def test_those_with_most_ids_come_first() -> None:
    waiting = {"mal:4": {"mal": "4"}, "anilist:3": {"anilist": "3", "mal": "5"}}
    assert list(next_of(waiting, 8)) == ["anilist:3"]


def test_two_rows_of_one_work_are_not_asked_for_together() -> None:
    waiting = {"anilist:3": {"anilist": "3", "mal": "5"}, "kitsu:9": {"kitsu": "9", "mal": "5"}}
    assert list(next_of(waiting, 8)) == ["anilist:3"]


def test_works_of_one_id_that_different_sites_list_may_be_one_and_wait_for_each_other() -> None:
    waiting = {"mal:4": {"mal": "4"}, "mal:5": {"mal": "5"}, "animeschedule:x": {"animeschedule": "x"}}
    assert list(next_of(waiting, 8)) == ["animeschedule:x"]
    assert list(next_of({key: waiting[key] for key in ("mal:4", "mal:5")}, 8)) == ["mal:4", "mal:5"]


def test_no_more_are_asked_for_at_a_time_than_there_is_room() -> None:
    waiting = {f"anilist:{n}": {"anilist": str(n), "mal": str(n)} for n in range(20)}
    assert len(next_of(waiting, 5)) == 5
    assert next_of({}, 5) == {}
