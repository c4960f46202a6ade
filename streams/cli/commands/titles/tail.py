"""Follows the output, a line an entry."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from rich.console import Console
from rich.text import Text

from streams.broker.connection import BLOCK_MS, text
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_line
from streams.cli.exit_codes import Exit
from streams.client.session import open_client
from streams.config.settings import Settings
from streams.terminal.outcomes import look
from streams.terminal.printable import printable

StreamEntry = tuple[str, dict[str, str]]


def run(last: int, *, follow: bool, as_json: bool, offline: bool) -> Exit:
    """Print entries until Ctrl-C, or, without ``follow``, those that are there."""
    finish(_tail(load(offline=offline), last, follow=follow, as_json=as_json))
    return Exit.OK


async def _tail(settings: Settings, last: int, *, follow: bool, as_json: bool) -> None:
    console = out()
    async with open_client(settings) as session:
        stream = session.client.names.enriched
        async for entry, fields in _entries(session.client.redis, stream, last, follow=follow):
            if as_json:
                print_line(as_data(entry, fields))
            else:
                show_entry(console, entry, fields)


async def _entries(client: Redis, stream: str, last: int, *, follow: bool) -> AsyncIterator[StreamEntry]:
    newest: Any = await client.xrevrange(stream, count=max(1, last))
    position = text(newest[0][0]) if newest else "0"
    for entry, fields in reversed(newest if last else []):
        yield decoded(entry, fields)
    while follow:
        found: Any = await client.xread({stream: position}, count=100, block=BLOCK_MS)
        for _, entries in found or []:
            for entry, fields in entries:
                position = text(entry)
                yield decoded(entry, fields)


def decoded(entry: bytes, fields: Mapping[bytes, bytes]) -> StreamEntry:
    """An entry as text."""
    return text(entry), {text(name): text(value) for name, value in fields.items()}


def as_data(entry: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """An output entry as JSON data: ``data`` and ``changes`` are read, ``revision`` is a number."""
    read = {name: json.loads(fields[name]) for name in ("data", "changes") if fields.get(name)}
    revision = int(fields.get("revision") or 0)
    return {"entry": entry, **fields, "revision": revision, "final": fields.get("final") != "false", **read}


def show_entry(console: Console, entry: str, fields: Mapping[str, str]) -> None:
    """Print one line, cut at the edge of a terminal, whole in a pipe."""
    words = entry_line(entry, fields)
    if console.is_terminal:
        words.truncate(console.width, overflow="ellipsis")
    console.print(words, soft_wrap=True)


def entry_line(entry: str, fields: Mapping[str, str]) -> Text:
    """When, how it ended, what it is, and what is missing or changed."""
    shown = printable({name: text for name, text in fields.items() if name not in {"data", "changes"}})
    at = datetime.fromtimestamp(int(entry.partition("-")[0]) / 1000, UTC).astimezone()
    status = shown["status"]
    line = Text(f"{at:%H:%M:%S}  ", "dim")
    line.append(f"{status:9}", look(status).style)
    line.append(f"  {shown.get('anime_id') or '-':12}  ", "dim")
    line.append(" ".join((shown.get("title") or shown["request_id"]).split()))
    return line.append(_aside(fields), "dim")


def _aside(fields: Mapping[str, str]) -> str:
    data = printable(json.loads(fields.get("data") or "{}"))
    words = []
    if fields.get("final") == "false":
        words.append(fields.get("why") or "early")
    if int(fields.get("revision") or 0) > 1:
        changes = len(json.loads(fields.get("changes") or "[]"))
        words.append(f"revision {fields['revision']}, {changes} changes")
    missing = data.get("completeness", {}).get("missing", {})
    words += [f"without {name} ({reason})" for name, reason in missing.items()]
    words += [data["message"]] if data.get("message") else []
    words += [f"{len(data['candidates'])} works" if data.get("candidates") else ""]
    told = "; ".join(word for word in words if word)
    return f"  {told}" if told else ""
