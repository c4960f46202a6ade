"""Keeps the laps of the event loop short: of what nobody watches, one heavy piece of work is done in a lap."""

from __future__ import annotations

import asyncio


class Laps:
    """Whoever has much to compute without a pause asks first; a batch of answers makes a hundred of them ready at once.

    What somebody watches takes some sixty laps from the request to the record, and each lap is as long as all that is
    computed in it.
    """

    def __init__(self) -> None:
        self._next = asyncio.Lock()

    async def mine(self, *, watched: bool) -> None:
        """Return when the piece may begin: at once for who is watched, for others in the order in which they came."""
        if not watched:
            async with self._next:
                await asyncio.sleep(0)
