"""Lists every setting; needs no server."""

from __future__ import annotations

import typer
from rich.table import Table
from rich.text import Text

from streams.cli.commands.output import out, print_json
from streams.cli.exit_codes import Exit
from streams.config.settings import Settings
from streams.config.settings_table import SettingRow, markdown, rows


def run(*, as_json: bool, markdown_table: bool) -> Exit:
    """Print the table; exit 0. Raises `SettingsError` for a setting that cannot be used."""
    if markdown_table:
        typer.echo(markdown(rows(Settings.from_values({}))))
        return Exit.OK
    found = rows(Settings.load())
    if as_json:
        print_json([row.model_dump(exclude_none=True) for row in found])
    else:
        out().print(_table(found))
    return Exit.OK


def _table(found: list[SettingRow]) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=2, overflow="fold")
    table.add_column(ratio=3, style="dim")
    section: str | None = ""
    for row in found:
        if row.source != section:
            section = row.source
            table.add_row(Text(f"\n{section or 'general'}" if section else "general", "bold"))
        value = Text(row.value, "green") if row.value is not None else Text(row.default or "-", "dim")
        table.add_row(Text(row.variable, "bold" if row.value is not None else ""), value, Text(row.meaning))
    return table
