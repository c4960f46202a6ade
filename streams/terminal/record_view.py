"""An output entry for people: what the work is, who said so, who contradicts, who is missing, where the rest is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from streams.contract.record import Conflict, EnrichedRecord
from streams.records.explain import Explanation, Row, explain
from streams.terminal.printable import printable
from streams.terminal.show_parts import later, missing, section
from streams.terminal.show_refusal import refusal
from streams.terminal.words import of_field, of_sources

MAIN = (
    ("title_english", "english"),
    ("title_native", "native"),
    ("type", "type"),
    ("status", "status"),
    ("episode_count", "episodes"),
    ("duration_seconds", "length"),
    ("season", "season"),
    ("start_date", "first aired"),
    ("end_date", "last aired"),
    ("source_material", "made from"),
    ("studios", "studios"),
    ("genres", "genres"),
    ("score", "score"),
)
"""The fields of the short view and what they are called there."""

LINES_OF_SYNOPSIS = 4
SHOWN = 5
_RULES = {"vote_weighted_mean": "weighted by votes"}


def show(
    fields: Mapping[str, str], console: Console, *, seconds: float | None = None, store: str = ""
) -> None:
    """Print an output entry; ``seconds`` is how long it took, ``store`` the option that leads to where it lies."""
    data = printable(json.loads(fields["data"]))
    fields = printable({name: text for name, text in fields.items() if name != "data"})
    if fields["status"] in {"complete", "partial"}:
        record = EnrichedRecord.model_validate(data)
        console.print(_record(record, fields, console.width, seconds, store))
    else:
        console.print(refusal(data, fields))


def _record(
    record: EnrichedRecord, fields: Mapping[str, str], width: int, seconds: float | None, store: str
) -> Group:
    explanation = explain(record)
    parts: list[RenderableType] = [Text(), _head(record, fields, width, seconds)]
    if record.synopsis:
        parts.append(Padding(_shortened(record.synopsis.text, width), (1, 0, 0, 0)))
    parts += [Padding(_facts(explanation, record.completeness.answered), (1, 0, 0, 0))]
    parts += section("contradictions", _conflicts(record.conflicts))
    parts += section("missing", missing(record.sources))
    parts += later(record.sources)
    parts.append(Padding(_more(record.anime_id, store), (1, 0, 0, 0)))
    return Group(*parts)


def _head(
    record: EnrichedRecord, fields: Mapping[str, str], width: int, seconds: float | None
) -> RenderableType:
    asked, answered = record.completeness.asked, record.completeness.answered
    words = [
        record.anime_id,
        fields["status"],
        f"{len(answered)} of {len(asked)} sources",
        f"revision {record.revision}",
    ]
    words += [f"{seconds:.1f} s"] if seconds is not None else []
    line = Table.grid(expand=True, padding=(0, 2))
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True)
    style = "green" if fields["status"] == "complete" else "yellow"
    line.add_row(Text(record.title or record.anime_id, "bold"), Text(" · ".join(words), style))
    return line


def _shortened(text: str, width: int) -> Text:
    flat = " ".join(text.split())
    room = LINES_OF_SYNOPSIS * (width - 8)
    return Text(flat if len(flat) <= room else flat[:room].rpartition(" ")[0] + " …")


def _facts(told: Explanation, answered: list[str]) -> Table:
    rows = {row.path: row for row in told.rows}
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=3, style="green")
    for path, label in MAIN:
        row = rows.get(path)
        if row is None or row.value is None or (path == "title_english" and row.value == told.title):
            continue
        year = rows.get("year") if path == "season" else None
        value = of_field(path, row.value) + (f" {year.value}" if year else "")
        table.add_row(label, Text(value), _who(row, answered))
    return table


def _who(row: Row, answered: list[str]) -> Text:
    text = Text(of_sources(row.source, row.sources, answered))
    others = _grouped((beaten.source, of_field(row.path, beaten.value)) for beaten in row.beaten)
    if row.source == "combined":
        text.append(f"  {_RULES.get(row.rule, row.rule)}", "dim")
    elif others and not isinstance(row.value, list):
        dissent = ", ".join(f"{value} ({', '.join(names)})" for value, names in others.items())
        text.append(f"  not {dissent}", "yellow" if row.conflict else "dim")
    if row.doubt:
        text.append(f"  {row.doubt}", "yellow")
    if row.stale:
        text.append("  stale", "yellow")
    return text


def _grouped(said: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for source, value in said:
        grouped.setdefault(value, []).append(source)
    return grouped


def _conflicts(conflicts: list[Conflict]) -> list[tuple[Text, Text]]:
    alike: dict[str, list[Conflict]] = {}
    for conflict in conflicts:
        alike.setdefault(re.sub(r"\[\d+\]", "", conflict.field), []).append(conflict)
    rows = [(Text(f"≠ {path}", "yellow"), _conflict(found)) for path, found in list(alike.items())[:SHOWN]]
    if len(alike) > SHOWN:
        rows.append((Text(), Text(f"and {len(alike) - SHOWN} more fields", "dim")))
    return rows


def _conflict(found: list[Conflict]) -> Text:
    """What is said against what, for the first of several contradictions of one kind."""
    first = found[0]
    claims = _grouped((source, of_field(first.field, value)) for source, value in first.values.items())
    chosen = of_field(first.field, first.chosen)
    against = ", ".join(f"{value} ({', '.join(names)})" for value, names in claims.items() if value != chosen)
    agreed = f" ({', '.join(claims[chosen])})" if chosen in claims else ""
    text = Text(f"{chosen}{agreed} over {against}")
    if len(found) > 1:
        text.append(f"; {len(found)} like this", "dim")
    return text


def _more(anime_id: str, store: str) -> Text:
    return Text(
        f"all of it: anime-enrich explain {anime_id}{' ' + store if store else ''}   the record: --json",
        "dim",
    )
