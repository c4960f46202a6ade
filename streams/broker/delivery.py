"""One entry in the hands of one consumer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

T = TypeVar("T", str, bytes)

MOST_FIELDS = 1000
"""Fields a request may have; a script on the server cannot pass on many thousands."""
MOST_SAVED = 200_000
"""Characters of an entry that its dead letter keeps."""
PORTION, PORTION_BYTES = 500, 1_000_000
"""Entries that one script works on, and their bytes: the server does nothing else meanwhile."""
_HOW = {
    "data": 'send data=\'{"title": "..."}\' or a flat field title',
    "ids": 'send ids=\'{"mal": "1"}\'',
}


class BadEntry(ValueError):  # noqa: N818 - it names the entry, not the code
    """An entry that cannot be read; ``fields`` is what could be saved of it."""

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Delivery:
    """An entry as delivered: where from, to which group, its raw fields, and how often it was delivered."""

    stream: str
    group: str
    id: str
    raw: Mapping[bytes, bytes] = field(repr=False)
    deliveries: int = 1

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies this delivery in the pending lists."""
        return self.stream, self.group, self.id

    @property
    def size(self) -> int:
        """Bytes of all names and values."""
        return sum(map(len, self.raw)) + sum(map(len, self.raw.values()))

    def fields(self) -> dict[str, str]:
        """The fields as text. Raises `BadEntry` for bytes that are not UTF-8, and for more fields than can travel."""
        if len(self.raw) > MOST_FIELDS:
            raise BadEntry(f"{len(self.raw)} fields are too many", "send the fields of a request alone")
        try:
            return {key.decode(): value.decode() for key, value in self.raw.items()}
        except UnicodeDecodeError as error:
            raise BadEntry(
                f"a field is not UTF-8 ({error.reason} at byte {error.start})", "send text as UTF-8"
            ) from error

    def kept(self) -> dict[bytes, bytes]:
        """The fields that can `travel`."""
        return travel(self.raw)

    def saved(self) -> dict[str, str]:
        """The fields as text, bytes that are none escaped; for dead letters."""
        found: dict[str, str] = {}
        left = MOST_SAVED
        for key, value in self.kept().items():
            name, text = (part[:left].decode(errors="backslashreplace") for part in (key[:200], value))
            found[name] = text[:left]
            left -= len(name) + len(found[name])
            if left <= 0:
                break
        return found


def travel(fields: Mapping[T, T]) -> dict[T, T]:
    """The fields, of those that are too many one too many: it can be passed on, and is refused wherever it comes."""
    return dict(islice(fields.items(), MOST_FIELDS + 1))


def portions(deliveries: Sequence[Delivery]) -> Iterator[Sequence[Delivery]]:
    """Entries that travel together: at most `PORTION`, and `PORTION_BYTES` where that is more than one."""
    start, size = 0, 0
    for index, one in enumerate(deliveries):
        full = index - start == PORTION or size + one.size > PORTION_BYTES
        if full and index > start:
            yield deliveries[start:index]
            start, size = index, 0
        size += one.size
    yield deliveries[start:]


def pairs(fields: Mapping[T, T]) -> list[T]:
    """Names and values in turn, as XADD and HSET take them."""
    return [part for pair in fields.items() for part in pair]


def read_json(text: str, name: str = "data") -> dict[str, object]:
    """The JSON object in the field ``name``, data or ids; ``null`` is an empty one. Raises `BadEntry` for anything else."""
    try:
        value = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise BadEntry(f"field {name} is not JSON ({error})", _HOW[name]) from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadEntry(f"field {name} holds a JSON {type(value).__name__}, not an object", _HOW[name])
    return value
