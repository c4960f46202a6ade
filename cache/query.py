"""One request as the rules see it."""

from __future__ import annotations

import hashlib
from types import MappingProxyType
from typing import NamedTuple

import aiohttp
from aiohttp import ClientRequest
from aiohttp.payload import Payload
from hishel import Headers, Request
from multidict import CIMultiDict

from cache.directives import Directives, parse_directives
from cache.rules import ServiceRules
from cache.secrecy import credentials, redact_url

NO_DIRECTIVES: Directives = MappingProxyType({})
SAFE_METHODS = frozenset({"GET", "HEAD"})
_DIRECTING = ("Cache-Control", "Pragma", "Range", "If-None-Match", "If-Modified-Since", "If-Match",
              "If-Unmodified-Since", "If-Range")  # fmt: skip


class Query(NamedTuple):
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

    def as_hishel(self) -> Request:
        """The same request in hishel's terms."""
        return Request(self.method, self.url, as_hishel_headers(self.headers))


async def read_query(request: ClientRequest, rules: ServiceRules, prefix: str, since: float) -> Query | None:
    """The query in ``request``; ``None`` when its body cannot be read twice, so that the cache must stand aside."""
    method, body = request.method, b""
    if method == "POST" and is_declared_query(request, rules):
        known = await _body_of(request)
        if known is None:
            return None
        method = "GET"
        body = request.headers.get("Content-Type", "").encode() + b"\0" + known
    plain = not any(name in request.headers for name in _DIRECTING)
    url = redact_url(request.url, rules.secret_params)
    return Query(
        method=method,
        url=url,
        key=f"{prefix}:{rules.service}:{_digest(request, url, body)}",
        headers=request.headers,
        directives=NO_DIRECTIVES if plain else _directives(request.headers),
        plain=plain,
        since=since,
    )


def is_declared_query(request: ClientRequest, rules: ServiceRules) -> bool:
    """Whether this POST only asks (GraphQL), by its address."""
    return str(request.url).split("?", 1)[0] in rules.post_urls


def as_hishel_headers(headers: CIMultiDict[str]) -> Headers:
    """Header lines grouped by name, as hishel's models want them."""
    grouped: dict[str, list[str]] = {}
    for name, value in headers.items():
        grouped.setdefault(name.lower(), []).append(value)
    return Headers(grouped)


def _digest(request: ClientRequest, url: str, body: bytes) -> str:
    digest = hashlib.sha256(url.encode("utf-8", "surrogateescape"))
    digest.update(b"\0" + hashlib.sha256(body).digest() if body else b"")
    for name, stand_in in credentials(request.headers):
        digest.update(f"\0{name}\0{stand_in}".encode())
    return digest.hexdigest()


async def _body_of(request: ClientRequest) -> bytes | None:
    payload: Payload | bytes = request.body
    if isinstance(payload, bytes):
        return payload
    return await payload.as_bytes() if isinstance(payload, aiohttp.BytesPayload) else None


def _directives(headers: CIMultiDict[str]) -> dict[str, str | None]:
    directives = parse_directives(headers.getall("Cache-Control", ()))
    if not directives and "no-cache" in headers.get("Pragma", "").lower():
        return {"no-cache": None}
    return directives
