"""An output entry for people: the record with who said what, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from streams.explain import explain
from streams.explain_table import render
from streams.record import EnrichedRecord


def show(fields: Mapping[str, str], console: Console) -> None:
    """Print an output entry."""
    data = json.loads(fields["data"])
    if fields["status"] in {"complete", "partial"}:
        console.print(_record(EnrichedRecord.model_validate(data), fields))
    else:
        console.print(_refusal(data, fields))


def _record(record: EnrichedRecord, fields: Mapping[str, str]) -> Group:
    parts: list[Any] = [Padding(_head(record), (1, 0, 0, 0))]
    if record.synopsis:
        parts.append(Padding(Text(record.synopsis.text), (1, 0)))
    parts.append(render(explain(record)))
    if fields["status"] == "partial":
        missing = ", ".join(f"{name} ({why})" for name, why in record.completeness.missing.items())
        parts.append(Text(f"\npartial: without {missing}", style="yellow"))
    return Group(*parts)


def _head(record: EnrichedRecord) -> Text:
    words = [record.type, record.status, " ".join(str(x) for x in (record.season, record.year) if x)]
    words.append(f"{record.episode_count} episodes" if record.episode_count else None)
    words.append(f"{record.score.value:.2f} of 10" if record.score else None)
    text = Text(record.title or record.anime_id, style="bold")
    others = [one for one in (record.title_english, record.title_native) if one and one != record.title]
    text.append(f"  {' / '.join(others)}", style="dim")
    return text.append("\n" + "  ".join(word for word in words if word), style="default")


def _refusal(data: Mapping[str, Any], fields: Mapping[str, str]) -> Group:
    status = fields["status"]
    words = {
        "ambiguous": "may mean several works; nothing was guessed. Say which: --year, --type or an id.",
        "not_found": "was found on none of the sites that could be asked.",
        "failed": data.get("message") or "could not be enriched.",
    }
    parts: list[Any] = [Text(f"{fields.get('title') or 'This request'} {words[status]}", style="yellow")]
    if data.get("next_step"):
        parts.append(Text(f"Next step: {data['next_step']}"))
    if data.get("candidates"):
        parts.append(_candidates(data["candidates"]))
    if data.get("sources"):
        parts.append(_sources(data["sources"]))
    return Group(*parts)


def _candidates(candidates: list[Mapping[str, Any]]) -> Table:
    table = Table("title", "type", "year", "ids")
    for one in candidates:
        ids = " ".join(f"{site}:{value}" for site, value in one.get("ids", {}).items())
        table.add_row(Text(one["title"]), one.get("type", ""), str(one.get("year", "")), Text(ids))
    return table


def _sources(sources: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table("source", "outcome", "why, and what to do")
    for name, report in sources.items():
        why = "  ".join(report[key] for key in ("message", "next_step") if report.get(key))
        table.add_row(name, report["outcome"], Text(why or report.get("reason") or ""))
    return table
