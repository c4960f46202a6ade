"""Says what is configured, reachable and missing."""

from __future__ import annotations

from contextlib import ExitStack

from rich.table import Table
from rich.text import Text

from streams.broker.embedded import EmbeddedError
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_json
from streams.cli.exit_codes import Exit
from streams.client.session import server
from streams.operations.check import Check
from streams.operations.doctor import examine, files

_LOOKS = {"ok": ("✓", "green"), "note": ("–", "dim"), "warning": ("!", "yellow"), "fault": ("✕", "red")}


def run(*, as_json: bool, canary: bool = False) -> Exit:
    """Print the findings; exit 1 when one of them stops the work."""
    settings = load()
    with ExitStack() as stack:
        try:
            url = stack.enter_context(server(settings))
        except EmbeddedError as error:
            found = [*files(settings), Check(subject="server", state="fault", found=f"embedded: {error}")]
        else:
            found = finish(examine(settings, url, canary=canary))
    if as_json:
        print_json([one.model_dump() for one in found])
    else:
        _show(found)
    return Exit.FAILED if any(one.state == "fault" for one in found) else Exit.OK


def _show(found: list[Check]) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for one in found:
        mark, style = _LOOKS[one.state]
        told = Text(one.found, "" if one.state in {"ok", "note"} else style)
        if one.next_step:
            told.append(f"\nnext step: {one.next_step}", "dim")
        table.add_row(Text(mark, style), Text(one.subject, "bold"), told)
    console = out()
    console.print(table)
    counts = {state: sum(one.state == state for one in found) for state in ("fault", "warning")}
    words = [f"{count} {state}{'' if count == 1 else 's'}" for state, count in counts.items() if count]
    console.print(f"\n{', '.join(words)}" if words else "\nnothing stands in the way")
