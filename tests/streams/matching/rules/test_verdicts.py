"""When each verdict is given that is said in its own line, and how the best work comes to its verdict."""

import pytest

from streams.matching.hits import Hit
from streams.matching.rules.decision import decide, judge, judged
from streams.matching.rules.model import Case, RuleSet
from streams.matching.rules.preferences import PREFERENCES
from streams.matching.rules.verdicts import RULES
from streams.text.similarity import Likeness
from tests.support.entries import ONE, hit, listed

L = Likeness
VERDICTS = {rule.id: rule for rule in RULES.verdicts}
OF_THE_YEAR = [hit(L.NEAR, year=0)]
ROWS: list[tuple[str, str, Hit, list[Hit], bool]] = [
    ("asked_by_id", "an id was given", hit(L.NONE, ids=1), [], True),
    ("asked_by_id", "no id was given", hit(L.EXACT), [], False),
    ("id_of_another_part", "the title names another part", hit(L.NONE, ids=1, apart=True), [], True),
    ("id_of_another_part", "the title names this part", hit(L.NONE, ids=1), [], False),
    ("id_of_another_part", "no id was given", hit(L.NONE, apart=True), [], False),
    ("id_of_another_title", "another work bears the title", hit(L.NONE, ids=1), [hit(L.EXACT)], True),
    ("id_of_another_title", "no id was given", hit(L.NEAR), [hit(L.EXACT)], False),
    ("facts_differ", "year or type differ", hit(L.EXACT, fits=False), [], True),
    ("facts_differ", "nothing differs", hit(L.EXACT), [], False),
    ("year_is_anothers", "another work is of that year", hit(L.EXACT, year=1), OF_THE_YEAR, True),
    ("year_is_anothers", "no other work is", hit(L.EXACT, year=1), [], False),
    ("year_is_anothers", "it is of that year itself", hit(L.EXACT, year=0), OF_THE_YEAR, False),
    ("year_is_anothers", "no year is known of it", hit(L.EXACT), OF_THE_YEAR, False),
    ("heads_in_its_year", "it bears the title", hit(L.ARTICLE, year=0), [], True),
    ("heads_in_its_year", "its sign was left out", hit(L.UNMARKED, year=0), [], True),
    ("heads_in_its_year", "it has another sign", hit(L.NEAR, year=0), [], False),
    ("heads_in_its_year", "it only lists the title", listed(L.EXACT, year=0), [], False),
    ("heads_in_its_year", "it is of the year beside", hit(L.EXACT, year=1), [], False),
    ("heads_in_its_year", "no year is known", hit(L.EXACT), [], False),
    ("headed_with_more", "its heading says more in brackets", hit(L.ARTICLE, shares=True), [], True),
    ("headed_with_more", "it is of the year beside", hit(L.ARTICLE, shares=True, year=1), [], True),
    ("headed_with_more", "it is of that very year", hit(L.ARTICLE, shares=True, year=0), [], False),
    ("headed_with_more", "its heading says no more", hit(L.ARTICLE), [], False),
    ("headed_with_more", "it does not bear the title", hit(L.REWORDED, shares=True), [], False),
    ("counted_otherwise", "its headings count another season", hit(L.SPELLED, otherwise=True), [], True),
    ("counted_otherwise", "the very title is listed", hit(L.WRITTEN, otherwise=True), [], False),
    ("counted_otherwise", "its headings count as the asker does", hit(L.SPELLED), [], False),
    ("counted_otherwise", "it does not bear the title", hit(L.REWORDED, otherwise=True), [], False),
    ("heads", "it heads an entry", hit(L.ARTICLE), [], True),
    ("heads", "it is only listed", listed(L.ARTICLE), [], False),
    ("heads", "it does not bear the title", hit(L.REWORDED), [], False),
    ("listed", "it is listed", listed(L.ARTICLE), [], True),
    ("listed", "it is of the very year", listed(L.ARTICLE, year=0), [], True),
    ("listed", "it is of the year beside", listed(L.ARTICLE, year=1), [], False),
    ("listed", "it does not bear the title", listed(L.REWORDED), [], False),
    ("reworded_heading", "the heading says what its site says", hit(L.REWORDED), [], True),
    ("reworded_heading", "it is only listed so", listed(L.REWORDED), [], False),
    ("reworded_heading", "a season that was counted", hit(L.COUNTED), [], False),
    ("first_season", "two sites list it so", listed(L.REWORDED), [], True),
    ("first_season", "one site lists it so", listed(L.REWORDED, ONE), [], False),
    ("first_season", "another work is like it", listed(L.REWORDED), [hit(L.NEAR)], False),
    ("first_season", "another title only begins so", listed(L.REWORDED), [hit(L.BEGINNING)], True),
    ("first_season", "a season that was counted", listed(L.COUNTED), [], False),
    ("another_part", "another part of the series", hit(L.SERIES), [], True),
    ("another_part", "the same part with another sign", hit(L.NEAR), [], False),
    ("only_begins_so", "its title begins so", hit(L.BEGINNING), [], True),
    ("only_begins_so", "another part of the series", hit(L.SERIES), [], False),
]


@pytest.mark.parametrize(
    ("id_", "best", "others", "given"),
    [(id_, *row) for id_, _, *row in ROWS],
    ids=[f"{id_}: {why}" for id_, why, *_ in ROWS],
)
def test_a_verdict_is_given_where_all_that_it_asks_for_is_so(
    id_: str, best: Hit, others: list[Hit], given: bool
) -> None:
    assert bool(VERDICTS[id_].applies(Case(best, others))) is given


FIRST, SECOND = hit(L.NEAR, ONE, year=1), hit(L.SERIES, year=0)


def rule(hits: list[Hit], pinned: bool = False) -> str:
    """The rule that decides."""
    decided = decide(hits, pinned=pinned)
    return decided.rule if decided else ""


def test_the_only_season_of_the_year_goes_before_a_best_work_that_is_refused() -> None:
    assert rule([FIRST, SECOND]) == "season_of_the_year"
    assert rule([FIRST, SECOND, hit(L.BEGINNING, year=0)]) == "season_of_the_year"
    assert rule([FIRST, SECOND, hit(L.SERIES, year=0)]) == "too_little"
    assert rule([FIRST, hit(L.SERIES)]) == "too_little"


def test_no_season_of_the_year_goes_before_a_work_that_is_accepted_or_two_that_answer_as_well() -> None:
    assert rule([hit(L.EXACT, year=1), SECOND]) == "heads"
    assert rule([hit(L.EXACT, year=1), hit(L.EXACT, year=1), SECOND]) == "two_works"
    assert rule([]) == ""


def test_a_pin_is_of_the_work_with_its_id_and_of_no_request_without_one() -> None:
    assert rule([hit(L.NONE, ids=1)], pinned=True) == "pinned"
    assert rule([hit(L.EXACT)], pinned=True) == "heads"
    assert rule([hit(L.NONE, ids=1)]) == "asked_by_id"
    assert judged([hit(L.NONE, ids=1)])[0].rule == "asked_by_id"
    assert judge(Case(hit(L.NONE, ids=1))).rule == "asked_by_id"


def test_what_speaks_for_a_work_is_told_and_nothing_that_does_not() -> None:
    told = judge(Case(hit(L.EXACT, fits=True)))
    assert [one.id for one in told.rules] == [
        "facts_allow_it",
        "title",
        "heads_an_entry",
        "asked_in_full",
        "heads",
    ]
    assert told.words == [
        "title exact",
        "heads the entry of jikan, kitsu",
        "no heading says more",
        "on jikan, kitsu",
    ]
    refused = judge(Case(listed(L.SERIES, plain=False)))
    assert (refused.accepted, refused.rule, refused.words) == (False, "another_part", [])
    among = judge(Case(listed(L.AMONG, plain=False, seen="alpha omega")))
    assert among.words == []  # the title weighs nothing


def test_without_a_rule_that_applies_nothing_is_accepted() -> None:
    told = judge(Case(hit(L.EXACT)), RuleSet(PREFERENCES, ()))
    assert (told.accepted, told.rule) == (False, "")


def test_a_title_weighs_by_how_like_it_is_and_all_else_the_same_for_every_work() -> None:
    title, *_ = [one for one in PREFERENCES if one.id == "title"]
    order = [level for level in sorted(L, reverse=True) if level]
    bits = [title.bits(hit(level)) for level in order]
    assert bits == sorted(bits, reverse=True)
    assert (bits[0], bits[-1]) == (6.0, -3.0)
    others = [one for one in PREFERENCES if one.id != "title"]
    assert all(one.bits(hit(L.EXACT)) == one.bits(hit(L.NEAR)) == one.weight > 0 for one in others)


def test_the_title_that_answers_is_told_where_it_is_not_quite_the_one_asked_for() -> None:
    assert judge(Case(listed(L.SLIPPED, plain=False, seen="alpha"))).words[0] == "title slipped: alpha"


def test_to_lead_a_series_decides_only_where_no_title_is_borne() -> None:
    leads = next(one for one in PREFERENCES if one.id == "leads_its_series")
    assert leads.measure(hit(L.LEFT_OUT, leads=True))
    assert not leads.measure(hit(L.SLIPPED, leads=True))
    assert not leads.measure(hit(L.LEFT_OUT))
