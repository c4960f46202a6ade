"""Every rule decides a pair of titles that without it would be decided otherwise."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from sources.base import Candidate
from streams.matching.hits import Wanted
from streams.matching.identify import identify
from streams.matching.overrides import NOTHING, Overrides, Pin
from streams.matching.rules.verdicts import RULES
from tests.support.entries import entry, on_anilist, on_kitsu

ALPHA, BETA = on_kitsu(1, "Alpha", mal=1), on_kitsu(2, "Beta", mal=2)
TITLES = ("Star Driver: Kagayaki no Takuto", "Star Driver", "Star Driver the Shining Takt")


@dataclass(frozen=True)
class Decided:
    """What is asked, what the sites show, and the title that is accepted: none for a refusal."""

    wanted: Wanted
    shown: list[Candidate]
    accepted: str | None = None
    overrides: Overrides = field(default=NOTHING)


def twice(id_: int, title: str, *titles: str, **facts: Any) -> list[Candidate]:
    """A work on AniList and on Kitsu, which link to each other."""
    return [
        on_anilist(id_, title, *titles, **facts),
        on_kitsu(id_ + 500, title, *titles, mal=id_, **facts),
    ]


PAIRS = {
    "named_by_id": Decided(Wanted("Alpha", ids={"mal": "2"}), [on_kitsu(1, "Alpha!", mal=1), BETA], "Beta"),
    "named_by_ids": Decided(
        Wanted(ids={"mal": "1", "kitsu": "501"}),
        [*twice(1, "Alpha"), entry("kitsu", 7, "Beta", ids={"mal": "1"})],
        "Alpha",
    ),
    "facts_allow_it": Decided(
        Wanted("Alpha", year=2010),
        [on_kitsu(1, "Alpha", year=2000), on_kitsu(2, "Alpha!", year=2010)],
        "Alpha!",
    ),
    "title": Decided(Wanted("Alpha"), [ALPHA, on_kitsu(2, "Alpha!")], "Alpha"),
    "leads_its_series": Decided(
        Wanted("jobless reincarnation"),
        [
            *twice(1, "Mushoku", "Mushoku: Jobless Reincarnation", type="TV"),
            *twice(2, "Mushoku: Jobless Reincarnation Film", "The Jobless Reincarnation Film", type="MOVIE"),
            *twice(3, "Eris", "Mushoku Eris: Jobless Reincarnation", type="SPECIAL"),
        ],
        "Mushoku",
    ),
    "year_as_asked": Decided(
        Wanted("Alpha", year=2010),
        [on_kitsu(1, "Alpha", year=2011), on_kitsu(2, "ALPHA", year=2010)],
        "ALPHA",
    ),
    "type_as_asked": Decided(
        Wanted("Alpha", type="ONA"),
        [on_kitsu(1, "Alpha", type="TV"), on_kitsu(2, "ALPHA", type="ONA")],
        "ALPHA",
    ),
    "heads_an_entry": Decided(Wanted("Alpha"), [ALPHA, on_kitsu(2, "Beta", "Alpha")], "Alpha"),
    "asked_in_full": Decided(
        Wanted("アルファ"),
        [on_kitsu(1, "Alpha", "アルファ"), on_kitsu(2, "Alpha Specials", "アルファ")],
        "Alpha",
    ),
    "pinned": Decided(Wanted("Alpha"), [ALPHA, BETA], "Beta", Overrides(pins=(Pin("Alpha", {"mal": "2"}),))),
    "two_works": Decided(Wanted("Alpha"), [ALPHA, on_kitsu(2, "Alpha", mal=2)]),
    "id_of_another_part": Decided(Wanted("Alpha Season 2", ids={"mal": "1"}), [ALPHA]),
    "id_of_another_title": Decided(Wanted("Alpha", ids={"mal": "2"}), [ALPHA, BETA]),
    "asked_by_id": Decided(Wanted("My own words", ids={"mal": "1"}), [ALPHA], "Alpha"),
    "facts_differ": Decided(Wanted("Alpha", year=2010), [on_kitsu(1, "Alpha", year=2000)]),
    "year_is_anothers": Decided(
        Wanted("Alpha!", year=2010), [on_kitsu(1, "Alpha!", year=2011), on_kitsu(2, "Alpha", year=2010)]
    ),
    "accounts_split": Decided(
        Wanted("Alpha", year=2001),
        [
            on_kitsu(5, "Alpha", mal=1),
            on_anilist(9, "Alpha", mal=1, year=2001),
            entry("jikan", 1, "Alpha", year=2019),
        ],
    ),
    "heads_in_its_year": Decided(Wanted("Alpha", year=2010), [on_kitsu(1, "Alpha!", year=2010)], "Alpha!"),
    "listed_by_many": Decided(
        Wanted("Star Driver"),
        [
            *twice(1, *TITLES),
            entry("jikan", 1, *TITLES),
            entry("jikan", 3, "Star Driver the Movie", type="MOVIE"),
        ],
        TITLES[0],
    ),
    "heading_in_brackets": Decided(Wanted("Alpha"), [ALPHA, on_kitsu(2, "Alpha (2006)", "Alpha", year=2006)]),
    "headed_with_more": Decided(
        Wanted("Alpha", type="OVA"), [on_kitsu(1, "Alpha (OVA)", "Alpha", type="OVA")]
    ),
    "name_of_the_series": Decided(Wanted("To Be Hero"), [on_kitsu(1, "Xiong", "To Be Hero X", "To Be Hero")]),
    "counted_otherwise": Decided(
        Wanted("mushoku s2"), twice(1, "Mushoku: Isekai Part 2", "Mushoku Season 2")
    ),
    "heads": Decided(Wanted("Alpha", year=2010), [on_kitsu(1, "Alpha", year=2011)], "Alpha"),
    "listed": Decided(Wanted("Alpha"), [on_kitsu(1, "Beta", "Alpha")], "Beta"),
    "reworded_heading": Decided(Wanted("Alpha (TV)"), [on_kitsu(1, "Alpha", type="TV")], "Alpha"),
    "first_season": Decided(Wanted("Alpha"), twice(1, "Beta", "Alpha S1"), "Beta"),
    "sign_left_out": Decided(
        Wanted("Alpha"), [*twice(1, "Alpha!", "Alpha"), entry("jikan", 1, "Alpha!")], "Alpha!"
    ),
    "listed_in_its_year": Decided(
        Wanted("Alpha Omega", year=2020),
        [on_kitsu(1, "Shin Alpha Omega", "Alpha Omega", year=2020)],
        "Shin Alpha Omega",
    ),
    "misspelt": Decided(
        Wanted("Brotherhood Fullmetal Alchemist"),
        twice(1, "Fullmetal Alchemist: Brotherhood"),
        "Fullmetal Alchemist: Brotherhood",
    ),
    "season_counted": Decided(
        Wanted("aot season 2"),
        [*twice(1, "Shingeki no Kyojin", "AoT"), *twice(2, "Shingeki no Kyojin Season 2")],
        "Shingeki no Kyojin Season 2",
    ),
    "words_of_one_title": Decided(
        Wanted("jobless reincarnation"),
        twice(1, "Mushoku Tensei", "Mushoku Tensei: Jobless Reincarnation"),
        "Mushoku Tensei",
    ),
    "words_that_go_on": Decided(
        Wanted("blood blockade"),
        twice(1, "Kekkai", "Blood Blockade Battlefront", type="TV", year=2015),
        "Kekkai",
    ),
    "one_slip": Decided(
        Wanted("Gullmetal Alchemist"), twice(1, "Fullmetal Alchemist"), "Fullmetal Alchemist"
    ),
    "season_of_the_year": Decided(
        Wanted("Gate (2016)"),
        [on_kitsu(1, "Gate", mal=1, year=2015), on_kitsu(2, "Gate 2nd Season", mal=2, year=2016)],
        "Gate 2nd Season",
    ),
    "another_part": Decided(Wanted("Gate", year=2016), [on_kitsu(2, "Gate 2nd Season", year=2016)]),
    "only_begins_so": Decided(Wanted("Alpha"), [on_kitsu(1, "Alpha and Omega")]),
    "too_little": Decided(Wanted("Alpha"), [on_kitsu(1, "Alpha!")]),
}
IDS = [one.id for one in RULES.preferences] + [one.id for one in RULES.verdicts]
SENTENCES = [one.sentence for one in RULES.preferences] + [one.sentence for one in RULES.verdicts]


def by_site(case: Decided) -> dict[str, list[Candidate]]:
    """What each site shows."""
    results: dict[str, list[Candidate]] = {}
    for one in case.shown:
        results.setdefault(one.source, []).append(one)
    return results


def outcome(case: Decided, without: str | None = None) -> tuple[str | None, str | None]:
    """The heading of the work that is accepted, if one is, and the rule that decided."""
    rules = RULES.without(without) if without else RULES
    identity = identify(case.wanted, by_site(case), overrides=case.overrides, rules=rules)
    if identity.verdict == "accept":
        source, chosen = next(iter(identity.chosen.items()))
        return chosen.title, identity.match[source].rule
    return None, identity.candidates[0].rule


def test_every_rule_has_its_pair_and_no_rule_is_named_twice() -> None:
    assert sorted(IDS) == sorted(PAIRS)
    assert all(SENTENCES)
    assert len(set(SENTENCES)) == len(IDS)


@pytest.mark.parametrize("id_", IDS)
def test_a_rule_alone_decides_its_pair(id_: str) -> None:
    case = PAIRS[id_]
    title, rule = outcome(case)
    assert title == case.accepted
    if id_ in {one.id for one in RULES.verdicts}:
        assert rule == id_
    assert outcome(case, without=id_) != (title, rule)


BITS = {
    "named_by_id": 16.5,
    "named_by_ids": 19.0,
    "facts_allow_it": 11.5,
    "title": 12.5,
    "leads_its_series": 6.0,
    "year_as_asked": 15.5,
    "type_as_asked": 13.5,
    "heads_an_entry": 12.5,
    "asked_in_full": 10.0,
    "pinned": 30.5,
    "two_works": 0.5,
    "id_of_another_part": -2.5,
    "id_of_another_title": 0.5,
    "asked_by_id": 16.5,
    "facts_differ": 0.0,
    "year_is_anothers": 2.5,
    "accounts_split": 4.5,
    "heads_in_its_year": 11.5,
    "listed_by_many": 12.0,
    "heading_in_brackets": 0.5,
    "headed_with_more": -0.5,
    "name_of_the_series": -1.0,
    "counted_otherwise": -1.0,
    "heads": 12.5,
    "listed": 10.0,
    "reworded_heading": 8.5,
    "first_season": 7.0,
    "sign_left_out": 7.5,
    "listed_in_its_year": 8.0,
    "misspelt": 6.5,
    "season_counted": 8.5,
    "words_of_one_title": 5.5,
    "words_that_go_on": 4.0,
    "one_slip": 7.0,
    "season_of_the_year": 6.0,
    "another_part": -2.0,
    "only_begins_so": -4.5,
    "too_little": 1.5,
}
"""What all that is said of a pair's best work adds up to."""


@pytest.mark.parametrize("id_", BITS)
def test_what_is_said_of_the_best_work_of_a_pair_adds_up_to_its_bits(id_: str) -> None:
    identity = identify(PAIRS[id_].wanted, by_site(PAIRS[id_]), overrides=PAIRS[id_].overrides)
    accepted = [identity.match[source].rules for source in identity.chosen]
    rules = [*accepted, *(one.rules for one in identity.candidates)][0]
    assert sum(one.weight for one in rules) == BITS[id_]


def test_a_refusal_tells_the_rule_its_sentence_and_its_evidence() -> None:
    identity = identify(Wanted("Alpha"), {"kitsu": PAIRS["two_works"].shown})
    refused = identity.candidates[0]
    decided = next(one for one in refused.rules if one.id == refused.rule)
    assert (decided.sentence, decided.evidence) == ("two works answer equally well", "also Alpha")
    assert decided.weight < 0
    assert identity.match["kitsu"].rule == "two_works"


def test_the_confidence_is_what_the_weights_of_all_rules_add_up_to() -> None:
    match = identify(Wanted("Alpha"), {"kitsu": [ALPHA]}).match["kitsu"]
    bits = sum(one.weight for one in match.rules)
    assert match.confidence == pytest.approx(1 / (1 + 2**-bits), abs=1e-4)
    unsure = identify(Wanted("Alpha"), {"kitsu": [on_kitsu(1, "Alpha!")]}).match["kitsu"]
    assert unsure.confidence is not None
    assert match.confidence is not None
    assert unsure.confidence < match.confidence
