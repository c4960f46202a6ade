"""Writes all known records into a file or a folder."""

from __future__ import annotations

import errno
from pathlib import Path

from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out
from streams.cli.exit_codes import Exit, Stop
from streams.client.session import open_client
from streams.config.settings import Settings
from streams.exporting.forms import FORMS, Exported, Form, export
from streams.exporting.whole import STDOUT


def run(name: str, path: Path, *, texts: bool, offline: bool) -> Exit:
    """Say on stderr how many went out. Raises `Stop` where the form and the place do not fit."""
    form = FORMS[name]
    if path == STDOUT and not form.to_stdout:
        raise Stop(f"{name} is no text for stdout", "name a place with --output", Exit.USAGE)
    try:
        done = finish(_export(load(offline=offline), form, path, texts=texts))
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:
            raise
        step = "name another with --output, or remove what is there"
        raise Stop(f"{path} is a folder that holds something", step, Exit.USAGE) from None
    out(to_stderr=True).print(f"{done.works} {'work' if done.works == 1 else 'works'} written to {path}")
    if done.unreadable:
        left_out = ", ".join(done.unreadable[:10])
        step = "enrich them again: `anime-enrich publish`, with their titles or ids"
        raise Stop(f"{len(done.unreadable)} records cannot be read and were left out: {left_out}", step)
    return Exit.OK


async def _export(settings: Settings, form: Form, path: Path, *, texts: bool) -> Exported:
    async with open_client(settings) as session:
        records = Records(Scripts(session.client.redis), session.client.names)
        return await export(records, form, path, texts=texts)
