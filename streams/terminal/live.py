"""A live display on stderr that gets on with the log and with what is piped from stdout."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator

from rich.console import Console, RenderableType
from rich.live import Live


def live(draw: Callable[[], RenderableType], console: Console) -> Live:
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
    handlers = [one for one in logging.getLogger().handlers if isinstance(one, logging.StreamHandler)]
    before = [(handler, handler.setStream(sys.stderr)) for handler in handlers]
    try:
        yield
    finally:
        for handler, stream in before:
            if stream is not None:
                handler.setStream(stream)
