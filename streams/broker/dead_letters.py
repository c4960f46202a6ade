"""Owner of the dead letters: entries that could not be processed, each with its cause and the original."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streams.broker.connection import text
from streams.broker.delivery import pairs
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.contract.events import DeadLetter

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter and its place in the stream; ``entry`` names it in commands."""

    entry: str
    letter: DeadLetter


class DeadLetters:
    """They are written by the steps that give up (`Requests.bury`, `Requests.hand_in`), in the shape of `flat_letter`;
    those of the bridges by `add`."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names

    async def newest_first(self) -> AsyncIterator[Letter]:
        """All of them, a page at a time."""
        end = "+"
        while True:
            page: Any = await self.scripts.client.xrevrange(self.names.dead, end, "-", count=_PAGE)
            for entry, fields in page:
                yield Letter(text(entry), read_letter(fields))
            if len(page) < _PAGE:
                return
            end = f"({text(page[-1][0])}"

    async def show(self, entry: str) -> Letter | None:
        """One by its entry; ``None`` when there is none."""
        found: Any = await self.scripts.client.xrange(self.names.dead, entry, entry)
        return Letter(entry, read_letter(found[0][1])) if found else None

    async def drop(self, entries: Sequence[str]) -> int:
        """Throw some away; returns how many there were."""
        return int(await self.scripts.call("XDEL", self.names.dead, *entries)) if entries else 0

    async def count(self) -> int:
        """How many there are."""
        return int(await self.scripts.call("XLEN", self.names.dead))

    async def bound(self, most: int) -> int:
        """Drop the oldest above ``most``; returns how many those were."""
        return int(await self.scripts.call("XTRIM", self.names.dead, "MAXLEN", "=", most))

    async def add(self, letter: DeadLetter) -> None:
        """Write one of what was read from the output, where giving up and acknowledging are two steps."""
        await self.scripts.call("XADD", self.names.dead, "*", *pairs(flat_letter(letter)))

    async def republish(self, entry: str, fields: Mapping[str, str], to: str = "") -> bool:
        """Use a letter up by publishing a request of these fields, or an entry on stream ``to``; ``False`` when the letter is gone."""
        stream = to or self.names.requests
        made = await self.scripts.run(
            "republish", pairs(fields), dead=self.names.dead, requests=stream, letter=entry
        )
        return bool(made)


def flat_letter(letter: DeadLetter) -> dict[str, str]:
    """The fields of a dead letter's entry."""
    values: dict[str, Any] = letter.model_dump(exclude_none=True)
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
        for name, value in values.items()
    }


def read_letter(fields: Mapping[bytes, bytes]) -> DeadLetter:
    """The dead letter in an entry's fields. One that cannot be read, of another hand say, hides none of the others."""
    values: dict[str, Any] = {text(key): text(value) for key, value in fields.items()}
    try:
        return DeadLetter.model_validate({**values, "original": json.loads(values.get("original", "{}"))})
    except ValueError:
        where = {"stream": "", "group": "", "entry_id": "", "at": ""}
        why = {"reason": "bad_request", "message": "this is no dead letter of ours", "next_step": "drop it"}
        return DeadLetter.model_validate({**where, **why, "original": values})
