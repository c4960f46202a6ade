"""The command line: ``anime-enrich``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from redis.exceptions import RedisError
from rich.console import Console

from streams import cli_enrich, cli_fleet
from streams.embedded import EmbeddedError
from streams.exits import Exit, Stop
from streams.settings import SettingsError

app = typer.Typer(
    name="anime-enrich",
    help="Turns the bare title of an anime into one merged record that shows who said what.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Title = Annotated[str | None, typer.Option(help="Title in any language, misspelt if need be.")]
Id = Annotated[
    list[str] | None, typer.Option("--id", help="Known id, as mal=1 or anilist=1; may be repeated.")
]
Year = Annotated[
    int | None, typer.Option(help="Year of the first broadcast, to tell works of one name apart.")
]
Type = Annotated[str | None, typer.Option("--type", help="TV, MOVIE, OVA, ONA, SPECIAL, MUSIC ...")]
Only = Annotated[list[str] | None, typer.Option(help="Ask these sources only: --only kitsu anilist")]
Skip = Annotated[list[str] | None, typer.Option(help="Leave these sources out: --skip anidb anisearch")]
Refresh = Annotated[bool, typer.Option("--refresh", help="Ask the sites again, whatever the cache holds.")]
Offline = Annotated[
    bool, typer.Option("--offline", help="Play the sites on this machine from the shipped replies.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the record as JSON.")]
Output = Annotated[Path | None, typer.Option(help="Write the record as JSON to this file.")]
Deadline = Annotated[float | None, typer.Option(help="Seconds until the record is made from what is there.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show the service's log.")]


app.add_typer(cli_fleet.app)


@app.callback(invoke_without_command=True)
def main_job(
    context: typer.Context,
    title: Title = None,
    known: Id = None,
    year: Year = None,
    kind: Type = None,
    only: Only = None,
    skip: Skip = None,
    refresh: Refresh = False,
    play: Offline = False,
    as_json: Json = False,
    output: Output = None,
    deadline: Deadline = None,
    verbose: Verbose = False,
) -> None:
    """Enrich one title: anime-enrich --title "Cowboy Bebop"."""
    if context.invoked_subcommand is not None:
        return
    if title is None and not known:
        Console().print(context.get_help(), highlight=False, markup=False)
        raise typer.Exit(Exit.USAGE)
    enrich(title, known, year, kind, only, skip, refresh, play, as_json, output, deadline, verbose)


@app.command()
def enrich(
    title: Annotated[str | None, typer.Argument(help="The title.")] = None,
    known: Id = None,
    year: Year = None,
    kind: Type = None,
    only: Only = None,
    skip: Skip = None,
    refresh: Refresh = False,
    play: Offline = False,
    as_json: Json = False,
    output: Output = None,
    deadline: Deadline = None,
    verbose: Verbose = False,
) -> None:
    """Enrich one title: anime-enrich enrich "One Piece" --json."""
    job = cli_enrich.Job(
        title=title,
        ids=read_ids(known or []),
        year=year,
        type=kind,
        only=only or [],
        skip=skip or [],
        refresh=refresh,
        offline=play,
        as_json=as_json,
        output=output,
        deadline=deadline,
        verbose=verbose,
    )
    raise typer.Exit(cli_enrich.run(job))


def read_ids(pairs: Sequence[str]) -> dict[str, str]:
    """Ids from ``site=value`` words. Raises `Stop`."""
    ids = {}
    for pair in pairs:
        site, sign, value = pair.partition("=")
        if not (site and sign and value):
            raise Stop(f"--id {pair!r} is not site=value", "write --id mal=1", Exit.USAGE)
        ids[site] = value
    return ids


def spread_lists(arguments: Sequence[str]) -> list[str]:
    """``--skip a b`` as ``--skip a --skip b``, the way the old command line took it."""
    out: list[str] = []
    option = ""
    for word in arguments:
        if word.startswith("-"):
            option = word if word in {"--skip", "--only", "--sources", "--stages"} else ""
            out += [] if option else [word]
        elif option:
            out += [option, word]
        else:
            out.append(word)
    return out


def guarded(command: Callable[[], None]) -> int:
    """Run a command; a user's mistake or a missing server ends in a sentence, not in a traceback."""
    console = Console(stderr=True)
    try:
        command()
    except Stop as stop:
        _complain(console, stop.message, stop.next_step)
        return stop.code
    except (SettingsError, EmbeddedError) as error:
        _complain(console, str(error), "")
        return Exit.USAGE
    except RedisError as error:
        _complain(
            console,
            f"the server is out of reach: {error}",
            "check REDIS_URL, or unset it; `anime-enrich doctor` tells more",
        )
        return Exit.FAILED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    return Exit.OK


def _complain(console: Console, message: str, next_step: str) -> None:
    console.print(f"anime-enrich: {message}", style="red", markup=False, highlight=False)
    if next_step:
        console.print(f"next step: {next_step}", markup=False, highlight=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    words = spread_lists(sys.argv[1:] if arguments is None else arguments)
    sys.exit(guarded(lambda: app(args=words)))
