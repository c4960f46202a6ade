"""What the answer to a joint request means for those who asked. Pure."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from cache.rules import Rejection, Reply
from sources.batch import Batch
from sources.errors import Reason

_MEANT_FOR_ALL = frozenset(
    {Reason.BANNED, Reason.CHALLENGE, Reason.FORBIDDEN, Reason.RATE_LIMITED, Reason.UNAVAILABLE}
)


class Fate(Enum):
    """What becomes of a joint answer."""

    SPLIT = "holds the answers"
    SHARED = "is meant for all who asked"
    NONE = "says that there is none of them"
    DOUBTED = "may be about one of the questions, or their number"


def judged(batch: Batch, reply: Reply, refuse: Callable[[Reply], Rejection | None]) -> Fate:
    """What the answer to several questions is; a ban and a limit concern all of them."""
    if reply.status in {401, 403, 429}:
        return Fate.SHARED
    if reply.status == batch.none:
        return Fate.NONE
    refusal = refuse(reply)
    if refusal is not None and (refusal.latch_seconds > 0 or refusal.reason in _MEANT_FOR_ALL):
        return Fate.SHARED
    if refusal is not None or reply.status >= 400:
        return Fate.DOUBTED
    return Fate.SPLIT if reply.status < 300 else Fate.SHARED


def works_alone(reply: Reply, refuse: Callable[[Reply], Rejection | None]) -> bool:
    """Whether the site answered a single question, be it that there is no such thing."""
    return reply.status in {404, 410} or (reply.status < 400 and refuse(reply) is None)
