"""Shows how far each source is believed."""

from __future__ import annotations

from streams.broker.scripts import Scripts
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_json
from streams.cli.exit_codes import Exit
from streams.client.session import open_client
from streams.config.policy_file import load_policy
from streams.config.settings import Settings
from streams.records.believed import look
from streams.records.learned import Learned
from streams.terminal.reliability_table import render


def run(*, as_json: bool, offline: bool) -> Exit:
    """Print the table."""
    told = finish(_look(load(offline=offline)))
    if as_json:
        print_json(told.model_dump(mode="json", exclude_none=True))
    else:
        out().print(render(told))
    return Exit.OK


async def _look(settings: Settings) -> Learned:
    async with open_client(settings) as session:
        scripts, policy = Scripts(session.client.redis), load_policy(settings.policy_file)
        return await look(scripts, session.client.names, policy, settings.active_sources)
