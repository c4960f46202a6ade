"""The command that settles what the sites leave in doubt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.cli.enrich import read_ids
from streams.cli.exit_codes import Exit, Stop
from streams.cli.options import Ids, Json, OfflineStore, Type, Year, examples, new_app

app = new_app()


@app.command(
    epilog=examples(
        "anime-enrich decide",
        'anime-enrich decide "Fruits Basket" --id mal=38680',
        "anime-enrich decide --list",
        "anime-enrich decide --export overrides.toml",
    )
)
def decide(
    title: Annotated[str | None, typer.Argument(metavar="TITLE", help="The title that means a work.")] = None,
    ids: Ids = None,
    year: Year = None,
    kind: Type = None,
    show: Annotated[bool, typer.Option("--list", help="Print what waits and decide nothing.")] = False,
    undo: Annotated[str | None, typer.Option(metavar="ID", help="Take this decision back.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write what was decided as an overrides file; - is stdout.")
    ] = None,
    take: Annotated[Path | None, typer.Option("--import", help="Decide what an overrides file says.")] = None,
    counts: Annotated[bool, typer.Option("--counts", help="Print how often what was decided.")] = False,
    as_json: Json = False,
    play: OfflineStore = False,
) -> None:
    """Settle what the sites leave in doubt.

    Shows title after title with the works that may be meant, entries that were refused, values that contradict each other;
    a key decides. It holds at once, for the next time too, and comes out as a revision.
    """
    from streams.cli.commands.records import decide as command

    if title is not None or ids:
        raise typer.Exit(command.title_means(*_asked(title, year, kind, ids or []), offline=play))
    if undo:
        raise typer.Exit(command.undo(undo, offline=play))
    if export:
        raise typer.Exit(command.export(export, offline=play))
    if take:
        raise typer.Exit(command.take_over(take, offline=play))
    if counts:
        raise typer.Exit(command.counts(as_json=as_json, offline=play))
    if show or as_json:
        raise typer.Exit(command.listed(as_json=as_json, offline=play))
    raise typer.Exit(command.one_by_one(offline=play))


def _asked(
    title: str | None, year: int | None, kind: str | None, ids: list[str]
) -> tuple[str, int | None, str | None, dict[str, str]]:
    """The title and the work it means, checked as a request is. Raises `Stop`."""
    from streams.contract.events import TitleRequest
    from streams.contract.validation_text import fault

    how = 'anime-enrich decide "Fruits Basket" --id mal=38680'
    if not title or not ids:
        raise Stop("a title and at least one id of the work that it means", how, Exit.USAGE)
    try:
        asked = TitleRequest(title=title, year=year, type=kind, ids=read_ids(ids))
    except ValueError as error:
        raise Stop(fault(error), how, Exit.USAGE) from None
    return asked.title or "", asked.year, asked.type, asked.ids
