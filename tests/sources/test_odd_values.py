"""One odd value in a reply costs itself at the most: no exception, no made-up number, nothing that cannot be true."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sources.check.odd import NO_NUMBERS, invented, made_odd
from sources.check.plausible import implausible
from sources.record import Broadcast, SourceRecord
from tests.sources.test_fuzz import every_source, parser, read, seeds

REPLIES, EACH = 2, 120


@every_source
def test_a_reply_of_the_demo_holds_nothing_that_cannot_be(name: str) -> None:
    assert [implausible(parser(name)(body)) for body in seeds(name)] == [[]] * len(seeds(name))


@every_source
def test_one_odd_value_makes_up_no_number_and_nothing_that_cannot_be(name: str) -> None:
    wrong: list[Any] = []
    for body in seeds(name)[:REPLIES]:
        before = parser(name)(body)
        for odd in made_odd(body, EACH):
            after = read(name, odd.body)
            found = [*invented(before, after, odd.value), *implausible(after)] if after else []
            wrong += [(found, odd.place, odd.value)] if found else []
    assert wrong == []


IDENTIFIES = (
    "id",
    "mal_id",
    "route",
    "type",
    "url",
    "data",
    "Media",
    "attributes",
    "canonicalTitle",
    "title",
)
"""Places without which nobody can tell that a reply is about an anime, and about which one."""


@every_source
def test_one_odd_value_takes_no_record_away(name: str) -> None:
    body = seeds(name)[0]
    if body.lstrip()[:1] not in b"{[":
        pytest.skip("pages and XML are read by their landmarks")
    lost = {
        (odd.place, json.dumps(odd.value))
        for odd in made_odd(body, 400, seed=7)
        if read(name, odd.body) is None and odd.place.rpartition(".")[2] not in (*IDENTIFIES, "0")
    }
    assert lost == set()


def test_the_checker_sees_what_cannot_be() -> None:
    record = SourceRecord(source="x", source_id="1", year=3, genres=["Unknown"], ids={"mal": "a14237"})
    record.start_date, record.season = "2027", "WINTER"
    record.broadcast = Broadcast(weekday="Mondays", time="25:30", next_episode_at="2027")
    paths = {found.partition(" = ")[0] for found in implausible(record)}
    assert paths == {
        *("year", "genres", "ids.mal", "season"),
        *("broadcast.weekday", "broadcast.time", "broadcast.next_episode_at"),
    }


def test_the_checker_sees_a_number_made_of_a_range() -> None:
    before = SourceRecord(source="x", source_id="1", episode_count=12)
    after = SourceRecord(source="x", source_id="1", episode_count=1)
    assert "1-2" in NO_NUMBERS
    assert invented(before, after, "1-2") == ["episode_count = 1.0"]
    assert invented(before, after, 1) == invented(before, before, "1-2") == []


def test_sites_that_tell_of_releases_tell_language_and_day() -> None:
    told = {
        name: {(one.kind, one.language) for body in seeds(name) for one in parser(name)(body).releases}
        for name in ("anisearch", "animeschedule")
    }
    assert ("original", "ja") in told["anisearch"]
    assert {kind for kind, _ in told["anisearch"]} == {"original", "release"}
    assert told["animeschedule"] <= {("sub", "en"), ("dub", "en")}


PROSE = re.compile(
    rb'("(?:synopsis|description|background)"\s*:\s*)"(?:[^"\\\\]|\\\\.)*"|(<description>)[^<]*'
)


@every_source
@pytest.mark.parametrize("word", ["N/A", "null", "Unknown", "No description.", "TBA", "-"])
def test_a_word_for_nothing_is_no_synopsis(name: str, word: str) -> None:
    if not any(PROSE.search(body) and body.lstrip()[:1] in b"{<" for body in seeds(name)):
        pytest.skip("its synopsis stands on a page")
    for body in seeds(name):
        record = parser(name)(PROSE.sub(rb"\1\2" + said_in(body, word), body))
        if b"<html" not in body:
            assert (record.synopsis, record.synopses, record.further.get("background")) == (None, [], None)


def said_in(body: bytes, word: str) -> bytes:
    return f'"{word}"'.encode() if body.lstrip()[:1] == b"{" else word.encode()


NO_DAYS = (b"0001-01-01", b"1970-01-01", b"1900-01-01", b"9999-12-31", b"0000-00-00")


def days_of(record: SourceRecord) -> set[str]:
    found = {record.start_date, record.end_date, *(episode.aired for episode in record.episodes)}
    found |= {day for one in record.releases for day in (one.start_date, one.end_date)}
    return {day for day in found if day}


@every_source
@pytest.mark.parametrize("day", NO_DAYS, ids=bytes.decode)
def test_what_programs_store_where_they_know_no_day_is_no_day(name: str, day: bytes) -> None:
    """In place of every day of a reply; the years beside them are the site's own words and may stay."""
    for body in seeds(name):
        record = read(name, re.sub(rb"\b(?:19|20)\d\d-\d\d-\d\d", day, body))
        if record is not None:
            assert day.decode() not in days_of(record)
            assert [one for one in days_of(record) if not "1901" <= one[:4] <= "2100"] == []
            assert implausible(record) == []
