"""Why there is no record, for people: the works that may be meant, what to do, and who was not heard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from streams.config.policy_file import default_policy
from streams.terminal.show_parts import missing, section


def refusal(data: Mapping[str, Any], fields: Mapping[str, str]) -> Group:
    """The view of an output without a record; ``data`` is its refusal."""
    status = fields["status"]
    words = {
        "ambiguous": "may mean several works; nothing was guessed.",
        "not_found": "was found on none of the sites that could be asked.",
        "failed": data.get("message") or "could not be enriched.",
    }
    parts: list[RenderableType] = [
        Text(),
        Text(f"{fields.get('title') or 'this request'} {words[status]}", "bold yellow"),
    ]
    candidates = data.get("candidates") or []
    if candidates:
        parts += [Text(line) for line in _refused_by(candidates)]
        parts.append(Padding(_candidates(candidates), (1, 0, 0, 0)))
    parts.append(
        Padding(
            Text(f"next step: {_next_step(data, status, by_title=bool(fields.get('title')))}"), (1, 0, 0, 0)
        )
    )
    telling = {
        name: report
        for name, report in (data.get("sources") or {}).items()
        if report["outcome"] not in {status, "ambiguous"}
    }
    parts += section("not heard from", missing(telling))
    return Group(*parts)


OFFLINE = (
    "none of the sites can be reached: are you offline? `anime-enrich --title TITLE --offline` plays them"
)
_NOT_ASKED = {"not_configured", "skipped"}


def _nobody_reached(data: Mapping[str, Any]) -> bool:
    asked = [one for one in (data.get("sources") or {}).values() if one["outcome"] not in _NOT_ASKED]
    return bool(asked) and all(one.get("reason") == "unreachable" for one in asked)


def _next_step(data: Mapping[str, Any], status: str, *, by_title: bool) -> str:
    if _nobody_reached(data):
        return OFFLINE
    if data.get("next_step"):
        return str(data["next_step"])
    if status == "ambiguous":
        ids: Mapping[str, str] = next((c["ids"] for c in data.get("candidates") or [] if c.get("ids")), {})
        site = next(iter(_best_first(ids)), "")
        return "say which one: --year, --type" + (f", or an id as --id {site}={ids[site]}" if site else "")
    if status == "not_found" and not by_title:
        return "no site knows this id: look it up on the site that gave it, or ask by title: --title"
    if status == "not_found":
        asked = "did you mean one of these? " if data.get("candidates") else ""
        return f"{asked}check the spelling, try the original title, or give an id: --id mal=1"
    return "try again later; `anime-enrich doctor` shows what is out of reach"


def _refused_by(candidates: list[Mapping[str, Any]]) -> list[str]:
    """The rule by which the likeliest work was not taken, and its evidence."""
    first = candidates[0]
    decided = (rule for rule in first.get("rules") or [] if rule["id"] == first.get("rule"))
    told = [(rule["sentence"], rule.get("evidence")) for rule in decided]
    return [f"refused by: {sentence}" + (f" ({evidence})" if evidence else "") for sentence, evidence in told]


def _candidates(candidates: list[Mapping[str, Any]]) -> Table:
    table = Table.grid(padding=(0, 2))
    for candidate in candidates:
        ids = "  ".join(f"{site}={candidate['ids'][site]}" for site in _best_first(candidate["ids"])[:3])
        table.add_row(
            Text("?", "yellow"),
            Text(candidate["title"], "bold"),
            candidate.get("type", ""),
            str(candidate.get("year", "")),
            Text(ids, "dim"),
        )
    return table


def _best_first(ids: Mapping[str, str]) -> list[str]:
    """The sites whose ids name a record, best first."""
    return [site for site in default_policy().id_order if ids.get(site)]
