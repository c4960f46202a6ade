"""Who said what, what won and why."""

from __future__ import annotations

import io
import json

from rich.console import Console

from sources.record import Synopsis
from streams.contract.record import EnrichedRecord, MatchReport
from streams.records.explain import explain, provenance_of
from streams.terminal.explain_table import brief, render
from tests.support.partials import episode, failed, merged, partial


def example() -> EnrichedRecord:
    return merged(
        partial(
            "jikan",
            title="Bebop",
            type="TV",
            studios=["Sunrise"],
            episodes=[episode(1, "1998-10-24"), episode(2)],
        ),
        partial("anilist", type="ONA", studios=["SUNRISE Inc."], synopsis=Synopsis(text="Long ago.\n" * 30)),
        failed("anidb", "blocked", reason="banned", next_step="leave AniDB alone until tomorrow"),
        asked=["jikan", "anilist", "anidb", "kitsu"],
        match={"jikan": MatchReport(verdict="accept", score=1.0, evidence=["cross link of anilist"])},
    )


def shown(record: EnrichedRecord, *, items: bool = False) -> str:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(render(explain(record, items=items)))
    return console.export_text()


def test_a_row_says_what_won_by_which_rule_and_what_it_beat() -> None:
    (row,) = [row for row in explain(example()).rows if row.path == "type"]
    assert (row.value, row.source, row.rule, row.conflict) == ("TV", "jikan", "most_probable", True)
    assert [(b.source, b.value) for b in row.beaten] == [("anilist", "ONA")]


def test_how_sure_a_value_is_is_shown_where_it_says_something() -> None:
    doubtful, sure = example(), merged(*(partial(s, type="TV") for s in ("jikan", "anilist", "kitsu")))
    (row,) = [row for row in explain(doubtful).rows if row.path == "type"]
    assert row.confidence and row.confidence < 0.6
    assert f"{row.confidence:.0%} sure" in shown(doubtful)
    assert "sure" not in shown(sure)


def test_a_missing_source_says_why_and_what_to_do() -> None:
    rows = {row.source: row.report for row in explain(example()).sources}
    assert rows["anidb"].next_step == "leave AniDB alone until tomorrow"
    assert rows["kitsu"].reason == "deadline"


def test_the_table_shows_values_sources_conflicts_and_next_steps() -> None:
    text = shown(example())
    for word in (
        "Bebop",
        "jikan",
        "anilist: ONA",
        "banned",
        "leave AniDB alone",
        "cross link of anilist",
        "contradictions",
    ):
        assert word in text
    assert "studios[0]" not in text
    assert "studios[0]" in shown(example(), items=True)


def test_markup_in_a_title_is_text_and_no_markup() -> None:
    assert "[bold]K-On![/bold]" in shown(merged(partial("jikan", title="[bold]K-On![/bold]")))


def test_the_explanation_is_data_as_well() -> None:
    data = json.loads(explain(example()).model_dump_json())
    assert data["completeness"]["missing"] == {"anidb": "banned", "kitsu": "deadline"}
    assert {row["path"] for row in data["rows"]} >= {"title", "type", "studios", "episodes"}


def test_the_provenance_of_a_part_is_that_of_the_nearest_note() -> None:
    record = example()
    assert provenance_of(record, "episodes[1].aired") is record.provenance["episodes[].aired"]
    assert provenance_of(record, "episodes[1].number") is record.provenance["episodes"]
    assert provenance_of(record, "studios[0]") is record.provenance["studios[0]"]
    assert provenance_of(record, "end_date") is None


def test_a_value_fits_on_one_line() -> None:
    assert brief(None) == "-"
    assert brief(["a", "b", "c", "d", "e"]) == "5: a, b, c, d, ..."
    assert len(brief({"text": "word " * 100})) <= 60
    assert brief({"value": 8.61, "votes": 3}) == "value 8.61, votes 3"
