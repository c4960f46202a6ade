"""Shows what airs in the next days."""

from __future__ import annotations

from datetime import datetime

from rich.table import Table
from rich.text import Text

from cache import clock
from streams.broker.records import Records
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_line
from streams.cli.exit_codes import Exit, Stop
from streams.client.session import open_client
from streams.config.settings import Settings
from streams.following.calendar import Airing, airing_soon
from streams.terminal.printable import printable


def run(days: int, *, as_json: bool, offline: bool) -> Exit:
    """Print it, day by day in local time. Raises `Stop` when no record knows of anything."""
    found = finish(_found(load(offline=offline), days))
    if as_json:
        for one in found:
            print_line(one.model_dump(exclude_none=True))
    elif found:
        out().print(_table(found))
    else:
        raise Stop(
            f"no record knows of an episode in the next {days} days",
            "FOLLOW=season,airing anime-enrich up follows what airs",
            Exit.NOT_FOUND,
        )
    return Exit.OK


async def _found(settings: Settings, days: int) -> list[Airing]:
    async with open_client(settings) as session:
        records = Records(session.client.requests.scripts, session.client.names)
        return await airing_soon(records, clock.now(), days)


def _table(found: list[Airing]) -> Table:
    table = Table.grid(padding=(0, 2))
    day = ""
    for one in found:
        at = datetime.fromisoformat(one.at).astimezone()
        if day != (day := f"{at:%A, %d %B}"):
            table.add_row(Text(day, "bold"))
        episode = f"{one.episode}" if one.episode else ""
        title = Text(" ".join(printable(one.title).split()), no_wrap=True, overflow="ellipsis")
        table.add_row(Text(f"{at:%H:%M}", "dim"), episode, title, Text(_who(one), "dim"))
    return table


def _who(one: Airing) -> str:
    others = [
        f"{source}: {datetime.fromisoformat(at).astimezone():%d %b %H:%M}"
        for source, at in one.others.items()
    ]
    return "; ".join([", ".join(one.said_by), *others])
