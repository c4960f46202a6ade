"""Which reply a played site gives to which request: the format of ``replies.json``, without any I/O but reading.

A folder ``sources/demo/<source>/`` holds reply files and ``replies.json``::

    {"replies": [{"method": "GET", "path": "/anime/(?P<n>\\\\d+)", "query": {"q": "bebop.*"},
                  "json": {"variables.id": "1"}, "status": 200, "headers": {}, "file": "bebop.json"}],
     "faults": {"ban": {"status": 200, "file": "banned.xml"}},
     "follows": {"search-*.json": "jikan/http/ok/search-success.json", "*": "guess: as the OpenAPI document has it"}}

``path`` (relative to the base URL), ``query`` and ``json`` (dotted path into the request's body) hold regular
expressions that must match the whole value, case ignored; the first entry that matches answers. ``{{name}}`` in a
file is replaced by the group of that name, ``{{base}}`` by the site's address. ``"gzip": true`` sends the file packed.
``follows`` says by name of file which recordings or documents the reply has its shape from; the first pattern that fits
counts. Several are joined by `` and ``; what clients report begins with ``clients:``, what nothing real shows with ``guess:``.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sources.base import Source

CONTENT_TYPES = {
    ".json": "application/json",
    ".xml": "text/xml",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain",
}


class Entry(BaseModel):
    """One line of ``replies.json``."""

    method: str = "GET"
    path: str = ".*"
    query: dict[str, str] = {}
    json_body: dict[str, str] = {}
    status: int = 200
    headers: dict[str, str] = {}
    file: str | None = None
    body: str = ""
    gzip: bool = False

    def match(self, method: str, path: str, query: Mapping[str, str], body: Any) -> dict[str, str] | None:
        """The named groups of a match, or ``None``."""
        if method != self.method:
            return None
        pairs: list[tuple[str, str | None]] = [(self.path, path)]
        pairs += [(pattern, query.get(name)) for name, pattern in self.query.items()]
        pairs += [(pattern, dig(body, dotted)) for dotted, pattern in self.json_body.items()]
        groups: dict[str, str] = {}
        for pattern, value in pairs:
            found = compiled(pattern).fullmatch(value) if value is not None else None
            if found is None:
                return None
            groups.update({k: v for k, v in found.groupdict().items() if v is not None})
        return groups


class Answer(BaseModel):
    """What goes over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled once."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def dig(body: Any, dotted: str) -> str | None:
    """The value at ``a.b.0`` in ``body`` as text; ``None`` when there is none."""
    for part in dotted.split("."):
        if isinstance(body, Mapping):
            body = body.get(part)
        elif isinstance(body, list) and part.isdigit() and int(part) < len(body):
            body = body[int(part)]
        else:
            return None
    return None if body is None else body if isinstance(body, str) else json.dumps(body)


def demo_folder(cls: type[Source]) -> Path:
    """Where the replies that play a source's site lie: ``demo/<source>/`` in the package that the source belongs to."""
    package = sys.modules[cls.__module__.partition(".")[0]]
    roots = list(getattr(package, "__path__", [str(Path(package.__file__ or "").parent)]))
    folders = [Path(root) / "demo" / cls.name for root in roots]
    return next((folder for folder in folders if folder.is_dir()), folders[0])


class Replies:
    """The replies of one played site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, bytes] = {}

    @cached_property
    def _index(self) -> dict[str, Any]:
        path = self.folder / "replies.json"
        loaded: dict[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {}
        return loaded

    @cached_property
    def entries(self) -> list[Entry]:
        """All entries, in order."""
        return [self._entry(raw) for raw in self._index.get("replies", [])]

    @property
    def follows(self) -> dict[str, str | None]:
        """What each played file has its shape from; ``None`` where the folder does not say."""
        rows: dict[str, str] = self._index.get("follows", {})
        names = sorted(path.name for path in self.folder.glob("*") if path.name != "replies.json")
        return {name: next((rows[p] for p in rows if fnmatchcase(name, p)), None) for name in names}

    @staticmethod
    def _entry(raw: dict[str, Any]) -> Entry:
        return Entry(**{("json_body" if key == "json" else key): value for key, value in raw.items()})

    def find(self, method: str, path: str, query: Mapping[str, str], body: Any, base: str) -> Answer | None:
        """The answer to a request, or ``None`` when the folder holds none."""
        for entry in self.entries:
            groups = entry.match(method, path, query, body)
            if groups is not None:
                return self._answer(entry, {**groups, "base": base})
        return None

    def fault(self, kind: str) -> Answer | None:
        """How this site words a ban or a challenge, if the folder says so."""
        raw = self._index.get("faults", {}).get(kind)
        return self._answer(self._entry(raw), {}) if raw else None

    def _answer(self, entry: Entry, groups: Mapping[str, str]) -> Answer:
        body = self._read(entry.file) if entry.file else entry.body.encode()
        if b"{{" in body:
            for name, value in groups.items():
                body = body.replace(b"{{" + name.encode() + b"}}", value.encode())
        kind = CONTENT_TYPES.get(Path(entry.file or ".txt").suffix, "application/octet-stream")
        if entry.gzip:
            body, kind = gzip.compress(body, mtime=0), "application/gzip"
        return Answer(status=entry.status, headers={"Content-Type": kind, **entry.headers}, body=body)

    def replace(self, name: str, body: bytes) -> None:
        """Play ``body`` wherever a reply names the file ``name``."""
        self._files[name] = body

    def _read(self, name: str) -> bytes:
        if name not in self._files:
            self._files[name] = (self.folder / name).read_bytes()
        return self._files[name]
