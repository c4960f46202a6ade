"""What a server's refusal asks of whoever runs it."""

from __future__ import annotations

from redis.exceptions import AuthenticationError, NoPermissionError, ReadOnlyError

from streams.engine.backpressure import is_full

READ_ONLY = "name the primary server in REDIS_URL: a replica takes nothing in"
_STEPS: tuple[tuple[type[Exception], str], ...] = (
    (
        AuthenticationError,
        "name user and password: REDIS_URL=redis://user:password@host:6379/0",
    ),
    (NoPermissionError, "give the user the rights that docs/delivery.md lists"),
    (ReadOnlyError, READ_ONLY),
)


def next_step(error: Exception) -> str:
    """What helps against an error of the server that answers; '' where nothing is known."""
    if is_full(error):
        return "raise its maxmemory, or give the cache a server of its own (REDIS_CACHE_URL)"
    if "MISCONF" in str(error):
        return "make room on its disk, or mend it: it takes nothing in until it can write again"
    return next((step for kind, step in _STEPS if isinstance(error, kind)), "")
