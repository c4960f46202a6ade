"""Commands that need no server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from streams.cli.options import Json, examples, models, new_app, sources

app = new_app()


@app.command(
    epilog=examples(
        "anime-enrich parse kitsu anime-1.json",
        "curl -s PAGE | anime-enrich parse anisearch - --url PAGE",
    )
)
def parse(
    source: Annotated[str, typer.Argument(help="jikan, anilist, kitsu, anidb, ...", autocompletion=sources)],
    file: Annotated[Path, typer.Argument(help="One raw reply as the site sends it; - is stdin.")],
    url: Annotated[str, typer.Option(help="Where the reply came from.")] = "",
) -> None:
    """Print what one raw reply says, as JSON.

    The output is a SourceRecord; a reply that is no entry ends with exit code 3 and the reason.
    """
    from streams.cli.commands.tools.parse import run

    raise typer.Exit(run(source, file, url))


@app.command("check-source", epilog=examples("anime-enrich check-source kitsu"))
def check_source(
    name: Annotated[str, typer.Argument(help="The source.", autocompletion=sources)],
    folder: Annotated[
        Path | None, typer.Option(help="Replies to play; by default those shipped for the source.")
    ] = None,
    title: Annotated[
        list[str] | None, typer.Option("--title", help="A title that the replies know; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold a source to the contract.

    It is asked against its own played site, with every fault, and a request for each title goes through the whole
    pipeline with it; exit code 1 when a rule is broken.
    """
    from streams.cli.commands.tools.check_source import run

    raise typer.Exit(run(name, folder, title or [], as_json=as_json))


@app.command(
    epilog=examples(
        "anime-enrich schema",
        "anime-enrich schema json --model EnrichedRecord",
        "anime-enrich schema --output contracts",
        "anime-enrich schema --check contracts/v1",
    )
)
def schema(
    what: Annotated[
        Literal["asyncapi", "openapi", "json"], typer.Argument(help="Which description.")
    ] = "asyncapi",
    model: Annotated[
        str | None,
        typer.Option(help="JSON Schema of this model only, as EnrichedRecord.", autocompletion=models),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write all descriptions into this folder.")] = None,
    check: Annotated[
        Path | None, typer.Option(help="Compare with the descriptions in this folder; exit 1 on a break.")
    ] = None,
) -> None:
    """Print the contract of the streams.

    AsyncAPI of the streams, OpenAPI of the HTTP API, or JSON Schema of what travels.
    """
    from streams.cli.commands.tools.schema import run

    raise typer.Exit(run(what, model, output, check))


@app.command(epilog=examples("anime-enrich dataset"))
def dataset(
    address: Annotated[
        str | None,
        typer.Option("--from", help="Where it is; unset: the weekly release of anime-offline-database."),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Fetch it even when it has not changed, and take less than there was."),
    ] = False,
) -> None:
    """Fetch the weekly data set that links the sites' entries.

    A witness for which anime is meant; it has no say about values. What is there stays until the new one was read.
    """
    from streams.cli.commands.tools.dataset import ADDRESS, run

    raise typer.Exit(run(address or ADDRESS, force=force))


@app.command(
    epilog=examples(
        "anime-enrich settings",
        "anime-enrich settings --markdown",
        "redis-cli $(anime-enrich settings --redis-cli) XLEN anime:requests",
    )
)
def settings(
    as_json: Json = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a table for the documentation.")] = False,
    redis_cli: Annotated[
        bool, typer.Option("--redis-cli", help="Only the options with which redis-cli reaches the server.")
    ] = False,
) -> None:
    """List every setting.

    The variable, its default or what it is set to, and what it means. Secrets stay hidden.
    """
    from streams.cli.commands.tools import redis_cli as cli
    from streams.cli.commands.tools.settings import run

    raise typer.Exit(cli.run() if redis_cli else run(as_json=as_json, markdown_table=markdown))
