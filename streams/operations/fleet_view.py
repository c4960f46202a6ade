"""The state of the fleet for people: a table, a line, or data. `look` reads it, the rest is pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field
from redis.asyncio import Redis
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cache import clock
from cache.limits.fleet import FleetLimiter
from cache.store.counters import counters_key
from streams.broker.connection import connect, text
from streams.client.session import Session
from streams.operations.fleet_status import FleetStatus, GroupStatus, SourceStatus, fleet_status
from streams.terminal.words import size, span

KINDS = ("http", "result")
_STYLES = {"note": "dim", "warning": "yellow", "fault": "red"}


class FleetLook(BaseModel):
    """One look at the fleet: its status, and the share of answers from the cache by source (0 to 1)."""

    status: FleetStatus
    hit_ratio: dict[str, float] = Field(default_factory=dict)


async def look(session: Session) -> FleetLook:
    """The fleet right now. Raises ``redis.RedisError``."""
    redis, names, settings = session.client.redis, session.client.names, session.settings
    limiter = FleetLimiter(redis, settings.stream_prefix)
    status = await fleet_status(redis, names, settings, limiter)
    if not settings.redis_cache_url:
        return FleetLook(status=status, hit_ratio=await _ratios(redis, settings.active_sources))
    other = connect(settings.redis_cache_url.get_secret_value(), connections=1)
    try:
        return FleetLook(status=status, hit_ratio=await _ratios(other, settings.active_sources))
    finally:
        await other.aclose()


async def _ratios(redis: Redis, sources: list[str]) -> dict[str, float]:
    counters = {}
    for source in sources:
        counts: dict[str, int] = {}
        for kind in KINDS:
            row: dict[Any, Any] = await redis.hgetall(counters_key(kind, source))
            for name, count in row.items():
                counts[text(name)] = counts.get(text(name), 0) + int(count)
        if total := sum(counts.values()):
            counters[source] = round(1 - counts.get("miss", 0) / total, 3)
    return counters


def as_table(seen: FleetLook) -> RenderableType:
    """What waits where, and how the sites' limits stand; fits a terminal of 80 columns and 24 lines."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("group", no_wrap=True)
    for name in ("waiting", "in work", "oldest", "workers"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("limit used", no_wrap=True)
    table.add_column("cached", justify="right", no_wrap=True)
    table.add_column("left", justify="right", no_wrap=True)
    sources = {source.source: source for source in seen.status.sources}
    for group in seen.status.groups:
        source = sources.get(group.group)
        ratio = seen.hit_ratio.get(group.group)
        table.add_row(
            Text(group.group, "bold"),
            f"{group.lag:,}",
            f"{group.pending:,}",
            span(group.oldest_seconds) if group.oldest_seconds >= 1 else "-",
            Text(str(group.consumers), "" if group.consumers else "yellow"),
            _limit(source),
            "-" if ratio is None else f"{ratio:.0%}",
            span(source.forecast_seconds) if source and source.forecast_seconds >= 1 else "-",
        )
    notes = [*_notes(seen, sources), *_budgets(seen.status)]
    return Group(summary(seen), health(seen.status), Padding(table, (1, 0, 0, 0)), *notes)


def _budgets(status: FleetStatus) -> list[Text]:
    """What each site was sent in a day for people and for following, of what it may get; while something is followed."""
    told = [one for one in status.sources if one.budget.share or one.budget.following]
    if not told:
        return []
    lines = [Text("requests of the last day, for people + following, of those allowed", "dim")]
    for one in told:
        own = one.budget
        words = f"{own.people} + {own.following} of {own.a_day} ({own.share} for following), forecast {own.forecast}"
        lines.append(Text.assemble((one.source, "bold"), f": {words}"))
    return [Text(), *lines]


def _notes(seen: FleetLook, sources: Mapping[str, SourceStatus]) -> list[Text]:
    """What is to be said about groups, those of which the same is to be said together."""
    said: dict[str, list[str]] = {}
    looks: dict[str, Text] = {}
    for group in seen.status.groups:
        if note := _note(group, sources.get(group.group)):
            looks.setdefault(note.plain, note)
            said.setdefault(note.plain, []).append(group.group)
    lines = [Text.assemble((", ".join(names), "bold"), ": ", looks[words]) for words, names in said.items()]
    return [Text(), *lines] if lines else []


def health(status: FleetStatus) -> Text:
    """What is wrong, each with its next step; or that all is well."""
    if not status.troubles:
        return Text("all is well", "green")
    lines = []
    for one in status.troubles:
        lines.append(Text(f"{one.level}: {one.found}", _STYLES[one.level]))
        lines.append(Text(f"  next step: {one.next_step}", "dim"))
    return Text("\n").join(lines)


def summary(seen: FleetLook) -> Text:
    """The whole fleet on one line; sums that are nought are left out, but for those that one looks for."""
    status = seen.status
    parts = [(f"{status.open_requests:,} open", "bold")]
    sums = {
        "waiting": sum(group.lag for group in status.groups),
        "in work": sum(one.pending for one in status.groups),
        "put off": status.delayed,
    }
    parts += [(f"{count:,} {name}", "default") for name, count in sums.items() if count]
    parts += [(f"{status.overdue:,} overdue", "red")] if status.overdue else []
    parts += [(f"{status.records:,} records", "default"), (f"{status.outputs:,} outputs", "default")]
    parts.append((f"{status.dead_letters:,} dead", "red" if status.dead_letters else "default"))
    limit = f" of {size(status.memory_limit_bytes)}" if status.memory_limit_bytes else ""
    parts.append((f"{size(status.memory_bytes)}{limit}", "dim"))
    return Text(" · ").join(Text(words, style) for words, style in parts)


def line(seen: FleetLook) -> str:
    """One line for a pipe: the sums, and every group that has work or trouble."""
    words = [summary(seen).plain.rpartition(" · ")[0]]
    sources = {source.source: source for source in seen.status.sources}
    for group in seen.status.groups:
        source = sources.get(group.group)
        if group.lag or group.pending:
            words.append(f"{group.group} {group.lag}+{group.pending}")
        if note := _note(group, source, exact=False).plain:
            words.append(f"{group.group}: {note}")
    return " | ".join(words)


def _limit(source: SourceStatus | None) -> Text:
    """The window of the limit that is used most."""
    if source is None or not source.used:
        return Text("-", "dim")
    shares = {window: used / int(window.partition("/")[0]) for window, used in source.used.items()}
    window = max(shares, key=lambda one: shares[one])
    permits, _, seconds = window.partition("/")
    words = f"{source.used[window]}/{permits} in {seconds.removesuffix('s')} s"
    return Text(words, "yellow" if shares[window] >= 1 else "")


def _note(group: GroupStatus, source: SourceStatus | None, *, exact: bool = True) -> Text:
    notes = Text()
    if group.missing:
        notes.append("not started ", "dim")
    if source and source.banned_until:
        left = span(source.banned_until - clock.now()) if exact else ""
        notes.append(f"left alone ({source.ban_reason or 'banned'}) {left} ".replace("  ", " "), "red")
    if source and source.delayed:
        notes.append(f"{source.delayed} put off ", "yellow")
    if source and source.drift:
        notes.append(source.drift, "red")
    if not group.missing and not group.consumers and (group.lag or group.pending):
        notes.append("nobody works ", "yellow")
    notes.rstrip()
    return notes
