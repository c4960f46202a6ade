"""The contract for readers: which stream carries what. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streams.web.html import Child, Node, document, el, table


def contract_page(described: Mapping[str, Any]) -> bytes:
    """The page, made of an AsyncAPI 3 document."""
    intro = el(
        "p",
        described["info"]["description"],
        " The whole document: ",
        el("a", "AsyncAPI as JSON", href="/asyncapi.json"),
        ".",
    )
    schemas = described["components"]["schemas"]
    channels = [_channel(channel, schemas) for channel in described["channels"].values()]
    shapes = [_shape(name, schema) for name, schema in sorted(schemas.items()) if not name.endswith("Entry")]
    return document("Contract", "/asyncapi", intro, channels, shapes)


def _shape(name: str, schema: Mapping[str, Any]) -> Node | None:
    """What the JSON in an entry's fields holds, property by property."""
    if not schema.get("properties"):
        return None
    rows = [(field, _meaning(one)) for field, one in schema["properties"].items()]
    return el("details", el("summary", name), table(name, ("property", "meaning"), rows))


def _channel(channel: Mapping[str, Any], schemas: Mapping[str, Any]) -> Node:
    (message,) = channel["messages"]
    entry = schemas.get(f"{message}Entry", {})
    required = set(entry.get("required", []))
    rows = [
        (name, "yes" if name in required else "", _meaning(field))
        for name, field in entry.get("properties", {}).items()
    ]
    prefix = channel["parameters"]["prefix"]["default"]
    title = channel["address"].replace("{prefix}", prefix)
    return el(
        "div", table(title, ("field", "always there", "meaning"), rows), el("p", channel["description"])
    )


def _meaning(field: Mapping[str, Any]) -> Child:
    content = field.get("contentSchema", {})
    names = [content, *content.get("anyOf", [])]
    holds = [option["$ref"].rpartition("/")[2] for option in names if "$ref" in option]
    values = ", ".join(field["enum"]) if "enum" in field else ""
    parts = [f"JSON of {' or '.join(holds)}" if holds else "", values, field.get("description", "")]
    return "; ".join(word for word in parts if word) or "text"
