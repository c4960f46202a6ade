"""Parts that the view of a record and that of a refusal share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from streams.contract.record import SourceReport
from streams.terminal.outcomes import look

TROUBLE = {"failed", "timeout", "blocked", "unavailable"}


def section(title: str, rows: list[tuple[Text, Text]]) -> list[RenderableType]:
    """A heading and two columns; nothing when there are no rows."""
    if not rows:
        return []
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for left, right in rows:
        table.add_row(left, right)
    return [Padding(Text(title, "bold"), (1, 0, 0, 0)), table]


def missing(sources: Mapping[str, SourceReport | Mapping[str, Any]]) -> list[tuple[Text, Text]]:
    """Sources that gave nothing, or not all, with the reason and the next step."""
    rows = []
    for name, given in sources.items():
        report = SourceReport.model_validate(given)
        if report.outcome != "ok":
            mark, style, words = look(report.outcome)
            rows.append((Text(f"{mark} {name}", style), _why(report, words)))
        elif report.incomplete:
            lacks = ", ".join(f"{part} ({reason})" for part, reason in report.incomplete.items())
            rows.append((Text(f"◑ {name}", "yellow"), Text(f"answered, but without {lacks}")))
    return rows


def later(sources: Mapping[str, SourceReport | Mapping[str, Any]]) -> list[RenderableType]:
    """What to do about sources in trouble that name no step of their own."""
    reports = [SourceReport.model_validate(given) for given in sources.values()]
    if any(report.outcome in TROUBLE and not report.next_step for report in reports):
        return [Text("next step: ask again later; what was answered comes from the cache then", "dim")]
    return []


def _why(report: SourceReport, words: str) -> Text:
    reason = report.reason if report.reason and report.reason != report.outcome else ""
    text = Text(report.message or " ".join(word for word in (words, reason) if word))
    if report.next_step:
        text.append(f"\nnext step: {report.next_step}", "dim")
    return text
