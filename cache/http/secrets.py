"""What counts as a secret, and how to tell two of them apart without keeping either."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from functools import lru_cache

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from cache.rules import ServiceRules

_SECRET = re.compile(
    r"auth|token|secret|api[-_]?key|passw|session|cookie|credential|signature|client[-_]?id", re.IGNORECASE
)
_SALT = b"anime-enrich cache, version 1\0"


@lru_cache(1024)
def is_secret_name(name: str) -> bool:
    """Whether a header or query parameter of this name usually carries a secret."""
    return _SECRET.search(name) is not None


def fingerprint(value: str) -> str:
    """A stand-in for a secret: equal for equal values, useless to whoever reads the cache."""
    return hashlib.sha256(_SALT + value.encode("utf-8", "surrogateescape")).hexdigest()[:32]


_BY_RFC = ServiceRules("", ttl=None)
_HARMLESS = re.compile(
    r"accept(-.*)?|user-agent|host|connection|keep-alive|content-(type|length|encoding)|transfer-encoding|te|expect"
    r"|cache-control|pragma|range|if-.*|date|referer|origin|dnt|priority|sec-.*|upgrade-insecure-requests"
    r"|traceparent|tracestate|baggage|via|x-requested-with"
)


@lru_cache(1024)
def parting_names(names: tuple[str, ...], named: tuple[str, ...], known_only: bool) -> tuple[str, ...]:
    """Those of ``names`` by which askers are told apart, in lower case and a fixed order."""
    lower, own = {name.lower() for name in names}, {name.lower() for name in named}
    parts = {
        name
        for name in lower
        if name in own or is_secret_name(name) or not (known_only or _HARMLESS.fullmatch(name))
    }
    return tuple(sorted(parts))


def credentials(
    headers: CIMultiDict[str] | CIMultiDictProxy[str], rules: ServiceRules = _BY_RFC
) -> list[tuple[str, str]]:
    """Name and fingerprint of every header that may say who is asking, in a fixed order.

    That is what the rules name, what is called like a secret, and, under lifetimes of our own, whatever is not known to
    be harmless; where RFC 9111 decides, the origin says by ``Vary`` what its answers depend on.
    """
    names = parting_names(tuple(headers), rules.secret_headers, rules.ttl is None)
    return [(name, fingerprint(value)) for name in names for value in headers.getall(name)] if names else []


def redact_url(url: URL, secret_params: Collection[str] = ()) -> str:
    """``url`` with the values of secret query parameters replaced by fingerprints, without user and password."""
    text = str(url)
    if "?" not in text and "@" not in text:
        return text
    url = url.with_user(None) if url.raw_user or url.raw_password else url
    asked = url.raw_query_string
    if not asked or (not secret_params and "%" not in asked and _SECRET.search(asked) is None):
        return str(url)
    if not any(name in secret_params or is_secret_name(name) for name in url.query):
        return str(url)
    pairs = [
        (name, fingerprint(value) if name in secret_params or is_secret_name(name) else value)
        for name, value in url.query.items()
    ]
    return str(url.with_query(pairs))
