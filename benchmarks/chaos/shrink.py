"""The shortest story that still fails as a long one did: faults and requests are taken out, in ever smaller parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks.chaos.runs import run
from benchmarks.chaos.story import Ask, Fault, Story
from benchmarks.chaos.world import Report

Part = tuple[Ask | Fault, ...]


def shrunk(
    story: Story, report: Report, binary: str, processes: int, say: Callable[[str], None] = lambda _: None
) -> tuple[Story, Report]:
    """A story of which nothing can be left out without losing the failure."""
    best, last = (story, report), -1
    while (size := _size(best[0])) != last:
        last = size
        for kind in ("faults", "asks"):
            best = _less(best, kind, binary, processes, say)
    return best


def _less(
    best: tuple[Story, Report], kind: str, binary: str, processes: int, say: Callable[[str], None]
) -> tuple[Story, Report]:
    parts = 1
    while (items := getattr(best[0], kind)) and parts <= len(items):
        found = _first(best, _parts(items, parts), binary, processes)
        if found is None:
            parts = len(items) if parts < len(items) < parts * 2 else parts * 2
            continue
        best, parts = found, max(1, parts - 1)
        say(f"{len(best[0].asks)} requests and {len(best[0].faults)} faults still fail")
    return best


def _first(
    best: tuple[Story, Report], parts: Sequence[Part], binary: str, processes: int
) -> tuple[Story, Report] | None:
    """Some story without one of the parts that fails in the same way."""
    for start in range(0, len(parts), processes):
        tries = (best[0].without(set(part)) for part in parts[start : start + processes])
        failing = [one for one in run(tries, binary, processes) if _alike(best[1], one[1])]
        if failing:
            return min(failing, key=lambda one: _size(one[0]))
    return None


def _alike(report: Report, other: Report) -> bool:
    return bool(report.broken.keys() & other.broken.keys())


def _parts(items: Part, count: int) -> list[Part]:
    def cut() -> Iterator[Part]:
        for number in range(count):
            yield items[number * len(items) // count : (number + 1) * len(items) // count]

    return [part for part in cut() if part]


def _size(story: Story) -> int:
    return len(story.asks) + len(story.faults)
