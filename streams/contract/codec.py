"""Events and records as compact bytes: JSON, packed with Zstandard when that pays.

``dictionary.json``, a record of a made-up work, lends its words to everything that is packed. What was packed with it can
be read with nothing else: that file never changes; another one would get a mark of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import msgpack  # type: ignore[import-untyped]
from pydantic import BaseModel

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Model = TypeVar("Model", bound=BaseModel)
_MAGIC = b"\x28\xb5\x2f\xfd"
_MARK = b"\x01"
"""Stands before what was packed with the dictionary; what versions before packed begins with Zstandard's own sign."""
_LEVEL = 9
_WORTH_IT = 512
_LIMIT = 256 * 1024 * 1024


def pack(model: BaseModel) -> bytes:
    """JSON without absent fields; Zstandard from half a KiB up."""
    return pack_json(model.model_dump_json(exclude_none=True).encode())


def pack_json(raw: bytes) -> bytes:
    """The same for a model that is JSON already."""
    if len(raw) < _WORTH_IT:
        return raw
    return _MARK + zstd.compress(raw, _LEVEL, zstd_dict=_dictionary().as_digested_dict)


@cache
def _dictionary() -> zstd.ZstdDict:
    return zstd.ZstdDict((files("streams.contract") / "dictionary.json").read_bytes(), is_raw=True)


def for_lua(values: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """A table for a Lua script; the server's msgpack knows one type for text and bytes."""
    packed: bytes = msgpack.packb(values, use_bin_type=False)
    return packed


def unpack_bytes(packed: bytes) -> bytes:
    """The JSON that `pack` packed. Raises ``ValueError`` for anything else."""
    marked = packed[:1] == _MARK
    if not marked and packed[:4] != _MAGIC:
        return packed
    try:
        if marked:
            return zstd.ZstdDecompressor(_dictionary()).decompress(packed[1:], max_length=_LIMIT)
        return zstd.ZstdDecompressor().decompress(packed, max_length=_LIMIT)
    except zstd.ZstdError as error:
        raise ValueError(f"packed value is damaged: {error}") from error


def unpack(kind: type[Model], packed: bytes) -> Model:
    """The model that `pack` packed. Raises ``ValueError`` when the bytes are no such model."""
    return kind.model_validate_json(unpack_bytes(packed))
