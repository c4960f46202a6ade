"""Whether, and when, a source is asked again for a title. Pure; the caller has the clock."""

from __future__ import annotations

from dataclasses import dataclass

from cache.limits.limiter import Banned, LimitWait
from sources import Reason, SourceError
from streams.config.settings import Settings
from streams.contract.events import IdentifiedTitle

TURN_SECONDS = 20.0
"""How long a title may hold its slot while it waits for a site's limit; then it is put off."""
LONGEST_TURN = 300.0
LONGEST_PAUSE = 3600.0
BLOCKED = frozenset({Reason.BANNED, Reason.CHALLENGE, Reason.FORBIDDEN, Reason.RATE_LIMITED})
"""Reasons by which a site shuts us out for a time."""
UNKNOWN_BAN = 600.0
"""Seconds after which a site is tried again that did not say how long it shuts us out."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask again in so many seconds; ``counts`` says whether this was an attempt."""

    seconds: float
    counts: bool = True


def waiting(
    error: SourceError, event: IdentifiedTitle, attempt: int, settings: Settings, now: float
) -> Wait | None:
    """How long to wait after ``error``, or ``None`` to finish the title without this source.

    A turn that did not come in time is waited for as long as it takes: nothing was sent, so nothing counts. A site
    that shuts us out is waited for when the request asked for that, or when it opens before the deadline (``now`` and
    the deadline in Unix seconds and milliseconds) and asked no more than to slow down. Everything else that may pass
    is tried again ``max_attempts`` times, with a pause that grows.
    """
    cause = _cause(error)
    if isinstance(cause, LimitWait):
        return Wait(min(max(1.0, cause.retry_after), LONGEST_TURN), counts=False)
    pause = min(settings.retry_base_seconds * 2 ** min(attempt - 1, 10), LONGEST_PAUSE)
    if error.reason in BLOCKED:
        return _until_open(error, event, attempt, settings, now, pause)
    if error.transient and attempt < settings.max_attempts:
        return Wait(max(pause, error.retry_after or 0.0))
    return None


def _until_open(
    error: SourceError, event: IdentifiedTitle, attempt: int, settings: Settings, now: float, pause: float
) -> Wait | None:
    nothing_sent = was_held_back(error)
    if not nothing_sent and attempt >= settings.max_attempts:
        return None
    opens = error.retry_after
    if event.request.wait_for_blocked:
        return Wait(max(pause, UNKNOWN_BAN if opens is None else opens), counts=not nothing_sent)
    seconds = max(pause, opens or 0.0)
    in_time = now + seconds < event.deadline_at / 1000
    if error.reason == Reason.RATE_LIMITED and in_time:
        return Wait(seconds, counts=not nothing_sent)
    return None


def was_held_back(error: SourceError) -> bool:
    """Whether our own limiter let nothing through, so that the site was not asked at all."""
    return isinstance(_cause(error), LimitWait | Banned)


def _cause(error: BaseException) -> BaseException | None:
    """The limiter's refusal behind an error, if there is one."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, LimitWait | Banned):
        seen = seen.__cause__
    return seen
