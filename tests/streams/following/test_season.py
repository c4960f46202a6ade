"""Works that a list names and nobody knows are asked for, each once."""

from __future__ import annotations

from streams.following.season import AWAITED, is_awaited, next_of, request_for


def test_a_request_for_a_new_work_has_its_ids_and_no_title_to_search_by() -> None:
    request = request_for({"anilist": "3", "mal": "4"})
    assert (request.request_id, request.ids, request.title) == (
        "season:anilist:3",
        {"anilist": "3", "mal": "4"},
        None,
    )
    assert (request.why, request.priority_at_sites) == ("season", "following")


def test_a_work_with_most_ids_comes_first() -> None:
    """One that a single site lists may be the same under another id, and is known by the time that its turn comes."""
    waiting = {
        "animeschedule:x": {"animeschedule": "x"},
        "anilist:3": {"anilist": "3", "mal": "5"},
        "mal:4": {"mal": "4"},
    }
    assert next_of(waiting) == "anilist:3"
    del waiting["anilist:3"]
    assert next_of(waiting) == "animeschedule:x"
    assert next_of({}) == ""


def test_sites_without_room_are_left_out_of_the_request_and_not_named_where_all_have_some() -> None:
    assert request_for({"mal": "4"}, {"kitsu", "jikan"}).skip == ["jikan", "kitsu"]
    assert request_for({"mal": "4"}).skip is None


def test_what_a_site_owes_of_a_new_work_is_kept_while_the_work_may_become_known() -> None:
    assert is_awaited(("season", "1000"), 1000 + AWAITED - 1)
    assert not is_awaited(("season", "1000"), 1000 + AWAITED)
    assert not is_awaited(("season", "1000000"), 1000), "a clock that was set back"
    assert not is_awaited(("change", "|FRIDAY"), 1000)
