"""One planted fault: a stretch of a file, and what stands there instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Fault:
    """Characters ``start`` to ``end`` of the file ``path`` (from the repository's root) become ``after``.

    ``line`` and ``last`` are the lines between which that stands; ``around`` is what stands before and behind it on its line;
    ``nth`` tells it from others of the same words in the file.
    """

    path: str
    start: int
    end: int
    line: int
    last: int
    before: str
    after: str
    around: tuple[str, str]
    nth: int = 1

    def planted(self, source: str) -> str:
        """The file's text with the fault; no line moves."""
        lines = "\n" * self.before.count("\n")
        after = f"({self.after}{lines})" if lines else self.after
        return source[: self.start] + after + source[self.end :]

    @property
    def name(self) -> str:
        """By what it is listed: it stays the same while the file changes elsewhere."""
        before, behind = self.around
        which = f" #{self.nth}" if self.nth > 1 else ""
        return f"{self.path}: {before}[[{_short(self.before)} => {_short(self.after)}]]{behind}{which}"


def fault_at(path: str, source: str, start: int, end: int, after: str) -> Fault:
    """The fault that puts ``after`` in the place of what stands from ``start`` to ``end``."""
    first, behind = source.rfind("\n", 0, start) + 1, source.find("\n", end)
    around = source[first:start].lstrip(), source[end : behind if behind >= 0 else len(source)].rstrip()
    line = source.count("\n", 0, start) + 1
    last = line + source.count("\n", start, end)
    return Fault(path, start, end, line, last, source[start:end], after, around)


def told_apart(faults: Iterable[Fault]) -> list[Fault]:
    """The same faults, each with a name of its own."""
    seen: Counter[str] = Counter()
    found = []
    for fault in faults:
        seen[fault.name] += 1
        found.append(replace(fault, nth=seen[fault.name]))
    return found


def another(number: float) -> float:
    """A number that makes a difference where the number does."""
    return number * 2 if number >= 10 or (isinstance(number, float) and number) else number + 1


def _short(text: str) -> str:
    return " ".join(text.split())
