"""What the promises look at, read from a state once: outputs, dead letters, requests, the record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from benchmarks.orders.actors import SOURCES, WORK
from benchmarks.orders.values import Hash, Stream, Value, Zset
from streams.broker.connection import text
from streams.broker.fields import family, named
from streams.broker.keys import Topology
from streams.contract.codec import unpack, unpack_bytes
from streams.contract.events import PartialResult


@dataclass(frozen=True, slots=True)
class Request:
    """The state of a request: its fields, and the outcome that each source has handed in."""

    fields: Mapping[str, bytes]
    outcomes: Mapping[str, str]

    def has(self, name: str) -> bool:
        return name in self.fields

    def family(self, prefix: str) -> dict[str, bytes]:
        return family(self.fields, prefix)


@dataclass(frozen=True, slots=True)
class Record:
    """A known record: its fields, the score that it shows of each source, and the one that lies beside it; what the last look
    put out."""

    anime: str = WORK
    fields: Mapping[str, bytes] = field(default_factory=dict)
    shown: Mapping[str, float] = field(default_factory=dict)
    said: Mapping[str, float] = field(default_factory=dict)
    last_look: str = ""

    @property
    def revision(self) -> int:
        return int(self.fields.get("revision", 0))

    @property
    def aliases(self) -> list[str]:
        """The ids that it takes along when it is forgotten."""
        return text(self.fields.get("aliases", b"")).split("\n")[:-1]

    @property
    def goes_on_as(self) -> str:
        """The work that goes on in its place, or ''."""
        return text(self.fields.get("merged", b""))


class Views:
    """Reads values; equal ones are read once. The order of outputs is that of the stream."""

    def __init__(self, names: Topology) -> None:
        self.names = names
        self._read: dict[tuple[str, int], Any] = {}

    def standing(self, keys: Mapping[bytes, Value], sources: Iterable[str]) -> dict[str, Any]:
        """Those parts of a scenery that lie on the server and are read alike in every world, by name."""
        names, requests = self.names, dict(self.requests(keys))
        aliases = keys.get(names.aliases.encode())
        return {
            "requests": requests,
            "outputs": self.entries(keys, names.enriched),
            "letters": self.entries(keys, names.dead),
            "records": self.records(keys),
            "forgotten": self.scores(keys, names.forgotten),
            "aliases": aliases if isinstance(aliases, Hash) else {},
            "open": self.members(keys, names.deadlines),
            "closed": self.members(keys, names.closed),
            "failed": {source: self.members(keys, names.failed(source)) for source in sources},
            "done": {r: one for r, one in self.done(keys, requests).items() if one},
            "planned": self.members(keys, names.refresh),
        }

    def entries(self, keys: Mapping[bytes, Value], stream: str) -> list[dict[str, str]]:
        held = keys.get(stream.encode())
        return [_fields(one) for one in held.entries.values()] if isinstance(held, Stream) else []

    def output_id(self, keys: Mapping[bytes, Value], entry: bytes) -> str:
        """By what an output goes; '' for none."""
        held = keys.get(self.names.enriched.encode())
        return _fields(held.entries[entry])["output_id"] if isinstance(held, Stream) and entry else ""

    def done(self, keys: Mapping[bytes, Value], requests: Mapping[str, Request]) -> dict[str, dict[str, str]]:
        """The output by which each request counts as ended."""
        held = keys.get(self.names.enriched.encode())
        there = held.entries if isinstance(held, Stream) else {}
        ends = ((request, state.fields.get("done", b"")) for request, state in requests.items())
        return {request: _fields(there[entry]) for request, entry in ends if entry in there}

    @staticmethod
    def fields(entry: tuple[bytes, ...]) -> dict[str, str]:
        return _fields(entry)

    def requests(self, keys: Mapping[bytes, Value]) -> Iterator[tuple[str, Request]]:
        prefix = self.names.states.encode()
        for key, held in keys.items():
            if key.startswith(prefix) and isinstance(held, Hash):
                yield text(key[len(prefix) :]), self._once("request", held, _request)

    def records(self, keys: Mapping[bytes, Value]) -> dict[str, Record]:
        """The known records by the name of the work."""
        prefix = self.names.record_prefix.encode()
        found = {text(key[len(prefix) :]): held for key, held in keys.items() if key.startswith(prefix)}
        return {anime: self._record(keys, anime, held) for anime, held in sorted(found.items())}

    def _record(self, keys: Mapping[bytes, Value], anime: str, held: Value) -> Record:
        assert isinstance(held, Hash)
        record: Record = self._once("record", held, _record)
        return replace(record, anime=anime, last_look=self.output_id(keys, record.fields.get("entry", b"")))

    def members(self, keys: Mapping[bytes, Value], key: str) -> set[str]:
        held = keys.get(key.encode())
        return {text(one) for one in held} if isinstance(held, Zset) else set()

    def scores(self, keys: Mapping[bytes, Value], key: str) -> dict[str, int]:
        held = keys.get(key.encode())
        return {text(one): int(score) for one, score in held.items()} if isinstance(held, Zset) else {}

    def on_its_way(self, keys: Mapping[bytes, Value], group: str) -> list[str]:
        """The requests, one for each entry that a group has not read or not acknowledged."""
        found = []
        for stream in self.names.feeds(group):
            held = keys[stream.encode()]
            assert isinstance(held, Stream)
            left = [*held.unread(group.encode()), *held.group(group.encode()).pending]
            found += [_fields(held.entries[entry])["request_id"] for entry in left]
        return found

    def put_off(self, keys: Mapping[bytes, Value]) -> set[tuple[str, str]]:
        """The request and the source of what waits until it is due."""
        parts = (one.partition(":") for one in self.members(keys, self.names.delayed))
        return {(request, source) for source, _, request in parts}

    def _once(self, kind: str, held: Hash, read: Any) -> Any:
        key = kind, id(held)
        if key not in self._read:
            self._read[key] = held, read(named(held))  # kept, so that its id stays its own
        return self._read[key][1]


@cache
def _fields(entry: tuple[bytes, ...]) -> dict[str, str]:
    return {text(name): text(value) for name, value in zip(entry[::2], entry[1::2], strict=True)}


def content(output: Mapping[str, str]) -> str:
    """What an output says of the work, without when and for whom."""
    return _content(output["data"])


@cache
def _content(data: str) -> str:
    return str(json.loads(data).get("content_hash", data))


def _request(fields: Mapping[str, bytes]) -> Request:
    partials = family(fields, "p:")
    return Request(fields, {s: unpack(PartialResult, packed).outcome for s, packed in partials.items()})


def _record(fields: Mapping[str, bytes]) -> Record:
    shown = json.loads(unpack_bytes(fields["data"]))["scores"] if "data" in fields else {}
    said = {s: unpack(PartialResult, packed).record for s, packed in family(fields, "s:").items()}
    scores = {s: one.score.value for s, one in said.items() if one is not None and one.score is not None}
    return Record(WORK, fields, {s: one["value"] for s, one in shown.items() if s in SOURCES}, scores)
