"""What an entry of one site is worth as the work that is known: a row is the entry, its score, and what decides."""

from typing import Any

import pytest

from sources.base import Candidate
from sources.record import SourceRecord
from streams.contract.events import Evidence
from streams.contract.record import MatchReport
from streams.matching.identify import choose, confirm
from streams.matching.overrides import Overrides
from streams.matching.single_site import wordings
from tests.support.entries import entry

ALPHA = Evidence(
    titles=["Alpha", "アルファ", "Gamma"], type="TV", year=2010, episode_count=12, ids={"mal": "1"}
)
DATED = Evidence(titles=["Alpha!"], start_date="2010-04-01", ids={"mal": "1"})


def on(title: str, *titles: str, id_: int = 1, **facts: Any) -> Candidate:
    return entry("anisearch", id_, title, *titles, **facts)


@pytest.mark.parametrize(
    ("seen", "score", "verdict"),
    [
        (on("Alpha"), 0.755, "accept"),
        (on("Alpha", year=2010), 0.835, "accept"),
        (on("Alpha", year=2011), 0.815, "accept"),
        (on("Alpha", year=2012), 0.0, "none"),
        (on("Alpha", type="TV"), 0.785, "accept"),
        (on("Alpha", type="ONA"), 0.755, "accept"),
        (on("Alpha", episode_count=13), 0.785, "accept"),
        (on("Alpha", episode_count=24), 0.705, "accept"),
        (on("Alpha", "アルファ", "Gamma"), 0.795, "accept"),
        (on("Alpha", ids={"mal": "1"}), 0.955, "accept"),
        (on("Alpha", ids={"mal": "9"}), 0.0, "none"),
        (on("Ālpha"), 0.675, "ambiguous"),
        (on("Beta", "Alpha"), 0.0, "none"),
        (on("Beta", "Alpha", year=2010), 0.835, "accept"),
        (on("Beta", "Alpha", ids={"mal": "1"}), 0.955, "accept"),
        (on("Beta", "Alpha", "アルファ"), 0.0, "none"),
        (on("Beta", "Alpha", "アルファ", "Gamma"), 0.795, "accept"),
        (on("Beta", ids={"mal": "1"}), 0.0, "none"),
    ],
)
def test_an_entry_is_worth_what_titles_facts_and_links_add_up_to(
    seen: Candidate, score: float, verdict: str
) -> None:
    found, report = choose(ALPHA, [seen])
    assert (found is not None, report.verdict, report.score) == (verdict == "accept", verdict, score)


def test_no_more_than_three_titles_and_one_link_add_to_the_score_and_it_is_never_sure() -> None:
    titles = ["Alpha", "Beta", "Gamma", "Delta"]
    assert choose(Evidence(titles=titles), [on(*titles)])[1].score == 0.795
    assert choose(KNOWN, [on("Alpha", ids={"mal": "1", "anidb": "7"})])[1].score == 0.955
    facts: dict[str, Any] = {"type": "TV", "year": 2010, "episode_count": 12, "ids": {"mal": "1"}}
    assert choose(ALPHA, [on("Alpha", "アルファ", "Gamma", **facts)])[1].score == 0.99
    assert said_of(choose(ALPHA, [on("Beta")])[1]) == -6.0


def test_another_sign_is_enough_with_a_link_and_the_very_date_and_an_article_alone_is_not() -> None:
    linked = choose(DATED, [on("Alpha", start_date="2010-04-01", ids={"mal": "1"})])[1]
    assert (linked.verdict, linked.score) == ("accept", 0.805)
    article = Evidence(titles=["The Alpha Omega"], year=2010)
    assert choose(article, [on("Alpha Omega", year=2010)])[1].verdict == "none"


@pytest.mark.parametrize(
    ("entries", "verdict", "rule"),
    [
        ([on("Alpha")], "accept", "borne_out"),
        ([on("Ālpha")], "ambiguous", "not_borne_out"),
        ([on("Alpha", type="TV"), on("Alpha", id_=2)], "ambiguous", "another_comes_near"),
        ([on("Alpha", year=2010), on("Alpha", id_=2)], "accept", "borne_out"),
        ([on("Ālpha"), on("Ālpha", episode_count=24, id_=2)], "ambiguous", "not_borne_out"),
    ],
)
def test_an_entry_is_chosen_where_no_other_comes_near(
    entries: list[Candidate], verdict: str, rule: str
) -> None:
    report = choose(ALPHA, entries)[1]
    assert (report.verdict, report.rule) == (verdict, rule)


def said_of(report: MatchReport) -> float:
    """The bits of all that is said."""
    return sum(one.weight for one in report.rules)


def test_an_entry_that_the_user_says_is_another_work_is_not_chosen() -> None:
    apart = Overrides(different=({"mal": "1", "anisearch": "1"},))
    assert choose(ALPHA, [on("Alpha")], apart)[0] is None
    page = SourceRecord(source="anisearch", source_id="1", title="Alpha", year=2010)
    denied = confirm(ALPHA, page, by_id=True, overrides=apart)
    assert (denied.score, said_of(denied)) == (0.0, -20.0)
    assert (denied.verdict, denied.rule, denied.confidence) == ("mismatch", "user_says", 0.0)
    same = Overrides(same=({"mal": "1", "anisearch": "1"},))
    other = SourceRecord(source="anisearch", source_id="1", title="Beta", year=1999)
    said = confirm(ALPHA, other, by_id=False, overrides=same)
    assert (said.score, said_of(said)) == (1.0, 20.0)
    assert (said.verdict, said.rule, said.confidence) == ("accept", "user_says", 1.0)


KNOWN = Evidence(
    titles=["Alpha"], type="TV", year=2010, ids={"kitsu": "5", "mal": "1", "anidb": "7", "anilist": "9"}
)


def page(title: str, year: int | None = None, **ids: str) -> SourceRecord:
    """Kitsu's entry 5, to which a link led."""
    return SourceRecord(source="kitsu", source_id="5", title=title, type="TV", year=year, ids=ids)


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (page("Beta"), "accept"),
        (page("Alpha", 2001), "mismatch"),
        (page("Beta", 2001), "mismatch"),
        (page("Alpha", 2001, mal="1"), "accept"),
        (page("Beta", 2001, mal="1"), "accept"),
        (page("Alpha", 2001, mal="1", anidb="8"), "mismatch"),
        (page("Beta", 2001, mal="1", anidb="8"), "accept"),
        (page("Alpha (TV)", 2001, mal="1", anidb="8"), "mismatch"),
        (page("Beta", None, mal="2", anidb="8"), "mismatch"),
        (page("Alpha", 2010, mal="2", anidb="8"), "accept"),
    ],
)
def test_a_link_is_denied_by_what_contradicts_it_unless_further_ids_agree(
    seen: SourceRecord, verdict: str
) -> None:
    report = confirm(KNOWN, seen, by_id=True)
    assert (report.verdict, report.rule) == (verdict, "linked" if verdict == "accept" else "link_denied")


def test_without_a_link_titles_and_facts_must_bear_it_out() -> None:
    assert confirm(KNOWN, page("Alpha", 2010), by_id=False).rule == "borne_out"
    other = SourceRecord(source="anisearch", source_id="3", title="Beta", type="TV")
    assert (confirm(KNOWN, other, by_id=False).verdict, confirm(KNOWN, other, by_id=False).rule) == (
        "mismatch",
        "not_borne_out",
    )


@pytest.mark.parametrize(
    ("titles", "most", "searched"),
    [
        (["", "Alpha"], 3, ["Alpha"]),
        (["Alpha", "Beta", "Gamma", "日本", "韓国"], 5, ["Alpha", "Beta", "日本", "Gamma", "韓国"]),
        (["abcd", "abce", "xyzw"], 2, ["abcd", "xyzw"]),
        (["abcd", "abxx", "xyzw"], 2, ["abcd", "abxx"]),
        (["X 20191011", "あ 20191011", "Alpha", "Beta"], 3, ["X 20191011", "Alpha", "あ 20191011"]),
        (["日本", "韓国", "中国", "Alpha"], 4, ["Alpha", "日本", "韓国", "中国"]),
        (["日本", "韓国", "Alpha"], 3, ["Alpha", "日本", "韓国"]),
    ],
)
def test_a_site_is_searched_by_titles_of_which_none_is_a_spelling_of_another(
    titles: list[str], most: int, searched: list[str]
) -> None:
    assert wordings(titles, most) == searched
