"""One request as the rules see it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import aiohttp
from aiohttp import ClientRequest
from aiohttp.payload import Payload
from hishel import Headers, Request
from multidict import CIMultiDict

from cache.headers import Directives, parse_directives
from cache.http.secrets import credentials, redact_url
from cache.rules import ServiceRules

NO_DIRECTIVES: Directives = MappingProxyType({})
SAFE_METHODS = frozenset({"GET", "HEAD"})
_CONDITIONS = frozenset(
    {"if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range"}
)
_DIRECTING = _CONDITIONS | {"cache-control", "pragma"}
_FOR_HIMSELF = frozenset({"no-cache", "no-store"})


class CacheQuery(NamedTuple):
    """What is asked: ``method`` is GET for a declared POST query, ``url`` is without secrets, ``key`` is hashed.

    ``since`` is the instant (Unix seconds) before which stored answers do not count; 0 normally, the moment of
    asking when the caller wants the upstream's answer of today. ``plain`` tells that no header of the request
    directs the cache.
    """

    method: str
    url: str
    key: str
    headers: CIMultiDict[str]
    directives: Directives = NO_DIRECTIVES
    plain: bool = True
    since: float = 0.0

    @property
    def shares_flight(self) -> bool:
        """Whether the answer that somebody else is fetching just now may serve: not one to conditions of one's own."""
        if self.method != "GET":
            return False
        if self.plain or self.since:
            return True
        own = not _CONDITIONS.isdisjoint(map(str.lower, self.headers))
        return not own and _FOR_HIMSELF.isdisjoint(self.directives)

    def as_hishel(self) -> Request:
        """The same request in hishel's terms."""
        return Request(self.method, self.url, as_hishel_headers(self.headers))


def read_query(
    request: ClientRequest, rules: ServiceRules, prefix: str, since: float, body: bytes | None = None
) -> CacheQuery:
    """The query in ``request``; ``body`` is that of a declared query (see `body_of_query`)."""
    headers = request.headers
    plain = not _directs_the_cache(tuple(headers))
    url = _address(redact_url(request.url, rules.secret_params), rules)
    digest = hashlib.sha256(url.encode("utf-8", "surrogateescape"))
    if body is not None:
        digest.update(b"\0" + hashlib.sha256(body).digest())
    for name, stand_in in credentials(headers, rules):
        digest.update(f"\0{name}\0{stand_in}".encode())
    return CacheQuery(
        request.method if body is None else "GET",
        url,
        f"{prefix}:{rules.service}:{digest.hexdigest()}",
        headers,
        NO_DIRECTIVES if plain else _directives(headers),
        plain,
        since,
    )


def _address(url: str, rules: ServiceRules) -> str:
    if rules.stands_for is None:
        return url
    own, other = rules.stands_for
    return other + url.removeprefix(own) if url.startswith(own) else url


@lru_cache(1024)
def _directs_the_cache(names: tuple[str, ...]) -> bool:
    return not _DIRECTING.isdisjoint(map(str.lower, names))


def is_declared_query(request: ClientRequest, rules: ServiceRules) -> bool:
    """Whether this POST only asks (GraphQL), by its address."""
    return str(request.url).split("?", 1)[0] in rules.post_urls


async def body_of_query(request: ClientRequest) -> bytes | None:
    """Media type and body of a declared query; ``None`` for a body that cannot be read twice."""
    payload: Payload | bytes = request.body
    if isinstance(payload, aiohttp.BytesPayload):
        payload = await payload.as_bytes()
    if not isinstance(payload, bytes):
        return None
    return request.headers.get("Content-Type", "").encode() + b"\0" + payload


def as_hishel_headers(headers: CIMultiDict[str]) -> Headers:
    """Header lines grouped by name, as hishel's models want them."""
    grouped: dict[str, list[str]] = {}
    for name, value in headers.items():
        grouped.setdefault(name.lower(), []).append(value)
    return Headers(grouped)


def _directives(headers: CIMultiDict[str]) -> dict[str, str | None]:
    directives = parse_directives(headers.getall("Cache-Control", ()))
    if not directives and "no-cache" in headers.get("Pragma", "").lower():
        return {"no-cache": None}
    return directives
