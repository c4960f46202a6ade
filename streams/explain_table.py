"""An explanation for the terminal, as Rich tables."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from streams.explain import Explanation, Row, SourceRow

_WIDE = 60
_COLOURS = {
    "ok": "green",
    "skipped": "dim",
    "not_configured": "dim",
    "not_found": "yellow",
    "ambiguous": "yellow",
}


def render(explanation: Explanation) -> Group:
    """Who said what, who is missing, who contradicts whom, in this order."""
    heading = Text(
        f"{explanation.title or 'no title'}  ({explanation.anime_id}, revision {explanation.revision})"
    )
    heading.stylize("bold")
    parts: list[Any] = [heading, _fields(explanation), _sources(explanation)]
    if explanation.conflicts:
        parts.append(_conflicts(explanation))
    return Group(*parts)


def _fields(explanation: Explanation) -> Table:
    table = Table("field", "value", "from", "rule", "beaten", title="who said what", title_justify="left")
    for row in explanation.rows:
        table.add_row(
            Text(row.path, "bold red" if row.conflict else "bold"),
            Text(brief(row.value)),
            _origin(row),
            Text(row.rule),
            Text("\n".join(f"{beaten.source}: {brief(beaten.value)}" for beaten in row.beaten), "dim"),
        )
    return table


def _origin(row: Row) -> Text:
    others = [source for source in row.sources if source != row.source]
    text = Text(row.source, "green")
    if others:
        text.append(f" + {', '.join(others)}", "default")
    if row.stale:
        text.append(" (stale)", "yellow")
    return text


def _sources(explanation: Explanation) -> Table:
    filled = f"{explanation.completeness.filled:.0%} of the fields have a value"
    table = Table("source", "outcome", "match", "why, and what to do", title=filled, title_justify="left")
    for row in explanation.sources:
        outcome = row.report.outcome
        table.add_row(row.source, Text(outcome, _COLOURS.get(outcome, "red")), _match(row), _why(row))
    return table


def _match(row: SourceRow) -> Text:
    if row.match is None:
        return Text("")
    evidence = f": {', '.join(row.match.evidence)}" if row.match.evidence else ""
    return Text(f"{row.match.verdict} {row.match.score:.2f}{evidence}")


def _why(row: SourceRow) -> Text:
    report = row.report
    said = [report.reason, report.message, report.next_step]
    said += [f"without {part} ({reason})" for part, reason in report.incomplete.items()]
    if report.stale:
        said.append("served stale")
    return Text("; ".join(part for part in said if part))


def _conflicts(explanation: Explanation) -> Table:
    table = Table("field", "chosen", "rule", "said", title="contradictions", title_justify="left")
    for conflict in explanation.conflicts:
        said = "\n".join(f"{source}: {brief(value)}" for source, value in conflict.values.items())
        table.add_row(conflict.field, brief(conflict.chosen), conflict.rule, Text(said))
    return table


def brief(value: Any) -> str:
    """A value on one short line; a list by its length and first items."""
    if value is None:
        return "-"
    if isinstance(value, list):
        names = ", ".join(_name(item) for item in value[:4])
        return f"{len(value)}: {_cut(names)}{', ...' if len(value) > 4 else ''}"
    if isinstance(value, dict):
        return _cut(str(value.get("text") or ", ".join(f"{k} {_name(v)}" for k, v in value.items())))
    return _cut(str(value))


def _name(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    if names := item.get("names") or item.get("titles"):
        return str(names[0]["text"])
    for key in ("text", "name", "title", "site", "value", "url"):
        if item.get(key):
            return str(item[key])
    return f"{item.get('number', '?'):g}" if isinstance(item.get("number"), float) else "?"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _WIDE else f"{flat[: _WIDE - 1]}…"
