"""Which stored answer serves a query now, if any (RFC 9111 4, 5.2.1; RFC 5861).

This stands where hishel has ``IdleClient``, which takes no notice of ``Age``, reads invalid dates as valid and knows
neither stale answers nor the request's own wishes.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import NamedTuple

from cache.freshness import Freshness
from cache.headers import directive_seconds
from cache.http.query import CacheQuery
from cache.http.vary import selects
from cache.store.entry import StoredEntry


class Use(Enum):
    """What may be done with a stored answer."""

    FRESH = auto()
    STALE_ALLOWED = auto()
    STALE_REFRESHING = auto()
    CHECK_FIRST = auto()


class Choice(NamedTuple):
    """``entry`` may be served as ``use`` says; ``known`` are the entries to revalidate, newest first."""

    use: Use
    entry: StoredEntry | None = None
    known: tuple[StoredEntry, ...] = ()


def select_entry(query: CacheQuery, entries: Iterable[StoredEntry], now: float) -> Choice:
    """Pick the best of ``entries`` for ``query`` at ``now`` (Unix seconds)."""
    method, url = query.method, query.url
    known = [entry for entry in entries if entry.method == method and entry.url == url]
    if len(known) > 1:
        known.sort(key=lambda entry: entry.freshness.born, reverse=True)
    best, use = None, Use.CHECK_FIRST
    for entry in known:
        use_now = _use(query, entry, now)
        if use_now is Use.FRESH:
            return Choice(use_now, entry, tuple(known))
        if use_now is not Use.CHECK_FIRST and (best is None or use_now.value < use.value):
            best, use = entry, use_now
    return Choice(use, best, tuple(known))


def _use(query: CacheQuery, entry: StoredEntry, now: float) -> Use:
    fresh = entry.freshness
    if not selects(query.headers, entry.chosen_by) or fresh.received < query.since:
        return Use.CHECK_FIRST
    if query.plain:
        return _by_origin(fresh, now)
    return _by_request(query, fresh, now)


def _by_origin(fresh: Freshness, now: float) -> Use:
    left = fresh.left(now)
    if fresh.no_cache:
        return Use.CHECK_FIRST
    if left > 0:
        return Use.FRESH
    if not fresh.must_revalidate and -left < fresh.while_revalidate:
        return Use.STALE_REFRESHING
    return Use.CHECK_FIRST


def _by_request(query: CacheQuery, fresh: Freshness, now: float) -> Use:
    wishes = query.directives
    if "no-store" in wishes or ("no-cache" in wishes and not wishes["no-cache"]):
        return Use.CHECK_FIRST
    use, max_age = _by_origin(fresh, now), directive_seconds(wishes, "max-age")
    min_fresh = directive_seconds(wishes, "min-fresh") or 0
    if use is Use.FRESH:
        wanted = fresh.left(now) >= min_fresh and (max_age is None or fresh.age(now) <= max_age)
        return Use.FRESH if wanted else Use.CHECK_FIRST
    if max_age is not None or min_fresh or fresh.no_cache or fresh.must_revalidate:
        return Use.CHECK_FIRST
    if "max-stale" in wishes and (
        wishes["max-stale"] is None or -fresh.left(now) <= (directive_seconds(wishes, "max-stale") or 0)
    ):
        return Use.STALE_ALLOWED
    return use


def fit_for_error(
    query: CacheQuery, known: Iterable[StoredEntry], grace: float, now: float
) -> StoredEntry | None:
    """The newest entry that may stand in while the origin fails: within ``stale-if-error`` or ``grace`` seconds."""
    for entry in known:
        fresh = entry.freshness
        span = grace if fresh.if_error is None else fresh.if_error
        if fresh.must_revalidate or fresh.no_cache or not selects(query.headers, entry.chosen_by):
            continue
        if -fresh.left(now) <= span:
            return entry
    return None
