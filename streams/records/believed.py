"""How far the fleet believes its sources: the table in use, read when it changes, and what each record adds to the counts."""

from __future__ import annotations

from collections.abc import Sequence

from streams.broker.reliability import START, Reliability
from streams.merging.inputs import Inputs
from streams.merging.learning import FADES, lessons, table
from streams.merging.policy import Policy
from streams.merging.weights import Weights


class Believed:
    """One worker's view of the table that all workers use."""

    def __init__(self, reliability: Reliability, policy: Policy) -> None:
        self.reliability = reliability
        self.policy = policy
        self._weights = Weights(policy.starting)

    async def weights(self) -> Weights:
        """The weights by which records are merged now; asks the server for no more than their version, most of the time."""
        version = await self.reliability.version()
        if version != self._weights.table.version:
            version, numbers = await self.reliability.table() if version != START else (START, {})
            self._weights = Weights(self.policy.starting, table(numbers, version))
        return self._weights

    async def learn(self, anime_id: str, inputs: Inputs, asked: Sequence[str]) -> None:
        """Count what the answers for a known work teach; ``asked`` are the sources that have answered now."""
        learned = lessons(inputs)
        await self.reliability.learn(anime_id, learned.counts(), learned.recent(asked), FADES)
