"""Which looks are made now, and when the others come round again."""

from __future__ import annotations

import pytest

from streams.following.plan import (
    ASKED_AGAIN,
    LATEST,
    SOONEST,
    TOGETHER,
    UNWANTED,
    Room,
    looks_for_news,
    plan,
)
from streams.records.looks import DAY, HOUR, Heard, Work, dues

NOW = 1_795_514_400.0
BOTH = ("known", "airing")
ONE = {"jikan": Room(1, 1, 1)}


def work(
    number: int, source: str = "jikan", days: float = 0.0, airs: float = 0.0, status: str = "AIRING"
) -> Work:
    """A work of which a site was heard so many days ago, and whose episode was to come ``airs`` hours ago."""
    at = NOW - days * DAY
    heard = Heard(at, airs_at=NOW - airs * HOUR if airs else 0.0, whole_at=at)
    return Work(f"mal:{number}", status, heard={source: heard})


def test_what_is_due_is_asked_for_and_comes_round_again_if_no_answer_does() -> None:
    made = plan([work(1, days=3)], ONE, BOTH, NOW)
    assert [(look.anime_id, look.source, look.why) for look in made.looks] == [("mal:1", "jikan", "refresh")]
    assert made.next_at == {"mal:1": NOW + ASKED_AGAIN}


def test_what_is_not_due_waits_for_its_time() -> None:
    made = plan([work(1, days=0.5)], ONE, BOTH, NOW)
    assert made.looks == []
    assert NOW + 0.5 * DAY <= made.next_at["mal:1"] <= NOW + 0.7 * DAY


def test_no_more_is_asked_than_there_is_room_and_the_latest_for_its_age_goes_first() -> None:
    works = [work(1, days=2), work(2, days=5), work(3, days=12, status="UNKNOWN")]
    made = plan(works, ONE, BOTH, NOW)
    assert [look.anime_id for look in made.looks] == ["mal:2"]
    assert NOW + SOONEST <= made.next_at["mal:1"] <= NOW + LATEST


def test_an_episode_goes_before_age_and_into_the_room_that_age_leaves() -> None:
    works = [work(1, "anilist", days=9), work(2, "anilist", days=0.1, airs=1)]
    assert [look.anime_id for look in plan(works, {"anilist": Room(1, 1, 1)}, BOTH, NOW).looks] == ["mal:2"]
    (look,) = plan(works, {"anilist": Room(5, 0, 0)}, BOTH, NOW).looks
    assert (look.why, look.request_id) == ("aired", f"aired:mal:2:anilist:{NOW - 0.1 * DAY:.0f}")


def test_a_site_that_is_not_asked_now_keeps_its_works_waiting() -> None:
    made = plan([work(1, days=3)], {}, BOTH, NOW)
    assert made.looks == []
    assert made.next_at["mal:1"] > NOW


def test_an_episode_that_there_is_no_room_for_comes_round_soon_but_not_at_every_step() -> None:
    aired = work(1, "anilist", days=0.1, airs=0.5)
    assert plan([aired], {}, BOTH, NOW).next_at == {"mal:1": NOW + SOONEST}


@pytest.mark.parametrize(("kinds", "asked"), [(["known"], ["refresh"]), (["airing"], ["aired"]), ([], [])])
def test_only_what_is_wanted_is_asked_for(kinds: list[str], asked: list[str]) -> None:
    works = (
        [work(1, "anilist", days=9, airs=1)]
        if kinds != ["airing"]
        else [work(1, "anilist", days=0.1, airs=1)]
    )
    made = plan(works, {"anilist": Room(5, 5, 5)}, kinds, NOW)
    assert [look.why for look in made.looks] == asked
    if not asked:
        assert made.next_at["mal:1"] == NOW + UNWANTED


def test_of_many_in_one_request_few_are_asked_for_everything() -> None:
    old = [Work(f"mal:{n}", "AIRING", heard={"anilist": Heard(NOW - 20 * DAY)}) for n in range(9)]
    new = [work(100 + n, "anilist", days=3) for n in range(9)]
    made = plan([*old, *new], {"anilist": Room(50, 50, 2)}, BOTH, NOW)
    assert sum(look.whole for look in made.looks) == 2
    assert len(made.looks) == 11


def test_a_look_that_is_planned_twice_has_one_name() -> None:
    first, second = (plan([work(1, days=3)], ONE, BOTH, NOW + late).looks for late in (0, 50))
    assert [one.request_id for one in first] == [one.request_id for one in second]


def test_a_look_after_an_answer_is_another_one_though_it_is_due_for_the_same_reason() -> None:
    """A clock that ran ahead had the site asked too early."""
    first, second = (
        plan([work(1, "anilist", days=ago, airs=1)], {"anilist": Room(1, 1)}, BOTH, NOW).looks
        for ago in (0.2, 0.1)
    )
    assert first[0].request_id != second[0].request_id


JOINT = {"anilist": Room(50, 50, 2, together=True)}


def asked(*works: Work, now: float = NOW, taken: tuple[tuple[str, str], ...] = ()) -> list[str]:
    return [look.anime_id for look in plan(works, JOINT, BOTH, now, taken).looks]


def test_looks_by_age_that_go_in_one_request_wait_for_each_other_for_a_while() -> None:
    aged = work(1, "anilist", days=1.2)
    due = dues(aged)["anilist"].at
    assert asked(aged, now=due + 1) == []
    assert plan([aged], JOINT, BOTH, due + 1).next_at["mal:1"] <= due + TOGETHER + 1
    assert asked(aged, now=due + TOGETHER) == ["mal:1"]


def test_looks_that_take_a_request_each_wait_for_no_other() -> None:
    aged = work(1, days=1.2)
    now = dues(aged)["jikan"].at + 1
    assert [look.anime_id for look in plan([aged], ONE, BOTH, now).looks] == ["mal:1"]


def test_a_request_that_goes_anyway_takes_along_what_is_due() -> None:
    aged = work(1, "anilist", days=1.2)
    now = dues(aged)["anilist"].at + 1
    late = Work(
        "mal:2", "AIRING", heard={"anilist": Heard(now - HOUR, airs_at=now - 0.9 * HOUR, whole_at=now)}
    )
    assert asked(aged, late, now=now) == ["mal:2", "mal:1"]
    assert asked(aged, now=now, taken=(("mal:3", "anilist"),)) == ["mal:1"]


def test_a_work_that_is_looked_at_for_its_news_is_not_asked_for_twice() -> None:
    assert asked(work(1, "anilist", days=9), taken=(("mal:1", "anilist"),)) == []


def test_an_episode_is_not_hidden_by_a_look_by_age_that_there_is_no_room_for() -> None:
    both = work(1, "anilist", days=3, airs=2)
    (look,) = plan([both], {"anilist": Room(5, 0, 0)}, BOTH, NOW).looks
    assert look.why == "aired"


def test_what_airs_counts_more_where_there_is_not_room_for_all() -> None:
    works = [work(1, days=40, status="UNKNOWN"), work(2, days=2)]
    assert [look.anime_id for look in plan(works, ONE, BOTH, NOW).looks] == ["mal:2"]


def test_two_reasons_for_a_look_make_one_look() -> None:
    (look,) = plan([work(1, "anilist", days=3, airs=2)], {"anilist": Room(5, 5, 5)}, BOTH, NOW).looks
    assert look.why == "aired"


def test_no_more_looks_by_age_are_made_than_there_is_room_for_them() -> None:
    works = [work(number, "anilist", days=9) for number in range(4)]
    assert len(plan(works, {"anilist": Room(5, 2, 5)}, BOTH, NOW).looks) == 2


NEWS = {
    "mal:1": ("change", "c"),
    "mal:2": ("aired", "a"),
    "anilist:3": ("season", "9"),
    "mal:4": ("season", "8"),
}
WORKS = {"mal:1": work(1), "mal:2": work(2), "anilist:3": work(3), "mal:4": work(4)}


def told(source: str, room: Room) -> list[tuple[str, str, bool]]:
    return [(one.anime_id, one.why, one.whole) for one in looks_for_news(source, room, NEWS, WORKS)]


def test_what_has_aired_goes_before_what_is_new_and_that_before_what_changed() -> None:
    """Of a new work everything is asked, of the others what the site tells in one request."""
    assert told("jikan", Room(9, owed=9)) == [
        ("mal:2", "aired", False),
        ("mal:3", "season", True),
        ("mal:4", "season", True),
        ("mal:1", "change", False),
    ]
    assert [one[0] for one in told("jikan", Room(1, owed=9))] == ["mal:2"]


def test_new_works_wait_for_room_for_all_of_their_requests_and_hold_no_other_up() -> None:
    assert [one[0] for one in told("jikan", Room(9, owed=1))] == ["mal:2", "mal:3", "mal:1"]
    assert [one[0] for one in told("jikan", Room(9))] == ["mal:2", "mal:1"]


def test_two_names_of_one_work_are_one_look() -> None:
    both = {"anilist:3": ("season", "9"), "mal:3": ("change", "c")}
    (look,) = looks_for_news("jikan", Room(9, owed=9), both, dict.fromkeys(both, work(3)))
    assert (look.why, look.told_of) == ("season", "anilist:3")
