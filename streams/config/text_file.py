"""Text files as people's programs write them: with or without a byte order mark, as UTF-8 or UTF-16, packed or not."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LARGEST = 1024 * 1024 * 1024
"""Bytes of the largest unpacked file that is read; the data set of anime-offline-database has some 60 million."""

_PACKED = b"\x28\xb5\x2f\xfd"
_STEP = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(path: Path, largest: int = LARGEST) -> str:
    """The text of ``path``. Raises ``OSError``, ``ValueError`` for what is no text or longer than ``largest`` bytes."""
    return as_text(path.read_bytes(), largest)


def as_text(content: bytes, largest: int = LARGEST) -> str:
    """The text in ``content``, which may be packed (zstd); line ends become ``\\n``. Raises ``ValueError``."""
    plain = _unpacked(content, largest) if content.startswith(_PACKED) else content
    text = plain.decode(_encoding(plain))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding(content: bytes) -> str:
    """By the mark at the beginning; without one, every second byte of an ASCII sign in UTF-16 is nought."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    if len(content) % 2 == 0 and 0 in content[:2] and any(content[:2]):
        return "utf-16-le" if content[1] == 0 else "utf-16-be"
    return "utf-8"


def _unpacked(content: bytes, largest: int) -> bytes:
    """All frames of ``content``; a file that would fill the memory is given up at ``largest``."""
    parts: list[bytes] = []
    size, rest = 0, content
    while rest:
        frame = zstd.ZstdDecompressor()
        while not frame.eof:
            part = _step(frame, rest)
            rest, size = b"", size + len(part)
            if size > largest:
                raise ValueError(f"unpacks to more than {largest} bytes")
            parts.append(part)
        rest = frame.unused_data
    return b"".join(parts)


def _step(frame: zstd.ZstdDecompressor, packed: bytes) -> bytes:
    if frame.needs_input and not packed:
        raise ValueError("the packed file breaks off")
    try:
        part: bytes = frame.decompress(packed, _STEP)
    except zstd.ZstdError as error:
        raise ValueError(f"no sound zstd file ({error})") from error
    return part
