"""One stored answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import NamedTuple

from multidict import CIMultiDict

from cache.freshness import Freshness


class StoredEntry(NamedTuple):
    """An answer with what is needed to judge and to repeat it; shared by all who read it, so never changed.

    Args:
        id: name of this variant under its key, 16 bytes.
        method: the method that the rules see (a declared POST query counts as GET).
        url: address without secrets.
        chosen_by: normalised request headers named in ``Vary``.
        status: HTTP status.
        reason: reason phrase.
        headers: end-to-end response headers, names as received.
        freshness: its clock.
        body: decoded body.
    """

    id: bytes
    method: str
    url: str
    chosen_by: Mapping[str, str | None]
    status: int
    reason: str
    headers: CIMultiDict[str]
    freshness: Freshness
    body: bytes


def new_entry_id() -> bytes:
    """A fresh variant name."""
    return uuid.uuid4().bytes
