"""How far the fleet believes its sources: the table in use, read when it changes, and what each record adds to the counts."""

from __future__ import annotations

from collections.abc import Sequence

from streams.broker.keys import Topology
from streams.broker.reliability import START, Reliability
from streams.broker.scripts import Scripts
from streams.merging.inputs import Inputs
from streams.merging.learning import FADES, lessons, table
from streams.merging.policy import Policy
from streams.merging.weights import Weights
from streams.records.learned import Learned, drifts, learned


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
        taught = lessons(inputs)
        await self.reliability.learn(anime_id, taught.counts(), taught.recent(asked), FADES)


async def look(scripts: Scripts, names: Topology, policy: Policy, sources: Sequence[str]) -> Learned:
    """What is believed of ``sources``, and what was counted of them by now."""
    reliability = Reliability(scripts, names)
    weights = await Believed(reliability, policy).weights()
    return learned(weights, await _counted(reliability, policy), sources)


async def value_drifts(scripts: Scripts, names: Topology) -> dict[str, list[str]]:
    """By source, a sentence for each field on which it suddenly contradicts the others."""
    return drifts(await _counted(Reliability(scripts, names), None))


async def _counted(reliability: Reliability, policy: Policy | None) -> Weights:
    return Weights(policy.starting if policy else None, table(await reliability.counts(), ""))
