"""What a 304 says about stored answers: hishel's rule book over our entries (RFC 9111 4.3.4)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from hishel import Entry, InvalidateEntries, NeedRevalidation, NeedToBeUpdated, Request, Response
from multidict import CIMultiDict, CIMultiDictProxy

from cache.http.admission import COOKIES, PRIVATE, judge_freshness
from cache.http.query import CacheQuery, as_hishel_headers
from cache.rules import ServiceRules
from cache.store.entry import StoredEntry


@dataclass(frozen=True, slots=True)
class Freshened:
    """``updated`` entries hold again (best last), ``outdated`` names of entries do not."""

    updated: tuple[StoredEntry, ...]
    outdated: tuple[bytes, ...]


def freshen(
    query: CacheQuery,
    known: Sequence[StoredEntry],
    rules: ServiceRules,
    headers: CIMultiDict[str] | CIMultiDictProxy[str],
    *,
    sent: float,
    received: float,
) -> Freshened:
    """Which of ``known`` a 304 with ``headers`` confirms, with their new headers and clocks."""
    by_id = {entry.id: entry for entry in known}
    request = query.as_hishel()
    answer = Response(304, as_hishel_headers(CIMultiDict(headers)))
    state = NeedRevalidation(
        options=PRIVATE,
        request=request,
        original_request=request,
        revalidating_entries=[_as_hishel(entry) for entry in known],
    ).next(answer)
    outdated: tuple[bytes, ...] = ()
    if isinstance(state, InvalidateEntries):
        outdated = tuple(entry_id.bytes for entry_id in state.entry_ids)
        state = state.next()  # type: ignore[assignment]
    if not isinstance(state, NeedToBeUpdated):
        return Freshened((), outdated)
    updated = tuple(
        _renew(by_id[entry.id.bytes], entry.response, rules, sent, received)
        for entry in state.updating_entries
    )
    return Freshened(updated, outdated)


def _renew(
    entry: StoredEntry, response: Response, rules: ServiceRules, sent: float, received: float
) -> StoredEntry:
    headers = CIMultiDict(
        (name, value) for name in response.headers for value in response.headers.get_list(name) or ()
    )
    freshness = judge_freshness(rules, entry.status, headers, sent=sent, received=received)
    for name in {"age"} | (frozenset() if rules.keep_cookies else COOKIES):
        headers.popall(name, None)
    return entry._replace(headers=headers, freshness=freshness)


def _as_hishel(entry: StoredEntry) -> Entry:
    return Entry(
        id=uuid.UUID(bytes=entry.id),
        request=Request(entry.method, entry.url),
        response=Response(entry.status, as_hishel_headers(entry.headers)),
    )
