"""Values that the user pinned go before all sources."""

from __future__ import annotations

import pytest

from streams.merging.pins import check_pins
from tests.support.partials import merged, partial


def test_a_pinned_value_stands_and_shows_what_it_beat() -> None:
    record = merged(
        partial("jikan", type="TV", studios=["Sunrise"]),
        partial("kitsu", type="ONA"),
        overrides={"type": "OVA", "studios": ["Bones"], "end_date": "2020-03"},
    )
    assert (record.type, record.studios, record.end_date) == ("OVA", ["Bones"], "2020-03")
    found = record.provenance["type"]
    assert (found.source, found.rule) == ("overrides", "pinned")
    assert [(b.source, b.value) for b in found.beaten] == [("jikan", "TV"), ("kitsu", "ONA")]
    assert "studios[0]" not in record.provenance


def test_a_pin_changes_the_content_and_nothing_else() -> None:
    plain, pinned = (
        merged(partial("jikan", type="TV")),
        merged(partial("jikan", type="TV"), overrides={"year": 1998}),
    )
    assert plain.content_hash != pinned.content_hash
    assert pinned.type == "TV"


@pytest.mark.parametrize(
    "pins", [{"typ": "TV"}, {"type": "FILM"}, {"start_date": "1.4.1998"}, {"episode_count": 0}]
)
def test_a_pin_that_no_record_can_hold_is_refused(pins: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"typ|type|start_date|episode_count"):
        check_pins(pins)
