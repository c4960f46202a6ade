"""What a crawled page turned out to be, as a pure function of everything that came back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cache.block_page import challenge, is_ban
from cache.rules import Rejection, Reply, accept_all
from sources.errors import Reason, SourceError


class Kind(StrEnum):
    """The eight things that asking for a page can end in."""

    OK = "ok"
    NOT_FOUND = "not_found"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    UPSTREAM = "upstream"
    TIMEOUT = "timeout"
    BROWSER_DOWN = "browser_down"
    CHANGED_LAYOUT = "changed_layout"


Anchors = Callable[[str, str], Kind]
"""A source's own look at ``(html, final address)``.

It answers OK (the landmarks of the asked page are there, with the asked id), NOT_FOUND (the site's way of saying
so with HTTP 200), UPSTREAM (a page that breaks off or cannot be read) or CHANGED_LAYOUT (none of these).
"""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an engine brought back; ``headers`` has lower-case names, ``error`` is one line of the engine's own.

    ``fault`` is set by the engine when it knows better than the text: TIMEOUT, BROWSER_DOWN or UPSTREAM.
    """

    url: str
    status: int | None = None
    first_status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    html: str = ""
    error: str = ""
    fault: Kind | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind, the reason code for a failure, one line for a person, and the site's own wait in seconds."""

    kind: Kind
    reason: Reason | None = None
    why: str = ""
    retry_after: float | None = None

    def as_error(self, source: str, next_step: str = "") -> SourceError:
        """The failure as a source raises it; only for a verdict that is not OK."""
        reason = self.reason or Reason.INTERNAL
        return SourceError(
            reason,
            f"{source}: {self.why or self.kind.value}",
            next_step=next_step,
            retry_after=self.retry_after,
            source=source,
        )


_FAULTS = {
    Kind.TIMEOUT: Reason.TIMEOUT,
    Kind.BROWSER_DOWN: Reason.UNAVAILABLE,
    Kind.UPSTREAM: Reason.UNREACHABLE,
}
_BEGIN = re.compile(r"<!doctype html|<html[\s>]", re.IGNORECASE)
_END = re.compile(r"</html\s*>", re.IGNORECASE)


def is_cut(html: str) -> bool:
    """Whether an HTML document lacks its end: all 188 recorded pages have it, and a fragment is no document."""
    return _BEGIN.search(html[:2000]) is not None and _END.search(html[-2000:]) is None


def judge(
    fetched: Fetched,
    anchors: Anchors,
    retry_after: float | None = None,
    refuse: Callable[[Reply], Rejection | None] = accept_all,
) -> Verdict:
    """Say what ``fetched`` is.

    ``retry_after`` is the header's wait in seconds, read by the caller's clock; ``refuse`` knows the site's own ways
    of turning us away (a ban in words, say).
    """
    status = fetched.status or fetched.first_status
    if fetched.fault in _FAULTS or status is None:
        fault = fetched.fault or Kind.UPSTREAM
        return Verdict(fault, _FAULTS.get(fault, Reason.UNREACHABLE), fetched.error or "no answer")
    if status == 429:
        return Verdict(Kind.RATE_LIMITED, Reason.RATE_LIMITED, "asks us to slow down (HTTP 429)", retry_after)
    seen = _seen(fetched, anchors) if 200 <= status < 300 else None
    if seen is Kind.OK:
        return Verdict(Kind.OK)
    if blocked := _blocked(fetched, status, refuse):
        return Verdict(Kind.BLOCKED, *blocked, retry_after)
    if seen is Kind.NOT_FOUND or status in {404, 410}:
        return Verdict(Kind.NOT_FOUND, Reason.NOT_FOUND, f"has no such page (HTTP {status})")
    return _strange(fetched, status, seen, retry_after)


def _seen(fetched: Fetched, anchors: Anchors) -> Kind:
    """What the source sees in a page that is whole; half a page proves nothing, not even that there is no entry."""
    return Kind.UPSTREAM if is_cut(fetched.html) else anchors(fetched.html, fetched.url)


def _strange(fetched: Fetched, status: int, seen: Kind | None, retry_after: float | None) -> Verdict:
    """A page that is neither good nor a refusal we know; the engine may know one that we do not."""
    if not 200 <= status < 300:
        return Verdict(Kind.UPSTREAM, Reason.UPSTREAM_ERROR, f"answered HTTP {status}", retry_after)
    if not fetched.html.strip():
        return Verdict(Kind.UPSTREAM, Reason.BAD_REPLY, "the page is empty")
    if seen is Kind.UPSTREAM:
        return Verdict(Kind.UPSTREAM, Reason.BAD_REPLY, "the page breaks off or cannot be read")
    if "anti-bot" in fetched.error.lower():
        return Verdict(Kind.BLOCKED, Reason.CHALLENGE, fetched.error)
    return Verdict(Kind.CHANGED_LAYOUT, Reason.CHANGED_LAYOUT, "the page lacks its landmarks")


def _blocked(
    fetched: Fetched, status: int, refuse: Callable[[Reply], Rejection | None]
) -> tuple[Reason, str] | None:
    if why := challenge(fetched.headers, fetched.html):
        return Reason.CHALLENGE, f"{why}, HTTP {status}"
    body = fetched.html.encode("utf-8", "replace")
    refusal = refuse(Reply("GET", fetched.url, status, fetched.headers, body))
    if refusal and refusal.reason != Reason.BAD_REPLY:
        return Reason(refusal.reason), f"the site refuses ({refusal.reason}), HTTP {status}"
    if is_ban(fetched.html):
        return Reason.BANNED, f"says that it has banned this address, HTTP {status}"
    if status in {401, 403, 405, 451}:
        return Reason.FORBIDDEN, f"does not let us in (HTTP {status})"
    return None
