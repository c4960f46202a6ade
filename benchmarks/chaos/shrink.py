"""The shortest story that still fails as a long one did: faults and requests are taken out, in ever smaller parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from benchmarks.chaos.runs import run
from benchmarks.chaos.story import Ask, Fault, Story
from benchmarks.chaos.world import Report

Part = tuple[Ask | Fault, ...]


class Shrinker:
    """Looks for a story of which nothing can be left out without losing the failure."""

    def __init__(self, binary: str, processes: int, say: Callable[[str], None] = lambda _: None) -> None:
        self._binary, self._processes, self._say = binary, processes, say
        self._sound: set[Story] = set()
        """Stories that were played, and did not fail."""

    def shrink(self, story: Story, report: Report) -> tuple[Story, Report]:
        """The shortest, and what came of it."""
        best, last = (story, report), -1
        while (size := _size(best[0])) != last:
            last = size
            for kind in ("faults", "asks"):
                best = self._less(best, kind)
        return best

    def _less(self, best: tuple[Story, Report], kind: str) -> tuple[Story, Report]:
        parts = 1
        while (items := getattr(best[0], kind)) and parts <= len(items):
            found = self._first(best, _parts(items, parts))
            if found is None:
                parts = len(items) if parts < len(items) < parts * 2 else parts * 2
                continue
            best, parts = found, max(1, parts - 1)
            self._say(f"{len(best[0].asks)} requests and {len(best[0].faults)} faults still fail")
        return best

    def _first(self, best: tuple[Story, Report], parts: Sequence[Part]) -> tuple[Story, Report] | None:
        """Some story without one of the parts that fails in the same way."""
        tries = [one for part in parts if (one := best[0].without(set(part))) not in self._sound]
        for start in range(0, len(tries), self._processes):
            played = list(run(tries[start : start + self._processes], self._binary, self._processes))
            self._sound.update(story for story, report in played if not _alike(best[1], report))
            failing = [one for one in played if one[0] not in self._sound]
            if failing:
                return min(failing, key=lambda one: _size(one[0]))
        return None


def _alike(report: Report, other: Report) -> bool:
    return bool(report.broken.keys() & other.broken.keys())


def _parts(items: Part, count: int) -> list[Part]:
    cuts = [number * len(items) // count for number in range(count + 1)]
    return [items[start:end] for start, end in pairwise(cuts) if start < end]


def _size(story: Story) -> int:
    return len(story.asks) + len(story.faults)
