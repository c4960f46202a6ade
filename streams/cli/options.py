"""Options that several commands share, and how examples look in the help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.cli.called import as_called

OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""For the collector of a process of our own: a record, or what is imported, is tens of thousands, none in a cycle."""


def sources(incomplete: str) -> list[str]:
    """Names of sources that begin so."""
    from sources import discover

    return [name for name in discover() if name.startswith(incomplete)]


def models(incomplete: str) -> list[str]:
    """Names of published models that begin so."""
    from streams.contract.documents import MODELS

    return [name for name in MODELS if name.lower().startswith(incomplete.lower())]


Title = Annotated[str | None, typer.Option("--title", help="Title in any language, misspelt if need be.")]
Ids = Annotated[
    list[str] | None, typer.Option("--id", help="Known id, as mal=1 or anilist=1; may be repeated.")
]
Year = Annotated[
    int | None, typer.Option(help="Year of the first broadcast, to tell works of one name apart.")
]
Type = Annotated[str | None, typer.Option("--type", help="TV, MOVIE, OVA, ONA, SPECIAL, MUSIC ...")]
Only = Annotated[
    list[str] | None,
    typer.Option(help="Ask these sources only: --only kitsu anilist.", autocompletion=sources),
]
Skip = Annotated[
    list[str] | None,
    typer.Option(help="Leave these sources out: --skip anidb anisearch.", autocompletion=sources),
]
Refresh = Annotated[bool, typer.Option("--refresh", help="Ask the sites again, whatever the cache holds.")]
Offline = Annotated[
    bool, typer.Option("--offline", help="Play the sites on this machine from the shipped replies.")
]
OfflineStore = Annotated[bool, typer.Option("--offline", help="Look at what --offline runs have made.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]
JsonLines = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Canary = Annotated[
    bool, typer.Option("--canary", help="Ask each site for one well-known work; one request each at most.")
]
Output = Annotated[Path | None, typer.Option(help="Write the record as JSON to this file.")]
Deadline = Annotated[float | None, typer.Option(help="Seconds until the record is made from what is there.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show the service's log.")]
Source = Annotated[str | None, typer.Option("--source", help="Of this source only.", autocompletion=sources)]


def examples(*lines: str) -> str:
    """An epilog that keeps its lines."""
    return "\b\nExamples:\n" + "\n".join(f"  {as_called(line)}" for line in lines)


def new_app(**options: str) -> typer.Typer:
    """A group of commands in the one look of this program: plain help, no boxes, no tracebacks of our own making."""
    return typer.Typer(
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        **options,  # type: ignore[arg-type]
    )
