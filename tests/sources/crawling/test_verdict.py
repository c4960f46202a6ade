"""What a page is: only its landmarks make it good, and a block page never passes for a missing entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from cache.block_page import challenge
from cache.rules import Rejection, Reply
from sources.errors import Reason
from sources.verdict import Fetched, Kind, judge

PLAYED = Path(__file__).parents[3] / "sources" / "demo"
SHARED = Path(__file__).parents[4] / "shared/upstream/recordings"
URL = "https://site.example/anime/1"
CHALLENGE = "<html><head><title>Just a moment...</title></head><body></body></html>"
GOOD = "<html><head><title>One Piece</title></head><body><h1 id=1>One Piece</h1></body></html>"


def anchors(html: str, _url: str) -> Kind:
    if "<h1 id=1>" in html:
        return Kind.OK
    return Kind.NOT_FOUND if "couldn't find" in html else Kind.CHANGED_LAYOUT


@pytest.mark.parametrize(
    ("fetched", "kind", "reason"),
    [
        (Fetched(URL, 200, html=GOOD), Kind.OK, None),
        (Fetched(URL, 200, 302, html=GOOD), Kind.OK, None),
        (Fetched(URL, 200, html=GOOD, error="Blocked by anti-bot protection: short"), Kind.OK, None),
        (Fetched(URL, 200, html="<p>We couldn't find anything"), Kind.NOT_FOUND, Reason.NOT_FOUND),
        (Fetched(URL, 404, html="<title>404</title>"), Kind.NOT_FOUND, Reason.NOT_FOUND),
        (Fetched(URL, 404, 302), Kind.NOT_FOUND, Reason.NOT_FOUND),
        (Fetched(URL, 200, html=CHALLENGE), Kind.BLOCKED, Reason.CHALLENGE),
        (Fetched(URL, 403, html=CHALLENGE), Kind.BLOCKED, Reason.CHALLENGE),
        (Fetched(URL, 404, html=CHALLENGE), Kind.BLOCKED, Reason.CHALLENGE),
        (Fetched(URL, 503, html=CHALLENGE), Kind.BLOCKED, Reason.CHALLENGE),
        (Fetched(URL, 503, headers={"cf-mitigated": "challenge"}), Kind.BLOCKED, Reason.CHALLENGE),
        (Fetched(URL, 403, html="<p>no"), Kind.BLOCKED, Reason.FORBIDDEN),
        (Fetched(URL, 403, html="<h1>Your IP address has been banned"), Kind.BLOCKED, Reason.BANNED),
        (Fetched(URL, 200, html="<p>You have been blocked"), Kind.BLOCKED, Reason.BANNED),
        (Fetched(URL, 429), Kind.RATE_LIMITED, Reason.RATE_LIMITED),
        (Fetched(URL, 500), Kind.UPSTREAM, Reason.UPSTREAM_ERROR),
        (Fetched(URL, 503), Kind.UPSTREAM, Reason.UPSTREAM_ERROR),
        (Fetched(URL, 200, html=GOOD[:-7]), Kind.UPSTREAM, Reason.BAD_REPLY),
        (Fetched(URL, 200, html="<html><p>We couldn't find anything"), Kind.UPSTREAM, Reason.BAD_REPLY),
        (Fetched(URL, 200, html=CHALLENGE[:-14]), Kind.BLOCKED, Reason.CHALLENGE),
        (Fetched(URL, 200, html=" "), Kind.UPSTREAM, Reason.BAD_REPLY),
        (Fetched(URL), Kind.UPSTREAM, Reason.UNREACHABLE),
        (Fetched(URL, fault=Kind.UPSTREAM), Kind.UPSTREAM, Reason.UNREACHABLE),
        (Fetched(URL, fault=Kind.TIMEOUT), Kind.TIMEOUT, Reason.TIMEOUT),
        (Fetched(URL, fault=Kind.BROWSER_DOWN), Kind.BROWSER_DOWN, Reason.UNAVAILABLE),
        (Fetched(URL, 200, html="<p>all new"), Kind.CHANGED_LAYOUT, Reason.CHANGED_LAYOUT),
    ],
)
def test_every_outcome_has_its_verdict(fetched: Fetched, kind: Kind, reason: Reason | None) -> None:
    verdict = judge(fetched, anchors)
    assert (verdict.kind, verdict.reason) == (kind, reason)


def refuse(reply: Reply) -> Rejection | None:
    return Rejection("banned", 900) if b"banned" in reply.body else None


def test_a_ban_in_the_sites_own_words_is_a_block_but_a_good_page_may_use_the_word() -> None:
    ban = Fetched(URL, 200, html="<p>you have been banned")
    assert judge(ban, anchors, None, refuse).reason is Reason.BANNED
    assert judge(ban, anchors, None, refuse).kind is Kind.BLOCKED
    assert judge(Fetched(URL, 200, html=GOOD + "banned"), anchors, None, refuse).kind is Kind.OK


def test_a_verdict_becomes_the_error_that_the_source_raises_with_the_sites_own_wait() -> None:
    error = judge(Fetched(URL, 429), anchors, 30.0).as_error("anisearch")
    assert (error.source, error.reason, error.retry_after) == ("anisearch", Reason.RATE_LIMITED, 30.0)


def test_no_played_or_recorded_page_of_either_site_looks_like_a_challenge() -> None:
    folders = [PLAYED / "anisearch", PLAYED / "anime_planet", SHARED / "anisearch", SHARED / "anime-planet"]
    pages = [page for folder in folders for page in folder.rglob("*.htm*") if page.stem != "challenge"]
    assert len(pages) > 80
    for page in pages:
        assert not challenge({}, page.read_text(errors="replace")), page.name
