"""What a title was identified as, remembered: searched, compared and judged once, while no search answer and no rule changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cache.reads import Reads
from cache.results.remembered import Memory, key_of
from sources import Source
from streams.contract.events import IdentifiedTitle, TitleRequest
from streams.contract.record import SourceReport
from streams.matching.overrides import Overrides
from streams.stages.findings import HERE, Findings, code_in

_ASKED = {"title", "year", "type", "ids", "only", "skip", "priority"}
"""What of a request decides how it is searched for and judged."""
_OWN = ("stages/search.py", "stages/first_sites.py", "stages/identities.py")


class Identities:
    """Over one memory; ``witness`` tells which imported data set has a say, '' for none."""

    def __init__(self, memory: Memory, findings: Findings, witness: str) -> None:
        self.memory, self.findings = memory, findings
        self.witness = witness
        self._own = code_in(HERE / one for one in _OWN)

    def key(
        self,
        request: TitleRequest,
        searched: Sequence[Source],
        reports: Mapping[str, SourceReport],
        overrides: Overrides,
    ) -> str:
        """The key of one identification; '' where nothing may be remembered."""
        editions = {source.name: source.edition() for source in searched}
        standing = [self.findings.standing(source) for source in searched]
        if not (self.memory.enabled and self._own and all(standing)) or None in editions.values():
            return ""
        told = json.dumps([editions, {name: one.model_dump() for name, one in reports.items()}])
        asked = request.model_dump_json(include=_ASKED)
        everywhere = (" ".join(words) for words in standing)
        return key_of(
            "identify", "identity", self._own, self.witness, overrides.of_titles, told, asked, *everywhere
        )

    async def recall(self, key: str, request: TitleRequest, deadline_at: float) -> IdentifiedTitle | None:
        """The verdict on ``request``, if it is remembered."""
        if not key or (known := await self.memory.recall(key)) is None:
            return None
        return for_request(known.body, request, deadline_at)

    async def remember(self, key: str, event: IdentifiedTitle, reads: Reads) -> None:
        """Keep a verdict that all searched sites had a say in."""
        if key and not reads.loose:
            await self.memory.remember(key, {"verdict": event.verdict}, as_remembered(event), reads)


def as_remembered(event: IdentifiedTitle) -> bytes:
    """An identified title as JSON without what belongs to the one request."""
    neutral = event.model_copy(update={"request_id": "", "request": TitleRequest(title="-")})
    return neutral.model_dump_json(exclude_none=True, exclude={"deadline_at", "traceparent"}).encode()


def for_request(remembered: bytes, request: TitleRequest, deadline_at: float) -> IdentifiedTitle:
    """What was remembered, as the answer to ``request``. Raises ``ValueError`` for anything else."""
    event = IdentifiedTitle.model_validate_json(remembered)
    event.request_id, event.request = request.request_id or "", request
    event.deadline_at = deadline_at
    return event
