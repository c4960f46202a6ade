"""Replies that are never kept, whatever a service's own predicate says."""

from __future__ import annotations

import json
import re

from cache.block_page import challenge, is_ban, is_html
from cache.rules import Rejection, Reply, ServiceRules
from cache.text import as_text

NEVER_KEPT = frozenset({401, 403, 408, 425, 429})
FAILING = frozenset({429, 500, 502, 503, 504, *range(520, 531)})
"""Statuses during which a stale answer is better than none (520 to 530 are Cloudflare's)."""

_ERROR_MEMBER = re.compile(rb'"errors?"')


def refused(rules: ServiceRules, reply: Reply) -> Rejection | None:
    """Why ``reply`` is not data: what the service's own predicate says, a block page, or an error in good clothes."""
    return rules.refuse(reply) or blocked(reply) or bare_error(reply)


def blocked(reply: Reply) -> Rejection | None:
    """Whether the site's guard answered in its stead."""
    page = as_text(reply.body) if is_html(reply.headers, reply.body) else ""
    if challenge(reply.headers, page):
        return Rejection("challenge")
    return Rejection("banned") if is_ban(page) else None


def bare_error(reply: Reply) -> Rejection | None:
    """Whether a JSON API says that it failed, and nothing else, under a good status."""
    if reply.status >= 400 or _ERROR_MEMBER.search(reply.body) is None:
        return None
    try:
        body = json.loads(reply.body)
    except RecursionError:
        return Rejection("bad_reply")  # deeper than anything a reader of ours opens
    except ValueError:
        return None
    failed = isinstance(body, dict) and (body.get("error") or body.get("errors")) and not body.get("data")
    return Rejection("upstream_error") if failed else None


def never_kept(status: int) -> bool:
    """Whether no answer of this status is stored under a lifetime of our own."""
    return status in NEVER_KEPT or status >= 500
