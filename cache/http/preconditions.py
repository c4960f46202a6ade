"""Conditional requests: the validators we send, and the caller's own that we answer (RFC 9110 13)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from multidict import CIMultiDict

from cache.headers import http_date
from cache.store.entry import StoredEntry

VALIDATORS = ("If-None-Match", "If-Modified-Since")
_ABOUT_THE_BODY = frozenset(
    {"content-length", "content-encoding", "content-type", "content-language", "content-range"}
)


def validators_for(known: Sequence[StoredEntry]) -> dict[str, str]:
    """Request headers that ask the origin whether one of ``known`` (newest first) still holds."""
    tags = dict.fromkeys(tag for entry in known if (tag := entry.headers.get("ETag")))
    headers = {"If-None-Match": ", ".join(tags)} if tags else {}
    if known and (modified := known[0].headers.get("Last-Modified")):
        headers["If-Modified-Since"] = modified
    return headers


def is_not_modified(asked: CIMultiDict[str], entry: StoredEntry) -> bool:
    """Whether the caller already holds ``entry``, by the validators in ``asked``."""
    tags = asked.getall("If-None-Match", None)
    if tags is not None:
        wanted = {_weak(tag.strip()) for tag in ",".join(tags).split(",")}
        tag = entry.headers.get("ETag")
        return "*" in wanted or (tag is not None and _weak(tag) in wanted)
    since = http_date(asked.get("If-Modified-Since"))
    if since is None:
        return False
    modified = http_date(entry.headers.get("Last-Modified")) or http_date(entry.headers.get("Date"))
    return (modified or entry.freshness.born) <= since


def not_modified_headers(headers: CIMultiDict[str]) -> CIMultiDict[str]:
    """What a 304 repeats of a stored answer's headers (RFC 9110 15.4.5): all but what describes a body."""
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in _ABOUT_THE_BODY
    )


def _weak(tag: str) -> str:
    return tag.removeprefix("W/")


@contextmanager
def asking_for_changes(headers: CIMultiDict[str], known: Sequence[StoredEntry]) -> Iterator[None]:
    """In this block request ``headers`` ask after ``known`` (newest first); the caller's own validators come back."""
    if not known:
        yield
        return
    theirs = [(name, value) for name in VALIDATORS for value in headers.popall(name, ())]
    headers.update(validators_for(known))
    try:
        yield
    finally:
        for name in VALIDATORS:
            headers.popall(name, None)
        headers.extend(theirs)
