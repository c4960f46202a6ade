"""Reads an anime-offline-database file: one JSON document with ``data``, or JSON Lines whose first line may describe the set.

Either may be packed (``.json.zst``, ``.jsonl.zst``), as the releases of the data set are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from streams.config.text_file import read_text
from streams.matching.offline_database import OfflineDatabase


def read(path: Path) -> OfflineDatabase:
    """The data set at ``path``. Raises ``ValueError`` naming the line or entry that is none, ``OSError``."""
    try:
        text = read_text(path)
        return OfflineDatabase(
            _checked(_entries(text)), hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        )
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _entries(text: str) -> Iterator[Any]:
    """The entries of either form of file, unchecked."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        yield from _lines(text)
        return
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        yield from document["data"]
    elif isinstance(document, list):
        yield from document
    elif isinstance(document, dict) and "title" in document:
        yield document
    else:
        raise ValueError("neither a document with 'data' nor JSON Lines of entries")


def _lines(text: str) -> Iterator[Any]:
    for number, line in enumerate(text.split("\n"), 1):  # a title may hold other signs that end lines
        if not line.strip("\ufeff \t"):
            continue
        try:
            entry = json.loads(line.strip("\ufeff"))
        except json.JSONDecodeError as error:
            raise ValueError(f"line {number} is no JSON: {error}") from error
        describes = number == 1 and isinstance(entry, dict) and "title" not in entry
        if not describes:
            yield entry


def _checked(entries: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    for number, entry in enumerate(entries):
        if (
            not isinstance(entry, dict)
            or not isinstance(entry.get("title"), str)
            or not entry["title"].strip()
        ):
            raise ValueError(f"entry {number} has no title")
        yield entry
