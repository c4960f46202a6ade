"""Stored entries as bytes: version, checksum, msgpack head, body (zstd when it pays). Never pickle."""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgpack  # type: ignore[import-untyped]
from multidict import CIMultiDict

from cache.freshness import Freshness
from cache.store.entry import StoredEntry

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

VERSION = 1
_HEADER = struct.Struct("<BIBdI")
HEADER_SIZE = _HEADER.size
_SEALED = struct.calcsize("<BI")
"""Where the checksummed part begins."""

_PLAIN, _ZSTD = 0, 1
_WORTH_COMPRESSING = 8192
_WORTH_KEEPING = 0.9
_LEVEL = 3


class CorruptValueError(ValueError):
    """Stored bytes that are damaged, cut short, or of another version."""


def seal(head: Any, body: bytes, stored_at: float) -> bytes:
    """Bytes of ``head`` (anything msgpack can carry) and ``body``.

    Layout: version, CRC-32 of all that follows; encoding of the body, ``stored_at`` (Unix seconds), length of the head;
    head; body.
    """
    encoding = _PLAIN
    if len(body) >= _WORTH_COMPRESSING:
        small = zstd.compress(body, _LEVEL)
        if len(small) < len(body) * _WORTH_KEEPING:
            encoding, body = _ZSTD, small
    packed: bytes = msgpack.packb(head, unicode_errors="surrogateescape")
    blob = _HEADER.pack(VERSION, 0, encoding, stored_at, len(packed)) + packed + body
    checksum = zlib.crc32(memoryview(blob)[_SEALED:])
    return _HEADER.pack(VERSION, checksum, encoding, stored_at, len(packed)) + blob[HEADER_SIZE:]


def unseal(blob: bytes) -> tuple[Any, bytes]:
    """Head and body of `seal`. Raises `CorruptValueError` rather than give a wrong or half body."""
    packed, body = _open(blob)
    return _unpacked(packed), body


def _open(blob: bytes) -> tuple[bytes, bytes]:
    """The head, still packed, and the body."""
    if len(blob) < HEADER_SIZE:
        raise CorruptValueError("stored value is cut short")
    version, checksum, encoding, _, size = _HEADER.unpack_from(blob)
    if version != VERSION:
        raise CorruptValueError(f"stored value has version {version}, not {VERSION}")
    if zlib.crc32(memoryview(blob)[_SEALED:]) != checksum:
        raise CorruptValueError("stored value is damaged")
    start = HEADER_SIZE + size
    return blob[HEADER_SIZE:start], _inflate(memoryview(blob)[start:]) if encoding == _ZSTD else blob[start:]


def _unpacked(packed: bytes) -> Any:
    try:
        return msgpack.unpackb(packed, unicode_errors="surrogateescape")
    except (ValueError, msgpack.UnpackException) as error:
        raise CorruptValueError("stored value cannot be read") from error


def _inflate(body: memoryview) -> bytes:
    # One frame of ours, so the module's loop over frames (half of the cost of a small body) is not needed.
    decompressor = zstd.ZstdDecompressor()
    try:
        inflated: bytes = decompressor.decompress(body)
    except (ValueError, zstd.ZstdError) as error:
        raise CorruptValueError("stored body cannot be read") from error
    if not decompressor.eof or decompressor.unused_data:
        raise CorruptValueError("stored body is cut short")
    return inflated


def sealed_at(blob: bytes) -> float:
    """When ``blob`` (its first `HEADER_SIZE` bytes suffice) was stored; 0 when that cannot be read."""
    if len(blob) < HEADER_SIZE or blob[0] != VERSION:
        return 0.0
    stored_at: float = _HEADER.unpack_from(blob)[3]
    return stored_at


def pack_entry(entry: StoredEntry) -> bytes:
    """Bytes of ``entry``; its id is kept beside them, not in them."""
    return seal(
        (
            entry.method,
            entry.url,
            dict(entry.chosen_by),
            entry.status,
            entry.reason,
            list(entry.headers.items()),
            tuple(entry.freshness),
        ),
        entry.body,
        entry.freshness.received,
    )


def unpack_entry(entry_id: bytes, blob: bytes) -> StoredEntry:
    """The entry in ``blob``. Raises `CorruptValueError`."""
    packed, body = _open(blob)
    return StoredEntry(entry_id, *_head(packed), body)


@lru_cache(256)
def _head(packed: bytes) -> tuple[str, str, Mapping[str, str | None], int, str, CIMultiDict[str], Freshness]:
    """All of an entry but its id and body. What is asked for often is unpacked once, so nobody may change it."""
    try:
        method, url, chosen_by, status, reason, headers, clock = _unpacked(packed)
        return method, url, chosen_by, status, reason, CIMultiDict(headers), Freshness._make(clock)
    except (TypeError, ValueError) as error:
        raise CorruptValueError("stored value has another shape") from error
