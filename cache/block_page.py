"""What a site's guard sends in the site's stead: the marks of challenges and bans, in one place for all who read replies."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HEAD = 20_000
"""Letters in which a block page shows what it is; a page that is longer has content, which may talk of bans."""

_TITLE = re.compile(r"<title[^>]*>\s*([^<]{0,200})", re.IGNORECASE)
_TITLES = re.compile(
    r"just a moment|attention required|please wait\.\.\.|checking your browser|ddos-guard|access denied"
    r"|verify(ing)? you are human|are you a robot|security check",
    re.IGNORECASE,
)
_OPTIONS = "_cf_chl_opt"
_ANYWHERE = re.compile(r"just a moment|_cf_chl_opt|challenge-platform|attention required", re.IGNORECASE)
_BANNED = re.compile(
    r"you (?:are|have been) (?:banned|blocked)|your ip(?: address)? (?:is|has been|was) (?:banned|blocked)",
    re.IGNORECASE,
)


def challenge(headers: Mapping[str, str], page: str) -> str:
    """Name the challenge or block page that ``page`` is; empty when it looks like an ordinary page.

    ``headers`` have lower-case names. Ordinary pages of a site behind Cloudflare carry its script too, so only the
    header, the title and the options of the challenge itself count.
    """
    if headers.get("cf-mitigated"):
        return "the site asks for a challenge"
    title = _TITLE.search(page[:_HEAD])
    if title and _TITLES.search(title[1]):
        return f"the site shows a block page ({title[1].strip()[:60]})"
    return "the site asks for a challenge" if _OPTIONS in page else ""


def challenge_instead_of_data(headers: Mapping[str, str], page: str) -> str:
    """The same for HTML that an interface sends which answers with no pages: there a mark anywhere is enough."""
    found = challenge(headers, page)
    return found or ("the site asks for a challenge" if _ANYWHERE.search(page[:_HEAD]) else "")


def is_ban(page: str) -> bool:
    """Whether a short page says that we are banned."""
    return len(page) < _HEAD and _BANNED.search(page) is not None


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a reply is a page, by its type or its first sign; XML (whose titles are a work's) is none."""
    start = body[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    named = headers.get("content-type", "")
    return "html" in named or (start[:1] == b"<" and start[:5].lower() != b"<?xml" and "xml" not in named)
