"""What the API says when it says no: problem details (RFC 9457), each with a code and the next step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TYPE = "urn:anime-enrich:problem:"
TITLES: Mapping[str, tuple[int, str]] = {
    "bad-request": (400, "The request cannot be understood"),
    "token-in-address": (400, "A token never stands in an address"),
    "no-token": (401, "This needs a token"),
    "wrong-token": (401, "Nobody has this token"),
    "not-allowed": (403, "This token may not do that"),
    "not-from-here": (403, "Without a token only this machine may read"),
    "cross-site": (403, "Pages of other sites may not ask"),
    "not-found": (404, "There is no such thing"),
    "method-not-allowed": (405, "Not by this method"),
    "too-slow": (408, "The request did not come in time"),
    "ambiguous": (409, "The title means several works"),
    "too-old": (410, "What went out then is no longer there"),
    "too-large": (413, "The request is too large"),
    "not-json": (415, "The body must be JSON"),
    "too-often": (429, "Asked too often"),
    "broken": (500, "This broke"),
    "busy": (503, "Too many ask for this at the same time"),
    "server-away": (503, "The server is out of reach"),
    "ends": (503, "The service ends"),
    "server-full": (503, "The memory of the server is full"),
    "not-copied": (503, "The request is taken, but not enough replicas confirmed it"),
}
"""Every code with its status and title."""


class Problem(Exception):  # noqa: N818 - the word of the standard
    """An answer that is no success; ``more`` are further members, as RFC 9457 allows."""

    def __init__(
        self, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status, self.title = TITLES[code]
        self.headers = dict(headers or {})
        self.more = more

    @classmethod
    def later(cls, code: str, detail: str, seconds: float) -> Problem:
        """One that goes by itself: when to ask again, in whole seconds."""
        return cls(code, detail, headers={"Retry-After": str(max(1, int(seconds + 0.999)))})

    def members(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "type": TYPE + self.code,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }
