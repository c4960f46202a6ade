"""What travels together in one process: how many titles it holds for that, and whether any more are on their way."""

from __future__ import annotations

from collections.abc import Mapping

from sources.discovery import discover
from streams.broker.keys import AGGREGATE, IDENTIFY
from streams.engine.reader import Reader
from streams.engine.worker import URGENT_SHARE, Worker

REQUESTS_AHEAD, SEARCHES_AHEAD = 2, 4
"""While one request is under way or waits for its turn, the next fills. What a search finds takes time to be judged."""


def capacity(group: str, concurrency: int) -> int:
    """Titles that a group holds at a time: ``concurrency`` of a source, more where none is waited for, or enough bulk ones
    to fill requests for many.
    """
    at_once = concurrency * (4 if group in {AGGREGATE, IDENTIFY} else 1)
    asked = discover() if group == IDENTIFY else {group: discover()[group]} if group in discover() else {}
    together = [
        batch.most
        for cls in asked.values()
        for batch in cls.batches
        if (batch.name == "search") == (group == IDENTIFY)
    ]
    bulk = (SEARCHES_AHEAD if group == IDENTIFY else REQUESTS_AHEAD) * max(together, default=0)
    return max(at_once, -(-bulk * URGENT_SHARE // (URGENT_SHARE - 1)))


class Expected:
    """Tells a question in bulk whether waiting for others can bring any.

    Only what this process sees counts: a title that another process is identifying finds the next request.
    """

    def __init__(
        self,
        workers: Mapping[str, Worker],
        readers: Mapping[str, Reader],
        door: Worker,
        intake: Reader | None,
    ) -> None:
        self._workers, self._readers, self._door, self._intake = workers, readers, door, intake

    def may_come(self, source: str, waiting: int) -> bool:
        """Whether a title that is in work or unread may still ask ``source``, where ``waiting`` questions wait already."""
        if self._intake is None:  # titles are identified elsewhere
            return True
        groups = [group for group in (IDENTIFY, source) if group in self._workers]
        if self._door.in_flight or not self._intake.idle:
            return True
        if any(not self._is_taken_up(group) for group in groups):
            return True
        return sum(len(self._workers[group].in_flight) for group in groups) > waiting

    def _is_taken_up(self, group: str) -> bool:
        """Whether there is nothing left to read for ``group``, or no room for it."""
        return self._readers[group].idle or not self._workers[group].free(urgent=False)
