"""What a source's own parser calls a ban, a challenge or an error is never stored."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sources.demo
from cache.http.never_store import bare_error, never_kept, refused
from cache.rules import Reply
from sources import NotAnEntry, Source, discover
from sources.demo.replies import Entry

DEMO = Path(sources.demo.__file__).parent
SITES = sorted(discover())
TYPES = {".json": "application/json", ".xml": "text/xml", ".html": "text/html; charset=utf-8"}
NO_DATA = {"banned", "challenge", "error"}


def parser_of(name: str) -> Callable[[bytes], Any]:
    found: Callable[[bytes], Any] = importlib.import_module(f"sources.{name}").parse
    return found


def verdict(name: str, body: bytes) -> str | None:
    """The reason for which the parser rejects ``body``; ``None`` when it is an entry."""
    try:
        parser_of(name)(body)
    except NotAnEntry as error:
        return error.reason
    return None


def would_be_kept(cls: type[Source], body: bytes, media_type: str, status: int = 200) -> bool:
    reply = Reply("GET", "http://site.test/x", status, {"content-type": media_type}, body)
    return not never_kept(status) and refused(cls.rules(), reply) is None


def played_faults() -> list[tuple[str, str, Entry]]:
    """The ways of failing that each site is played with."""
    found = []
    for name in SITES:
        known = json.loads((DEMO / name / "replies.json").read_text())
        found += [(name, kind, Entry(**entry)) for kind, entry in known.get("faults", {}).items()]
    return found


@pytest.mark.parametrize(("name", "kind", "entry"), played_faults(), ids=str)
def test_a_played_fault_is_refused(name: str, kind: str, entry: Entry) -> None:
    body = (DEMO / name / entry.file).read_bytes() if entry.file else entry.body.encode()
    media_type = entry.headers.get("Content-Type", TYPES.get(Path(entry.file or "").suffix, "text/html"))
    assert not would_be_kept(discover()[name], body, media_type, entry.status)


WORDS = st.sampled_from(
    ["banned", "Client Values Missing", "Anime not found", "error", "Just a moment...", "x", ""]
)
PAGES = st.builds("<html><head><title>{}</title></head><body>{}</body></html>".format, WORDS, WORDS)
XML = st.builds("<?xml version='1.0'?><error code='{}'>{}</error>".format, st.integers(300, 505), WORDS)
JSON = (
    st.fixed_dictionaries(
        {},
        optional={"status": st.integers(200, 505), "type": WORDS, "message": WORDS, "data": st.none()},
    )
    .flatmap(
        lambda rest: st.sampled_from(
            [
                {**rest, "error": "no"},
                {**rest, "errors": [{"title": "no", "detail": "no"}]},
                {**rest, "errors": ["no"]},
            ]
        )
    )
    .map(json.dumps)
)


@pytest.mark.parametrize("name", SITES)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=PAGES | XML | JSON, media_type=st.sampled_from(sorted(TYPES.values())))
def test_no_reply_that_the_parser_calls_an_error_is_kept(name: str, text: str, media_type: str) -> None:
    body = text.encode()
    if verdict(name, body) in NO_DATA:
        assert not would_be_kept(discover()[name], body, media_type)


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ('{"error": "down"}', 200, "upstream_error"),
        ('{"errors": [{"message": "down"}], "data": null}', 200, "upstream_error"),
        ('{"errors": [{"message": "one part"}], "data": {"Media": {"id": 1}}}', 200, None),
        ('{"error": "no such entry"}', 404, None),
        ('{"error": null, "title": "Error"}', 200, None),
        ('["error"]', 200, None),
        ('{"error": ' + "[" * 100_000, 200, "bad_reply"),
    ],
)
def test_an_error_under_a_good_status_is_no_data_unless_data_came_with_it(
    body: str, status: int, why: str | None
) -> None:
    found = bare_error(Reply("POST", "http://site.test/x", status, {}, body.encode()))
    assert (found and found.reason) == why


def test_what_a_site_says_in_trouble_or_to_us_alone_is_never_kept() -> None:
    asked = (200, 204, 301, 304, 400, 401, 403, 404, 408, 410, 425, 429, 500, 503, 520)
    assert [one for one in asked if never_kept(one)] == [401, 403, 408, 425, 429, 500, 503, 520]
