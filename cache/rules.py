"""What a service allows and forbids, as data: lifetimes, limits, and which replies are never kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

HOUR, DAY = 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``permits`` requests in any window of ``seconds``."""

    permits: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """One upstream answer as the rules see it; ``headers`` has lower-case names, ``body`` is decoded."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a reply is not data.

    ``reason`` is a reason code (``banned``, ``challenge``, ``rate_limited``, ...). With ``latch_seconds`` above zero
    every worker of the fleet leaves the site alone for that long.
    """

    reason: str
    latch_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Rest:
    """How a document rests whose reader refuses it: the ``after``-th time for ``first`` seconds, then twice as long, ..."""

    after: int = 3
    first: float = 600.0
    longest: float = 6 * 3600.0


def accept_all(_reply: Reply) -> Rejection | None:
    """Refuse nothing; the rule of a service that declares none."""
    return None


def keep_all(_reply: Reply) -> bool:
    """Keep whatever is data; the rule of a service that declares none."""
    return True


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """How one service is cached and limited; times are seconds, ``ttl=None`` means pure RFC 9111.

    A service that ``bans`` who asks too much is not asked while the fleet's limiter cannot be reached.
    ``lease_seconds`` is after how long a silent fetcher is replaced; ``None`` takes the cache's own. ``keep_cookies``
    stores ``Set-Cookie`` with an answer, as RFC 9111 has it; off, because a session cookie is a secret. ``keeps`` says of
    data whether it is whole enough to be kept; what is not goes to all who wait for it, and is asked anew by the next.
    ``stands_for`` is a pair of base addresses: what is asked at the first is kept as if it had been asked at the second.
    """

    service: str
    ttl: float | None = DAY
    grace: float = DAY
    negative_ttl: float = 600.0
    jitter: float = 0.1
    post_urls: tuple[str, ...] = ()
    secret_params: tuple[str, ...] = ()
    secret_headers: tuple[str, ...] = ()
    max_body: int = 10 * 1024 * 1024
    rates: tuple[Rate, ...] = ()
    bans: bool = False
    refuse: Callable[[Reply], Rejection | None] = accept_all
    keeps: Callable[[Reply], bool] = keep_all
    rest: Rest = Rest()
    lease_seconds: float | None = None
    keep_cookies: bool = False
    stands_for: tuple[str, str] | None = None
