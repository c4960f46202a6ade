"""Which request headers chose an answer (RFC 9111 4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from multidict import CIMultiDict, CIMultiDictProxy

from cache.http.secrets import fingerprint, is_secret_name

Fields = CIMultiDict[str] | CIMultiDictProxy[str]

_UNORDERED = frozenset({"accept", "accept-charset", "accept-encoding", "accept-language"})
"""Lists whose members carry their own weight: order and case say nothing."""


def selecting_headers(request: Fields, response: Fields) -> dict[str, str | None]:
    """Normalised value of every request header that ``response`` names in ``Vary``; ``*`` is kept as a name."""
    names = {name.strip().lower() for value in response.getall("Vary", ()) for name in value.split(",")}
    return {name: normalised(request, name) for name in sorted(names) if name}


def selects(request: Fields, chosen: Mapping[str, str | None]) -> bool:
    """Whether ``request`` would have been given the same answer."""
    for name, value in chosen.items():  # noqa: SIM110 - every hit comes by, and a generator takes three times as long
        if name == "*" or normalised(request, name) != value:
            return False
    return True


def normalised(request: Fields, name: str) -> str | None:
    """One comparable text for all lines of ``name``; a secret is replaced by its fingerprint."""
    values = request.getall(name, None)
    if values is None:
        return None
    return _normalised(name, ",".join(values))


@lru_cache(1024)
def _normalised(name: str, text: str) -> str:
    parts = [" ".join(part.split()) for part in text.split(",")]
    if name in _UNORDERED:
        parts = sorted(part.lower().replace(" ", "") for part in parts)
    text = ",".join(parts)
    return fingerprint(text) if is_secret_name(name) else text
