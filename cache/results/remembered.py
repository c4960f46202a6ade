"""Remembered work: what was made of stored answers, under everything else that went into it. Never pickle.

A key is made by `key_of` from all inputs that are no stored answers; the answers themselves are the parts. What is
remembered is believed only while each part lies in the store as it was read, and its own hash holds. It lies in the
cache's space, runs out with the first of its parts, and may be thrown away at any time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cache import clock
from cache.bypass import SINCE
from cache.manager import HTTPCacheManager
from cache.reads import Part, Reads, note_read
from cache.results.decorator import RESULT_PREFIX
from cache.store.codec import CorruptValueError, seal, unseal
from cache.store.storage import StorageDownError

log = logging.getLogger(__name__)

LARGEST = 4 * 1024 * 1024
"""Bytes; what is larger is made anew each time."""
MOST_PARTS = 200
_VARIANT = b"the one memory.."
_LONGEST = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was remembered: ``note`` says in small what ``body`` is; ``oldest`` is when its oldest part was stored."""

    note: Mapping[str, Any]
    body: bytes
    oldest: float


def key_of(source: str, kind: str, *inputs: str) -> str:
    """The key of the work ``kind`` for ``source``; two different lists of inputs never meet."""
    written = json.dumps(inputs).encode("utf-8", "surrogatepass")
    return f"{RESULT_PREFIX}:{source}:{kind}:{hashlib.sha256(written).hexdigest()}"


class Memory:
    """Over one cache; ``enabled`` false: nothing is remembered and nothing recalled."""

    def __init__(self, manager: HTTPCacheManager, *, enabled: bool = True) -> None:
        self.manager = manager
        self.enabled = enabled and manager.options.enabled

    async def recall(self, key: str) -> Recalled | None:
        """What is remembered under ``key`` and still holds; who wants the sites' answers of today gets nothing."""
        if not self.enabled or SINCE.get():
            return None
        try:
            blob = await self.manager.storage().recall(key, clock.now())
            return None if blob is None else _opened(key, blob)
        except (StorageDownError, CorruptValueError, TypeError, ValueError) as error:
            log.debug("cache: %s is made anew (%s)", key, error)
            return None

    async def remember(self, key: str, note: Mapping[str, Any], body: bytes, reads: Reads) -> bool:
        """Keep what was made of ``reads``; whether it was kept."""
        now = clock.now()
        lasting = min(reads.until, now + _LONGEST)
        fits = len(body) <= LARGEST and 0 < len(reads.parts) <= MOST_PARTS
        if not self.enabled or reads.loose or not fits or lasting - now < 1.0:
            return False
        parts = [[part.key, _as_text(part.name), part.at] for part in reads.parts]
        oldest = 0.0 if math.isinf(reads.oldest) else reads.oldest
        head = [lasting, parts, oldest, dict(note), _hash(key, parts, oldest, note, body)]
        try:
            variant = (_VARIANT, seal(head, body, now))
            return await self.manager.storage().put(key, variant, lasting - now)
        except StorageDownError as error:
            log.debug("cache: %s is not remembered (%s)", key, error)
            return False


def _opened(key: str, blob: bytes) -> Recalled:
    """Raises `CorruptValueError` unless the blob is what was remembered under this very key."""
    (until, parts, oldest, note, digest), body = unseal(blob)
    if digest != _hash(key, parts, oldest, note, body):
        raise CorruptValueError("what is remembered is not what was made")
    for part_key, name, at in parts:
        note_read(Part(part_key, name.encode("utf-8", "surrogateescape"), at), until, oldest)
    return Recalled(note, body, oldest)


def _hash(key: str, parts: list[Any], oldest: float, note: Mapping[str, Any], body: bytes) -> str:
    told = json.dumps([key, parts, oldest, note], sort_keys=True).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told + b"\0" + body, digest_size=16).hexdigest()


def _as_text(name: bytes) -> str:
    """Bytes as msgpack carries them for a script: the server knows one type for text and bytes."""
    return name.decode("utf-8", "surrogateescape")
