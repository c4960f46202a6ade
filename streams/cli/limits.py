"""Commands for the sites' limits and bans."""

from __future__ import annotations

from typing import Annotated

import typer

from streams.cli.options import Json, OfflineStore, examples, new_app
from streams.cli.options import sources as known_sources

app = new_app()
limits = new_app(help="Show how the sites' limits stand, and lift a ban that is over.")
app.add_typer(limits, name="limits")


@limits.callback(
    invoke_without_command=True, epilog=examples("anime-enrich limits", "anime-enrich limits lift kitsu")
)
def show(context: typer.Context, as_json: Json = False, play: OfflineStore = False) -> None:
    """Show how the sites' limits stand: turns taken, who waits, who shuts us out and until when."""
    if context.invoked_subcommand is None:
        from streams.cli.commands.repair.limits import show

        raise typer.Exit(show(as_json=as_json, offline=play))


@limits.command(epilog=examples("anime-enrich limits lift anidb --yes"))
def lift(
    source: Annotated[str, typer.Argument(metavar="SOURCE", autocompletion=known_sources)],
    yes: Annotated[bool, typer.Option("--yes", help="Without asking.")] = False,
    play: OfflineStore = False,
) -> None:
    """Ask a site again that has shut us out, now.

    For a ban that is known to be over: if it is not, asking makes most bans longer.
    """
    from streams.cli.commands.repair.limits import lift

    raise typer.Exit(lift(source, yes=yes, offline=play))
