"""What rows of lists tell about known works."""

from __future__ import annotations

from sources.listing import Row
from streams.following.changes import LAST, OVERLAP, News, newest, reached, read
from streams.records.looks import DAY, Heard, Work

NOW = 1_795_514_400.0


def told(row: Row, marks: dict[str, str] | None = None, asked_ago: float = 3600.0) -> News | None:
    """What a row tells of a work whose site was asked so long ago."""
    work = Work("mal:1", heard={"jikan": Heard(NOW - asked_ago)})
    return read("jikan", [row], {"5": work}, marks or {}, NOW, DAY).news.get("mal:1")


def test_an_entry_that_changed_after_its_site_was_asked_is_news() -> None:
    assert told(Row("5", changed_at=NOW - 60)) == News("change", f"{NOW - 60:.0f}")
    assert told(Row("5", changed_at=NOW - 7200)) is None
    assert told(Row("5", changed_at=NOW - 3600)) is None, "what it said then has that change"


def test_a_change_in_the_future_is_a_wrong_clock_and_no_news_for_ever() -> None:
    assert told(Row("5", changed_at=NOW + DAY)) is None


def test_a_site_that_was_never_asked_has_news() -> None:
    found = read("anilist", [Row("5", changed_at=1.0)], {"5": Work("mal:1")}, {}, NOW, DAY)
    assert found.news == {"mal:1": News("change", "1")}


def test_a_mark_that_changed_is_news_and_one_that_stayed_is_none() -> None:
    assert told(Row("5", mark="new"), {"5": "|old"}) == News("change", "|new")
    assert told(Row("5", mark="old"), {"5": "|old"}) is None


def test_an_episode_more_is_news_of_its_own_kind() -> None:
    assert told(Row("5", mark="FRIDAY", aired=8), {"5": "7|FRIDAY"}) == News("aired", "8|FRIDAY")
    assert told(Row("5", mark="SUNDAY", aired=7), {"5": "7|FRIDAY"}) == News("change", "7|SUNDAY")
    assert told(Row("5", mark="FRIDAY", aired=6), {"5": "7|FRIDAY"}) is None


def test_a_row_that_says_nothing_now_is_no_news() -> None:
    assert told(Row("5"), {"5": "7|FRIDAY"}) is None


def test_a_mark_that_was_lost_has_those_asked_anew_that_were_not_asked_since_the_list_was_read() -> None:
    assert told(Row("5", mark="any"), {}, asked_ago=2 * DAY) == News("change", "|any")
    assert told(Row("5", mark="any"), {}) is None


def test_rows_that_changed_are_marked_as_they_are_now() -> None:
    found = read("jikan", [Row("5", mark="b"), Row("6", mark="c")], {}, {"5": "|b", LAST: "9"}, NOW, DAY)
    assert found.marks == {"6": "|c"}


def test_a_list_of_changes_is_read_down_to_where_it_was_read_last_and_a_little_further() -> None:
    page = [Row("1", changed_at=NOW), Row("2", changed_at=NOW - 100)]
    assert not reached(page, {LAST: f"{NOW - 50}"})
    assert reached(page, {LAST: f"{NOW - 99 + OVERLAP}"})
    assert not reached(page, {})
    assert not reached([Row("1", mark="x")], {LAST: f"{NOW}"})
    assert newest(page, {}) == newest(page, {LAST: "5"}) == f"{NOW:.0f}"
    assert newest([], {LAST: "5"}) == "5"


def test_rows_that_tell_when_they_changed_and_rows_that_tell_nothing_are_not_marked() -> None:
    rows = [Row("5", mark="any", changed_at=NOW - DAY), Row("6"), Row("7", aired=3)]
    assert read("jikan", rows, {}, {}, NOW, DAY).marks == {"7": "3|"}
