"""Says on the lights what a source waits for: its site's limit, or the end of a ban."""

from __future__ import annotations

import asyncio
import time

from redis.exceptions import RedisError

from cache.limits.limiter import Limiter
from streams.terminal.progress import Progress
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
            if state.banned_until and state.banned_until > time.time():
                left = span(state.banned_until - time.time())
                progress.light(source, "limit", f"left alone ({state.reason or 'banned'}), {left} to go")
            elif state.next_free_seconds > PATIENCE and any(state.waiting.values()):
                progress.light(source, "limit", f"next in {state.next_free_seconds:.1f} s")
            else:
                progress.light(source, "asking")
