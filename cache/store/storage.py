"""What the cache needs from a store: named variants of bytes under a key, each with a time to live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cache.store.link import StorageDownError

__all__ = ["Storage", "StorageDownError", "Variant"]

Variant = tuple[bytes, bytes]
"""Name (16 bytes) and value of one stored answer."""


class Storage(Protocol):
    """A store of one event loop. Every method raises `StorageDownError` when the store cannot do it now."""

    async def get(self, key: str) -> list[Variant]:
        """All variants under ``key`` that have not run out."""

    async def put(
        self, key: str, variant: Variant, ttl: float, *, replaces: Sequence[bytes] = (), token: str = ""
    ) -> bool:
        """Store ``variant`` for ``ttl`` seconds in place of ``replaces``.

        With the ``token`` of a lease it is stored only while that lease is held, and the lease is given back in
        the same step. Whether it was stored.
        """

    async def recall(self, key: str, now: float) -> bytes | None:
        """The value under ``key`` whose head says that it holds at ``now`` (Unix seconds) and whose parts still lie there.

        Values without such a head (see `cache.results.remembered`) are none.
        """

    async def drop(self, key: str, names: Sequence[bytes]) -> None:
        """Forget variants; all of ``key`` when ``names`` is empty."""

    async def aclose(self) -> None:
        """Let go of connections and files of this event loop."""
