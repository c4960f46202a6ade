"""Shows the sites' limits and lifts bans."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import typer
from rich.table import Table
from rich.text import Text

from cache import clock
from cache.limits.fleet import FleetLimiter
from cache.limits.limiter import LimitState
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_json
from streams.cli.exit_codes import Exit, Stop
from streams.client.session import open_client
from streams.config.settings import Settings
from streams.config.values import check_sources
from streams.terminal.words import span

RISK = "if the ban is not over, asking makes most bans longer (AniDB's by a day and more)"


def show(*, as_json: bool, offline: bool) -> Exit:
    """Print how each site's limit stands."""
    states = finish(_states(load(offline=offline)))
    if as_json:
        print_json([_as_data(name, state) for name, state in states.items()])
    else:
        out().print(_table(states))
    return Exit.OK


def lift(source: str, *, yes: bool, offline: bool) -> Exit:
    """Lift the ban of ``source``. Raises `Stop` when nobody agrees to the risk."""
    settings = load(offline=offline)
    _check_name(settings, source)
    state = finish(_states(settings, source))[source]
    if not state.banned_until:
        out().print(f"{source} does not shut us out: nothing to lift")
        return Exit.OK
    why = f"{source} shuts us out for another {span(state.banned_until - clock.now())} ({state.reason or 'banned'})"
    if not yes:
        _ask(why)
    finish(_clear(settings, source))
    out().print(f"{why}; lifted: it is asked again from now on. {RISK[0].upper()}{RISK[1:]}.")
    return Exit.OK


def _ask(why: str) -> None:
    if not sys.stdin.isatty():
        raise Stop(f"{why}; {RISK}", "say --yes if you know that the ban is over", Exit.USAGE)
    if not typer.confirm(f"{why}. Lift it? {RISK[0].upper()}{RISK[1:]}."):
        raise Stop("nothing was lifted", "nothing: the site is asked again by itself")


@asynccontextmanager
async def _limiter(settings: Settings) -> AsyncIterator[FleetLimiter]:
    async with open_client(settings) as session:
        yield FleetLimiter(session.client.redis, settings.stream_prefix)


async def _states(settings: Settings, *only: str) -> dict[str, LimitState]:
    async with _limiter(settings) as limiter:
        return {name: await limiter.state(name) for name in only or _services(settings)}


def _services(settings: Settings) -> list[str]:
    """Every active source, and beside it its further hosts and ways, which have limits of their own."""
    return [service for name in settings.active_sources for service in settings.services(name)]


def _check_name(settings: Settings, service: str) -> None:
    if service not in _services(settings):
        check_sources([service])


async def _clear(settings: Settings, source: str) -> None:
    async with _limiter(settings) as limiter:
        await limiter.clear(source)


def _as_data(name: str, state: LimitState) -> dict[str, object]:
    used = {f"{rate.permits}/{rate.seconds:g}": count for rate, count in state.used.items()}
    waiting = {str(lane): count for lane, count in state.waiting.items()}
    ban = {"banned_until": state.banned_until, "reason": state.reason or None}
    return {"source": name, "used": used, "waiting": waiting, **ban}


def _table(states: Mapping[str, LimitState]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("source", "turns taken", "waiting", "access"):
        table.add_column(name)
    for source, state in states.items():
        used = ", ".join(
            f"{count} of {rate.permits} in {rate.seconds:g} s" for rate, count in state.used.items()
        )
        left = span(state.banned_until - clock.now()) if state.banned_until else ""
        access = (
            Text(f"shut out: {state.reason or 'banned'}, {left} left", "red")
            if left
            else Text("open", "green")
        )
        table.add_row(Text(source, "bold"), used or "-", f"{sum(state.waiting.values()):,}", access)
    return table
