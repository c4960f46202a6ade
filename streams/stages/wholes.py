"""Titles of which nothing has changed, remembered whole: what they mean, and the marks of all that was said of the work.

The parts are those of the identification and of every finding, so that one look tells whether all of it still holds. What the
sites said is not kept here: a record that would come out the same is told without it (`streams.records.again`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from cache.reads import noting
from cache.results.remembered import Memory, key_of
from streams.broker.request_state import Outline, as_text
from streams.contract.codec import pack_json, unpack_bytes
from streams.contract.events import IdentifiedTitle, TitleRequest
from streams.matching.overrides import Overrides
from streams.stages.findings import HERE, Said, code_in
from streams.stages.identities import as_remembered, for_request
from streams.stages.source_pool import Askers

START = "0"
"""Version of the state of a request to which nothing was handed in."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A request that is answered already; ``filled`` is the share of fields (0 to 1) that each source filled."""

    outline: Outline
    filled: Mapping[str, float | None]


class Wholes:
    """Over one memory."""

    def __init__(self, askers: Askers) -> None:
        self.memory: Memory = askers.memory
        self.askers = askers
        self._own = code_in([HERE / "stages/wholes.py"])

    def _key(self, identity: str, request: TitleRequest, overrides: Overrides) -> str:
        """'' where nothing may be remembered."""
        if not identity or not self._own:
            return ""
        return key_of(
            "identify", "whole", self._own, identity, str(self._tail(request)), overrides.of_entries
        )

    async def recall(
        self, identity: str, request: TitleRequest, deadline_at: float, overrides: Overrides
    ) -> Whole | None:
        """What is known of ``request``, if nothing of it has changed; ``identity`` is the key of its identification."""
        key = self._key(identity, request, overrides)
        if not key or (known := await self.memory.recall(key)) is None:
            return None
        event = for_request(unpack_bytes(known.body), request, deadline_at)
        return Whole(Outline(event, known.note["marks"], START), known.note["filled"])

    async def remember(self, identity: str, event: IdentifiedTitle, overrides: Overrides) -> None:
        """Keep what ``identity`` was recalled as together with what is remembered of every source, if it is of all."""
        key = self._key(identity, event.request, overrides)
        if not key or not event.asked:
            return
        with noting() as reads:
            identified, said = await asyncio.gather(
                self.memory.recall(identity), self.known(event, overrides)
            )
        if identified is None or said.keys() != set(event.asked):
            return
        note = {
            "marks": {name: f"{one.given.outcome} {one.given.mark}" for name, one in said.items()},
            "filled": {name: one.filled for name, one in said.items()},
        }
        await self.memory.remember(key, note, pack_json(as_remembered(event)), reads)

    async def known(self, event: IdentifiedTitle, overrides: Overrides) -> dict[str, Said]:
        """What is remembered of what each source that is asked says of the work."""
        evidence, tail = as_text(event.evidence), self._tail(event.request)
        recalled = await asyncio.gather(
            *(
                self.askers.findings.known(
                    self.askers.get(one), event, evidence, tail=tail, overrides=overrides
                )
                for one in event.asked
            )
        )
        return {one.given.source: one for one in recalled if one is not None}

    def _tail(self, request: TitleRequest) -> bool:
        return self.askers.settings.long_tail if request.long_tail is None else request.long_tail
