"""How the commands print: consoles for people, JSON for programs."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterable
from typing import Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from streams.cli.called import as_called_text

WIDEST = 100
"""Columns of what is printed for people; lines that are longer are hard to read."""


class _Console(Console):
    """Leaves a reader that has gone to Typer, which ends the command without a word; rich would end it in a task.

    Commands in what it shows are those that the person has.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        shown = as_called_text(renderable) if isinstance(renderable, Text) else renderable
        return super().render(shown, options)

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def out(*, to_stderr: bool = False) -> Console:
    """A console no wider than `WIDEST`; without colours in a pipe, without markup in texts."""
    console = _Console(stderr=to_stderr)
    width = min(console.width, WIDEST) if console.is_terminal else WIDEST
    return _Console(stderr=to_stderr, highlight=False, markup=False, width=width)


def print_json(data: Any) -> None:
    """Indented JSON on stdout."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def print_line(data: Any) -> None:
    """JSON on one line of stdout, at once."""
    typer.echo(json.dumps(data, ensure_ascii=False, default=str))
    sys.stdout.flush()
