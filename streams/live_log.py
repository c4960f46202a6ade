"""Keeps the log and a live display apart: lines of the log go above the display instead of through it."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator


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
