"""Going round the cache for a while: reads ask the upstream, and its answers are stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from cache import clock

SINCE: ContextVar[float] = ContextVar("cache_not_before", default=0.0)
"""Unix seconds before which stored answers do not count in the current context; 0 for none."""


@contextmanager
def refreshing() -> Iterator[None]:
    """In this block (and the tasks started in it) only answers that arrive after its beginning count.

    What is asked twice in the block is still asked once. When the upstream fails, what is stored is served, marked
    as stale.
    """
    token = SINCE.set(clock.now())
    try:
        yield
    finally:
        SINCE.reset(token)
