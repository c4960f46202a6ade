"""Refuses HTML that would take the parser minutes; real pages are far inside these limits.

The parser's work grows with the square of the nesting and of the attributes of one tag: 100 kB of opened ``div`` cost
seconds, 1 MB costs minutes. The scan here is linear and may be fooled about a page's meaning, never about its cost.
"""

from __future__ import annotations

import re
from collections import Counter

LARGEST = 6 * 1024 * 1024
"""Bytes of the largest page that is read; the largest recorded one has 300 kB."""

_DEEPEST = 250
_LONGEST_TAG = 1024  # without the quoted values, so that about 300 attributes fit
_QUOTED = re.compile(rb"""=\s*(?:"[^"]*"|'[^']*')""")
_TOKEN = re.compile(
    rb"<!-->|<!--->|<!--.*?(?:--!?>|\Z)"
    rb"|<(script|style|textarea|title|xmp|iframe|noembed|noframes)\b[^>]*(?:>|\Z).*?(?:</\1|\Z)"
    rb"|<(/?)([a-zA-Z][^\s/>]*)[^>]*(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_NEVER_DEEP = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li dt dd option optgroup"
    b" tr td th thead tbody tfoot colgroup".split()
)
"""Void elements, and those whose next sibling closes them."""


def too_costly(body: bytes) -> str:
    """Why ``body`` must not be parsed; empty when it may be."""
    if len(body) > LARGEST:
        return f"{len(body)} bytes are more than a page can have"
    opened: Counter[bytes] = Counter()
    depth = 0
    for token in _TOKEN.finditer(_QUOTED.sub(b"=", body)):
        name = token[3]
        if name is None:
            continue
        if token.end() - token.start() > _LONGEST_TAG:
            return "a tag is too long"
        depth += _step(opened, name.lower(), closing=bool(token[2]))
        if depth > _DEEPEST:
            return "the markup is nested too deeply"
    return ""


def _step(opened: Counter[bytes], name: bytes, *, closing: bool) -> int:
    if name in _NEVER_DEEP or (closing and not opened[name]):
        return 0
    opened[name] += -1 if closing else 1
    return -1 if closing else 1
