"""When bulk takes the word of the sites that are cheap to search, and when it asks all."""

from __future__ import annotations

from typing import Any

import pytest

from sources.base import Candidate
from streams.contract.events import Evidence
from streams.contract.record import MatchReport, RunnerUp
from streams.matching.identify import Identity
from streams.stages.first_sites import is_settled, searched_first


def said(
    *rules: str, verdict: Any = "accept", rival: float | None = None, agreeing: int | None = None
) -> Identity:
    """A verdict with one entry for each rule by which it was accepted; ``rival`` is the score of another work."""
    second = None if rival is None else RunnerUp(id="2", title="B", score=rival)
    matches = {
        f"site{number}": MatchReport(verdict="accept", score=1.0, rule=rule, runner_up=second)
        for number, rule in enumerate(rules)
    }
    chosen = {name: Candidate(name, "1", "A") for name in list(matches)[:agreeing]}
    return Identity(verdict, Evidence(titles=["A"]), matches, chosen)


@pytest.mark.parametrize(
    ("identity", "settled"),
    [
        (said("heads", "heads"), True),
        (said("heads", "heads", rival=0.98), True),
        (said("listed", "listed"), True),
        (said("listed", "listed", rival=0.89), True),
        (said("listed", "listed", rival=0.9), False),
        (said("sign_left_out", "sign_left_out"), False),
        (said("misspelt", "misspelt"), False),
        (said("heads", "heads", "misspelt"), False),
        (said("heads"), False),
        (said("heads", "heads", agreeing=1), False),
        (said("heads", "heads", verdict="ambiguous"), False),
    ],
)
def test_few_sites_are_enough_where_none_that_has_not_spoken_may_know_better(
    identity: Identity, settled: bool
) -> None:
    assert is_settled(identity, "a") is settled


@pytest.mark.parametrize(("rule", "settled"), [("listed", False), ("heads", True)])
def test_what_is_merely_listed_must_be_listed_to_the_letter(rule: str, settled: bool) -> None:
    assert is_settled(said(rule, rule), "The A") is settled


def test_those_are_searched_first_that_take_many_titles_or_ask_nobody() -> None:
    assert searched_first(["kitsu", "anilist", "jikan", "anidb"]) == ["anilist", "anidb"]
    assert searched_first(["kitsu", "anilist", "jikan"]) == []
    assert searched_first(["anilist", "anidb"]) == []
