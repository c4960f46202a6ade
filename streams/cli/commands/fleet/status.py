"""Shows the fleet once."""

from __future__ import annotations

from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_json
from streams.cli.exit_codes import Exit
from streams.client.session import open_client
from streams.config.settings import Settings
from streams.operations.fleet_view import FleetLook, as_table, look


def run(*, as_json: bool, offline: bool) -> Exit:
    """Print the state of the fleet."""
    seen = finish(look_once(load(offline=offline)))
    if as_json:
        print_json(seen.model_dump(mode="json"))
    else:
        out().print(as_table(seen))
    return Exit.OK


async def look_once(settings: Settings) -> FleetLook:
    """One look at the server of ``settings``."""
    async with open_client(settings) as session:
        return await look(session)
