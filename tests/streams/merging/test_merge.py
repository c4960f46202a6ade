"""The merge as a whole: who counts, what is reported, and that it always gives the same record."""

from __future__ import annotations

import gc

import pytest

from streams.config.policy_file import default_policy
from streams.contract.record import MatchReport, RunnerUp
from streams.merging.fields.ids import anime_id
from streams.merging.merge import merge
from tests.support.partials import failed, merged, partial


def test_the_first_source_of_the_order_that_knows_decides() -> None:
    record = merged(partial("anilist", type="TV_SHORT"), partial("jikan", type="TV"), partial("kitsu"))
    assert record.type == "TV"
    assert record.provenance["type"].source == "jikan"
    assert [(b.source, b.value) for b in record.provenance["type"].beaten] == [("anilist", "TV_SHORT")]


def test_a_source_that_no_order_lists_comes_last_and_still_counts() -> None:
    record = merged(partial("newsite", type="OVA", genres=["Mystery"]), partial("kitsu", type="TV"))
    assert (record.type, record.genres) == ("TV", ["Mystery"])
    assert merged(partial("newsite", type="OVA")).type == "OVA"


def test_sources_that_contradict_each_other_on_the_type_are_listed() -> None:
    record = merged(partial("jikan", type="SPECIAL"), partial("anidb", type="OVA"))
    (conflict,) = record.conflicts
    assert (conflict.field, conflict.chosen) == ("type", "SPECIAL")
    assert conflict.values == {"jikan": "SPECIAL", "anidb": "OVA"}


def test_unknown_is_no_answer_and_other_is_the_last() -> None:
    assert merged(partial("jikan", type="UNKNOWN")).type is None
    record = merged(
        partial("jikan", source_material="OTHER"), partial("anilist", source_material="WEB_NOVEL")
    )
    assert record.source_material == "WEB_NOVEL"
    assert record.conflicts == []


def test_a_failed_source_is_reported_with_its_reason_and_never_merged() -> None:
    blocked = failed("anidb", "blocked", reason="banned", next_step="wait until noon")
    record = merged(partial("jikan", type="TV"), blocked, asked=["jikan", "anidb", "kitsu"])
    assert record.sources["anidb"].next_step == "wait until noon"
    assert record.completeness.missing == {"anidb": "banned", "kitsu": "deadline"}
    assert record.completeness.answered == ["jikan"]


def test_an_entry_that_is_another_work_is_never_merged() -> None:
    second = MatchReport(verdict="mismatch", score=0.2, runner_up=RunnerUp(id="7", title="K-On!!", score=0.9))
    wrong = partial("kitsu", type="MOVIE", genres=["Horror"])
    for record in (
        merged(partial("jikan", type="TV"), wrong, match={"kitsu": second}),
        merged(partial("jikan", type="TV"), wrong.model_copy(update={"match": second})),
    ):
        assert (record.type, record.genres, record.sources["kitsu"].outcome) == ("TV", [], "mismatch")
        assert record.match["kitsu"] == second


def test_a_match_is_the_surer_the_more_of_its_facts_agree_with_the_others() -> None:
    fitting = [
        partial(source, type="TV", episode_count=12, start_date="2020-01-05")
        for source in ("jikan", "anilist", "kitsu")
    ]
    other = partial("anidb", type="MOVIE", episode_count=1, start_date="2021-03-01")
    accepted = {source: MatchReport(verdict="accept", score=0.95) for source in ("jikan", "kitsu", "anidb")}
    match = merged(*fitting, other, match=accepted).match
    assert match["jikan"].confidence == match["kitsu"].confidence == 0.999
    assert match["anidb"].confidence is not None and match["anidb"].confidence < 0.1
    (alone,) = merged(fitting[0], match={"jikan": accepted["jikan"]}).match.values()
    assert alone.confidence == 0.95


def test_a_match_of_the_partial_goes_before_what_identification_thought() -> None:
    doubtful, sure = MatchReport(verdict="ambiguous"), MatchReport(verdict="accept", score=1.0)
    found = partial("kitsu", type="TV").model_copy(update={"match": sure})
    assert merged(found, match={"kitsu": doubtful}).type == "TV"


def test_nothing_but_failures_still_makes_a_report() -> None:
    record = merged(failed("jikan", "timeout"), asked=["jikan"], known_id="mal:1")
    assert (record.anime_id, record.title, record.completeness.filled) == ("mal:1", None, 0.0)


def test_the_sites_own_id_goes_before_what_others_say_about_it() -> None:
    record = merged(
        partial("jikan", source_id="5", ids={"mal": "5"}),
        partial("anilist", source_id="9", ids={"mal": "6", "anilist": "9"}),
        partial("kitsu", source_id="3", ids={"mal": "6", "anidb": "23"}),
        partial("animeschedule", source_id="x", ids={"anidb": "24"}),
        partial("newsite", source_id="y", ids={"anidb": "24"}),
    )
    assert record.ids["mal"] == "5"
    assert record.ids["anidb"] == "24"
    assert [c.field for c in record.conflicts] == ["ids.anidb", "ids.mal"]


def test_the_record_is_named_by_the_best_id_and_keeps_its_name() -> None:
    order = default_policy().id_order
    assert anime_id({"kitsu": "3", "anilist": "9"}, order) == "anilist:9"
    assert anime_id({"mal": "5"}, order, known="anilist:9") == "anilist:9"
    assert anime_id({}, order) == ""
    assert anime_id({"imdb": "tt1"}, order) == ""


def test_fetching_the_same_again_changes_no_hash() -> None:
    again = partial("jikan", type="TV", at="2026-12-01T00:00:00Z")
    again = again.model_copy(update={"from_cache": True, "stale": True, "duration_ms": 7, "request_id": "s"})
    assert merged(partial("jikan", type="TV")).content_hash == merged(again).content_hash
    assert merged(partial("jikan", type="OVA")).content_hash != merged(again).content_hash


def test_a_merge_makes_no_cycles_that_would_wait_for_the_collector() -> None:
    one = {"jikan": partial("jikan", title="The Voyage"), "anilist": partial("anilist", title="The Voyage")}
    merge(one, asked=list(one), policy=default_policy())
    gc.collect()
    merge(one, asked=list(one), policy=default_policy())
    assert gc.collect() == 0


def test_a_merge_leaves_the_collector_of_the_process_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    touched: list[str] = []
    for name in ("enable", "disable", "freeze", "collect", "set_threshold"):
        monkeypatch.setattr(gc, name, lambda *_, name=name: touched.append(name))
    merge({"jikan": partial("jikan", title="The Voyage")}, asked=["jikan"], policy=default_policy())
    assert touched == []
