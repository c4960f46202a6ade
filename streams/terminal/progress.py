"""Shows a request on its way: a light a source on a terminal, one line a step in a pipe."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from redis.exceptions import RedisError
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cache import clock
from cache.limits.limiter import Limiter
from sources import discover
from streams.client.client import Step
from streams.terminal.outcomes import look
from streams.terminal.words import span

LOOK_SECONDS = 0.5
PATIENCE = 0.3
"""Seconds to the next turn from which on it is worth telling."""


async def tell_turns(progress: Progress, limiter: Limiter) -> None:
    """Look again and again, until cancelled; a server that does not answer is told by others."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        for source in progress.asking:
            try:
                state = await limiter.state(source)
            except RedisError:
                continue
            if state.banned_until and state.banned_until > clock.now():
                left = span(state.banned_until - clock.now())
                progress.light(source, "limit", f"left alone ({state.reason or 'banned'}), {left} to go")
            elif state.next_free_seconds > PATIENCE and any(state.waiting.values()):
                progress.light(source, "limit", f"next in {state.next_free_seconds:.1f} s")
            else:
                progress.light(source, "asking")


_VERDICTS = {"accept": "found", "ambiguous": "may mean several works", "none": "found nowhere"}


class Progress:
    """Follows one request; give its `tell` to the client as listener. ``sources`` are those that may be asked."""

    def __init__(self, title: str, sources: list[str], console: Console, *, live: bool) -> None:
        self.title = title
        self.console = console
        self.began = clock.monotonic()
        self.verdict = "starting"
        self.lights: dict[str, tuple[str, str]] = dict.fromkeys(sources, ("", ""))
        self._since: dict[str, float] = {}
        self._stack = ExitStack()
        self._live = live_display(self.table, console) if live else None

    def begin(self) -> None:
        """From here on the time counts: all is started, the request is on its way."""
        self.began = clock.monotonic()
        self.verdict = "looking for the work"

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return clock.monotonic() - self.began

    @property
    def asking(self) -> list[str]:
        """Sources that are asked right now."""
        return [name for name, (state, _) in self.lights.items() if state in {"asking", "limit"}]

    def __enter__(self) -> Self:
        if self._live:
            self._stack.enter_context(self._live)
            self._stack.enter_context(log_above())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def tell(self, step: Step) -> None:
        """Take note of a step."""
        if step.step == "identified":
            self.verdict = _VERDICTS.get(step.detail, step.detail)
        elif step.source:
            state = step.detail if step.step == "partial" else step.step
            self.light(step.source, state, self._why(step))
        if not self._live:
            self.console.print(self._line(step), markup=False)

    def light(self, source: str, state: str, why: str = "") -> None:
        """Set the light of one source."""
        before = self.lights.get(source, ("", ""))[0]
        if before != state and {before, state} != {"asking", "limit"}:
            self._since[source] = clock.monotonic()
        self.lights[source] = (state, why)

    def table(self) -> Group:
        """The lights as they stand."""
        head = Text(self.title, "bold")
        head.append(f"  {self.verdict}  {self.elapsed:.1f} s", "dim")
        head.truncate(self.console.width, overflow="ellipsis")
        table = Table.grid(padding=(0, 2))
        for name, (state, why) in self.lights.items():
            mark, style, words = look(state)
            source = discover().get(name)
            if state == "asking" and source and source.crawled:
                words = "reading its pages"
            waited = clock.monotonic() - self._since.get(name, clock.monotonic())
            line = Text(f"{words}{': ' + why if why else ''}", style)
            if state in {"asking", "limit"} and waited >= 1:
                line.append(f"  {waited:.0f} s", "dim")
            label = Text(source.label if source else name, no_wrap=True)
            table.add_row(Text(mark, style), label, line)
        return Group(head, table)

    def _line(self, step: Step) -> str:
        if step.source:
            mark, _, words = look(step.detail if step.step == "partial" else step.step)
            who, what = f"{mark} {step.source}", words
        else:
            who = step.step
            what = _VERDICTS.get(step.detail, step.detail)
        why = self._why(step)
        return f"{self.elapsed:6.1f} s  {who}: {what}{f' ({why})' if why else ''}"

    @staticmethod
    def _why(step: Step) -> str:
        if step.step == "retry" and step.due:
            return f"{step.detail}, again in {max(0.0, step.due / 1000 - clock.now()):.0f} s"
        return step.reason if step.reason != step.detail else ""


def live_display(draw: Callable[[], RenderableType], console: Console) -> Live:
    """A display that is drawn again and again and leaves nothing behind.

    What is written to stdout goes above it, but only where both are the same terminal; into a file it goes untouched.
    """
    return Live(
        get_renderable=draw,
        console=console,
        transient=True,
        refresh_per_second=8,
        redirect_stdout=sys.stdout.isatty(),
    )


@contextlib.contextmanager
def log_above() -> Iterator[None]:
    """While a Rich ``Live`` display has taken stderr over: the log writes to what stderr is now."""
    handlers = [
        handler for handler in logging.getLogger().handlers if isinstance(handler, logging.StreamHandler)
    ]
    before = [(handler, handler.setStream(sys.stderr)) for handler in handlers]
    try:
        yield
    finally:
        for handler, stream in before:
            if stream is not None:
                handler.setStream(stream)
