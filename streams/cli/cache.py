"""Commands for the cache."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from streams.cli.options import Json, OfflineStore, Source, examples, new_app

app = new_app()
cache = new_app(help="Look into the cache, and clear it.")
app.add_typer(cache, name="cache")


@cache.command(epilog=examples("anime-enrich cache stats", "anime-enrich cache stats --json"))
def stats(as_json: Json = False, play: OfflineStore = False) -> None:
    """Show what the cache holds and how well it serves, by source."""
    from streams.cli.commands.repair.cache import stats

    raise typer.Exit(stats(as_json=as_json, offline=play))


@cache.command(
    epilog=examples(
        "anime-enrich cache clear --source kitsu",
        "anime-enrich cache clear --kind result --older-than 7d",
    )
)
def clear(
    source: Source = None,
    kind: Annotated[
        Literal["http", "result"] | None, typer.Option(help="http: answers of APIs; result: crawled pages.")
    ] = None,
    older_than: Annotated[
        str | None, typer.Option(help="Only what was stored before this long: 90s, 30m, 12h, 7d.")
    ] = None,
    as_json: Json = False,
    play: OfflineStore = False,
) -> None:
    """Forget cached answers; streams and records are never touched."""
    from streams.cli.commands.repair.cache import clear

    raise typer.Exit(clear(source, kind, older_than, as_json=as_json, offline=play))
