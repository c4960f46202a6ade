"""Which server wrote a data folder: an older one cannot read what a newer one wrote, and may do harm trying."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "server.json"
LAST_COMMON_REDIS = (7, 2)
"""Valkey reads what Redis wrote up to this version."""


@dataclass(frozen=True, slots=True)
class ServerVersion:
    """A server's kind (``redis`` or ``valkey``) and version."""

    server: str
    version: str

    def __str__(self) -> str:
        return f"{self.server} {self.version}"

    @property
    def numbers(self) -> tuple[int, ...]:
        """Major and minor."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:2])

    def reads(self, other: ServerVersion) -> bool:
        """Whether this server opens what ``other`` wrote."""
        if self.server == other.server:
            return self.numbers >= other.numbers
        return self.server == "valkey" and other.numbers <= LAST_COMMON_REDIS


def version_of(binary: str) -> ServerVersion | None:
    """What a binary says about itself; ``None`` when it says nothing that we understand."""
    try:
        said = subprocess.run([binary, "--version"], capture_output=True, timeout=10, check=False).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(rb"(\w+) server v=([\d.]+)", said)
    return ServerVersion(found[1].decode().lower(), found[2].decode()) if found else None


def written_by(folder: Path) -> ServerVersion | None:
    """Which server wrote ``folder``; ``None`` when nobody said so."""
    path = folder / FILE
    try:
        return ServerVersion(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_down(folder: Path, version: ServerVersion) -> None:
    """Say which server writes ``folder`` from now on."""
    (folder / FILE).write_text(json.dumps(asdict(version)))
