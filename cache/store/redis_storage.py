"""The cache in Redis: one hash per key, one field per variant, one round trip per hit."""

from __future__ import annotations

from collections.abc import Sequence

from cache.lua_script import lua_script
from cache.store.link import Link
from cache.store.storage import Variant
from cache.store.wire import Word

_STORE = lua_script("cache", "cache_store")
_RECALL = lua_script("cache", "cache_recall")


def lease_key(key: str) -> str:
    """The key of the lease beside ``key``; also the channel on which its waiters are woken."""
    return f"{key}:lease"


class RedisStorage:
    """A `Storage` over one `Link`."""

    def __init__(self, link: Link) -> None:
        self.link = link

    async def get(self, key: str) -> list[Variant]:
        """All variants under ``key``."""
        flat = await self.link.call("HGETALL", key)
        return list(zip(flat[::2], flat[1::2], strict=False))

    async def recall(self, key: str, now: float) -> bytes | None:
        """See `Storage.recall`: one round trip, and only what holds comes over the wire."""
        found: bytes | None = await self.link.run(_RECALL, (key,), (repr(now),))
        return found

    async def put(
        self, key: str, variant: Variant, ttl: float, *, replaces: Sequence[bytes] = (), token: str = ""
    ) -> bool:
        """Store ``variant``; see `Storage.put`."""
        args: tuple[Word, ...] = (
            token,
            max(1, int(ttl * 1000)),
            *variant,
            *(name for name in replaces if name != variant[0]),
        )
        return bool(await self.link.run(_STORE, (key, lease_key(key)), args))

    async def drop(self, key: str, names: Sequence[bytes]) -> None:
        """Forget variants; all of ``key`` when ``names`` is empty."""
        await (self.link.call("HDEL", key, *names) if names else self.link.call("UNLINK", key))

    async def aclose(self) -> None:
        """Hang up."""
        await self.link.aclose()
