"""Challenges and bans are known by the same marks wherever a reply is read."""

from __future__ import annotations

import pytest

from cache.block_page import challenge, challenge_instead_of_data, is_ban, is_html
from cache.http.never_store import refused
from cache.rules import Reply, ServiceRules
from cache.text import as_text
from sources.errors import NotAnEntry
from sources.parsing.html_page import not_an_entry
from sources.parsing.json_refusal import refuse_json
from sources.parsing.json_reply import load
from sources.verdict import Fetched, Kind, judge

TITLES = ["Just a moment...", "Attention Required! | Cloudflare", "DDoS-Guard", "Access denied"]
TITLES += [
    "Please wait...",
    "Checking your browser",
    "Verifying you are human",
    "Are you a robot?",
    "Security check",
]
MARKED = [f"<html><head><title>{title}</title></head><body></body></html>" for title in TITLES]
MARKED.append("<html><script>window._cf_chl_opt={}</script></html>")
HTML = {"content-type": "text/html"}


def reply(body: str, headers: dict[str, str] = HTML) -> Reply:
    return Reply("GET", "https://site.example", 200, headers, body.encode())


@pytest.mark.parametrize("page", MARKED)
def test_every_reader_knows_every_mark(page: str) -> None:
    assert challenge({}, page)
    assert challenge_instead_of_data({}, page)
    found = refused(ServiceRules("site"), reply(page))
    assert found is not None
    assert found.reason == "challenge"
    assert judge(Fetched("", 200, html=page), lambda *_: Kind.CHANGED_LAYOUT).kind is Kind.BLOCKED
    assert not_an_entry(page.encode()).reason == "challenge"
    told = refuse_json(reply(page))
    assert told is not None
    assert told.reason == "challenge"
    with pytest.raises(NotAnEntry) as ended:
        load(page.encode())
    assert ended.value.reason == "challenge"


def test_the_guards_header_is_enough() -> None:
    assert challenge({"cf-mitigated": "challenge"}, "")
    assert refused(ServiceRules("site"), reply("{}", {"cf-mitigated": "challenge"})) is not None


def test_the_guards_script_on_an_ordinary_page_is_no_challenge_but_instead_of_data_it_is() -> None:
    page = "<html><title>One Piece</title><script src=/cdn-cgi/challenge-platform/x.js></script></html>"
    assert not challenge({}, page)
    assert challenge_instead_of_data({}, page)


def test_a_ban_is_never_kept_and_a_long_page_may_talk_of_bans() -> None:
    page = "<html><body>Your IP address has been banned</body></html>"
    found = refused(ServiceRules("site"), reply(page))
    assert found is not None
    assert (found.reason, is_ban(page + "x" * 20_000)) == ("banned", False)


def test_the_title_of_a_work_in_xml_is_no_block_page() -> None:
    body = '<?xml version="1.0"?><anime><titles><title type="main">Access Denied</title></titles></anime>'
    assert not is_html({"content-type": "text/xml"}, body.encode())
    assert refused(ServiceRules("site"), reply(body, {"content-type": "text/xml"})) is None


def test_an_unknown_charset_is_read_as_utf_8() -> None:
    assert as_text("ü".encode(), "no-such-charset") == "ü"
    assert as_text("ü".encode("latin-1"), "latin-1") == "ü"
    assert as_text(b"\xff") == "\ufffd"
