"""Hostile and broken documents end as `NotAnEntry` or a record, in bounded time and memory."""

from __future__ import annotations

import gzip
import random
import time
import tracemalloc

import pytest

from sources.anidb import parse
from sources.anidb.dump import read_dump
from sources.errors import NotAnEntry
from sources.record import SourceRecord
from tests.sources.anidb.test_entry import SMALL

ENTRY = '<anime id="1"><titles><title type="main" xml:lang="x-jat">{}</title></titles>{}</anime>'
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]>' + ENTRY.format("&a9;", ""),
    "quadratic blow-up": f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>' + ENTRY.format("&a;" * 50_000, ""),
    "file as entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + ENTRY.format("&a;", ""),
    "remote entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/x">]>' + ENTRY.format("&a;", ""),
    "remote DTD": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + ENTRY.format("a", ""),
    "parameter entity": '<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>'
    + ENTRY.format("a", ""),
    "unknown entity": ENTRY.format("&nbsp;", ""),
    "deep nesting": ENTRY.format("a", "<a>" * 100_000 + "</a>" * 100_000),
    "too many elements": ENTRY.format("a", "<a/>" * 300_000),
    "unknown encoding": '<?xml version="1.0" encoding="klingon"?>' + ENTRY.format("a", ""),
    "empty": "",
    "white space": "  \n ",
    "text": "hello",
    "JSON": '{"anime": 1}',
    "id of text": '<anime id="x"><titles><title>a</title></titles></anime>',
    "no id": "<anime><titles><title>a</title></titles></anime>",
    "no title": '<anime id="1"><titles><title type="main">  </title></titles></anime>',
}


def outcome(body: bytes) -> SourceRecord | str:
    try:
        return parse(body)
    except NotAnEntry as error:
        return error.reason


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_is_refused(body: str) -> None:
    assert outcome(body.encode()) in {"error", "changed_layout"}


def test_other_encodings_cannot_smuggle_a_declaration() -> None:
    assert outcome(HOSTILE["billion laughs"].encode("utf-16")) == "error"


@pytest.mark.parametrize(
    "body",
    [
        ENTRY.format("a", f"<description>{'x' * 50_000_000}</description>").encode(),
        ENTRY.format("a" * 50_000_000, "").encode(),
        b"<" * 50_000_000,
        b"\0" * 50_000_000,
        gzip.compress(b"<anime id='1'>" + b" " * 200_000_000, compresslevel=1, mtime=0),
        gzip.compress(gzip.compress(SMALL.encode(), mtime=0), mtime=0),
    ],
    ids=["text", "title", "brackets", "zeros", "gzip bomb", "gzip in gzip"],
)
def test_a_monstrous_body_costs_little(body: bytes) -> None:
    tracemalloc.start()
    started = time.monotonic()
    assert outcome(body) == "error"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.monotonic() - started < 10
    assert peak < 100_000_000


def test_long_texts_and_many_entries_are_bounded() -> None:
    long = SMALL.replace("Really", "(" * 3_000_000).replace("Rei]", "[" * 1_000_000 + "Rei]")
    started = time.monotonic()
    synopsis = parse(long.encode()).synopsis
    assert synopsis and len(synopsis.text) <= 20_000
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("cut", range(0, len(SMALL.encode()) - 8, 97))
def test_a_cut_document_is_an_error(cut: int) -> None:
    assert outcome(SMALL.encode()[:cut]) == "error"
    assert outcome(gzip.compress(SMALL.encode())[: cut // 3]) == "error"


def test_a_thousand_mutations_give_a_record_or_a_reason() -> None:
    chance = random.Random(4)
    whole = SMALL.encode()
    results = set()
    for _ in range(1000):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            at, length = chance.randrange(len(body)), chance.randint(0, 30)
            body[at : at + length] = chance.choice(
                [b"", b"<", b"&", b"99999999999999999999", bytes([chance.randrange(256)])]
            )
        found = outcome(bytes(body))
        results.add(found if isinstance(found, str) else "record")
        assert isinstance(found, str) or found.titles
    assert "record" in results


def test_elements_that_hold_something_else_than_expected_break_nothing() -> None:
    values = ["", "-1", "NaN", "1e999", "9" * 5000, "２", "0000-00-00", "2004-13-40", "true"]
    chance = random.Random(7)
    import re

    for _ in range(300):
        text = re.sub(
            r">[^<>]+<|\"[^\"]*\"",
            lambda m: m[0] if chance.random() < 0.8 else m[0][0] + chance.choice(values) + m[0][-1],
            SMALL,
        )
        assert outcome(text.encode()) is not None


def test_a_hostile_dump_is_refused_too() -> None:
    for body in (
        HOSTILE["billion laughs"],
        HOSTILE["deep nesting"],
        "<error>Banned</error>",
        SMALL,
        "<html>",
    ):
        with pytest.raises(NotAnEntry):
            list(read_dump(body.encode()))
