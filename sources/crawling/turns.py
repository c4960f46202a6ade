"""How an engine asks for a turn in the middle of a page: what a page's own script sends is a request as well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

Turn = Callable[[], Awaitable[None]]
"""Returns when one more request may be sent. Raises `sources.errors.SourceError` when none may."""


async def _free() -> None:
    """For whoever reads without limits."""


further_turn: ContextVar[Turn] = ContextVar("further_turn", default=_free)
"""The turn that the page of the current task may ask for; set with its first one."""
