"""One planted fault: a stretch of a file, and what stands there instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Characters ``start`` to ``end`` of the file ``path`` (from the repository's root) become ``after``."""

    path: str
    start: int
    end: int
    line: int
    before: str
    after: str

    def planted(self, source: str) -> str:
        """The file's text with the fault."""
        return source[: self.start] + self.after + source[self.end :]

    @property
    def name(self) -> str:
        """By what it is listed: it stays the same while the file changes elsewhere."""
        return f"{self.path}: {_short(self.before)} -> {_short(self.after)}"


def _short(text: str) -> str:
    return " ".join(text.split())


def line_of(source: str, at: int) -> int:
    """The line of a place in a text, from 1 on."""
    return source.count("\n", 0, at) + 1
