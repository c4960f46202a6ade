"""Puts titles in and waits for their outputs: how fast, how many done and failed, how long it will take."""

from __future__ import annotations

import secrets
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import typer
from rich.console import Console
from rich.text import Text

from cache import clock
from streams.broker.request_state import Ended
from streams.cli.called import as_called
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_line
from streams.cli.exit_codes import OF_STATUS, Exit, Stop
from streams.cli.requests_file import count_requests, read_requests
from streams.client.client import Client
from streams.client.follow import follow_all
from streams.client.session import open_client
from streams.config.settings import Settings
from streams.config.text_file import as_text, read_text
from streams.contract.events import Priority, TitleRequest
from streams.operations.sizing import seconds_for
from streams.terminal.outcomes import look
from streams.terminal.printable import printable
from streams.terminal.progress import live_display
from streams.terminal.words import span

NOBODY = "no worker reads requests; they wait on the stream until one does: anime-enrich up"
LINE_SECONDS = 5.0
MANY = 100
"""From so many requests of a file on, it is said how long the sites will take."""
BAR = 20


def run(
    titles: list[str],
    file: Path | None,
    priority: Priority,
    *,
    wait: bool,
    again: bool,
    as_json: bool,
    offline: bool = False,
) -> Exit:
    """Publish; with ``wait`` the exit code is that of the only title, or 1 when any of several failed. Raises `Stop`."""
    settings = load(offline=offline)
    requests = [*_of_titles(titles, priority), *(_of_file(file, priority, again=again) if file else [])]
    if not requests:
        raise Stop(
            "there is nothing to publish", 'name a title: anime-enrich publish "One Piece"', Exit.USAGE
        )
    if file and len(requests) >= MANY:
        typer.echo(forecast(len(requests), seconds_for(requests, settings)), err=True)
    return finish(_publish(settings, requests, wait=wait, as_json=as_json))


def forecast(count: int, seconds: Mapping[str, float]) -> str:
    """How long each site will take, the slowest first."""
    slowest = sorted(seconds.items(), key=lambda one: -one[1])
    sites = ", ".join(f"{source} {span(time)}" for source, time in slowest) or "no time: no site has a limit"
    return f"{count:,} titles; what is not cached yet takes at most: {sites}"


def _of_titles(titles: list[str], priority: Priority) -> list[TitleRequest]:
    try:
        return [
            TitleRequest(title=title, request_id=f"cli-{secrets.token_hex(8)}", priority=priority)
            for title in titles
        ]
    except ValueError:
        raise Stop("a title is empty or too long", "give a title of 1 to 500 letters", Exit.USAGE) from None


def _of_file(file: Path, priority: Priority, *, again: bool) -> list[TitleRequest]:
    try:
        text = as_text(sys.stdin.buffer.read()) if str(file) == "-" else read_text(file)
    except UnicodeDecodeError as error:
        raise Stop(f"{file} is no UTF-8 text ({error.reason})", "save it as UTF-8", Exit.USAGE) from None
    except ValueError as error:
        raise Stop(f"{file}: {error}", "give a file of requests", Exit.USAGE) from None
    lines = text.split("\n")
    requests = read_requests(lines, priority, again=again)
    if (repeated := count_requests(lines) - len(requests)) > 0:
        typer.echo(
            f"of {count_requests(lines):,} lines {repeated:,} were the same title as one before", err=True
        )
    return requests


async def _publish(settings: Settings, requests: list[TitleRequest], *, wait: bool, as_json: bool) -> Exit:
    async with open_client(settings) as session:
        ids = await session.client.publish_all(requests)
        names = {
            request_id: request.title or " ".join(f"{site}:{value}" for site, value in request.ids.items())
            for request_id, request in zip(ids, requests, strict=True)
        }
        if not await session.client.is_served():
            typer.echo(as_called(NOBODY), err=True)
        if not wait:
            for request_id, name in names.items():
                if as_json:
                    print_line({"request_id": request_id, "title": name})
                else:
                    typer.echo(f"{request_id}\t{name}")
            return Exit.OK
        return await _wait(session.client, names, as_json=as_json)


async def _wait(client: Client, names: Mapping[str, str], *, as_json: bool) -> Exit:
    console, beside = out(), out(to_stderr=True)
    with BulkProgress(len(names), beside) as tally:
        console = beside if console.is_terminal and beside.is_terminal else console  # above the live line
        async for ended in follow_all(client, names):
            tally.take(ended)
            if as_json:
                print_line(
                    {
                        "request_id": ended.request_id,
                        "title": names[ended.request_id],
                        "status": ended.status,
                        "anime_id": ended.anime_id or None,
                        "revision": ended.revision,
                        "entry": ended.entry,
                    }
                )
            else:
                _show(console, ended, names[ended.request_id])
    if len(names) > 1:
        typer.echo(tally.line(), err=True)
        return Exit.FAILED if tally.of["failed"] else Exit.OK
    return OF_STATUS[next(iter(tally.of))]


def _show(console: Console, ended: Ended, name: str) -> None:
    line = Text(f"{ended.status:9}", look(ended.status).style)
    line.append(f"  {ended.anime_id or '-':12}", "dim")
    line.append(f"  {' '.join(printable(name).split())}", "default")
    line.append(f"  {ended.request_id}", "dim")
    if console.is_terminal:
        line.truncate(console.width, overflow="ellipsis")
    console.print(line, soft_wrap=True)


class BulkProgress:
    """Counts what ended; shows it on one live line, or a line every few seconds in a pipe."""

    def __init__(self, total: int, console: Console) -> None:
        self.total, self.console = total, console
        self.of: Counter[str] = Counter()
        self.began = self._told = clock.monotonic()
        self._live = live_display(self.line, console) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.__exit__(kind, value, trace)

    def take(self, ended: Ended) -> None:
        """Count one that ended."""
        self.of[ended.status] += 1
        if not self._live and clock.monotonic() - self._told > LINE_SECONDS:
            self._told = clock.monotonic()
            self.console.print(self.line())

    def line(self) -> str:
        """``█░░ 120 of 3,000 done, 4.1 a second, 12 min left; 2 failed, 3 ambiguous``."""
        done, seconds = sum(self.of.values()), max(clock.monotonic() - self.began, 0.001)
        words = [f"{done:,} of {self.total:,} done", f"{done / seconds:.1f} a second"]
        if done == self.total:
            words.append(f"in {span(seconds)}")
        elif done:
            words.append(f"{span((self.total - done) * seconds / done)} left")
        others = [f"{count} {name}" for name, count in self.of.most_common() if name != "complete"]
        return f"{bar(done, self.total)} " + ", ".join(words) + (f"; {', '.join(others)}" if others else "")


def bar(done: int, total: int) -> str:
    """How far it is, as `BAR` signs; full only when all is done."""
    filled = BAR * done // max(total, 1)
    return "█" * filled + "░" * (BAR - filled)
