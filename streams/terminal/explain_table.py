"""An explanation for the terminal, as Rich tables."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from streams.records.explain import Explanation, Row, SourceRow, doubt
from streams.terminal.outcomes import look

_WIDE = 60


def render(explanation: Explanation) -> Group:
    """Who said what, who is missing, who contradicts whom, in this order; a part without rows is left out."""
    heading = Text(explanation.title or "no title", "bold")
    heading.append(f"  {explanation.anime_id} · revision {explanation.revision}", "dim")
    heading.append(f" · {explanation.completeness.filled:.0%} of the fields have a value", "dim")
    parts: list[Any] = [heading, "", _fields(explanation)]
    if explanation.conflicts:
        parts += ["", Text("contradictions", "bold"), _conflicts(explanation)]
    if explanation.sources:
        parts += ["", Text("sources", "bold"), _sources(explanation)]
    if any(row.match and row.match.rules for row in explanation.sources):
        parts += ["", Text("why it is this work", "bold"), _waterfall(explanation)]
    if explanation.history:
        parts += ["", Text("what changed, the newest first", "bold"), _history(explanation)]
    return Group(*parts)


def _history(explanation: Explanation) -> Table:
    table = _table("field", "revision", "before", "after", "why")
    for one in explanation.history:
        style = "yellow" if one.flagged else ""
        table.add_row(
            Text(one.path, style),
            f"{one.revision}, {one.at[:10]}",
            one.before or "-",
            one.after or "-",
            one.why,
        )
    return table


def _table(*names: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for index, name in enumerate(names):
        table.add_column(name, overflow="fold", no_wrap=index == 0, ratio=1 if index > 0 else None)
    return table


def _fields(explanation: Explanation) -> Table:
    table = _table("field", "value", "from, and by which rule", "not")
    answered = set(explanation.completeness.answered)
    for row in _telling(explanation.rows):
        table.add_row(
            Text(row.path, "bold yellow" if row.conflict else "bold"),
            Text(_value(row)),
            _origin(row, answered),
            _beaten(row),
        )
    return table


def _telling(rows: list[Row]) -> list[Row]:
    """The rows without those whose parts have rows of their own."""
    parents = {row.path.rpartition(".")[0] for row in rows}
    return [row for row in rows if row.path not in parents or not isinstance(row.value, dict)]


def _value(row: Row) -> str:
    if row.path.startswith("score") and isinstance(row.value, dict):
        scale = f" of {_plain(row.value['scale_max'])}" if "scale_max" in row.value else " of 10"
        votes = f", {row.value['votes']:,} votes" if row.value.get("votes") else ""
        return f"{_plain(row.value['value'])}{scale}{votes}"
    return brief(row.value)


def _origin(row: Row, answered: set[str]) -> Text:
    others = [source for source in row.sources if source != row.source]
    text = Text(row.source or "nobody", "green" if row.source else "dim")
    if len(answered) > 2 and {row.source, *others} >= answered:
        text.append(f" of all {len(answered)}" if row.source == "combined" else ", all agree", "default")
    elif others:
        text.append(f", {', '.join(others)}", "default")
    if row.rule not in {"own", "first"}:
        text.append(f" · {row.rule.replace('_', ' ')}", "dim")
    if row.doubt:
        text.append(f" · {row.doubt}", "yellow")
    if row.stale:
        text.append(" (stale)", "yellow")
    return text


def _beaten(row: Row) -> Text:
    grouped: dict[str, list[str]] = {}
    for beaten in row.beaten:
        grouped.setdefault(brief(beaten.value), []).append(beaten.source)
    lines = [f"{', '.join(sources)}: {value}" for value, sources in grouped.items()]
    return Text("\n".join(lines), "yellow" if row.conflict else "dim")


def _sources(explanation: Explanation) -> Table:
    table = _table("source", "outcome", "match", "why, and what to do")
    for row in explanation.sources:
        outcome = row.report.outcome
        table.add_row(Text(row.source, "bold"), Text(outcome, look(outcome).style), _match(row), _why(row))
    return table


def _match(row: SourceRow) -> Text:
    if row.match is None:
        return Text("")
    evidence = f": {', '.join(row.match.evidence)}" if row.match.evidence else ""
    unsure = doubt(row.match.confidence)
    return Text(f"{row.match.verdict} {row.match.score:.2f}{f' ({unsure})' if unsure else ''}{evidence}")


def _waterfall(explanation: Explanation) -> Table:
    """What each rule added to the odds that the entry is the work, or took, and where they end up."""
    table = _table("source", "bits", "in all", "rule", "evidence")
    for row in explanation.sources:
        total, source = 0.0, row.source
        for rule in row.match.rules if row.match else ():
            total += rule.weight
            colour = "green" if rule.weight >= 0 else "red"
            decided = row.match is not None and rule.id == row.match.rule
            sentence = Text(rule.sentence, "bold" if decided else "default")
            bits = Text(f"{rule.weight:+.1f}", colour)
            table.add_row(Text(source, "bold"), bits, f"{total:+.1f}", sentence, Text(rule.evidence, "dim"))
            source = ""
    return table


def _why(row: SourceRow) -> Text:
    report = row.report
    reasons = [report.reason, report.message, report.next_step]
    reasons += [f"without {part} ({reason})" for part, reason in report.incomplete.items()]
    reasons += [f"unknown {value.field} {value.raw!r}" for value in report.unmapped]
    reasons += [f"mended {repair}" for repair in report.repaired]
    if report.stale:
        reasons.append("served stale")
    return Text("; ".join(part for part in reasons if part))


def _conflicts(explanation: Explanation) -> Table:
    table = _table("field", "chosen", "by the rule", "said")
    for conflict in explanation.conflicts:
        claims = "\n".join(f"{source}: {brief(value)}" for source, value in conflict.values.items())
        table.add_row(
            Text(conflict.field, "yellow"), Text(brief(conflict.chosen)), conflict.rule, Text(claims)
        )
    return table


def brief(value: Any) -> str:
    """A value on one short line; a list by its length and first items."""
    if value is None:
        return "-"
    if isinstance(value, list):
        names = ", ".join(name_of(item) for item in value[:4])
        return f"{len(value)}: {_cut(names)}{', ...' if len(value) > 4 else ''}"
    if isinstance(value, dict):
        return _cut(str(value.get("text") or ", ".join(f"{k} {name_of(v)}" for k, v in value.items())))
    return _cut(_plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def name_of(item: Any) -> str:
    """What an item of a list is called."""
    if not isinstance(item, dict):
        return _plain(item)
    if names := item.get("names") or item.get("titles"):
        return str(names[0]["text"])
    for key in ("text", "name", "title", "site", "value", "url"):
        if item.get(key):
            return str(item[key])
    return f"{item.get('number', '?'):g}" if isinstance(item.get("number"), float) else "?"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _WIDE else f"{flat[: _WIDE - 1]}…"
