"""Commands that run the service, put titles in and follow them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from streams.cli.options import JsonLines, Offline, OfflineStore, examples, new_app
from streams.cli.options import sources as known_sources

app = new_app()

Interval = Annotated[float, typer.Option(min=0.2, help="Seconds between two looks.")]


@app.command(
    epilog=examples(
        "anime-enrich up",
        "anime-enrich up --offline",
        "anime-enrich up --stages collect --sources kitsu anilist --scale 2",
    )
)
def up(
    sources: Annotated[
        list[str] | None, typer.Option(help="Only the groups of these sources.", autocompletion=known_sources)
    ] = None,
    stages: Annotated[
        list[str] | None,
        typer.Option(
            help="Only these of identify, collect, aggregate, scout; page for none but the status page."
        ),
    ] = None,
    scale: Annotated[int, typer.Option(min=1, help="So many worker processes side by side.")] = 1,
    play: Offline = False,
) -> None:
    """Run the services until Ctrl-C.

    On SIGTERM or Ctrl-C what is in flight is finished or handed back; nothing is lost.
    """
    from streams.cli.commands.fleet.up import run

    raise typer.Exit(run(sources or [], stages or [], scale, offline=play))


@app.command(
    epilog=examples(
        "anime-enrich follow",
        "anime-enrich follow season airing",
        "anime-enrich follow --alone",
    )
)
def follow(
    kinds: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KIND...", help="Of season, airing, changes, known; left out: FOLLOW, or all of them."
        ),
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Only the scout; workers that run elsewhere ask the sites.")
    ] = False,
    interval: Interval = 1.0,
    as_json: JsonLines = False,
    play: Offline = False,
) -> None:
    """Follow what is new until Ctrl-C, and show the fleet.

    Runs the services with what FOLLOW names: works of the season, episodes, changes, known records.
    """
    from streams.cli.commands.fleet.follow import run

    raise typer.Exit(run(kinds or [], alone=alone, offline=play, as_json=as_json, interval=interval))


@app.command(epilog=examples("anime-enrich play --port 8100 > offline.env"))
def play(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="First port; each site takes the next. 0: any free ones.")] = 8100,
) -> None:
    """Play the sites on this machine.

    All sites are played from the shipped replies until Ctrl-C; the settings that point at them are printed.
    """
    from streams.cli.commands.fleet.up import play

    raise typer.Exit(play(host, port))


@app.command()
def health() -> None:
    """Tell a container whether its worker reads.

    Exit code 0 when the server answers and a worker of this machine reads.
    """
    from streams.cli.commands.fleet.up import health

    raise typer.Exit(health())


@app.command(
    epilog=examples(
        'anime-enrich publish "One Piece" "K-On!"',
        "anime-enrich publish --from titles.jsonl",
        "cat titles.txt | anime-enrich publish --from - --no-wait",
    )
)
def publish(
    titles: Annotated[list[str] | None, typer.Argument(metavar="TITLE...", help="Titles.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--from", help="One request a line: a JSON object, or just a title; - is stdin."),
    ] = None,
    priority: Annotated[
        Literal["interactive", "bulk"], typer.Option(help="Which lane to take; interactive goes first.")
    ] = "bulk",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the outputs.")] = True,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Ask even for lines of --from that were asked lately; otherwise those continue where they were.",
        ),
    ] = False,
    as_json: JsonLines = False,
    play: Annotated[
        bool, typer.Option("--offline", help="To a service that runs with up --offline.")
    ] = False,
) -> None:
    """Put titles in and wait for them.

    Ends when each has its output, unless --no-wait is given.
    """
    from streams.cli.commands.titles.publish import run

    raise typer.Exit(run(titles or [], file, priority, wait=wait, again=again, as_json=as_json, offline=play))


@app.command(epilog=examples("anime-enrich watch", "anime-enrich watch 1700000000000-0"))
def watch(
    request_id: Annotated[str | None, typer.Argument(help="Follow this request only, to its output.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    interval: Interval = 1.0,
    as_json: JsonLines = False,
    play: OfflineStore = False,
) -> None:
    """Watch the fleet, or one request, live.

    On a terminal with the last hour as small charts; in a pipe, a line a change.
    """
    from streams.cli.commands.titles import watch

    if request_id:
        raise typer.Exit(watch.request(request_id, as_json=as_json, offline=play))
    raise typer.Exit(watch.fleet(once=once, interval=interval, as_json=as_json, offline=play))


@app.command(epilog=examples("anime-enrich tail --last 5", "anime-enrich tail --json | jq .title"))
def tail(
    last: Annotated[int, typer.Option(min=0, help="Begin with so many that are there already.")] = 10,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for more.")] = True,
    as_json: JsonLines = False,
    play: OfflineStore = False,
) -> None:
    """Follow the output, a line an entry."""
    from streams.cli.commands.titles.tail import run

    raise typer.Exit(run(last, follow=follow, as_json=as_json, offline=play))
