"""The fleet on one page: what waits where, how the sites' limits stand, what came out last."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis

from sources import discover
from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.operations.fleet_status import FleetStatus, GroupStatus, SourceStatus
from streams.operations.health import Trouble
from streams.operations.past.samples import Past
from streams.terminal.outcomes import look
from streams.terminal.words import span
from streams.web.acting import RISK, button
from streams.web.charts.fleet_charts import charts, soon
from streams.web.html import (
    Child,
    Node,
    chip,
    cut,
    document,
    el,
    fold,
    foreign,
    live,
    moment,
    plain,
    table,
    to_record,
)

LATEST = 8


async def latest(redis: Redis, names: Topology, count: int = LATEST) -> list[dict[str, str]]:
    """The newest output entries, newest first, each with its ``entry``."""
    entries: Any = await redis.xrevrange(names.enriched, count=count)
    return [
        {"entry": text(entry), **{text(key): text(value) for key, value in fields.items()}}
        for entry, fields in entries
    ]


def fleet_page(parts: Sequence[Node]) -> bytes:
    """The page, made of its parts."""
    return document("Fleet", "/", live(parts), followed=True)


def fleet_parts(
    status: FleetStatus,
    outputs: Sequence[Mapping[str, str]],
    past: Past | None = None,
    *,
    may_act: bool = False,
) -> list[Node]:
    """What changes by itself; ``past`` is the last hour."""
    return [
        _lamps(status),
        _headline(status),
        _numbers(status),
        charts(status, past or Past()),
        _groups(status.groups),
        _sites(status.sources, status.at),
        _bans(status) if may_act else el("div"),
        _outputs(outputs),
    ]


_TONES = {"note": "", "warning": "warn", "fault": "bad"}


def _headline(status: FleetStatus) -> Node:
    if not status.troubles:
        return el(
            "p", chip("all is well", "good"), " Every group is read and every site that was asked answers."
        )
    return el("ul", [_trouble(one) for one in status.troubles], class_="troubles")


def _trouble(one: Trouble) -> Node:
    return el(
        "li",
        chip(one.level, _TONES[one.level]),
        " ",
        foreign(f"{one.found}."),
        " ",
        el("small", one.next_step),
    )


def _lamps(status: FleetStatus) -> Node:
    """One lamp a site: the answer to "is it well?"; each leads to why."""
    worst = {one.subject: one for one in reversed(status.troubles)}
    lamps = [_lamp(one, worst.get(one.source)) for one in status.sources]
    return el("ul", [el("li", lamp) for lamp in lamps], class_="lamps", aria_label="Sites")


def _lamp(one: SourceStatus, wrong: Trouble | None) -> Node:
    asked = one.hour.ok + one.hour.not_found + sum(one.hour.failed.values()) + sum(one.hour.refused.values())
    word = _LAMPS.get(wrong.what, wrong.level) if wrong else "well" if asked else "not asked"
    tone = _TONES[wrong.level] if wrong else "good" if asked else ""
    return el("a", el("span", _label(one.source)), " ", chip(word, tone), href=f"#site-{one.source}")


_LAMPS = {
    "site_down": "down",
    "site_changed": "changed",
    "site_bans": "shut out",
    "site_slow": "slow",
    "credentials": "credentials",
    "drift": "changed?",
    "group_unread": "unread",
    "backlog": "behind",
}


def _label(source: str) -> str:
    return discover()[source].label if source in discover() else source


def _numbers(status: FleetStatus) -> Node:
    memory = f"{status.memory_bytes / 1e6:.0f} MB"
    if status.memory_limit_bytes:
        memory += f" of {status.memory_limit_bytes / 1e6:.0f}"
    facts: list[tuple[str, Child]] = [
        ("open requests", el("a", status.open_requests, href="/requests")),
        ("put off", status.delayed),
        ("outputs kept", status.outputs),
        ("known records", status.records),
        ("dead letters", el("a", status.dead_letters, href="/dead") if status.dead_letters else 0),
        ("memory", memory),
    ]
    return el("dl", [el("div", el("dt", name), el("dd", value)) for name, value in facts], class_="numbers")


def _groups(groups: Sequence[GroupStatus]) -> Node:
    rows = [
        (
            group.group,
            _standing(group),
            group.lag,
            group.pending,
            span(group.oldest_seconds) if group.lag or group.pending else "-",
            group.consumers,
        )
        for group in groups
    ]
    heads = ("group", "state", "unread", "in work", "oldest", "workers")
    idle = [one.group for one in groups if one.missing or not one.consumers]
    told = f"{len(groups) - len(idle)} of {len(groups)} are read"
    return fold("Groups", told, plain(table("Groups", heads, rows)), opened=bool(idle))


def _standing(one: GroupStatus) -> Node:
    if one.missing:
        return chip("missing", "bad")
    if not one.consumers:
        return chip("nobody reads", "bad" if one.lag or one.pending else "warn")
    return chip("works" if one.pending else "waits for work", "good")


def _sites(sites: Sequence[SourceStatus], now: float) -> Node:
    rows = [
        (
            el("span", _label(site.source), id=f"site-{site.source}"),
            _access(site, now),
            _answers(site),
            ", ".join(f"{used} of {rate}" for rate, used in site.used.items()) or "-",
            sum(site.waiting.values()),
            site.backlog,
            span(site.forecast_seconds) if site.backlog else "-",
        )
        for site in sites
    ]
    heads = ("site", "access", "last hour", "limit used", "wait for a turn", "titles to ask", "done in")
    return table("Sites", heads, rows)


def _bans(status: FleetStatus) -> Node:
    """A button for each site that shuts us out, with the risk."""
    banned = [one for one in status.sources if one.banned_until and one.banned_until > status.at]
    if not banned:
        return el("div")
    lifts = [button("/act/lift", f"Ask {_label(one.source)} again now", source=one.source) for one in banned]
    return el("section", el("h2", "Lift a ban"), el("p", RISK), lifts)


def _answers(one: SourceStatus) -> Child:
    """What the site answered in the last hour, and how fast."""
    hour = one.hour
    counts = {"ok": hour.ok, "not found": hour.not_found, **hour.refused, **hour.failed}
    words = [f"{count} {word}" for word, count in counts.items() if count]
    words += [f"half within {soon(hour.p50)}"] if hour.p50 is not None else []
    return foreign(", ".join(words)) if words else "not asked"


def _access(one: SourceStatus, now: float) -> Child:
    if one.banned_until and one.banned_until > now:
        return chip(f"shut out: {one.ban_reason}", "bad"), " until ", moment(one.banned_until)
    if one.drift:
        return chip("changed?", "warn"), " ", one.drift
    return chip("open", "good")


def _outputs(outputs: Sequence[Mapping[str, str]]) -> Node:
    rows = [
        (
            _title(output),
            chip(output.get("status", ""), look(output.get("status", "")).tone),
            output.get("revision", ""),
            moment(int(output["entry"].partition("-")[0]) / 1000),
            el(
                "a",
                cut(output.get("request_id", ""), 40),
                href=f"/output?entry={output['entry']}",
                class_="id",
            ),
        )
        for output in outputs
    ]
    heads = ("title", "status", "revision", "when", "request")
    return table("Latest outputs", heads, rows, "nothing came out yet")


def _title(one: Mapping[str, str]) -> Node:
    title = one.get("title") or _asked_for(one) or "no title"
    if one.get("anime_id"):
        return el("a", cut(title), href=to_record(one["anime_id"]))
    return cut(title)


def _asked_for(one: Mapping[str, str]) -> str:
    try:
        data = json.loads(one.get("data", "{}"))
    except ValueError:
        return ""
    return str(data.get("title") or "") if isinstance(data, dict) else ""
