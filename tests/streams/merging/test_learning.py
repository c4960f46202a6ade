"""What answers teach about the sites: agreement with what the others say, and who differs from whom."""

from __future__ import annotations

from streams.config.policy_file import default_policy
from streams.contract.events import PartialResult
from streams.merging.learning import LEARNED, Lessons, lessons, table
from streams.merging.merge import inputs_of
from streams.merging.tally import Tally
from streams.merging.weights import Weights, drifted
from tests.support.partials import copiers, partial, title


def taught(*partials: PartialResult) -> Lessons:
    return lessons(inputs_of({p.source: p for p in partials}, default_policy(), None))


def share(tally: Tally) -> float:
    return round(min(1.0, tally.part / tally.whole), 1)


def test_who_says_what_the_others_say_agrees_and_who_does_not_does_not() -> None:
    learned = taught(
        *(partial(s, type="TV") for s in ("jikan", "anilist", "kitsu")), partial("anidb", type="OVA")
    )
    assert {source: share(tally) for (_, source), tally in learned.agreement.items()} == {
        "jikan": 1.0,
        "anilist": 1.0,
        "kitsu": 1.0,
        "anidb": 0.0,
    }


def test_one_alone_teaches_nothing() -> None:
    assert taught(partial("jikan", type="TV")).agreement == {}


def test_a_month_is_right_as_far_as_it_goes_and_cannot_judge_a_day() -> None:
    learned = taught(
        partial("jikan", start_date="2020-07-03"),
        partial("anilist", start_date="2020-07-03"),
        partial("anidb", start_date="2020-07"),
    )
    assert share(learned.agreement["start_date", "anidb"]) == 1.0
    month = taught(partial("jikan", start_date="2020-07-03"), partial("anidb", start_date="2020-07"))
    assert ("start_date", "jikan") not in month.agreement


def test_a_season_that_a_parser_made_of_the_date_is_nothing_that_the_site_said() -> None:
    made_up = partial(
        "anidb", season="SUMMER", year=2020, start_date="2020-07-03", raw={"startdate": "2020-07-03"}
    )
    learned = taught(made_up, partial("anilist", season="SUMMER", year=2020))
    assert {field for field, _ in learned.agreement} == set()


def test_who_differs_from_whom_is_counted_whoever_is_right() -> None:
    said = [partial("anidb", type="TV"), partial("jikan", type="OVA"), partial("kitsu", type="OVA")]
    learned = taught(*said)
    assert learned.apart == {("type", "anidb", "jikan"): 1.0, ("type", "anidb", "kitsu"): 1.0}
    assert ("jikan", "kitsu") in learned.met and ("jikan", "jikan") in learned.met


def test_who_says_less_exactly_does_not_differ_and_who_is_near_differs_by_half() -> None:
    for exact, rough in (("anidb", "jikan"), ("jikan", "anidb")):
        days = [partial(exact, start_date="2020-07-03"), partial(rough, start_date="2020-07")]
        assert taught(*days).apart == {}
    lengths = [partial("anidb", duration_seconds=1440), partial("jikan", duration_seconds=1500)]
    assert taught(*lengths).apart == {("duration_seconds", "anidb", "jikan"): 0.5}


def test_who_is_near_agrees_by_half_and_who_says_the_same_in_full() -> None:
    said = {"jikan": 1440, "anilist": 1440, "anidb": 1500}
    learned = taught(*(partial(s, duration_seconds=seconds) for s, seconds in said.items()))
    assert share(learned.agreement["duration_seconds", "anidb"]) == 0.5
    tally = learned.agreement["duration_seconds", "jikan"]
    assert tally.part < 1, "the others are not sure, and one of them is but near"


def test_headings_in_other_languages_teach_nothing_about_the_title() -> None:
    romaji = {s: [title("Shingeki no Kyojin", "ja-Latn", "main")] for s in ("jikan", "anilist")}
    english = [title("Attack on Titan", "en", "main")]
    learned = taught(
        *(partial(s, title=titles[0].text, titles=titles) for s, titles in romaji.items()),
        partial("anime_planet", title="Attack on Titan", titles=english),
    )
    assert {source for field, source in learned.agreement if field == "title"} == {"jikan", "anilist"}
    assert {pair for pair in learned.apart if pair[0] == "title"} == set()


def test_a_season_said_without_a_date_teaches_like_any_other_fact() -> None:
    said = [partial(s, season=season, year=2020) for s, season in (("jikan", "FALL"), ("anilist", "SUMMER"))]
    assert ("season", "anilist", "jikan") in taught(*said).apart


def test_ids_are_no_facts_about_which_sites_err() -> None:
    assert "ids" not in LEARNED
    assert "type" in LEARNED


def test_each_meeting_counts_once_and_what_fell_below_nothing_is_nothing() -> None:
    counts = taught(partial("jikan", type="TV"), partial("anidb", type="OVA")).counts()
    assert counts["met/anidb+jikan"] == counts["met/jikan+jikan"] == counts["apart/type/anidb+jikan"] == 1.0
    below = dict.fromkeys((*counts, "whole/type/kitsu"), -0.1)
    read = table(below, "1")
    assert set(read.met.values()) == set(read.apart.values()) == {0.0}
    assert {*read.agreement.values(), *read.recent.values()} == {Tally(0.0, 0.0)}
    assert table({"whole/type/kitsu": 2.0}, "1").recent["type", "kitsu"] == Tally(0.0, 2.0)


def test_counts_are_read_back_as_the_table_that_they_make() -> None:
    learned = taught(
        *(partial(s, type="TV") for s in ("jikan", "anilist", "anidb")), partial("kitsu", type="OVA")
    )
    read = table({**learned.counts(), **learned.recent(["kitsu"]), "works": 1.0, "odd/name": 2.0}, "3-1")
    assert read.version == "3-1"
    assert {(field, source) for field, source, _ in read.agreement} == set(learned.agreement)
    assert read.agreement["type", "kitsu", learned.kind].whole == round(
        learned.agreement["type", "kitsu"].whole, 3
    )
    assert set(read.recent) == {("type", "kitsu")}
    assert (read.apart, set(read.met)) == (learned.apart, set(learned.met))


def test_a_fall_that_chance_does_not_make_is_a_change_of_the_site() -> None:
    usual = Tally(970, 1000)
    assert drifted(usual, Tally(60, 100))
    assert not drifted(usual, Tally(93, 100))
    assert not drifted(usual, Tally(6, 10)), "too few to tell"
    assert not drifted(Tally(60, 100), Tally(60, 100)), "nothing to compare with"


def test_a_site_that_has_changed_is_believed_as_it_is_now() -> None:
    start = default_policy().starting
    counts = {"part/type/kitsu/finished old": 960.0, "whole/type/kitsu/finished old": 1000.0}
    now = {"part/type/kitsu": 50.0, "whole/type/kitsu": 95.0}
    before, after = (Weights(start, table(one, "1")) for one in (counts, counts | now))
    assert before.reliability("type", "kitsu") > 0.95
    assert after.reliability("type", "kitsu") < 0.6


def test_who_copies_a_site_is_no_judge_of_it() -> None:
    copies = copiers("jikan", "anilist")
    said = {p.source: p for p in (partial("jikan", type="OVA"), partial("anilist", type="OVA"))}
    assert lessons(inputs_of(said, default_policy(), copies)).agreement == {}
    third = partial("anidb", type="TV")
    judged = lessons(inputs_of(said | {"anidb": third}, default_policy(), copies)).agreement
    assert share(judged["type", "jikan"]) == share(judged["type", "anilist"]) == 0.0
