"""AniDB's XML, unpacked and read as a stream, within limits and without trust."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Collection, Iterator
from html.entities import name2codepoint
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import iterparse

from sources.errors import NotAnEntry

LARGEST = 32 * 1024 * 1024
"""Bytes of the largest unpacked document that is read; the document of One Piece has a few MB."""
LARGEST_DUMP = 128 * 1024 * 1024
"""The same for the dump of titles; that of 2024-04 has 6.8 million bytes."""
MOST_ELEMENTS = 250_000
DEEPEST = 32
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_REFERENCE = re.compile(
    rb"&(?:#(?P<number>x[0-9a-fA-F]{1,6}|[0-9]{1,7});|(?P<name>[A-Za-z][A-Za-z0-9]{1,9});)?"
)
_GZIP = b"\x1f\x8b"


def unpack(body: bytes, largest: int = LARGEST) -> bytes:
    """``body`` without gzip, whether or not a header announced it. Raises `NotAnEntry` when broken or too large."""
    plain, whole = _inflate(body, largest + 1) if body[:2] == _GZIP else (body, True)
    if len(plain) > largest:
        raise NotAnEntry("error", f"more than {largest} bytes of XML")
    if not whole:
        raise NotAnEntry("error", "the packed answer broke off")
    return plain


def opening(body: bytes, size: int = 4096) -> bytes:
    """The first bytes of the unpacked body, without byte order mark; empty when they cannot be read."""
    try:
        plain = _inflate(body[: 4 * size], size)[0] if body[:2] == _GZIP else body[:size]
    except NotAnEntry:
        return b""
    return plain.removeprefix(b"\xef\xbb\xbf").lstrip()


def mend(text: bytes, repaired: list[str]) -> bytes:
    """The unpacked ``text`` without what a reader of XML stumbles over; what was mended is named in ``repaired``.

    These are characters that XML forbids, written or by number, names of characters that only HTML knows (``&nbsp;``),
    lone ``&`` signs, bytes that are no UTF-8, and anything before the first ``<``.
    """
    sound = text.decode("utf-8", "replace").encode()
    notes = {"encoding": sound != text}
    start = max(sound.find(b"<"), 0)
    notes["leading_text"] = start > 0
    plain = _FORBIDDEN.sub(b" ", sound[start:])
    notes["control_characters"] = plain != sound[start:]
    mended = _REFERENCE.sub(_as_xml, plain)
    notes["entities"] = mended != plain
    repaired += [name for name, found in notes.items() if found]
    return mended


def _as_xml(reference: re.Match[bytes]) -> bytes:
    """A reference as XML knows it: the number for a name of HTML's, nothing for a forbidden number."""
    name = (reference["name"] or b"").decode()
    if name in {"amp", "lt", "gt", "quot", "apos"}:
        return reference[0]
    if name in name2codepoint:
        return b"&#%d;" % name2codepoint[name]
    return b"&amp;" + reference[0][1:] if not reference["number"] else _numbered(reference)


def _numbered(reference: re.Match[bytes]) -> bytes:
    digits = reference["number"].decode()
    code = int(digits[1:], 16) if digits[:1] in "xX" else int(digits)
    lawful = (
        code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    )
    return reference[0] if lawful else b" "


def _inflate(body: bytes, largest: int) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        return unpacker.decompress(body, largest), unpacker.eof
    except zlib.error as error:
        raise NotAnEntry("error", "the packed answer is damaged") from error


def elements(body: bytes, paths: Collection[str], most: int = MOST_ELEMENTS) -> Iterator[tuple[str, Element]]:
    """The root when it opens (path ``""``), then every element at one of ``paths`` (at most two deep) when complete.

    An element is emptied as soon as the caller asks for the next one, so memory does not grow with the document.
    Declarations of types and entities are refused. Raises `NotAnEntry`.
    """
    reader = iterparse(io.BytesIO(body), events=("start", "end"), forbid_dtd=True)
    try:
        yield from _walk(reader, paths, most)
    except NotAnEntry:
        raise
    except (ParseError, ValueError, LookupError) as error:  # damaged, forbidden, unknown encoding
        raise NotAnEntry("error", f"no sound XML ({type(error).__name__})") from error


def _walk(
    reader: Iterator[tuple[str, Element]], paths: Collection[str], most: int
) -> Iterator[tuple[str, Element]]:
    open_elements: list[Element] = []
    count = 0
    for event, element in reader:
        if event == "start":
            count += 1
            if count > most or len(open_elements) >= DEEPEST:
                raise NotAnEntry("error", "more or deeper elements than a document can have")
            if not open_elements:
                yield "", element
            open_elements.append(element)
            continue
        open_elements.pop()
        if len(open_elements) not in {1, 2}:
            continue
        path = "/".join([*(above.tag for above in open_elements[1:]), element.tag])
        if path in paths:
            yield path, element
        elif len(open_elements) == 2 and open_elements[1].tag in paths:
            continue  # part of an element that is asked for as a whole
        element.clear()
        open_elements[-1].remove(element)
