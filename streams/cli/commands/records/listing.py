"""Lists the records that were made, and searches them."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_line
from streams.cli.exit_codes import Exit, Stop
from streams.client.session import open_client
from streams.config.settings import Settings
from streams.contract.record import EnrichedRecord
from streams.records.search import Hits, search
from streams.terminal.printable import printable


def run(what: str, last: int, *, as_json: bool, offline: bool) -> Exit:
    """Print them, newest first. Raises `Stop` when there is none."""
    hits = finish(_search(load(offline=offline), what, last))
    if not hits.records:
        raise _nothing(what, hits)
    if as_json:
        for record in hits.records:
            print_line(record.model_dump(mode="json", exclude_none=True))
    else:
        out().print(_table([*hits.records]))
    return Exit.OK


async def _search(settings: Settings, what: str, last: int) -> Hits:
    async with open_client(settings) as session:
        return await search(session.client.redis, session.client.names, what, last)


def _nothing(what: str, hits: Hits) -> Stop:
    if not what:
        return Stop("no record was made yet", 'anime-enrich --title "Cowboy Bebop" makes one', Exit.NOT_FOUND)
    near = (
        f"did you mean {printable(hits.near[0])}?" if hits.near else "anime-enrich records lists the newest"
    )
    told = f" ({hits.told})" if hits.told else ""
    return Stop(f"no record of {printable(what)!r}{told}", near, Exit.NOT_FOUND)


def _table(records: list[EnrichedRecord]) -> Table:
    table = Table.grid(padding=(0, 2))
    for record in records:
        title = Text(
            " ".join(printable(record.title or "").split()), "bold", no_wrap=True, overflow="ellipsis"
        )
        kind = " ".join(str(one) for one in (record.type, record.year) if one)
        table.add_row(Text(record.anime_id, "dim"), kind, title)
    return table
