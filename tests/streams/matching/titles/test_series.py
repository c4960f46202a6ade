"""Whose a title is, a work's own, its series' or another part's: a row is a title, what an entry is called, and the answer."""

from collections.abc import Sequence
from typing import Any

import pytest

from sources.base import Candidate
from streams.matching import series
from streams.matching.clusters import Work
from streams.matching.profile import Traits, of_candidates, traits
from streams.text.normalization import form
from streams.text.similarity import UNSAID, Likeness
from tests.support.entries import entry


def called(*heads: str, also: Sequence[str] = (), **facts: Any) -> Traits:
    """A work that its sites head so, and list under other titles."""
    return traits(heads, also, **facts)


@pytest.mark.parametrize(
    ("head", "asked", "more"),
    [
        ("Alpha", "Alpha", False),
        ("Alpha Season 2", "Alpha", True),
        ("Alpha Season 2", "Alpha Season 2", False),
        ("Alpha Season 2 OVA", "Alpha Season 2", True),
        ("Alpha (2019)", "Alpha", True),
        ("Alpha (2019)", "Alpha (2019)", False),
        ("Alpha (OVA)", "Alpha", True),
        ("Alpha (OVA)", "Alpha (OVA)", False),
        ("Alpha (TV)", "Alpha", False),
    ],
)
def test_a_heading_says_more_by_a_part_a_kind_or_a_year_that_was_not_asked_for(
    head: str, asked: str, more: bool
) -> None:
    assert series.says_more(form(head), form(asked)) is more


@pytest.mark.parametrize(
    ("seen", "shared"),
    [
        (called("Alpha (2019)", also=["Alpha"]), True),
        (called("Alpha (OVA)", also=["Alpha"]), True),
        (called("Alpha (2019)"), False),
        (called("Alpha"), False),
        (called("Beta (2019)", also=["Alpha"]), False),
    ],
)
def test_a_title_is_shared_where_its_entry_is_headed_with_more_in_brackets(
    seen: Traits, shared: bool
) -> None:
    assert series.shares(form("Alpha"), seen) is shared


@pytest.mark.parametrize(
    ("asked", "titles", "sequel"),
    [
        ("Alpha", ["Alpha 2"], True),
        ("Alpha", ["Alpha"], False),
        ("Alpha", ["Beta 2"], False),
        ("Alpha", ["Alpha 2 OVA"], False),
        ("Alpha Season 3", ["Alpha 2"], False),
    ],
)
def test_an_entry_is_a_sequel_of_what_names_no_part(asked: str, titles: list[str], sequel: bool) -> None:
    assert series.is_sequel_of(form(asked), called("Gamma", also=titles)) is sequel


@pytest.mark.parametrize(
    ("asked", "seen", "other"),
    [
        ("Alpha Season 2", called("Alpha"), True),
        ("Alpha Season 2", called("Alpha", "Beta 2"), True),
        ("Alpha Season 2", called("Alpha", "Alpha 2"), False),
        ("Alpha Season 2", called("Beta"), False),
        ("Alpha", called("Alpha Season 2"), False),
        ("Alpha OVA", called("Alpha", types=["OVA"]), False),
        ("Alpha OVA", called("Alpha", types=["TV"]), True),
    ],
)
def test_another_part_is_named_where_all_headings_of_the_series_are_of_another(
    asked: str, seen: Traits, other: bool
) -> None:
    assert series.names_other_part(form(asked), seen) is other


@pytest.mark.parametrize(
    ("asked", "title", "does"),
    [
        ("Alpha", "Alpha Omega", True),
        ("Alpha Season 2", "Alpha Season 3", True),
        ("Alpha", "Alphabet", False),
        ("", "!Alpha", False),
    ],
)
def test_a_title_begins_with_all_the_words_or_is_of_the_series_that_they_name(
    asked: str, title: str, does: bool
) -> None:
    assert series.begins(form(asked), called(title)) is does


@pytest.mark.parametrize(
    ("asked", "title", "more"),
    [
        ("Alpha", "Alpha Omega", True),
        ("Alpha", "Alpha: Omega", True),
        ("Alpha", "Alpha!", False),
        ("Alpha", "Alpha the Animation", False),
        ("Alpha", "Alpha (TV)", False),
        ("Alpha", "Alpha アルファ", False),
        ("Alpha", "Omega is Alpha", False),
        ("Alpha OVA", "Alpha OVA Omega", False),
        ("Alpha 100", "Alpha 100 Omega", False),
    ],
)
def test_a_title_begins_others_that_go_on_with_words_and_say_something(
    asked: str, title: str, more: bool
) -> None:
    assert series.begins_others(form(asked), called(asked, also=[title])) is more


@pytest.mark.parametrize(
    ("asked", "title", "goes_on"),
    [
        ("Alpha", "Alpha Omega", True),
        ("Alpha", "Alpha!", True),
        ("Alpha", "Alpha", False),
        ("Alpha", "Alphabet", False),
        ("Alpha", "Omega Beta", False),
        ("Alpha Omega", "Alpha", False),
    ],
)
def test_a_title_goes_on_after_all_the_words(asked: str, title: str, goes_on: bool) -> None:
    assert series.goes_on(form(asked), form(title)) is goes_on


L = Likeness


@pytest.mark.parametrize(
    ("asked", "level", "heads", "only"),
    [
        ("Alpha", L.EXACT, ["Alpha"], False),
        ("Alpha", L.EXACT, ["Alpha OVA"], True),
        ("Alpha", L.EXACT, ["Alpha 2", "Beta"], True),
        ("Alpha 2", L.EXACT, ["Alpha 2 (2019)"], False),
        ("Alpha 2", L.EXACT, ["Alpha 3 (2019)"], True),
        ("Alpha", L.ARTICLE, ["Beta Movie"], True),
        ("Alpha", L.ARTICLE, ["Beta"], False),
        ("Alpha", L.SPELLED, ["Beta Movie"], False),
        ("Alpha Movie", L.ARTICLE, ["Beta Movie"], False),
        ("Alpha", L.EXACT, ["Beta Season 2"], True),
        ("Alpha", L.EXACT, ["Beta Season 2", "Gamma"], False),
    ],
)
def test_a_title_is_only_the_series_where_headings_name_a_part_of_it(
    asked: str, level: Likeness, heads: list[str], only: bool
) -> None:
    assert series.only_the_series(form(asked), level, UNSAID, called(*heads, also=[asked])) is only


@pytest.mark.parametrize(
    ("heads", "titles", "elsewhere"),
    [
        (["Beta"], ["Alpha", "Alpha Season 2"], True),
        (["Alpha"], ["Alpha Season 2"], False),
        (["Beta"], ["Alpha", "Gamma Season 2"], False),
        (["Beta"], ["Alpha", "Alpha 0"], False),
        (["Beta"], ["Alpha", "Alpha Part 2"], False),
    ],
)
def test_a_listed_title_is_the_series_where_the_work_is_also_called_a_later_season(
    heads: list[str], titles: list[str], elsewhere: bool
) -> None:
    assert series.counted_elsewhere(form("Alpha"), called(*heads, also=titles)) is elsewhere


@pytest.mark.parametrize(
    ("asked", "heads", "otherwise"),
    [
        ("Alpha Season 2", ["Beta Season 3"], True),
        ("Alpha Season 2", ["Beta Season 3", "Beta"], True),
        ("Alpha Season 2", ["Beta Season 3", "Beta Season 2"], False),
        ("Alpha Season 2", ["Beta Part 2"], True),
        ("Alpha Season 2 Part 2", ["Beta Part 2"], False),
        ("Alpha Season 2", ["Beta"], False),
        ("Alpha Part 2", ["Beta Season 2"], False),
        ("Alpha 0", ["Beta Season 2"], False),
    ],
)
def test_headings_count_otherwise_where_each_that_counts_names_another_season(
    asked: str, heads: list[str], otherwise: bool
) -> None:
    assert series.counts_otherwise(form(asked), called(*heads)) is otherwise


def work(title: str, *titles: str, **facts: Any) -> Work:
    entries: tuple[Candidate, ...] = (entry("jikan", 1, title, *titles, **facts),)
    return Work(entries, of_candidates(entries))


@pytest.mark.parametrize(
    ("first", "other", "beside"),
    [
        (work("Alpha"), work("Beta", follows=(("mal", "1"),)), True),
        (work("Alpha"), work("Beta", follows=(("mal", "7"),)), False),
        (work("Alpha", type="TV"), work("Beta", type="OVA"), True),
        (work("Alpha", type="TV"), work("Beta", type="TV"), False),
        (work("Alpha", type="TV"), work("Beta"), False),
        (work("Alpha", type="MOVIE"), work("Beta", type="OVA"), False),
        (work("Alpha"), work("Beta", "Alpha Season 2"), True),
        (work("Alpha"), work("Beta", "Alpha"), False),
        (work("Alpha"), work("Beta", "Gamma Season 2"), False),
        (work("Alpha"), work("Alpha: Beta"), True),
        (work("Alpha"), work("Beta OVA"), True),
        (work("Alpha 2"), work("Alpha 2: Beta"), False),
    ],
)
def test_a_work_is_beside_the_first_of_its_series(first: Work, other: Work, beside: bool) -> None:
    assert series.is_beside(first, other) is beside


@pytest.mark.parametrize(
    ("head", "other", "leads"),
    [
        ("Alpha", "Alpha 2", True),
        ("Alpha", "Alpha OVA", False),
        ("Alpha", "Beta 2", False),
        ("Alpha 2", "Alpha 3", False),
    ],
)
def test_a_work_leads_its_series_where_a_later_season_is_headed_as_it_is(
    head: str, other: str, leads: bool
) -> None:
    assert series.leads_series(called(head), [form(other)]) is leads


@pytest.mark.parametrize(
    ("asked", "heads", "mild"),
    [
        ("Alpha", ["Alpha!"], True),
        ("Alpha", ["Alpha!!"], False),
        ("Alpha", ["Alpha*"], False),
        ("Alpha", ["Beta!"], False),
        ("Alpha", ["Alpha!", "Beta*"], True),
        ("Alpha Omega B", ["Alpha! Omega B!"], False),
        ("Alpha Omega Be", ["Alpha! Omega Be!"], True),
        ("Alpha Omega Be", ["Alpha! Omega Be*"], False),
    ],
)
def test_one_sign_ends_a_sentence_and_those_inside_may_be_left_out_of_a_long_title(
    asked: str, heads: list[str], mild: bool
) -> None:
    assert series.ends_sentence(form(asked), called(*heads)) is mild


@pytest.mark.parametrize(
    ("titles", "plain"),
    [
        (["Alpha!"], True),
        (["Alpha!?.,'"], True),
        (["Alpha*"], False),
        (["Alpha!", "Alpha♭"], False),
        (["Alpha!", "Beta*"], True),
    ],
)
def test_signs_that_people_leave_out_tell_no_works_apart_in_a_list_of_all_titles(
    titles: list[str], plain: bool
) -> None:
    assert series.leaves_out_sentence_signs(form("Alpha"), called(*titles)) is plain


@pytest.mark.parametrize(
    ("asked", "heads", "inside"),
    [
        ("Alpha Omega Be", ["Alpha! Omega Be"], True),
        ("Alpha Omega Be", ["Alpha! Omega Be", "Gamma*"], True),
        ("Alpha Omega Be", ["Alpha? Omega Be"], False),
        ("Alpha Omega Be", ["Alpha! Omega Be!"], False),
        ("Alpha Omega B", ["Alpha! Omega B"], False),
        ("Alpha Omega Be", ["Gamma"], False),
    ],
)
def test_signs_inside_a_long_heading_may_be_left_out_but_none_at_its_end(
    asked: str, heads: list[str], inside: bool
) -> None:
    assert series.signs_inside(form(asked), called(*heads)) is inside


@pytest.mark.parametrize(
    ("asked", "titles", "other", "belong"),
    [
        ("Alpha Omega", ["Alpha! Omega!!"], "Gamma", True),
        ("Alpha-Omega's", ["Alpha!-Omega's!!"], "Gamma", True),
        ("Alpha: Omega", ["Alpha!: Omega!!"], "Gamma", False),
        ("Alpha Omega", ["Alpha* Omega"], "Gamma", False),
        ("Alpha", ["Alpha!"], "Alpha! Second", True),
        ("Alpha", ["Alpha!"], "Alpha!: Second", True),
        ("Alpha", ["Alpha!"], "Alpha!!", False),
        ("Alpha", ["Alpha!?.,'"], "Alpha!?.,' Second", True),
        ("Alpha", ["Alpha*"], "Alpha* Second", False),
        ("Alpha", ["Alpha!", "Beta!"], "Beta! Second", False),
    ],
)
def test_a_sign_is_the_series_own_where_a_sequel_keeps_it_or_none_inside_was_asked_for(
    asked: str, titles: list[str], other: str, belong: bool
) -> None:
    assert series.signs_belong_to_series(form(asked), called(*titles), [form(other)]) is belong
