"""Every rule about asking again: whether, when, and what becomes of work given up. Pure; the caller has clock and chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from cache.backoff import doubled, jittered
from cache.limits.limiter import Banned, LimitWait
from cache.limits.middleware import LONGEST_PAUSE as LONGEST_BAN
from sources import Reason, SourceError
from streams.config.settings import Settings
from streams.contract.events import IdentifiedTitle
from streams.engine.worker import WorkersDied

TURN_SECONDS = 20.0
"""How long a title may hold its slot while it waits for a site's limit; then it is put off."""
BULK_TURN_SECONDS = 90.0
"""The same in bulk at a site that takes many at a time: whoever is put off meanwhile leaves a gap in a request.
Below the time that a session gives a request in all."""
LONGEST_TURN = 300.0
LONGEST_TAIL = 300.0
"""The most seconds until a long tail is tried again that has to stand behind main documents."""
SPOILT_TRIES = 3
"""How often one request asks for what comes spoilt; after that the document rests, for every request."""
LONGEST_PAUSE = 3600.0
"""The cap of the pause that doubles; a site may ask for more, up to the longest ban that we keep."""
DEAD_PAUSES, LONGEST_DEAD_PAUSES = 15, 120
"""How many first pauses long the fleet leaves a site alone that one title has tried in vain."""
UNKNOWN_BAN = 600.0
"""Seconds after which a site is tried again that did not say how long it shuts us out."""


class Kind(Enum):
    """What asking again is good for."""

    PASSES = "passing trouble: asked again until the attempts are used up"
    SLOWS = "asks us to slow down: asked again when it opens, if that is before the deadline"
    SHUTS = "shuts us out: asked again only for a request that waits for blocked sites"
    SPOILT = "a reply that its own reader refused: forgotten, and asked for anew a few times"
    STAYS = "an answer: asking again would give the same"


KINDS: Mapping[Reason, Kind] = {
    Reason.TIMEOUT: Kind.PASSES,
    Reason.UNREACHABLE: Kind.PASSES,
    Reason.UPSTREAM_ERROR: Kind.PASSES,
    Reason.BAD_REPLY: Kind.PASSES,
    Reason.INTERNAL: Kind.PASSES,
    Reason.RATE_LIMITED: Kind.SLOWS,
    Reason.BANNED: Kind.SHUTS,
    Reason.CHALLENGE: Kind.SHUTS,
    Reason.FORBIDDEN: Kind.SHUTS,
    Reason.CHANGED_LAYOUT: Kind.SPOILT,
    Reason.MISMATCH: Kind.SPOILT,
    Reason.NOT_FOUND: Kind.STAYS,
    Reason.AMBIGUOUS: Kind.STAYS,
    Reason.NO_ID: Kind.STAYS,
    Reason.ROBOTS: Kind.STAYS,
    Reason.NOT_CONFIGURED: Kind.STAYS,
    Reason.MISCONFIGURED: Kind.STAYS,
    Reason.UNAVAILABLE: Kind.STAYS,
    Reason.SKIPPED: Kind.STAYS,
    Reason.DEADLINE: Kind.STAYS,
}


@dataclass(frozen=True, slots=True)
class Again:
    """Ask again in so many seconds; ``counts`` says whether this was an attempt."""

    seconds: float
    counts: bool = True


class End(Enum):
    """Not asked again."""

    DEAD_LETTER = "dead letter"
    ANSWER = "answer"
    """The failure is what there is to say; a dead letter would have nothing to mend."""


def after(
    reason: Reason, attempt: int, settings: Settings, luck: float, hint: float | None = None
) -> Again | End:
    """What follows attempt number ``attempt`` (from 1) that ended in ``reason``.

    The pause doubles from `Settings.retry_base_seconds` up to `LONGEST_PAUSE`; it is never shorter than ``hint``, the
    seconds that the site asked for, and up to a quarter longer by ``luck`` (0 to 1).
    """
    most = min(settings.max_attempts, SPOILT_TRIES) if KINDS[reason] is Kind.SPOILT else settings.max_attempts
    if KINDS[reason] is Kind.STAYS or attempt >= most:
        return given_up(reason)
    return Again(_pause(attempt, settings, luck, hint))


def after_fault(error: Exception, attempt: int, settings: Settings, luck: float) -> Again | End:
    """What follows a fault of ours; an entry over which workers died is given to no further one."""
    if isinstance(error, WorkersDied):
        return End.DEAD_LETTER
    return after(Reason.INTERNAL, attempt, settings, luck)


def after_trouble(
    error: SourceError, event: IdentifiedTitle, attempt: int, settings: Settings, now: float, luck: float
) -> Again | End:
    """What follows the trouble that a source had with ``event``; ``now`` is in Unix seconds.

    A turn that did not come in time is waited for as long as it takes: nothing was sent, so nothing counts. What would
    be asked again after the deadline is answered now: nobody waits for it then, but for a site that shuts us out where
    the request asked for that. A site that the fleet just found dead is not asked at all; who looks on is told so.
    """
    cause, kind = _cause(error), KINDS[error.reason]
    if isinstance(cause, LimitWait):
        return Again(jittered(min(max(1.0, cause.retry_after), LONGEST_TURN), luck), counts=False)
    waits = event.request.wait_for_blocked and kind in {Kind.SLOWS, Kind.SHUTS}
    hint = UNKNOWN_BAN if waits and error.retry_after is None else error.retry_after
    if isinstance(cause, Banned):
        found: Again | End = Again(_pause(attempt, settings, luck, hint), counts=False)
        end = End.ANSWER
    else:
        found, end = after(error.reason, attempt, settings, luck, hint), given_up(error.reason)
    if known_dead(error) and event.request.priority == "interactive":
        return end
    in_time = isinstance(found, Again) and now + found.seconds < event.deadline_at / 1000
    return found if waits or (in_time and kind is not Kind.SHUTS) else end


def dead_pauses(settings: Settings) -> tuple[float, float]:
    """Seconds for which the fleet leaves a site alone that is away as a whole, and the longest: it doubles each time."""
    base = settings.retry_base_seconds
    return DEAD_PAUSES * base, LONGEST_DEAD_PAUSES * base


def found_dead(error: SourceError) -> bool:
    """Whether a site that was asked is away as a whole, and not one of its entries."""
    return error.reason is Reason.UNREACHABLE and _cause(error) is None


def known_dead(error: SourceError) -> bool:
    """Whether a site was not asked because the fleet found it away, or its replies spoilt, a moment ago."""
    return KINDS[error.reason] in {Kind.PASSES, Kind.SPOILT} and isinstance(_cause(error), Banned)


def given_up(reason: Reason) -> End:
    """How work ends that is not tried again: what a replay may mend leaves a dead letter."""
    return End.DEAD_LETTER if KINDS[reason] in {Kind.PASSES, Kind.SLOWS} else End.ANSWER


def _pause(attempt: int, settings: Settings, luck: float, hint: float | None) -> float:
    own = doubled(attempt, settings.retry_base_seconds, LONGEST_PAUSE)
    return jittered(max(own, min(hint or 0.0, LONGEST_BAN)), luck)


def was_asked(error: SourceError) -> bool:
    """Whether the site had a say in the trouble; a turn that did not come and a ban that still lasts are ours."""
    return _cause(error) is None


def _cause(error: BaseException) -> BaseException | None:
    """The limiter's refusal behind an error, if there is one: the site was not asked at all."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, LimitWait | Banned):
        seen = seen.__cause__
    return seen
