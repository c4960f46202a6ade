"""What a person's answer decides, and what holds of it; without a server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from streams.config.overrides_file import load
from streams.contract.decisions import Decision
from streams.contract.events import PartialResult, TitleRequest
from streams.contract.record import CandidateReport, Conflict, EnrichedRecord, Provenance
from streams.matching.identify import Wanted, identify
from streams.matching.overrides import Overrides, Pin
from streams.review.as_toml import as_decisions, as_toml
from streams.review.deciding import NONE, NoSuchChoice, answer, counted, holding, request_for
from streams.review.items import Item, of_record, of_refusal
from tests.support.entries import on_anilist

BASKETS = {
    "anilist": [
        on_anilist(120, "Fruits Basket", type="TV", year=2001),
        on_anilist(105334, "Fruits Basket", mal=38680, type="TV", year=2019),
    ]
}
ASKED = TitleRequest(title="Fruits Basket", request_id="r")


def waiting(request: TitleRequest = ASKED) -> Item:
    wanted = Wanted(request.title, request.year, request.type)
    item = of_refusal(request, identify(wanted, BASKETS).candidates, 1)
    assert item is not None
    return item


def decided(item: Item, *choices: int) -> list[Decision]:
    return [
        answer(item, choice, decision_id=str(number), by="page", at=str(number))
        for number, choice in enumerate(choices)
    ]


def place(item: Item, mal: str) -> int:
    return next(n for n, one in enumerate(item.choices, 1) if one.ids["mal"] == mal)


def means(overrides: Overrides, title: str = "Fruits Basket", **asked: Any) -> Sequence[str]:
    return [one.id for one in identify(Wanted(title, **asked), BASKETS, overrides=overrides).chosen.values()]


def test_a_decided_title_means_its_work_however_it_is_spelt() -> None:
    item = waiting()
    said = holding(decided(item, place(item, "120")))
    assert means(said, "fruits  BASKET") == ["120"]
    assert means(Overrides()) == []


def test_what_is_decided_of_a_title_alone_holds_for_no_other_year() -> None:
    item = waiting()
    assert means(holding(decided(item, place(item, "120"))), year=2019) == ["105334"]


def test_a_decision_says_nothing_of_a_request_that_names_another_work() -> None:
    item = waiting()
    said = holding(decided(item, place(item, "120")))
    asked = Wanted("Fruits Basket", ids={"mal": "38680"})
    assert identify(asked, BASKETS, overrides=said).chosen["anilist"].id == "105334"


def test_a_pinned_title_means_its_work_though_no_site_shows_it_now() -> None:
    said = Overrides(pins=(Pin("Fruits Basket", {"mal": "7"}),))
    found = identify(Wanted("Fruits Basket"), BASKETS, overrides=said)
    assert (found.verdict, found.chosen, found.evidence.ids) == ("accept", {}, {"mal": "7"})


def test_none_of_them_is_no_work_for_that_title_alone_and_one_refused_leaves_the_other() -> None:
    item = waiting()
    (none,) = decided(item, NONE)
    found = identify(Wanted("Fruits Basket"), BASKETS, overrides=holding([none]))
    assert found.verdict == "none"
    assert means(holding([none]), year=2001) == ["120"]
    assert means(holding([none]), ids={"mal": "120"}) == ["120"]
    only = none.model_copy(update={"refused": [{"mal": "120"}, {"anilist": "120"}]})
    assert means(holding([only])) == ["105334"]


def test_the_newest_decision_goes_first_and_any_before_the_file() -> None:
    item = waiting()
    first, second = place(item, "120"), place(item, "38680")
    file = Overrides(pins=(Pin("Fruits Basket", {"mal": "120"}),))
    assert means(holding(decided(item, first, second)) + file) == ["105334"]


@pytest.mark.parametrize(("newer", "older"), [("same", "different"), ("different", "same")])
def test_of_two_that_say_the_contrary_of_the_same_entries_the_newer_holds_and_any_before_the_file(
    newer: Any, older: Any
) -> None:
    ids = {"mal": "1", "kitsu": "42"}
    first = Decision(decision_id="1", kind=older, key="from a file", ids=ids, at="1")
    second = Decision(decision_id="2", kind=newer, key="by a key", ids=ids, at="2")
    for said in (holding([first, second]), holding([second]) + holding([first])):
        assert said.joined({"mal": "1"}, "kitsu", "42") is (newer == "same")
        assert said.apart({"mal": "1"}, "kitsu", "42") is (newer == "different")


def test_an_answer_that_is_not_offered_is_refused() -> None:
    item = waiting()
    for choice in (-1, len(item.choices) + 1):
        with pytest.raises(NoSuchChoice):
            decided(item, choice)


def test_the_evidence_of_a_work_stands_in_its_choice() -> None:
    old = waiting().choices[place(waiting(), "120") - 1]
    assert (old.year, old.links, old.titles) == (
        2001,
        {"anilist": {"anilist": "120", "mal": "120"}},
        ["Fruits Basket"],
    )


def test_another_candidate_makes_another_mark_and_the_order_makes_none() -> None:
    candidates = [CandidateReport(title="A", ids={"mal": n}) for n in "12"]
    marks = [
        item.mark
        for some in (candidates, candidates[::-1], candidates[:1])
        if (item := of_refusal(ASKED, some, 1))
    ]
    assert marks[0] == marks[1] != marks[2]


def test_a_request_with_ids_leaves_nothing_to_a_person() -> None:
    asked = TitleRequest(title="A", ids={"mal": "1"})
    assert of_refusal(asked, [CandidateReport(title="A", ids={"mal": "1"})], 1) is None


RECORD = EnrichedRecord(
    anime_id="mal:1",
    title="Alpha",
    conflicts=[
        Conflict(field="episode_count", values={"kitsu": 12, "jikan": 13, "anidb": 13}, chosen=13),
        Conflict(field="year", values={"kitsu": 1999, "jikan": 2000}, chosen=2000),
        Conflict(field="ids", values={"kitsu": {"mal": "2"}}),
        Conflict(field="score", values={"kitsu": 1, "jikan": 2}),
    ],
    provenance={
        "episode_count": Provenance(source="jikan", rule="vote", confidence=0.6),
        "year": Provenance(source="jikan", rule="vote", confidence=0.99),
        "ids": Provenance(source="overrides", rule="pinned", confidence=0.1),
    },
)
MISMATCH = {
    "kitsu": PartialResult.model_validate(
        {
            "request_id": "r",
            "source": "kitsu",
            "outcome": "mismatch",
            "record": {"source": "kitsu", "source_id": "42", "title": "Beta", "ids": {"kitsu": "42"}},
        }
    )
}


def test_values_wait_that_contradict_each_other_and_are_neither_sure_nor_pinned() -> None:
    (item,) = of_record(RECORD, {}, "r", 1)
    assert (item.field, [(one.value, one.sources) for one in item.choices]) == (
        "episode_count",
        [(13, ["jikan", "anidb"]), (12, ["kitsu"])],
    )


def test_an_answer_to_a_value_pins_it_and_none_leaves_it() -> None:
    (item,) = of_record(RECORD, {}, "r", 1)
    value, leave = decided(item, 2, NONE)
    assert holding([value]).values_for({"mal": "1"}) == {"episode_count": 12}
    assert (leave.kind, request_for(leave)) == ("leave", None)


@pytest.mark.parametrize(("choice", "joined", "apart"), [(1, True, False), (NONE, False, True)])
def test_a_refused_entry_is_the_work_or_is_not(choice: int, joined: bool, apart: bool) -> None:
    item = next(iter(of_record(RECORD, MISMATCH, "r", 1)))
    said = holding(decided(item, choice))
    assert said.joined({"mal": "1"}, "kitsu", "42") is joined
    assert said.apart({"mal": "1"}, "kitsu", "42") is apart


def test_an_entry_of_the_site_that_names_the_work_cannot_be_another_work() -> None:
    own = MISMATCH["kitsu"].model_copy(update={"source": "jikan"})
    assert [one.kind for one in of_record(RECORD, {"jikan": own}, "r", 1)] == ["value"]


def test_what_keeps_a_record_from_being_made_is_shown_first() -> None:
    entry, value = of_record(RECORD, MISMATCH, "r", 1)
    assert sorted([value, entry, waiting()], key=lambda one: one.score) == [waiting(), entry, value]


def test_the_place_and_the_rule_of_the_right_answer_are_counted() -> None:
    item = waiting()
    (second,) = decided(item, 2)
    (none,) = decided(item, NONE)
    assert counted(item, second) == {"kind/work": 1, "place/title/2": 1, f"rule/{item.rule}/2": 1}
    assert f"rule/{item.rule}/none" in counted(item, none)


def test_what_is_exported_is_imported_as_the_same_decisions(tmp_path: Path) -> None:
    item, (value, *_) = waiting(), of_record(RECORD, {}, "r", 1)
    entry = next(iter(of_record(RECORD, MISMATCH, "r", 1)))
    asked = waiting(TitleRequest(title='Say "A\\B"\x7f\n#1', year=2001, type="TV"))
    some = [*decided(item, 1), *decided(asked, NONE), *decided(entry, 1), *decided(value, 2)]
    said = holding(some)
    path = tmp_path / "overrides.toml"
    path.write_text(as_toml(said), encoding="utf-8")
    again = load(path)
    assert again == said
    assert holding(as_decisions(again, by="import", at="1")) == said
