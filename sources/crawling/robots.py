"""robots.txt as RFC 9309 has it: the longest matching rule decides, a missing file allows, an unreachable one forbids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

MAX_BYTES = 512 * 1024
"""What is parsed at most; the RFC asks for 500 KiB at least."""
_UNRESERVED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")


@dataclass(slots=True)
class Group:
    """The rules for some user agents: ``(allowed, path pattern)``, and a Crawl-delay in seconds if one is given."""

    agents: list[str] = field(default_factory=list)
    rules: list[tuple[bool, str]] = field(default_factory=list)
    delay: float | None = None


@dataclass(frozen=True, slots=True)
class Robots:
    """What one site asks of one crawler."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay: float | None = None

    def allows(self, url: str) -> bool:
        """Whether ``url`` may be fetched; among equally long rules an allowing one wins."""
        parts = urlsplit(url)
        path = _normal((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        if path == "/robots.txt":
            return True
        matching = [(len(pattern), allowed) for allowed, pattern in self.rules if _matches(pattern, path)]
        return max(matching, default=(0, True))[1]


def parse_robots(text: str, agent: str) -> Robots:
    """The rules of ``text`` for the product token ``agent``; groups that name it twice count as one."""
    groups = list(_groups(text[:MAX_BYTES]))
    mine = [group for group in groups if agent.lower() in group.agents]
    mine = mine or [group for group in groups if "*" in group.agents]
    delays = [group.delay for group in mine if group.delay is not None]
    rules = tuple(rule for group in mine for rule in group.rules)
    return Robots(rules, max(delays, default=None))


def _groups(text: str) -> Iterator[Group]:
    group, open_for_agents = Group(), True
    for line in text.lstrip("\ufeff").splitlines():
        key, _, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if key == "user-agent":
            if not open_for_agents:
                yield group
                group = Group()
            open_for_agents = True
            group.agents.append(_token(value))
        elif key in {"allow", "disallow", "crawl-delay"}:
            open_for_agents = False
            _add_rule(group, key, value)
    yield group


def _add_rule(group: Group, key: str, value: str) -> None:
    if key == "crawl-delay":
        if re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value):
            group.delay = float(value)
    elif value:
        group.rules.append((key == "allow", _normal(value)))


def _token(value: str) -> str:
    found = re.match(r"\*|[A-Za-z_-]+", value)
    return found[0].lower() if found else ""


def _normal(path: str) -> str:
    """Every octet in one spelling: unreserved ones plain, all others as upper-case percent escapes."""

    def spell(match: re.Match[str]) -> str:
        octet = int(match[1], 16)
        return chr(octet) if octet in _UNRESERVED else f"%{octet:02X}"

    return re.sub(r"%([0-9A-Fa-f]{2})", spell, quote(path, safe="%/?&=+:@!$'()*,;~[]#"))


def _matches(pattern: str, path: str) -> bool:
    """Match from the start of ``path``; ``*`` is any text, a final ``$`` the end. Linear, whatever the pattern."""
    anchored = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if anchored and not rest:
        return at == len(path)
    last = rest.pop() if anchored else ""
    for piece in rest:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return path.endswith(last) and len(path) - len(last) >= at
