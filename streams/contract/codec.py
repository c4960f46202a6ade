"""Events and records as compact bytes: JSON, packed with Zstandard when that pays."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, TypeVar

import msgpack  # type: ignore[import-untyped]
from pydantic import BaseModel

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Model = TypeVar("Model", bound=BaseModel)
_MAGIC = b"\x28\xb5\x2f\xfd"
_WORTH_IT = 1024
_LIMIT = 256 * 1024 * 1024


def pack(model: BaseModel) -> bytes:
    """JSON without absent fields; Zstandard from 1 KiB up."""
    return pack_json(model.model_dump_json(exclude_none=True).encode())


def pack_json(raw: bytes) -> bytes:
    """The same for a model that is JSON already."""
    return zstd.compress(raw, 3) if len(raw) >= _WORTH_IT else raw


def for_lua(values: Mapping[str, Any]) -> bytes:
    """A table for a Lua script; the server's msgpack knows one type for text and bytes."""
    packed: bytes = msgpack.packb(values, use_bin_type=False)
    return packed


def unpack_bytes(packed: bytes) -> bytes:
    """The JSON that `pack` packed. Raises ``ValueError`` for anything else."""
    if packed[:4] != _MAGIC:
        return packed
    try:
        return zstd.ZstdDecompressor().decompress(packed, max_length=_LIMIT)
    except zstd.ZstdError as error:
        raise ValueError(f"packed value is damaged: {error}") from error


def unpack(kind: type[Model], packed: bytes) -> Model:
    """The model that `pack` packed. Raises ``ValueError`` when the bytes are no such model."""
    return kind.model_validate_json(unpack_bytes(packed))
