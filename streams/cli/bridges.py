"""Commands that take records and outputs to where other programs are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from streams.cli.options import Offline, OfflineStore, examples, new_app

app = new_app()


@app.command(
    epilog=examples(
        "anime-enrich export --output anime.jsonl",
        "anime-enrich export --form sqlite --output anime.sqlite",
        "anime-enrich export --form offline-database --output anime-offline-database-minified.json",
        "anime-enrich export --form ids --output anime-list-full.json",
        "anime-enrich export --form nfo --output nfo",
        "anime-enrich export --without-text | gzip > facts.jsonl.gz",
    )
)
def export(
    form: Annotated[
        Literal["jsonl", "sqlite", "offline-database", "ids", "nfo"],
        typer.Option(
            help="JSON Lines, a SQLite file, the form of anime-offline-database, ids as in Fribb's anime-lists, or NFO files."
        ),
    ] = "jsonl",
    output: Annotated[
        Path, typer.Option(help="File to write, a new or empty folder for nfo; - is stdout.")
    ] = Path("-"),
    without_text: Annotated[
        bool,
        typer.Option(
            "--without-text", help="Leave out what people wrote: descriptions, and what is made of them."
        ),
    ] = False,
    play: OfflineStore = False,
) -> None:
    """Write all known records into a file or a folder.

    It is there whole, or not at all. Asks no site.
    """
    from streams.cli.commands.bridges.export import run

    raise typer.Exit(run(form, output, texts=not without_text, offline=play))


Group = Annotated[str, typer.Option(help="Our group on the output; each place to lead to needs its own.")]
Everything = Annotated[bool, typer.Option("--all", help="Every output, not only those that made a revision.")]
CloudEvents = Annotated[
    bool, typer.Option("--cloudevents", help="As CloudEvents 1.0 in JSON (structured mode).")
]


@app.command(
    epilog=examples(
        "anime-enrich relay nats://localhost:4222",
        "anime-enrich relay nats://localhost:4222 --all --cloudevents --group relay-all",
    )
)
def relay(
    address: Annotated[str, typer.Argument(help="The bus, as nats://host:4222 (needs the extra nats).")],
    everything: Everything = False,
    cloud_event: CloudEvents = False,
    group: Group = "relay",
) -> None:
    """Carry the output to another bus until Ctrl-C, at least once.

    On NATS each message has the subject PREFIX.enriched.SITE.ID and the output_id as its id, by which JetStream knows what
    it has.
    """
    from streams.cli.commands.bridges.relay import run

    raise typer.Exit(run(address, group, everything=everything, cloud_event=cloud_event))


@app.command(epilog=examples("anime-enrich webhooks", "anime-enrich webhooks --all --cloudevents"))
def webhooks(
    everything: Everything = False,
    cloud_event: CloudEvents = False,
) -> None:
    """Post the output to the addresses in WEBHOOK_URLS until Ctrl-C, at least once.

    Signed with WEBHOOK_SECRET as Standard Webhooks has it; the webhook-id is the output_id. What does not arrive is tried
    again as the retry policy says, and becomes a dead letter.
    """
    from streams.cli.commands.bridges.webhooks import run

    raise typer.Exit(run(everything=everything, cloud_event=cloud_event))


@app.command(epilog=examples("anime-enrich reconcile", "anime-enrich reconcile --port 8100"))
def reconcile(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on.")] = 8090,
) -> None:
    """Serve the Reconciliation API 0.2, for OpenRefine and others, until Ctrl-C.

    Titles in, works out: a match is what the pipeline would accept, and nothing else. Asks the sites inside the fleet's
    limits; makes no record.
    """
    from streams.cli.commands.bridges.reconcile import run

    raise typer.Exit(run(host, port))


@app.command(epilog=examples("anime-enrich mcp", "anime-enrich mcp --offline"))
def mcp(play: Offline = False) -> None:
    """Serve agents over stdin and stdout by the Model Context Protocol (needs the extra mcp).

    Tools: resolve, enrich, explain, search. A client starts this command itself.
    """
    from streams.cli.commands.bridges.mcp import run

    raise typer.Exit(run(offline=play))
