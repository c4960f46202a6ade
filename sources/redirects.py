"""Where an answer sends us on to, and whether we go there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit

STATUSES = frozenset({301, 302, 303, 307, 308})
MOST_HOPS = 5
"""As many as RFC 9309 asks for with robots.txt."""


class LeadsAway(ValueError):  # noqa: N818 - says what the redirect does
    """A redirect that leaves the site: another host, scheme or port, and so any private address but its own."""


def next_hop(url: str, status: int | None, headers: Mapping[str, str]) -> str | None:
    """The address to ask after ``url`` answered so; ``None`` when it sent us nowhere. Raises `LeadsAway`.

    A site's own hosts are the one that was asked, and the same with or without ``www.``, over the same scheme and port.
    """
    location = headers.get("location", "").strip()
    if status not in STATUSES or not location:
        return None
    target = urldefrag(urljoin(url, location)).url
    if not is_same_site(url, target):
        parts = urlsplit(target)
        raise LeadsAway(f"sends us to {parts.scheme}://{parts.hostname}, which is not its own")
    return target


def is_same_site(url: str, other: str) -> bool:
    """Whether two addresses have one scheme, one port, and one host but for ``www.``."""
    try:
        return _place(urlsplit(url)) == _place(urlsplit(other))
    except ValueError:  # no address at all, or a port that is no number
        return False


def _place(parts: SplitResult) -> tuple[str, str, int | None]:
    host = (parts.hostname or "").removeprefix("www.")
    return parts.scheme, host, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
