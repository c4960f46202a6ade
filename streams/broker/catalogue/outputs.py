"""Reader of the output for who was not there: what went out after an entry, and whether something is missing in between."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts

_ID = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,15}))?")


@dataclass(frozen=True, slots=True, order=True)
class EntryId:
    """An id on a stream; later ones are greater."""

    ms: int = 0
    number: int = 0

    @classmethod
    def read(cls, written: str) -> EntryId:
        """From ``1700000000000-0``. Raises ``ValueError`` for anything else."""
        found = _ID.fullmatch(written)
        if found is None:
            raise ValueError(f"{written[:40]!r} is no id of an entry, such as 1700000000000-0")
        return cls(int(found[1]), int(found[2] or 0))

    def __str__(self) -> str:
        return f"{self.ms}-{self.number}"


@dataclass(frozen=True, slots=True)
class Tail:
    """What went out after an entry, the oldest first; ``last`` is the newest id there ever was.

    ``gap``: something may have been cut off in between. ``ahead``: the entry is none that this server has given yet.
    """

    entries: Sequence[tuple[EntryId, Mapping[str, bytes]]]
    last: EntryId
    gap: bool
    ahead: bool


class Outputs:
    """The stream of the outputs."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names

    async def after(self, since: EntryId, most: int) -> Tail:
        """At most so many entries after ``since``, read in one step with how far back the stream goes."""
        given = await self.scripts.run("changes", enriched=self.names.enriched, since=str(since), most=most)
        last, first = EntryId.read(text(given[0])), text(given[1])
        cut = not given[2] and since < last and (not first or since < EntryId.read(first))
        return Tail([_entry(one) for one in given[3]], last, gap=cut, ahead=since > last)

    async def data(self, entry: str) -> bytes:
        """What an output says, as JSON; b'' once it is cut off."""
        found = await self.scripts.call("XRANGE", self.names.enriched, entry, entry)
        return _entry(found[0])[1].get("data", b"") if found else b""

    async def last(self) -> EntryId:
        """The newest id that an output was given."""
        return (await self.after(EntryId(), 0)).last


def _entry(given: Any) -> tuple[EntryId, dict[str, bytes]]:
    identifier, fields = given
    return EntryId.read(text(identifier)), {
        text(name): value for name, value in zip(fields[::2], fields[1::2], strict=True)
    }
