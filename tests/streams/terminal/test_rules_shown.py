"""A person sees by which rule a work was taken or refused, and what each piece of evidence added or took."""

import io

from rich.console import Console, RenderableType

from streams.contract.record import Completeness, SourceReport
from streams.matching.identify import Wanted, identify
from streams.records.explain import Explanation, SourceRow
from streams.terminal.explain_table import render
from streams.terminal.show_refusal import refusal
from tests.support.entries import on_kitsu


def printed(shown: RenderableType) -> str:
    """As text, in lines of 200 characters."""
    out = io.StringIO()
    Console(file=out, width=200).print(shown)
    return out.getvalue()


def test_a_refusal_names_the_rule_that_refused_and_its_evidence() -> None:
    identity = identify(Wanted("Alpha"), {"kitsu": [on_kitsu(1, "Alpha"), on_kitsu(2, "Alpha")]})
    data = {"candidates": [one.model_dump(exclude_none=True) for one in identity.candidates]}
    text = printed(refusal(data, {"status": "ambiguous", "title": "Alpha"}))
    assert "refused by: two works answer equally well (also Alpha)" in text


def test_what_was_not_found_asks_whether_one_of_the_first_was_meant() -> None:
    identity = identify(Wanted("Something"), {"kitsu": [on_kitsu(1, "Alpha")]})
    data = {"candidates": [one.model_dump(exclude_none=True) for one in identity.candidates]}
    text = printed(refusal(data, {"status": "not_found", "title": "Something"}))
    assert "Alpha" in text
    assert "did you mean one of these?" in text


def test_an_explanation_shows_what_each_rule_added_to_the_odds() -> None:
    match = identify(Wanted("Alpha"), {"kitsu": [on_kitsu(1, "Alpha")]}).match["kitsu"]
    row = SourceRow(source="kitsu", report=SourceReport(outcome="ok"), match=match)
    shown = Explanation(
        anime_id="x", rows=[], sources=[row], conflicts=[], completeness=Completeness(asked=["kitsu"])
    )
    text = printed(render(shown))
    assert "why it is this work" in text
    assert "it heads an entry, and no other work is called so" in text
    assert f"{sum(one.weight for one in match.rules):+.1f}" in text
