"""Shows a request on its way: seven lights on a terminal, one line a step in a pipe."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sources import discover
from streams.client import Step

_LOOKS = {
    "": ("·", "dim", "waiting"),
    "asking": ("◐", "cyan", "asking"),
    "retry": ("↻", "yellow", "will be asked again"),
    "ok": ("●", "green", "answered"),
    "not_found": ("○", "blue", "has no such entry"),
    "ambiguous": ("◌", "yellow", "could not tell which entry"),
    "mismatch": ("◌", "yellow", "has another work under this id"),
    "skipped": ("–", "dim", "left out"),
}


class Progress:
    """Follows one request; give its `tell` to the client as listener."""

    def __init__(self, title: str, sources: list[str], console: Console, *, live: bool) -> None:
        self.title = title
        self.console = console
        self.began = time.monotonic()
        self.verdict = ""
        self.lights: dict[str, tuple[str, str]] = dict.fromkeys(sources, ("", ""))
        self._live = (
            Live(get_renderable=self._table, console=console, transient=True, refresh_per_second=8)
            if live
            else None
        )

    def __enter__(self) -> Self:
        if self._live:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.__exit__(kind, value, trace)

    def tell(self, step: Step) -> None:
        """Take note of a step."""
        if step.step == "identified":
            self.verdict = step.detail
        elif step.source:
            state = step.detail if step.step == "partial" else step.step
            self.lights[step.source] = (state, self._why(step))
        if not self._live:
            who = discover()[step.source].label if step.source in discover() else self.title
            words = " ".join(word for word in (step.step, step.detail, self._why(step)) if word)
            self.console.print(
                f"{time.monotonic() - self.began:6.1f} s  {who}: {words}", highlight=False, markup=False
            )

    @staticmethod
    def _why(step: Step) -> str:
        if step.step == "retry" and step.due:
            return f"{step.detail}, again in {max(0.0, step.due / 1000 - time.time()):.0f} s"
        return step.reason if step.reason != step.detail else ""

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        elapsed = f"{time.monotonic() - self.began:.1f} s"
        table.add_row(
            "",
            Text(self.title, style="bold"),
            Text(f"{self.verdict or 'looking for the work'}  {elapsed}", style="dim"),
        )
        for name, (state, why) in self.lights.items():
            mark, style, words = _LOOKS.get(state, ("✕", "red", state))
            table.add_row(
                Text(mark, style=style),
                discover()[name].label,
                Text(f"{words}{': ' + why if why else ''}", style=style),
            )
        return table
