"""Watches the fleet, or one request."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any

import typer
from redis.exceptions import RedisError
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.text import Text

from cache import clock
from streams.broker.answers import TELL_SECONDS, Answers
from streams.broker.scripts import Scripts
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_line
from streams.cli.commands.titles.tail import StreamEntry, as_data, decoded, entry_line
from streams.cli.exit_codes import OF_STATUS, Exit, Stop
from streams.client.client import Listener, Step
from streams.client.request_story import ENDED, RequestStory, story_of
from streams.client.session import Session, open_client
from streams.config.settings import Settings
from streams.operations.fleet_view import FleetLook, as_table, line, look
from streams.operations.past.samples import past
from streams.operations.past.sparks import hour as draw_hour
from streams.terminal.printable import printable
from streams.terminal.progress import Progress
from streams.terminal.record_view import show
from streams.terminal.request_view import render

LAST = 6
"""Outputs on the live screen."""


def request(request_id: str, *, as_json: bool, offline: bool = False) -> Exit:
    """Follow one request to its output. Raises `Stop` when it is not known."""
    fields = finish(_follow(load(offline=offline), request_id, as_json=as_json))
    if as_json:
        print_line(as_data(fields.pop("entry", ""), fields))
    else:
        show(fields, out(), store="--offline" if offline else "")
    return OF_STATUS[fields["status"]]


async def _follow(settings: Settings, request_id: str, *, as_json: bool) -> dict[str, str]:
    console = out(to_stderr=True)
    async with open_client(settings) as session:
        if not await session.client.requests.is_known(request_id):
            raise Stop(
                f"no request {request_id!r} is known",
                "`anime-enrich tail` shows the last outputs; finished requests are forgotten in time",
                Exit.NOT_FOUND,
            )
        live = console.is_terminal and not as_json
        await _tell_where_it_stands(session, request_id, console, as_json=as_json)
        with Progress(request_id, settings.active_sources, console, live=live) as progress:
            progress.begin()
            return await session.client.follow(request_id, _teller(progress, as_json=as_json))


async def _tell_where_it_stands(
    session: Session, request_id: str, console: Console, *, as_json: bool
) -> None:
    story = await story_of(session.client.requests, request_id)
    if story is None or story.phase in ENDED:
        return
    if as_json:
        print_line({"at": clock.now(), "story": story.model_dump(mode="json", exclude_none=True)})
    else:
        console.print(render(RequestStory.model_validate(printable(story.model_dump())), clock.now()))


def _teller(progress: Progress, *, as_json: bool) -> Listener:
    def tell(step: Step) -> None:
        if as_json:
            print_line({"at": clock.now(), **_known(step)})
        else:
            progress.tell(step)

    return tell


def _known(step: Step) -> Mapping[str, object]:
    values = {name: getattr(step, name) for name in Step.__dataclass_fields__}
    return {name: value for name, value in values.items() if value not in {"", None}}


def fleet(*, once: bool, interval: float, as_json: bool, offline: bool = False) -> Exit:
    """Watch until Ctrl-C: a live screen on a terminal, a line a change in a pipe."""
    finish(_fleet(load(offline=offline), once=once, interval=interval, as_json=as_json))
    return Exit.OK


async def _fleet(settings: Settings, *, once: bool, interval: float, as_json: bool) -> None:
    console = out()
    async with open_client(settings) as session:
        if once:
            _tell(await look(session), console, as_json=as_json)
            if not as_json:
                console.print(*await _LastHour(session, console).now(), sep="\n")
        else:
            await show_fleet(session, interval, as_json=as_json)


async def show_fleet(session: Session, interval: float, *, as_json: bool) -> None:
    """Show it until somebody ends it: a live screen on a terminal, a line a change in a pipe."""
    console = out()
    if console.is_terminal and not as_json:
        await _screen(session, console, interval)
    else:
        await _changes(session, interval, as_json=as_json)


def _tell(seen: FleetLook, console: Console, *, as_json: bool) -> None:
    if as_json:
        print_line(seen.model_dump(mode="json"))
    else:
        console.print(as_table(seen))


async def _changes(session: Session, interval: float, *, as_json: bool) -> None:
    """A line whenever something is different."""
    told = ""
    async for seen in _looks(session, interval):
        words = line(seen) if isinstance(seen, FleetLook) else seen
        if words != told and as_json:
            print_line(seen.model_dump(mode="json") if isinstance(seen, FleetLook) else {"error": seen})
        elif words != told:
            typer.echo(f"{clock.utc().astimezone():%H:%M:%S}  {words}")
            sys.stdout.flush()
        told = words


async def _looks(session: Session, interval: float) -> AsyncIterator[FleetLook | str]:
    """One look after another, or what keeps us from looking. Raises ``redis.RedisError`` at the first look only."""
    yield await look(session)
    while True:
        await asyncio.sleep(interval)
        try:
            yield await look(session)
        except RedisError as error:
            yield f"the server is out of reach; trying again ({error})"


async def _screen(session: Session, console: Console, interval: float) -> None:
    outputs, hour = _LastOutputs(session), _LastHour(session, console)
    with Live(console=console, screen=True, auto_refresh=False) as live:
        async for seen in _looks(session, interval):
            if isinstance(seen, FleetLook):
                live.update(_page(seen, await hour.now(), await outputs.now(), console), refresh=True)
            else:
                live.update(Text(seen, "red"), refresh=True)


def _page(seen: FleetLook, hour: list[Text], outputs: list[StreamEntry], console: Console) -> RenderableType:
    """The table, and below it as much as the screen has room for: the last hour, then the last outputs."""
    head = Text("anime-enrich", "bold")
    head.append(f"  {clock.utc().astimezone():%H:%M:%S}  Ctrl-C ends", "dim")
    table = Padding(as_table(seen), (1, 0))
    free = max(
        0, console.size.height - 1 - len(console.render_lines(table, console.options.update(height=None)))
    )
    shown = hour[:free]
    if outputs and free > len(shown) + 1:
        shown = [*shown, Text("last outputs", "bold")]
        shown += [_output(entry, fields, console.width) for entry, fields in outputs[: free - len(shown)]]
    return Group(head, table, *shown)


def _output(entry: str, fields: dict[str, str], width: int) -> Text:
    words = entry_line(entry, fields)
    words.truncate(width, overflow="ellipsis")
    return words


class _LastHour:
    """The last hour as small charts; read again as often as the fleet tells what it counted."""

    def __init__(self, session: Session, console: Console) -> None:
        scripts = Scripts(session.client.redis)
        self.answers, self.sources = Answers(scripts, session.client.names), session.settings.active_sources
        self.console = console
        self._lines: list[Text] = []
        self._at = float("-inf")

    async def now(self) -> list[Text]:
        """The lines; as they were before, while the server is out of reach."""
        if clock.monotonic() - self._at < TELL_SECONDS:
            return self._lines
        with contextlib.suppress(RedisError):
            plain = not self.console.encoding.lower().startswith("utf")
            self._lines = draw_hour(await past(self.answers, self.sources), self.console.width, plain=plain)
        self._at = clock.monotonic()
        return self._lines


class _LastOutputs:
    """The newest outputs; they are read again only when there is a newer one."""

    def __init__(self, session: Session) -> None:
        self.redis, self.stream = session.client.redis, session.client.names.enriched
        self._newest: Any = None
        self._entries: list[StreamEntry] = []

    async def now(self) -> list[StreamEntry]:
        """Newest first; as they were before, while the server is out of reach."""
        try:
            newest: Any = await self.redis.xrevrange(self.stream, count=1)
            if newest and newest[0][0] != self._newest:
                found: Any = await self.redis.xrevrange(self.stream, count=LAST)
                self._entries = [decoded(entry, fields) for entry, fields in found]
                self._newest = newest[0][0]
        except RedisError:
            return self._entries
        return self._entries
