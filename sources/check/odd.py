"""Replies with one value made odd, as sites and mirrors have sent them; what a parser makes of it shows how it reads. Pure."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sources.record import SourceRecord

NO_NUMBERS: tuple[Any, ...] = (
    *(
        "",
        " ",
        "?",
        "Unknown",
        "TBA",
        "N/A",
        "-",
        "None",
        "null",
        "-1",
        "1-2",
        "12abc",
        "1e5",
        "20–25 min",
        "4/10",
        "25:30",
    ),
    *(
        "½",
        "∞",
        "—",
        "–",
        "k. A.",
        "unbekannt",
        "Coming soon",
        "To be announced",
        "1.1.1970",
        "1970-01-01",
        "1900-01-01",
    ),
    *("0000-00-00", "2027-04-05", "2027-13-01", "\ufeff", "\u200b", "some new word", -1, -5, 0),
    *(None, True, False, [], {}, [None], ["x"], {"a": 1}, 10**30, 1e300, 13.25e-7),
)
"""Values that say no number; where a record has a new number after one of them, it was made up."""

OTHERS: tuple[Any, ...] = (
    *(
        "12 345",
        "1'234",
        "12.345,67",
        "\uff11\uff12",
        "ca. 24",
        "24min",
        "2027-01-01T00:00:00+00:00",
        "1970-01-01T00:00:00Z",
    ),
    *(
        "A, B; C / D",
        "A\nB",
        "<b>A</b> &nbsp;B",
        "&#84;V",
        "\u200eA\u200f",
        ["A", None, "B"],
        {"0": "A", "1": "B"},
    ),
    *(
        "13.5",
        "1,234",
        "1.234",
        "2027",
        "2027-04",
        "2027-04-00",
        "Apr 2027",
        "0001-01-01",
        "9999-12-31",
        "? to ?",
        "24 min.",
    ),
    *(
        "2027-04-05T23:30:00Z",
        "2027-04-05T15:30:00.000-08:00",
        "Saturday 25:30 (JST)",
        "&amp;amp; A &lt;b&gt;",
    ),
    *(
        "A\u200bB\tC\ufeff",
        "\x00x\x1b[31m",
        "x" * 3000,
        "https://other.example/anime/5/",
        13.5,
        99_999_999,
        "0",
        1,
    ),
)
_ROUNDING = 0.1
"""A page that shows one number twice rounds it once."""

_SEGMENT = re.compile(r">([^<>]*[^\s<>][^<>]*)<|[\w:-]+=\"([^\"<>]+)\"")
_LINKED = re.compile(r'(?s)<script type="application/ld\+json">(.*?)</script>')
_MEMBER = re.compile(r'"\w+"\s*:\s*"?([^",{}\[\]\n]+)"?')


@dataclass(frozen=True, slots=True)
class Odd:
    """A reply in which what stands at ``place`` has become ``value``."""

    body: bytes
    place: str
    value: Any


def made_odd(body: bytes, count: int, seed: int = 1) -> Iterator[Odd]:
    """``count`` replies like ``body``, each with one odd value; the same for the same ``seed``."""
    chance = random.Random(seed)
    reply = _json(body)
    if reply is not None:
        places = list(_places(reply, ()))[1:]
        for _ in range(count if places else 0):
            path, value = chance.choice(places), chance.choice(NO_NUMBERS + OTHERS)
            yield Odd(json.dumps(_with(reply, path, value)).encode(), ".".join(map(str, path)), value)
        return
    text = body.decode("utf-8", "replace")
    spans = list(_spans(text))
    for _ in range(count if spans else 0):
        start, end = chance.choice(spans)
        odd = str(chance.choice(NO_NUMBERS + OTHERS))
        yield Odd((text[:start] + odd + text[end:]).encode(), text[max(0, start - 40) : end][:80], odd)


def invented(before: SourceRecord, after: SourceRecord, value: Any) -> list[str]:
    """Numbers of ``after`` that ``before`` had not, where ``value`` was put that says none."""
    if not any(value is known or (type(value) is type(known) and value == known) for known in NO_NUMBERS):
        return []
    old, new = dict(_numbers(before)), _numbers(after) - _numbers(before)
    made = [f"{path} = {n}" for path, n in new if n and abs(n - old.get(path, 0.0)) > _ROUNDING]
    return sorted(
        [*made, *(f"{path} = {day}" for path, day in _days(after) - _days(before) if day in _NO_DAYS)]
    )


_NO_DAYS = {"1970-01-01", "1900-01-01", "0001-01-01"}
"""What programs store where they know no day."""


def _days(record: SourceRecord) -> set[tuple[str, str]]:
    found = {("start_date", record.start_date), ("end_date", record.end_date)}
    found |= {("episodes.aired", episode.aired) for episode in record.episodes}
    return {(path, day) for path, day in found if day}


def _numbers(record: SourceRecord) -> set[tuple[str, float]]:
    """Numbers that are read, not summed up: votes may be the sum of a distribution that has lost a part."""
    dumped = record.model_dump(include=_NUMERIC, exclude_none=True)
    found = {(name, float(number)) for name, number in dumped.items() if isinstance(number, int | float)}
    found |= {(f"popularity.{name}", number) for name, number in record.popularity.items()}
    found |= {("episodes.duration", float(e.duration_seconds)) for e in record.episodes if e.duration_seconds}
    return found | ({("score", record.score.value)} if record.score else set())


_NUMERIC = {"episode_count", "episodes_aired", "duration_seconds", "year"}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:  # a page, or XML
        return None


def _places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _places(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value[:5]):
            yield from _places(inner, (*path, number))


def _with(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """``value`` with ``odd`` at ``path``; what lies beside the path is shared, not copied."""
    if not path:
        return odd
    changed = value.copy()
    changed[path[0]] = _with(value[path[0]], path[1:], odd)
    return changed


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for script in _LINKED.finditer(text):
        for member in _MEMBER.finditer(text, script.start(1), script.end(1)):
            yield member.span(1)
    for found in _SEGMENT.finditer(text):
        yield found.span(1) if found[1] else found.span(2)
