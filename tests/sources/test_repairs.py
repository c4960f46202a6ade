"""A reply of which a few characters are spoilt is read, on every site; what was mended is named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest

from sources.discovery import discover
from sources.errors import NotAnEntry
from sources.record import SourceRecord
from tests.sources.test_fuzz import every_source, parser, seeds

SPOILT = {"a control character": b"\x01", "a byte that is no UTF-8": b"\xff", "a zero byte": b"\x00"}
NOTES = {"raw", "repaired"}


def texts(body: bytes) -> list[int]:
    """Places inside longer texts of a reply, between two letters."""
    return [found.start() + 8 for found in re.finditer(rb"[a-z]{4,} [a-z]{4,} [a-z]{4,}", body)]


def facts(record: SourceRecord) -> set[str]:
    return {name for name, value in record.model_dump(exclude=NOTES, exclude_defaults=True).items() if value}


def crawled(name: str) -> bool:
    return discover()[name].crawled


@every_source
@pytest.mark.parametrize("kind", SPOILT)
def test_a_spoilt_character_in_a_text_costs_nothing_but_itself(name: str, kind: str) -> None:
    body = next(seed for seed in seeds(name) if texts(seed))
    place = texts(body)[0]
    whole, mended = parser(name)(body), parser(name)(body[:place] + SPOILT[kind] + body[place:])
    assert facts(mended) == facts(whole)
    assert whole.repaired == []
    if not crawled(name):  # a reader of HTML mends by its own rules
        assert mended.repaired


def all_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for part in (*value, *value.values()) for text in all_texts(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in all_texts(part))


@every_source
def test_no_text_gives_orders_to_a_terminal(name: str) -> None:
    for body in (seed for seed in seeds(name) if texts(seed)):
        between = rb"(?<=[a-z]{4}) (?=[a-z]{3})(?=[^<>]*<)"
        order = b"&#155;\xc2\x9b\xc2\x80 "
        if body.lstrip()[:1] in b"{[":
            between, order = rb"(?<=[a-z]{4}) (?=[a-z]{3})", rb"\\u001b\\u009b "
        spoilt = re.sub(between, order, body)
        found = list(all_texts(parser(name)(spoilt).model_dump(mode="json")))
        assert found
        assert not [text for text in found if any(unicodedata.category(c) == "Cc" for c in text if c != "\n")]


@every_source
def test_a_byte_order_mark_and_white_space_before_a_reply_cost_nothing(name: str) -> None:
    body = seeds(name)[0]
    for before in (b"\xef\xbb\xbf", b"\xef\xbb\xbf \n", b"\n\t"):
        assert facts(parser(name)(before + body)) == facts(parser(name)(body))


@every_source
@pytest.mark.parametrize("depth", [300, 900, 3000, 100_000])
def test_an_error_as_deep_as_one_likes_is_no_error_of_ours(name: str, depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    for frame in (
        b'{"errors": [{"status": %s}]}',
        b'{"status": %s, "type": "x"}',
        b'{"data": {}, "message": %s}',
    ):
        body = frame % nested
        with pytest.raises(NotAnEntry):
            parser(name)(body)
