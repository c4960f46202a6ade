"""Commands for what could not be processed, and for asking again."""

from __future__ import annotations

from typing import Annotated

import typer

from streams.cli.options import Json, JsonLines, Source, examples, new_app, sources

app = new_app()
dead = new_app(help="List, replay, drop what failed.")
app.add_typer(dead, name="dead")

Entries = Annotated[list[str] | None, typer.Argument(metavar="ENTRY...", help="Ids from `dead list`.")]
All = Annotated[bool, typer.Option("--all", help="Every one, or with --source every one of that source.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Of this reason only, as bad_request.")]


@dead.command("list", epilog=examples("anime-enrich dead list --source kitsu"))
def list_letters(
    source: Source = None,
    reason: Reason = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    as_json: JsonLines = False,
) -> None:
    """List dead letters, newest first."""
    from streams.cli.commands.repair.dead import show_list

    raise typer.Exit(show_list(source, reason, limit, as_json=as_json))


@dead.command(epilog=examples("anime-enrich dead show 1700000000000-0"))
def show(
    entry: Annotated[str, typer.Argument(metavar="ENTRY", help="Id from `dead list`.")], as_json: Json = False
) -> None:
    """Show one dead letter: cause, attempts, trace, the original entry."""
    from streams.cli.commands.repair.dead import show_one

    raise typer.Exit(show_one(entry, as_json=as_json))


@dead.command(
    epilog=examples(
        "anime-enrich dead replay 1700000000000-0", "anime-enrich dead replay --all --source kitsu"
    )
)
def replay(
    entries: Entries = None, all_of_them: All = False, source: Source = None, reason: Reason = None
) -> None:
    """Put dead letters back where they came from, for another try."""
    from streams.cli.commands.repair.dead import replay_them

    raise typer.Exit(replay_them(entries or [], source, reason, everything=all_of_them))


@dead.command(epilog=examples("anime-enrich dead drop 1700000000000-0"))
def drop(
    entries: Entries = None, all_of_them: All = False, source: Source = None, reason: Reason = None
) -> None:
    """Forget dead letters."""
    from streams.cli.commands.repair.dead import drop_them

    raise typer.Exit(drop_them(entries or [], source, reason, everything=all_of_them))


@app.command("replay", epilog=examples("anime-enrich replay --source anime_planet --since 2d"))
def replay_source(
    source: Annotated[str, typer.Option("--source", help="The source to ask again.", autocompletion=sources)],
    since: Annotated[
        str, typer.Option(help="Requests finished since then: 90s, 30m, 12h, 7d, or 2026-10-01T12:00Z.")
    ] = "24h",
    as_json: Json = False,
) -> None:
    """Ask one source again.

    It is asked for the requests that finished without it; what changes comes out as a revision.
    """
    from streams.cli.commands.repair.replay import run

    raise typer.Exit(run(source, since, as_json=as_json))
