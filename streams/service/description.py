"""The streams as FastStream knows them, and its AsyncAPI document with one channel a stream: the published contract."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from faststream.specification import AsyncAPI
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema

from sources import discover
from streams.broker.keys import AGGREGATE, IDENTIFY, Topology
from streams.contract.documents import Document, components
from streams.contract.entries import STREAMS
from streams.contract.record import SCHEMA_VERSION
from streams.engine.dispatch import Broker

ABOUT = (
    "Publish the title of an anime; get one merged record that says who said what. All entries are plain fields of "
    "Redis Streams; JSON stands in the field `data`."
)
_PREFIX = {"prefix": {"default": Topology().prefix, "description": "the setting STREAM_PREFIX"}}


def declared(names: Topology, groups: Sequence[str]) -> Broker:
    """A broker with a subscriber for each group and a publisher for each stream that we write. Nothing connects."""
    broker = Broker("Redis 7 or later, or Valkey 8 or later")
    told: set[str] = set()
    for group in groups:
        stream, word = _of_contract(names, group)
        words = STREAMS[word]
        entry = None if word in told else words.entry
        told.add(word)
        broker.group(group, stream, title=f"receive_{word}", entry=entry, about=words.about)
    for word, words in STREAMS.items():
        if word != "requests":
            stream = f"{names.prefix}:{word}"
            broker.publisher(stream=stream, title=f"send_{word}", schema=words.entry, description=words.about)
    return broker


def _of_contract(names: Topology, group: str) -> tuple[str, str]:
    """The stream of the contract that a group reads, and its last word; its others are lanes of our own."""
    words = {f"{names.prefix}:{word}": word for word in STREAMS}
    return next((stream, words[stream]) for stream in names.feeds(group) if stream in words)


class Contract(AsyncAPI):
    """FastStream's document. A channel is named by its stream and not by its endpoint, and its name has the prefix open."""

    def __init__(self) -> None:
        super().__init__(
            title="anime-enrich", version=SCHEMA_VERSION, description=ABOUT, license={"name": "MIT"}
        )

    def to_specification(self) -> ApplicationSchema:
        """The document; it does not depend on the settings."""
        return ApplicationSchema.model_validate(_by_stream(super().to_specification().to_jsonable()))


@cache
def described() -> Document:
    """The published document: what ``faststream docs gen streams.faststream:app`` writes. To be read only."""
    contract = Contract()
    contract.add_broker(declared(Topology(), [IDENTIFY, *discover(), AGGREGATE]))
    return dict(contract.to_specification().to_jsonable())


def _by_stream(document: Document) -> Document:
    told = {name.partition("_")[2]: channel for name, channel in document["channels"].items()}
    channels = {word: _channel(word, told[word]) for word in STREAMS if word in told}
    operations = {name: _operation(name, each) for name, each in sorted(document["operations"].items())}
    messages = {words.message: _message(words.message, words.entry.__doc__) for words in STREAMS.values()}
    schemas = {**document["components"]["schemas"], **components()}
    parts = {"messages": messages, "schemas": schemas}
    return {**document, "channels": channels, "operations": operations, "components": parts}


def _channel(word: str, channel: Document) -> Document:
    message = STREAMS[word].message
    return {
        **{name: channel[name] for name in ("description", "servers")},
        "address": f"{{prefix}}:{word}",
        "parameters": _PREFIX,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
    }


def _operation(name: str, operation: Document) -> Document:
    word = name.partition("_")[2]
    words = STREAMS[word]
    found: Document = {
        "action": operation["action"],
        "channel": {"$ref": f"#/channels/{word}"},
        "messages": [{"$ref": f"#/channels/{word}/messages/{words.message}"}],
    }
    return {**found, "summary": f"read by {words.readers}"} if operation["action"] == "receive" else found


def _message(name: str, about: str | None) -> dict[str, Any]:
    return {"name": name, "title": about, "payload": {"$ref": f"#/components/schemas/{name}Entry"}}
