"""Whole bodies only: what a site has packed is unpacked here, and a stream that breaks off is an error, not an answer.

aiohttp notices the end of ``deflate`` alone: of gzip, br and zstd it hands on what came before the cut.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from typing import Any

import aiohttp.compression_utils as codecs
from aiohttp import ClientHandlerType, ClientPayloadError, ClientRequest, ClientResponse
from aiohttp.base_protocol import BaseProtocol
from aiohttp.streams import StreamReader

MAX_BODY = 64 * 1024 * 1024
_STEP = 1024 * 1024
_BROTLI: Any = getattr(codecs, "brotli", None)
_ZSTD: Any = getattr(codecs, "ZstdDecompressor", None)
_KNOWN = {"gzip", "deflate"} | ({"br"} if _BROTLI else set()) | ({"zstd"} if _ZSTD else set())
_GZIP = b"\x1f\x8b"


class _CutError(Exception):
    """The stream ends before its end."""


async def whole_bodies(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """A client middleware, the innermost, for a session with ``auto_decompress=False``.

    Raises `aiohttp.ClientPayloadError` for a packed body that breaks off, cannot be unpacked, or is too long.
    """
    response = await handler(request)
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding in _KNOWN:
        replace_body(response, unpacked(encoding, await read_all(response)))
    return response


async def read_all(response: ClientResponse) -> bytes:
    """The rest of the body. Raises `aiohttp.ClientPayloadError` for one above `MAX_BODY`."""
    parts: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_BODY:
            response.close()
            raise ClientPayloadError(f"the body is longer than {MAX_BODY} bytes")
        parts.append(chunk)
    return b"".join(parts)


def replace_body(response: ClientResponse, body: bytes) -> None:
    """Let ``response`` be read or streamed as if it had come with ``body``."""
    loop = asyncio.get_running_loop()
    again = StreamReader(BaseProtocol(loop), max(2**16, len(body)), loop=loop)
    again.feed_data(body)
    again.feed_eof()
    response.content = again


def unpacked(encoding: str, raw: bytes, most: int = MAX_BODY) -> bytes:
    """``raw`` without its packing (``gzip``, ``deflate``, ``br``, ``zstd``). Raises `aiohttp.ClientPayloadError`."""
    parts: list[bytes] = []
    size = 0
    try:
        for part in _parts(encoding, raw) if raw else ():
            parts.append(part)
            size += len(part)
            if size > most:
                raise ClientPayloadError(f"the body unpacks to more than {most} bytes")
    except ClientPayloadError:
        raise
    except _CutError as error:
        raise ClientPayloadError(f"the body breaks off in the middle of its {encoding} stream") from error
    except Exception as error:  # each library has errors of its own, and one of them may not be installed
        raise ClientPayloadError(
            f"the body cannot be unpacked ({encoding}: {type(error).__name__})"
        ) from error
    return b"".join(parts)


def _parts(encoding: str, raw: bytes) -> Iterator[bytes]:
    if encoding == "br":
        return _brotli(raw)
    if encoding == "zstd":
        return _zstd(raw)
    if encoding == "gzip":
        return _zlib(raw, 16 + zlib.MAX_WBITS)
    # half of the world sends it without the header that belongs to it
    return _zlib(raw, zlib.MAX_WBITS if raw[0] & 0xF == 8 else -zlib.MAX_WBITS)


def _zlib(raw: bytes, bits: int) -> Iterator[bytes]:
    while raw:
        member = zlib.decompressobj(bits)
        while not member.eof:
            part = member.decompress(raw, _STEP)
            raw = member.unconsumed_tail
            if not part and not raw and not member.eof:
                raise _CutError
            yield part
        raw = member.unused_data if member.unused_data.startswith(_GZIP) else b""


def _brotli(raw: bytes) -> Iterator[bytes]:
    stream = _BROTLI.Decompressor()
    while not stream.is_finished():
        yield stream.process(raw, output_buffer_limit=_STEP)
        raw = b""
        if not stream.is_finished() and stream.can_accept_more_data():
            raise _CutError


def _zstd(raw: bytes) -> Iterator[bytes]:
    while raw:
        frame = _ZSTD()
        while not frame.eof:
            yield frame.decompress(raw, _STEP)
            raw = b""
            if not frame.eof and frame.needs_input:
                raise _CutError
        raw = frame.unused_data
