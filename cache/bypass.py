"""Going round the cache for a while: reads ask the upstream, and its answers are stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_since: ContextVar[float] = ContextVar("cache_not_before", default=0.0)


@contextmanager
def refreshing() -> Iterator[None]:
    """In this block (and the tasks started in it) only answers that arrive after its beginning count.

    What is asked twice in the block is still asked once. When the upstream fails, what is stored is served, marked
    as stale.
    """
    token = _since.set(time.time())
    try:
        yield
    finally:
        _since.reset(token)


def not_before() -> float:
    """Unix seconds before which stored answers do not count in the current context; 0 for none."""
    return _since.get()
