"""The table of what the fleet has learned, and the alarm for a site whose values have changed."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from streams.config.policy_file import default_policy
from streams.merging.tally import Tally
from streams.merging.weights import Weights
from streams.records.learned import drifts, learned
from streams.terminal.reliability_table import render
from streams.web.reliability import reliability_page
from tests.support.partials import copiers

KIND = "finished old"


def weights(**recent: float) -> Weights:
    counted = copiers("jikan", "anilist", field="start_date")
    agreement = {("start_date", source, KIND): Tally(970, 1000) for source in ("jikan", "anilist")}
    lately = {("start_date", source): Tally(share * 100, 100) for source, share in recent.items()}
    return Weights(
        counted.starting,
        replace(counted.table, agreement={**counted.table.agreement, **agreement}, recent=lately),
    )


def test_a_site_whose_start_dates_agree_in_60_percent_instead_of_97_has_changed() -> None:
    found = drifts(weights(anilist=0.6, jikan=0.96))
    assert list(found) == ["anilist"]
    assert "start_date in 60% of its last answers, not 100%" in found["anilist"][0]


def test_the_table_shows_agreement_weight_sample_drift_and_copies() -> None:
    told = learned(Weights(default_policy().starting), weights(anilist=0.6), ["jikan", "anilist"])
    assert [(cell.source, cell.field, cell.agreement, cell.weight, cell.seen) for cell in told.cells] == [
        ("jikan", "start_date", 0.97, 0.97, 1000),
        ("anilist", "start_date", 0.97, 0.97, 1000),
    ]
    assert [cell.source for cell in told.cells if cell.drift] == ["anilist"]
    assert [(one.sources, one.field) for one in told.copies] == [(("anilist", "jikan"), "every field")]
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(render(told))
    for text in (console.export_text(), reliability_page(told).decode()):
        for word in ("start_date", "97.0%", "0.970", "1000", "has changed", "every field"):
            assert word in text


def test_before_anything_was_counted_the_table_says_so() -> None:
    start = Weights(default_policy().starting)
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(render(learned(start, start, ["jikan"])))
    assert "nothing was counted yet" in console.export_text()
    assert b"nothing was counted yet" in reliability_page(learned(start, start, ["jikan"]))
