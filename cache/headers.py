"""Cache-Control: directives by name, the first of each, as RFC 9111 5.2 reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Directives = Mapping[str, str | None]

FOREVER = 2**31 - 1
"""The longest lifetime in seconds that RFC 9111 1.2.2 asks a cache to tell apart."""

_DIRECTIVE = re.compile(r'\s*([^\s=,;"]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?\s*(?:,|$)')


def parse_directives(values: Iterable[str]) -> dict[str, str | None]:
    """Directives of all ``Cache-Control`` lines; names in lower case, ``None`` for one without a value."""
    text = ", ".join(values)
    found: dict[str, str | None] = {}
    position = 0
    while position < len(text):
        match = _DIRECTIVE.match(text, position)
        if match:
            found.setdefault(match[1].lower(), match[3] if match[2] is None else match[2])
            position = max(match.end(), position + 1)
        else:
            comma = text.find(",", position)
            position = len(text) if comma < 0 else comma + 1
    return found


def directive_seconds(directives: Directives, name: str) -> int | None:
    """The number of ``name``; ``None`` when absent, 0 when it is no number (so that nothing stays fresh by mistake)."""
    if name not in directives:
        return None
    value = directives[name]
    if value is None or not (value.isascii() and value.isdigit()):
        return 0
    return min(int(value), FOREVER)


def write_directives(directives: Directives) -> str:
    """The header line for ``directives``."""
    return ", ".join(name if value is None else f"{name}={value}" for name, value in directives.items())
