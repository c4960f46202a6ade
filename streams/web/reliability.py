"""How far each site is believed, on one page. Pure."""

from __future__ import annotations

from streams.records.learned import Cell, Learned
from streams.web.html import Child, Node, chip, document, el, fold, plain, table

AGREEMENT = "Agreement with the others"


def reliability_page(told: Learned) -> bytes:
    """The page: every source on every field, who copies whom, what has changed."""
    drifting = [cell.drift for cell in told.cells if cell.drift]
    warned = [el("li", chip("changed?", "warn"), " ", sentence) for sentence in drifting]
    pairs = [(" and ".join(one.sources), one.field, f"{one.share:.0%}") for one in told.copies]
    return document(
        "Reliability",
        "/reliability",
        el("p", f"Table {told.version}; every site begins as the policy file says."),
        el("ul", warned, class_="troubles") if warned else None,
        table("Sites that are one voice", ("sites", "field", "one witness to"), pairs, "none is known"),
        _agreement(told),
    )


def _agreement(told: Learned) -> Node:
    heads = ("field", "site", "agreement", "weight", "works", "lately")
    shown = table(AGREEMENT, heads, [_row(cell) for cell in told.cells], "nothing was counted yet")
    fields, sites = ({getattr(cell, name) for cell in told.cells} for name in ("field", "source"))
    words = f"{len(fields)} fields of {len(sites)} sites"
    return fold(AGREEMENT, words, plain(shown)) if told.cells else shown


def _row(cell: Cell) -> list[Child]:
    recent = f"{cell.recent:.1%}" if cell.recent is not None else "-"
    return [
        cell.field,
        cell.source,
        f"{cell.agreement:.1%}" if cell.agreement is not None else "-",
        f"{cell.weight:.3f}",
        f"{cell.seen:.0f}",
        chip(recent, "warn") if cell.drift else recent,
    ]
