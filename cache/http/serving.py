"""A stored answer as a response, with what the caller asked of it: a part, or only whether it has changed."""

from __future__ import annotations

import re

from aiohttp import ClientRequest, ClientResponse
from multidict import CIMultiDict

from cache.headers import FOREVER
from cache.http.preconditions import VALIDATORS, is_not_modified, not_modified_headers
from cache.http.query import CacheQuery
from cache.http.response import respond
from cache.info import CacheInfo, note_cache_info
from cache.store.entry import StoredEntry


async def serve(
    request: ClientRequest, query: CacheQuery, entry: StoredEntry, now: float, *, failing: bool = False
) -> ClientResponse:
    """``entry`` as the answer to ``request``; ``failing`` when it stands in for an upstream that fails."""
    headers = entry.headers.copy()
    headers["Age"] = str(min(int(entry.freshness.age(now)), FOREVER))
    status, reason, body = entry.status, entry.reason, entry.body
    if not query.plain and _asks_for_changes(request, entry):
        status, reason, body = 304, "Not Modified", b""
        headers = not_modified_headers(headers)
    response = await respond(request, status, reason, headers, body)
    stale = failing or entry.freshness.left(now) <= 0
    note_cache_info(response, CacheInfo(True, stale, entry.freshness.received))
    return response


async def serve_range(request: ClientRequest, entry: StoredEntry, now: float) -> ClientResponse | None:
    """The part of ``entry`` that ``request`` asks for; ``None`` when only the origin can give it."""
    cut = None if "If-Range" in request.headers else cut_range(request.headers["Range"], entry)
    if cut is None or request.method != "GET":
        return None
    headers, body = cut
    headers["Age"] = str(min(int(entry.freshness.age(now)), FOREVER))
    response = await respond(request, 206, "Partial Content", headers, body)
    note_cache_info(response, CacheInfo(from_cache=True, stored_at=entry.freshness.received))
    return response


def _asks_for_changes(request: ClientRequest, entry: StoredEntry) -> bool:
    asks = any(name in request.headers for name in VALIDATORS)
    return asks and entry.status == 200 and is_not_modified(request.headers, entry)


_ONE_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))", re.ASCII)


def cut_range(asked: str, entry: StoredEntry) -> tuple[CIMultiDict[str], bytes] | None:
    """Headers and body of the 206 for ``asked`` (a ``Range`` value) out of ``entry``.

    ``None`` when only the origin can answer: several ranges, a range outside the body, an encoded body (whose
    stored form is not what the offsets count), or anything but a complete 200.
    """
    match = _ONE_RANGE.fullmatch(asked.strip())
    size = len(entry.body)
    if match is None or entry.status != 200 or "Content-Encoding" in entry.headers:
        return None
    first, last, suffix = match.groups()
    start = int(first) if first else max(0, size - int(suffix))
    end = min(int(last), size - 1) if last else size - 1
    if start > end or suffix == "0":
        return None
    headers = entry.headers.copy()
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    headers["Content-Length"] = str(end - start + 1)
    return headers, entry.body[start : end + 1]
