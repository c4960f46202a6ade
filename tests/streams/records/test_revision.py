"""What changed, and what of it should make somebody look."""

from __future__ import annotations

from typing import Any

import pytest

from sources.record import Score, Synopsis
from streams.contract.record import Change
from streams.records.revision import MAX_ITEMS, compare
from tests.support.partials import character, episode, merged, partial, title


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    found = compare(merged(partial("jikan", **before)), merged(partial("jikan", **after)))
    assert found is not None
    return found


def test_the_first_revision_has_no_changes() -> None:
    assert compare(None, merged(partial("jikan", type="TV"))) == []


def test_unchanged_content_is_no_revision() -> None:
    later = partial("jikan", type="TV", at="2026-12-24T10:00:00Z")
    assert compare(merged(partial("jikan", type="TV")), merged(later)) is None


@pytest.mark.parametrize(
    ("before", "after", "kind", "flagged"),
    [
        ({"episode_count": 12}, {"episode_count": 13}, "rose", False),
        ({"episode_count": 13}, {"episode_count": 12}, "fell", True),
        ({"episodes_aired": 5}, {"episodes_aired": 4}, "fell", True),
        ({"type": "TV"}, {"type": "ONA"}, "changed", True),
        ({"status": "AIRING"}, {"status": "FINISHED"}, "changed", False),
        ({}, {"end_date": "2026-12-24"}, "appeared", False),
        ({"end_date": "2026-12-24"}, {}, "vanished", True),
        ({"start_date": "2026"}, {"start_date": "2026-10"}, "changed", False),
    ],
)
def test_a_single_value_rises_falls_appears_vanishes_or_changes(
    before: dict[str, Any], after: dict[str, Any], kind: str, flagged: bool
) -> None:
    (name,) = {*before, *after}
    (change,) = [c for c in changes(before, after) if c.path == name]
    assert (change.kind, change.flagged) == (kind, flagged)
    assert (change.before, change.after) == (before.get(name), after.get(name))


def test_a_changed_title_and_a_removed_text_are_flagged() -> None:
    found = changes({"title": "A", "synopsis": Synopsis(text="Text")}, {"title": "B"})
    assert {c.path for c in found if c.flagged} >= {"title", "synopsis.text"}


def test_ratings_go_up_and_down_without_alarm() -> None:
    def rated(value: float) -> dict[str, Any]:
        return {
            "score": Score(value=value, scale_min=1, scale_max=10, votes=9),
            "popularity": {"members": value},
        }

    found = changes(rated(8), rated(7))
    assert {c.path for c in found} == {"score", "scores.jikan", "popularity.jikan.members"}
    assert {(c.kind, c.flagged) for c in found} == {("fell", False)}


def test_items_of_a_list_are_named_by_what_they_are() -> None:
    found = changes(
        {"studios": ["Madhouse"], "episodes": [episode(1), episode(2)], "titles": [title("A", "en")]},
        {
            "studios": ["MADHOUSE Inc.", "Bones"],
            "episodes": [episode(1, filler=True)],
            "titles": [title("A", "en")],
        },
    )
    assert [(c.path, c.kind, c.flagged) for c in found] == [
        ("studios", "rose", False),
        ("studios[bones]", "appeared", False),
        ("studios[madhouse]", "changed", False),
        ("episodes", "fell", True),
        ("episodes[regular 2]", "vanished", False),
        ("episodes[regular 1]", "changed", False),
    ]


def test_a_character_is_known_again_wherever_it_stands() -> None:
    spike, jet = character("Spike", ids={"mal": "1"}), character("Jet", ids={"mal": "3"})
    (change,) = changes(
        {"characters": [spike, jet]}, {"characters": [jet, character("Spike", ids={"mal": "1"}, role="MAIN")]}
    )
    assert (change.path, change.kind) == ("characters[mal:1]", "changed")


def test_a_long_list_is_told_by_its_count_and_some_items() -> None:
    found = changes({}, {"episodes": [episode(n) for n in range(1, 1141)]})
    assert (found[0].kind, found[0].after) == ("rose", 1140)
    assert len(found) == 1 + MAX_ITEMS


def test_an_id_that_turns_is_flagged() -> None:
    (change,) = [
        c for c in changes({"ids": {"anidb": "1"}}, {"ids": {"anidb": "2"}}) if c.path == "ids.anidb"
    ]
    assert change.flagged
