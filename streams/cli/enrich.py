"""The main job: one title in, one record out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.cli.exit_codes import Exit, Stop
from streams.cli.options import (
    Deadline,
    Ids,
    Json,
    Offline,
    Only,
    Output,
    Refresh,
    Skip,
    Title,
    Type,
    Verbose,
    Year,
    examples,
    new_app,
)

app = new_app()


@app.command(
    epilog=examples(
        'anime-enrich --title "Cowboy Bebop"',
        'anime-enrich --title "Fruits Basket" --year 2019 --json',
        "anime-enrich --id mal=21 --only kitsu anilist --output one_piece.json",
        "anime-enrich --index 0 --file anime-offline-database.json",
    )
)
def enrich(
    words: Annotated[str | None, typer.Argument(metavar="TITLE", help="The title.")] = None,
    title: Title = None,
    ids: Ids = None,
    index: Annotated[int | None, typer.Option(help="Number of the entry in --file, from 0.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="An anime-offline-database (.json, .jsonl) to take the entry from.")
    ] = None,
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
    """Enrich one title.

    The word `enrich` may be left out before --title.

    The whole pipeline runs in this process, over the server of REDIS_URL or an embedded one.
    """
    if words and title:
        raise Stop("the title is given twice", "give it once", Exit.USAGE)
    from streams.cli.commands.titles.enrich import Job, run

    job = Job(
        title=words or title,
        ids=read_ids(ids or []),
        index=index,
        file=file,
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
    raise typer.Exit(run(job))


def read_ids(pairs: list[str]) -> dict[str, str]:
    """Ids from ``site=value`` words. Raises `Stop`."""
    from sources.parsing.links import NUMBERED, SITE_NAMES

    ids = {}
    for pair in pairs:
        site, sign, value = pair.partition("=")
        if not (site and sign and value):
            raise Stop(f"--id {pair!r} is not site=value", "write --id mal=1", Exit.USAGE)
        if site in NUMBERED and not value.strip().isdecimal():
            example = f"write --id {site}=1; a number stands in the address of the entry's page"
            raise Stop(f"--id {pair}: an id of {SITE_NAMES[site]} is a number", example, Exit.USAGE)
        ids[site] = value
    return ids
