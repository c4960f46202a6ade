"""Commands that look and change nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from streams.cli.options import Canary, Json, JsonLines, OfflineStore, examples, new_app

app = new_app()


@app.command(
    epilog=examples(
        "anime-enrich explain mal:1",
        'anime-enrich explain "Cowboy Bebop" --field episode_count',
        "anime-enrich explain anilist:1 --json",
    )
)
def explain(
    what: Annotated[str, typer.Argument(metavar="TITLE_OR_ID", help="A title, site:id, or a request's id.")],
    field: Annotated[str | None, typer.Option(help="This field only, and what every source said.")] = None,
    items: Annotated[
        bool, typer.Option("--items", help="Single items of lists, too: studios[0], episodes[3].aired.")
    ] = False,
    as_json: Json = False,
    play: OfflineStore = False,
) -> None:
    """Show who said what, what won and why.

    Looks at a record that was made; asks no site.
    """
    from streams.cli.commands.records.explain import run

    raise typer.Exit(run(what, field, items=items, as_json=as_json, offline=play))


@app.command(
    epilog=examples(
        "anime-enrich records", 'anime-enrich records "bebop"', "anime-enrich records --last 100 --json"
    )
)
def records(
    what: Annotated[
        str | None,
        typer.Argument(metavar="TITLE_OR_ID", help="Part of a title, or site:id; left out: the newest."),
    ] = None,
    last: Annotated[int, typer.Option(min=1, max=5_000, help="At most so many, newest first.")] = 24,
    as_json: JsonLines = False,
    play: OfflineStore = False,
) -> None:
    """List the records that were made, or search them."""
    from streams.cli.commands.records.listing import run

    raise typer.Exit(run(what or "", last, as_json=as_json, offline=play))


@app.command(epilog=examples("anime-enrich calendar", "anime-enrich calendar --days 2 --json | jq .title"))
def calendar(
    days: Annotated[int, typer.Option(min=1, max=31, help="How many days from now.")] = 7,
    as_json: JsonLines = False,
    play: OfflineStore = False,
) -> None:
    """Show what airs in the next days.

    As the records know it, with who says so; asks no site.
    """
    from streams.cli.commands.records.calendar import run

    raise typer.Exit(run(days, as_json=as_json, offline=play))


@app.command(epilog=examples("anime-enrich status", "anime-enrich status --json | jq .groups"))
def status(as_json: Json = False, play: OfflineStore = False) -> None:
    """Show the fleet once.

    Groups, what waits and is worked on, limits, bans, ages, answers from the cache.
    """
    from streams.cli.commands.fleet.status import run

    raise typer.Exit(run(as_json=as_json, offline=play))


@app.command(epilog=examples("anime-enrich reliability", "anime-enrich reliability --json | jq .copies"))
def reliability(as_json: Json = False, play: OfflineStore = False) -> None:
    """Show how far each source is believed, field by field.

    Agreement with what the others say without it, weight, works seen; who shares errors; whose values have changed.
    """
    from streams.cli.commands.fleet.reliability import run

    raise typer.Exit(run(as_json=as_json, offline=play))


@app.command(epilog=examples("anime-enrich doctor", "anime-enrich doctor --canary"))
def doctor(as_json: Json = False, canary: Canary = False) -> None:
    """Say what is missing, and the next step.

    Settings, data folder, server, sites, browser, workers; exit code 1 when something stops the work. With --canary each
    site is also asked for one well-known work, whose facts do not change.
    """
    from streams.cli.commands.fleet.doctor import run

    raise typer.Exit(run(as_json=as_json, canary=canary))
