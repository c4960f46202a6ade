"""Looks into the cache and clears it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from cache.admin.management import Usage, cache_clear, cache_stats
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_json
from streams.cli.durations import seconds_of
from streams.cli.exit_codes import Exit
from streams.client.session import server
from streams.config.values import check_sources
from streams.service.wiring import cache_options
from streams.terminal.words import size, span


def stats(*, as_json: bool, offline: bool) -> Exit:
    """Print what the cache holds."""
    settings = load(offline=offline)
    with ExitStack() as stack:
        usage = finish(cache_stats(cache_options(settings, stack.enter_context(server(settings)))))
    if as_json:
        print_json([{**asdict(one), "hit_ratio": one.hit_ratio} for one in usage])
    elif usage:
        out().print(_table(usage))
    else:
        out().print("the cache is empty")
    return Exit.OK


def clear(
    source: str | None, kind: str | None, older_than: str | None, *, as_json: bool, offline: bool
) -> Exit:
    """Forget what is asked for. Raises `Stop` or `SettingsError`."""
    settings = load(offline=offline)
    check_sources([source] if source else [])
    age = seconds_of(older_than) if older_than else None
    with ExitStack() as stack:
        options = cache_options(settings, stack.enter_context(server(settings)))
        gone = finish(cache_clear(options, source=source, kind=kind, age=age))
    if as_json:
        print_json({"cleared": gone})
    else:
        out().print(f"{gone} cached answers forgotten")
    return Exit.OK


def _table(usage: list[Usage]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("source")
    table.add_column("kind")
    for name in ("entries", "size", "oldest", "newest", "hits", "stale", "misses", "hit ratio"):
        table.add_column(name, justify="right")
    for one in usage:
        ratio = "-" if one.hit_ratio is None else f"{one.hit_ratio:.0%}"
        numbers = [f"{one.entries:,}", size(one.size), span(one.oldest), span(one.newest)]
        numbers += [f"{one.hits:,}", f"{one.stale:,}", f"{one.misses:,}"]
        table.add_row(Text(one.source, "bold"), one.kind, *numbers, ratio)
    total = Text(f"{sum(one.entries for one in usage):,}"), Text(size(sum(one.size for one in usage)))
    table.add_row(Text("all", "dim"), "", *total)
    return table
