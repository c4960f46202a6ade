"""Dead letters, and asking one source again."""

from __future__ import annotations

import json
from collections import Counter

from rich.table import Table
from rich.text import Text

from streams.broker.dead_letters import Letter
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_json, print_line
from streams.cli.exit_codes import Exit, Stop
from streams.client.session import Session, open_client
from streams.config.settings import Settings
from streams.config.values import check_sources
from streams.contract.events import DeadLetter
from streams.operations.dead_letters import drop as drop_letters
from streams.operations.dead_letters import list_letters
from streams.operations.dead_letters import replay as replay_letter
from streams.operations.dead_letters import show as read_one
from streams.terminal.printable import printable

_RESULTS = {
    "asked": "asked again",
    "published": "published again",
    "waiting": "under way already",
    "gone": "gone: no such letter, or its request is forgotten",
}


def show_list(source: str | None, reason: str | None, limit: int, *, as_json: bool) -> Exit:
    """Print the letters, newest first."""
    letters = finish(_chosen(load(), source, reason, limit))
    if as_json:
        for one in letters:
            print_line(_data(one))
    elif letters:
        console = out()
        console.print(_table(letters))
        console.print(
            "\nlook closer: anime-enrich dead show ENTRY   try again: dead replay   forget: dead drop",
            style="dim",
        )
    else:
        out().print("no dead letters")
    return Exit.OK


def show_one(entry: str, *, as_json: bool) -> Exit:
    """Print one letter. Raises `Stop` when there is none."""
    letter = finish(_one(load(), entry))
    if as_json:
        print_json(_data(letter))
        return Exit.OK
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    for name, value in printable(_data(letter)).items():
        shown = json.dumps(value, ensure_ascii=False, indent=2) if isinstance(value, dict) else str(value)
        grid.add_row(name.replace("_", " "), Text(shown))
    console = out()
    console.print(grid)
    console.print(f"\nnext step: {letter.letter.next_step or 'mend the cause'}, then")
    console.print(f"  anime-enrich dead replay {entry}    or    anime-enrich dead drop {entry}")
    return Exit.OK


def replay_them(entries: list[str], source: str | None, reason: str | None, *, everything: bool) -> Exit:
    """Try letters again; exit 3 when none of them is there. Raises `Stop` when none is named."""
    check_choice(entries, everything=everything)
    results = finish(_replay(load(), entries, source, reason))
    console = out()
    for entry, result in results.items():
        console.print(f"{entry}  {_RESULTS[result]}", soft_wrap=True)
    counts = Counter(results.values())
    console.print(f"{len(results) - counts['gone']} of {len(results)} put in again")
    return Exit.NOT_FOUND if results and counts["gone"] == len(results) else Exit.OK


def drop_them(entries: list[str], source: str | None, reason: str | None, *, everything: bool) -> Exit:
    """Forget letters; exit 3 when those named are not there. Raises `Stop` when none is named."""
    check_choice(entries, everything=everything)
    gone = finish(_drop(load(), entries, source, reason))
    out().print(f"{gone} dead letters dropped")
    return Exit.NOT_FOUND if entries and not gone else Exit.OK


def check_choice(entries: list[str], *, everything: bool) -> None:
    """Raises `Stop` unless letters are named, or all of them are meant in so many words."""
    if bool(entries) == everything:
        raise Stop(
            "say which dead letters" if not entries else "--all and single letters exclude each other",
            "name them as `anime-enrich dead list` does, or say --all (with --source or --reason)",
            Exit.USAGE,
        )


async def _chosen(
    settings: Settings, source: str | None, reason: str | None, limit: int | None = None
) -> list[Letter]:
    check_sources([source] if source else [])
    async with open_client(settings) as session:
        return await _matching(session, source, reason, limit)


async def _matching(
    session: Session, source: str | None, reason: str | None, limit: int | None = None
) -> list[Letter]:
    redis, names = session.client.redis, session.client.names
    return await list_letters(redis, names, source=source, reason=reason, limit=limit)


async def _one(settings: Settings, entry: str) -> Letter:
    async with open_client(settings) as session:
        letter = (
            await read_one(session.client.redis, session.client.names, entry) if _is_entry(entry) else None
        )
    if letter is None:
        raise Stop(
            f"there is no dead letter {entry!r}", "`anime-enrich dead list` shows them", Exit.NOT_FOUND
        )
    return letter


def _is_entry(text: str) -> bool:
    first, _, second = text.partition("-")
    return first.isdecimal() and (not second or second.isdecimal())


async def _replay(
    settings: Settings, entries: list[str], source: str | None, reason: str | None
) -> dict[str, str]:
    async with open_client(settings) as session:
        redis, names = session.client.redis, session.client.names
        chosen = entries or [one.entry for one in await _matching(session, source, reason)]
        return {
            entry: await replay_letter(redis, names, entry) if _is_entry(entry) else "gone"
            for entry in reversed(chosen)
        }


async def _drop(settings: Settings, entries: list[str], source: str | None, reason: str | None) -> int:
    async with open_client(settings) as session:
        chosen = entries or [one.entry for one in await _matching(session, source, reason)]
        known = [entry for entry in chosen if _is_entry(entry)]
        return await drop_letters(session.client.redis, session.client.names, known)


def _data(one: Letter) -> dict[str, object]:
    return {"entry": one.entry, **one.letter.model_dump(exclude_none=True)}


def _table(letters: list[Letter]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("entry", "group", "reason", "tries"):
        table.add_column(name, no_wrap=True)
    table.add_column("what happened", ratio=1)
    for one in letters:
        letter = DeadLetter.model_validate(printable(one.letter.model_dump()))
        what = Text(letter.message)
        what.append(f"\nrequest {letter.request_id}" if letter.request_id else "", "dim")
        if letter.next_step:
            what.append(f"\nnext step: {letter.next_step}", "dim")
        table.add_row(one.entry, letter.group, Text(letter.reason, "yellow"), str(letter.attempts), what)
    return table
