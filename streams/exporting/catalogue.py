"""All known works, each once, a page at a time: what an export is made of."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from streams.broker.records import Records
from streams.contract.codec import unpack_bytes
from streams.contract.record import EnrichedRecord
from streams.exporting.texts import without_texts

PAGE = 50
"""Records in memory at once; one is 40 to 115 kB, packed a tenth of it."""


@dataclass(frozen=True)
class Work:
    """A record as JSON on one line, and as a model where that is asked for."""

    anime_id: str
    line: bytes

    @cached_property
    def record(self) -> EnrichedRecord:
        """The record. Raises ``ValueError`` when the line is none."""
        return EnrichedRecord.model_validate_json(self.line)


class Catalogue:
    """The works that are known when the reading begins, by ``anime_id``.

    Their ids are read at once, so that a record that changes meanwhile is neither left out nor there twice; of all that is
    held in memory only they grow with the catalogue, by some 20 bytes a work. ``unreadable`` are those that were left out.
    """

    def __init__(self, records: Records, *, texts: bool = True) -> None:
        self.records = records
        self.texts = texts
        self.unreadable: list[str] = []

    async def works(self, *, as_models: bool) -> AsyncIterator[Work]:
        """The works; with ``as_models`` each is known to be a record."""
        ids = sorted(await self.records.ids())
        for start in range(0, len(ids), PAGE):
            for anime, packed in (await self.records.packed_by_id(ids[start : start + PAGE])).items():
                work = self._read(anime, packed, as_model=as_models)
                if work is not None:
                    yield work

    def _read(self, anime: str, packed: bytes, *, as_model: bool) -> Work | None:
        try:
            line = unpack_bytes(packed)
            work = Work(anime, line if self.texts else _stripped(line))
            if as_model:
                _ = work.record
        except ValueError:
            self.unreadable.append(anime)
            return None
        return work


def _stripped(line: bytes) -> bytes:
    record: dict[str, Any] = json.loads(line)
    return json.dumps(without_texts(record), ensure_ascii=False, separators=(",", ":")).encode()
