"""Settles what waits for a person, one question after another, or says how it is from the words given."""

from __future__ import annotations

import secrets
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cache import clock
from streams.broker.review.decisions import Decisions
from streams.broker.scripts import Scripts
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_json
from streams.cli.exit_codes import Exit, Stop
from streams.client.session import open_client
from streams.config.overrides_file import load as load_overrides
from streams.config.settings import Settings
from streams.contract.decisions import Decision
from streams.review.as_toml import as_decisions, as_toml
from streams.review.corrections import Corrections
from streams.review.desk import IMPORT, Desk, Told
from streams.review.items import Choice, Item, title_key
from streams.terminal.printable import printable

BY = "command"


@asynccontextmanager
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    """Where decisions are put down."""
    async with open_client(settings) as session:
        yield Desk(Decisions(Scripts(session.client.redis), session.client.names))


def title_means(
    title: str, year: int | None, kind: str | None, ids: Mapping[str, str], *, offline: bool
) -> Exit:
    """Decide that a title, asked for with that year and type or none, means the work with these ids."""
    decision = Decision(
        decision_id=secrets.token_hex(8),
        kind="work",
        key=title_key(title, year, kind),
        title=title,
        year=year,
        type=kind,
        ids=dict(ids),
        by=BY,
        at=clock.utc().isoformat(),
    )

    async def work() -> Told:
        async with desk(load(offline=offline)) as one:
            return await one.put_down(decision)

    told = finish(work())
    known = " ".join(f"{site}:{value}" for site, value in ids.items())
    out().print(f"{printable(title)!r} means {known}" + (", as before" if told.word == "already" else ""))
    return Exit.OK


def one_by_one(*, offline: bool) -> Exit:
    """Ask about everything that waits; ends when nothing does, or at the end of the input."""
    finish(_ask_all(load(offline=offline)))
    return Exit.OK


def listed(*, as_json: bool, offline: bool) -> Exit:
    """Print what waits."""

    async def work() -> list[Item]:
        async with desk(load(offline=offline)) as one:
            return await one.waiting(0, 1000)

    items = finish(work())
    if as_json:
        print_json([one.model_dump(mode="json", exclude_none=True) for one in items])
    else:
        out().print(_queue(items) if items else "nothing waits for a decision")
    return Exit.OK


def undo(decision_id: str, *, offline: bool) -> Exit:
    """Take a decision back. Raises `Stop` for one that does not hold."""

    async def work() -> Told:
        async with desk(load(offline=offline)) as one:
            _, holds = await one.decisions.all()
            found = [key for key, raw in holds.items() if f'"decision_id":"{decision_id}"' in raw]
            return await one.undo(found[0], decision_id, BY) if found else Told("gone")

    if finish(work()).word != "decided":
        raise Stop(
            f"no decision {decision_id} holds",
            "anime-enrich decide --export - shows what does",
            Exit.NOT_FOUND,
        )
    out().print("taken back; it waits for a decision again")
    return Exit.OK


def export(path: Path, *, offline: bool) -> Exit:
    """Write what holds as an overrides file; ``-`` is stdout."""

    async def work() -> str:
        async with desk(load(offline=offline)) as one:
            return as_toml(await Corrections(one.decisions).now())

    text = finish(work())
    if str(path) == "-":
        sys.stdout.write(text)
    else:
        path.write_text(text, encoding="utf-8")
    return Exit.OK


def take_over(path: Path, *, offline: bool) -> Exit:
    """Decide what an overrides file says; what holds already stays. Raises `PolicyError`."""
    said = load_overrides(path)

    async def work() -> list[Told]:
        async with desk(load(offline=offline)) as one:
            return [
                await one.put_down(each) for each in as_decisions(said, by=IMPORT, at=clock.utc().isoformat())
            ]

    told = finish(work())
    new = sum(one.word == "decided" for one in told)
    out().print(f"{new} decided, {len(told) - new} as before")
    return Exit.OK


def counts(*, as_json: bool, offline: bool) -> Exit:
    """Print how often people decided what."""

    async def work() -> dict[str, int]:
        async with desk(load(offline=offline)) as one:
            return await one.decisions.counts()

    found = dict(sorted(finish(work()).items()))
    if as_json:
        print_json(found)
        return Exit.OK
    table = Table.grid(padding=(0, 2))
    for name, count in found.items():
        table.add_row(name, str(count))
    out().print(table if found else "nothing was decided yet")
    return Exit.OK


async def _ask_all(settings: Settings) -> None:
    console, done = out(), list[Told]()
    async with desk(settings) as one:
        put_off = 0
        while waiting := await one.waiting(put_off, 1):
            (item,) = waiting
            _show(console, item, await one.decisions.count() - put_off)
            word = _key(len(item.choices))
            if word in {"", "q"}:
                break
            put_off += await _do(console, one, item, word, done)
        else:
            console.print("nothing waits for a decision" if not put_off else f"{put_off} put off")


async def _do(console: Console, one: Desk, item: Item, word: str, done: list[Told]) -> int:
    """Do what a key says; returns 1 for an item that is put off."""
    if word == "s":
        return 1
    if word == "u":
        await _undo_last(console, one, done)
        return 0
    told = await one.decide(item.key, item.mark, 0 if word == "n" else int(word), BY)
    if told.word == "decided":
        done.append(told)
    console.print(f"  {told.word}", style="dim")
    return 0


async def _undo_last(console: Console, one: Desk, done: list[Told]) -> None:
    last = done.pop().decision if done else None
    told = await (one.undo(last.key, last.decision_id, BY) if last else one.undo_last(BY))
    named = f": {printable(told.of.title or told.of.key)}" if told.of else ""
    words = {"decided": f"taken back{named}", "gone": "nothing is left to take back"}
    console.print(f"  {words.get(told.word, told.word)}", style="dim", highlight=False)


def _key(choices: int, read: Callable[[], str] = typer.getchar) -> str:
    """One of 1 to 9, n, u, s, q; from a pipe the first character of a line, '' at its end."""
    while True:
        word = read() if sys.stdin.isatty() else sys.stdin.readline()[:1].strip() or ""
        if word in {"n", "u", "s", "q", ""} or (word.isdigit() and 1 <= int(word) <= choices):
            return word


def _show(console: Console, item: Item, left: int) -> None:
    asked = " ".join(str(one) for one in (item.title, item.year, item.type) if one)
    about = {"title": "which work is", "entry": f"is {item.source}'s entry", "value": f"{item.field} of"}
    console.print(
        Text.assemble((f"\n{left} left  ", "dim"), f"{about[item.kind]} ", (printable(asked), "bold"))
    )
    if item.work:
        console.print(_choices([item.work], numbered=False))
    console.print(_choices(item.choices, numbered=True))
    console.print("  1-9 choose, n none of them, u undo, s later, q end", style="dim")


def _choices(choices: Sequence[Choice], *, numbered: bool) -> Table:
    table = Table.grid(padding=(0, 2))
    for number, one in enumerate(choices, 1):
        facts = " ".join(str(word) for word in (one.type, one.year) if word)
        episodes = f"{one.episode_count} episodes" if one.episode_count else ""
        ids = " ".join(f"{site}:{value}" for site, value in one.ids.items())
        table.add_row(
            Text(f"{number}" if numbered else "-", "bold"),
            printable(one.title),
            facts,
            episodes,
            Text(ids or ", ".join(one.sources), "dim"),
        )
    return table


def _queue(items: Sequence[Item]) -> Table:
    table = Table.grid(padding=(0, 2))
    for one in items:
        facts = " ".join(str(word) for word in (one.year, one.type, one.source, one.field) if word)
        table.add_row(one.kind, printable(one.title), facts, f"{len(one.choices)} choices")
    return table
