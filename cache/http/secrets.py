"""What counts as a secret, and how to tell two of them apart without keeping either."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from functools import lru_cache

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

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


@lru_cache(1024)
def secret_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of ``names`` that carry secrets, in lower case and a fixed order."""
    return tuple(sorted({name.lower() for name in names if is_secret_name(name)}))


def credentials(headers: CIMultiDict[str] | CIMultiDictProxy[str]) -> list[tuple[str, str]]:
    """Name and fingerprint of every header that says who is asking, in a fixed order."""
    names = secret_names(tuple(headers))
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
