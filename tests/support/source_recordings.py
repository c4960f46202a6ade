"""Recorded answers of the real sites with the facts that a parser must get out of them; kept outside the repository."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3] / "shared" / "upstream" / "recordings"


@dataclass(frozen=True)
class Expected:
    """One fact: what ``field`` of ``file`` must be."""

    file: str
    field: str
    value: Any


@dataclass(frozen=True)
class Recordings:
    """All recordings of one site."""

    folder: Path

    @property
    def files(self) -> list[str]:
        lines = (self.folder / "index.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["file"] for line in lines]

    @property
    def expected(self) -> list[Expected]:
        lines = (self.folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()
        return [Expected(row["file"], row["field"], row["value"]) for row in map(json.loads, lines)]

    def body(self, file: str) -> bytes:
        return (self.folder / file).read_bytes()


def recordings(source: str) -> Recordings:
    """The recordings of ``source``; skips the test on a machine that has none."""
    folder = ROOT / source
    if not folder.is_dir():
        pytest.skip("the recordings are not on this machine")
    return Recordings(folder)
