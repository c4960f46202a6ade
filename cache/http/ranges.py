"""Parts of a stored body: one byte range cut out of a complete answer (RFC 9110 14)."""

from __future__ import annotations

import re

from multidict import CIMultiDict

from cache.store.entry import StoredEntry

_ONE_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))", re.ASCII)


def cut_range(asked: str, entry: StoredEntry) -> tuple[CIMultiDict[str], bytes] | None:
    """Headers and body of the 206 for ``asked`` (a ``Range`` value) out of ``entry``.

    ``None`` when only the origin can answer: several ranges, a range outside the body, an encoded body (whose
    stored form is not what the offsets count), or anything but a complete 200.
    """
    match = _ONE_RANGE.fullmatch(asked.strip())
    size = len(entry.body)
    if match is None or entry.status != 200 or "Content-Encoding" in entry.headers:
        return None
    first, last, suffix = match.groups()
    start = int(first) if first else max(0, size - int(suffix))
    end = min(int(last), size - 1) if last else size - 1
    if start > end or suffix == "0":
        return None
    headers = entry.headers.copy()
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    headers["Content-Length"] = str(end - start + 1)
    return headers, entry.body[start : end + 1]
