"""The long tail of a record: parts in order of worth, within one budget, each failing on its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from sources.errors import NotAnEntry, Reason, SourceError
from sources.record import SourceRecord

log = logging.getLogger(__name__)

PartReader = Callable[[], Awaitable[None]]

_HOPELESS = frozenset(
    {
        Reason.BANNED,
        Reason.CHALLENGE,
        Reason.FORBIDDEN,
        Reason.RATE_LIMITED,
        Reason.UNREACHABLE,
        Reason.UNAVAILABLE,
        Reason.NOT_CONFIGURED,
    }
)
"""After one of these the site answers nothing else either, so the parts not yet begun are not asked for."""


async def read_parts(
    record: SourceRecord, parts: Mapping[str, PartReader], *, budget_seconds: float, at_once: int = 2
) -> None:
    """Read ``parts`` in order, ``at_once`` at a time; what fails is named in ``record.incomplete`` with its reason.

    A reader adds to ``record`` as it goes, so that a part which breaks off keeps what it had. When the budget ends,
    unfinished parts are noted as ``deadline``. Never raises `SourceError`.
    """
    tail = _Tail(record, at_once)
    waiting = dict.fromkeys(parts, Reason.DEADLINE.value)
    try:
        async with asyncio.timeout(budget_seconds), asyncio.TaskGroup() as group:
            for name, reader in parts.items():
                group.create_task(tail.read(name, reader, waiting))
    except TimeoutError:
        record.incomplete.update(waiting)


class _Tail:
    def __init__(self, record: SourceRecord, at_once: int) -> None:
        self.record = record
        self.gate = asyncio.Semaphore(at_once)
        self.hopeless: Reason | None = None

    async def read(self, name: str, reader: PartReader, waiting: dict[str, str]) -> None:
        async with self.gate:
            if reason := self.hopeless or await self._failure(reader):
                self.record.incomplete[name] = reason.value
            waiting.pop(name)

    async def _failure(self, reader: PartReader) -> Reason | None:
        try:
            await reader()
        except SourceError as error:
            self.hopeless = error.reason if error.reason in _HOPELESS else self.hopeless
            return error.reason
        except NotAnEntry as error:
            return error.as_source_error(self.record.source).reason
        except Exception:  # a fault of ours in the tail must not cost the core record
            log.exception("a part of %s %s failed", self.record.source, self.record.source_id)
            return Reason.INTERNAL
        return None
