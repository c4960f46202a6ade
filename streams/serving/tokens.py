"""Who a token belongs to, and how often tokens may be guessed."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence

from streams.config.tokens import Token, digest_of
from streams.telemetry.logs import logger
from streams.telemetry.seldom import Seldom

GUESS_SECONDS = 0.5
"""Time that a wrong token costs, doubled with each after it."""
MOST_GUESS_SECONDS = 8.0
MOST_WAITING = 8
"""Wrong tokens that wait for their turn; more are told so at once."""

log = logger("tokens")
seldom = Seldom()


class TooManyGuesses(Exception):  # noqa: N818 - it names what happened
    """More wrong tokens came than are answered."""


class Keyring:
    """Knows the tokens. Wrong ones wait for one another over all connections, and each makes the next one slower; the right
    ones wait for nobody, so that a stranger who guesses shuts no one out."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tuple(tokens)
        self._one_by_one = asyncio.Lock()
        self._waiting = 0
        self._pause = GUESS_SECONDS

    async def holder(self, secret: str) -> Token | None:
        """The token with this secret; ``None``, some time later, for a wrong one. Raises `TooManyGuesses`."""
        if found := self._known(secret):
            self._pause = GUESS_SECONDS
            return found
        seldom.warning(log, "a wrong token was refused")
        if self._waiting >= MOST_WAITING:
            raise TooManyGuesses
        self._waiting += 1
        try:
            async with self._one_by_one:
                await asyncio.sleep(self._pause)
                self._pause = min(2 * self._pause, MOST_GUESS_SECONDS)
        finally:
            self._waiting -= 1
        return None

    def _known(self, secret: str) -> Token | None:
        """Compared with all, so that the time tells nothing."""
        given = digest_of(secret)
        equal = [one for one in self.tokens if hmac.compare_digest(one.digest, given)]
        return equal[0] if equal else None
