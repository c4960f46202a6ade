"""Whether an answer is stored and for how long: hishel's rule book, under the service's own lifetimes when it has any."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hishel import (
    CacheMiss,
    CacheOptions,
    CouldNotBeStored,
    Headers,
    InvalidateEntries,
    Response,
    StoreAndUse,
)
from multidict import CIMultiDict, CIMultiDictProxy

from cache.backoff import spread
from cache.freshness import Freshness, agreed_freshness, declared_freshness
from cache.headers import parse_directives, write_directives
from cache.http.never_store import never_kept
from cache.http.query import CacheQuery, as_hishel_headers
from cache.http.vary import selecting_headers
from cache.rules import ServiceRules

PRIVATE = CacheOptions(shared=False)
_KEPT_BY_RULE = frozenset({200, 203, 300, 301, 308})
_NEGATIVE = frozenset({404, 410})
_UNDERSTOOD = frozenset(
    {200, 203, 204, 300, 301, 302, 307, 308, 400, 403, 404, 405, 410, 414, 500, 501, 502, 503, 504}
)
COOKIES = frozenset({"set-cookie", "set-cookie2"})


@dataclass(frozen=True, slots=True)
class Admission:
    """What to store an answer with; ``chosen_by`` as in `StoredEntry`."""

    headers: CIMultiDict[str]
    freshness: Freshness
    chosen_by: dict[str, str | None]


def admit(
    query: CacheQuery,
    rules: ServiceRules,
    status: int,
    headers: CIMultiDict[str] | CIMultiDictProxy[str],
    *,
    sent: float,
    received: float,
) -> Admission | None:
    """How to store an answer, judged by its head; ``None`` when it must not be stored."""
    if "no-store" in query.directives:
        return None
    judged = _as_judged(rules, status, headers)
    if judged is None:
        return None
    state = CacheMiss(options=PRIVATE, request=query.as_hishel()).next(Response(status, judged))
    while isinstance(state, InvalidateEntries):
        state = state.next()  # type: ignore[assignment]
    if isinstance(state, CouldNotBeStored) or not isinstance(state, StoreAndUse):
        return None
    kept = set(state.response.headers) - {"age"} - (frozenset() if rules.keep_cookies else COOKIES)
    stored = CIMultiDict((name, value) for name, value in headers.items() if name.lower() in kept)
    chosen_by = selecting_headers(query.headers, stored)
    if rules.ttl is not None:
        chosen_by.pop("*", None)
    freshness = judge_freshness(rules, status, headers, sent=sent, received=received)
    return Admission(stored, freshness, chosen_by)


def judge_freshness(
    rules: ServiceRules,
    status: int,
    headers: CIMultiDict[str] | CIMultiDictProxy[str],
    *,
    sent: float,
    received: float,
) -> Freshness:
    """The clock of an answer: by the service's rule, or by the origin's headers when it has none."""
    lifetime = _rule_lifetime(rules, status)
    if lifetime is None:
        return declared_freshness(status, headers, sent=sent, received=received)
    # A missing entry may appear any time: it is asked for again rather than shown out of date.
    grace = 0.0 if status in _NEGATIVE else rules.grace
    return agreed_freshness(spread(lifetime, rules.jitter, random.random()), grace, received)


def seconds_to_keep(rules: ServiceRules, freshness: Freshness, now: float) -> float:
    """How long the store holds an answer: its lifetime and then as long as it may stand in."""
    spare = max(rules.grace, freshness.while_revalidate, freshness.if_error or 0.0)
    return max(1.0, freshness.left(now)) + spare


def _rule_lifetime(rules: ServiceRules, status: int) -> float | None:
    if rules.ttl is None:
        return None
    return rules.negative_ttl if status in _NEGATIVE else rules.ttl


def _as_judged(
    rules: ServiceRules, status: int, headers: CIMultiDict[str] | CIMultiDictProxy[str]
) -> Headers | None:
    """The head that the rule book is shown."""
    shown = CIMultiDict(headers)
    for name in [name.strip() for value in headers.getall("Connection", ()) for name in value.split(",")]:
        shown.popall(name, None)
    lifetime = _rule_lifetime(rules, status)
    if lifetime is None:
        _heed_must_understand(status, shown)
        return as_hishel_headers(shown)
    if never_kept(status) or (status not in _KEPT_BY_RULE and status not in _NEGATIVE) or lifetime <= 0:
        return None
    for name in ("Expires", "Pragma", "Age"):
        shown.popall(name, None)
    shown["Cache-Control"] = f"max-age={int(lifetime)}"
    return as_hishel_headers(shown)


def _heed_must_understand(status: int, headers: CIMultiDict[str]) -> None:
    directives = parse_directives(headers.getall("Cache-Control", ()))
    if "must-understand" not in directives:
        return
    if status in _UNDERSTOOD:
        directives.pop("no-store", None)
    else:
        directives["no-store"] = None
    headers["Cache-Control"] = write_directives(directives)
