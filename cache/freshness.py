"""How long an answer may be reused, worked out once when it arrives (RFC 9111 4.2, RFC 5861)."""

from __future__ import annotations

from typing import NamedTuple

from multidict import CIMultiDict, CIMultiDictProxy

from cache.headers import FOREVER, Directives, directive_seconds, http_date, parse_directives

Fields = CIMultiDict[str] | CIMultiDictProxy[str]

HEURISTIC_STATUSES = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
WEEK = 604_800.0


class Freshness(NamedTuple):
    """The clock of one stored answer; instants are Unix seconds, spans are seconds.

    ``born`` is when its age was nought, ``received`` when it arrived here. ``if_error`` is ``None`` when the
    origin says nothing about errors.
    """

    born: float
    lifetime: float
    received: float
    must_revalidate: bool = False
    no_cache: bool = False
    while_revalidate: float = 0.0
    if_error: float | None = None

    def age(self, now: float) -> float:
        """Seconds since the origin made the answer."""
        return max(0.0, now - self.born)

    def left(self, now: float) -> float:
        """Seconds until it is stale; negative when it is."""
        return self.born + self.lifetime - now


def declared_freshness(status: int, headers: Fields, *, sent: float, received: float) -> Freshness:
    """Freshness by the origin's own headers, for a private cache."""
    directives = parse_directives(headers.getall("Cache-Control", ()))
    date = http_date(headers.get("Date"))
    made = received if date is None else date
    return Freshness(
        born=received - _initial_age(headers, made, sent, received),
        lifetime=_lifetime(status, headers, directives, made),
        received=received,
        must_revalidate="must-revalidate" in directives,
        no_cache="no-cache" in directives and not directives["no-cache"],
        while_revalidate=directive_seconds(directives, "stale-while-revalidate") or 0.0,
        if_error=directive_seconds(directives, "stale-if-error"),
    )


def agreed_freshness(lifetime: float, grace: float, received: float) -> Freshness:
    """Freshness by a rule of ours: the origin's headers have no say (RFC 9111 4.2.4, out-of-band contract)."""
    return Freshness(
        born=received, lifetime=lifetime, received=received, while_revalidate=grace, if_error=grace
    )


def _initial_age(headers: Fields, made: float, sent: float, received: float) -> float:
    delay = received - sent
    apparent = max(0.0, received - made)
    first = headers.get("Age", "").split(",")[0].strip()
    seconds = float(min(int(first), FOREVER)) if first.isascii() and first.isdigit() else 0.0
    if apparent < 1.0 and not seconds:
        # Date has whole seconds only: up to one second of "age" is rounding.
        return min(apparent, delay)
    return max(apparent, seconds + delay)


def _lifetime(status: int, headers: Fields, directives: Directives, made: float) -> float:
    max_age = directive_seconds(directives, "max-age")
    if max_age is not None:
        return float(max_age)
    expires = headers.getall("Expires", ())
    if expires:
        then = http_date(expires[0]) if len(expires) == 1 else None
        return max(0.0, then - made) if then is not None else 0.0
    modified = http_date(headers.get("Last-Modified"))
    if modified is not None and (status in HEURISTIC_STATUSES or "public" in directives):
        return min(WEEK, max(0.0, (made - modified) * 0.1))
    return 0.0
