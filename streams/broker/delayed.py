"""Owner of the work put off: what waits until it is due, and then goes back to the lane of its group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from streams.broker.connection import text
from streams.broker.delivery import Delivery, pairs
from streams.broker.keys import Topology
from streams.broker.request_state import Contribution
from streams.broker.scripts import Scripts
from streams.contract.codec import for_lua


class Delayed:
    """All of it lies on the server: nothing sleeps in a worker meanwhile."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names

    async def put_off(
        self, cause: Delivery, fields: Mapping[bytes, bytes], *, delay_ms: int, reason: str
    ) -> None:
        """Acknowledge an entry and deliver ``fields`` to its group's own lane once the delay is over."""
        names = self.names
        request_id = fields[b"request_id"].decode(errors="replace")
        await self.scripts.run(
            "retry",
            stream=cause.stream,
            state=names.state(request_id),
            delayed=names.delayed,
            bodies=names.delayed_bodies,
            group=cause.group,
            entry=cause.id,
            delay_ms=delay_ms,
            member=f"{cause.group}:{request_id}",
            body=for_lua({"lane": cause.group, "fields": pairs(fields)}),
            source=cause.group,
            reason=reason,
            request=request_id,
            channel=names.progress,
        )

    async def keep_core(
        self,
        cause: Delivery,
        fields: Mapping[bytes, bytes],
        given: Contribution,
        *,
        delay_ms: int,
        reason: str,
        traceparent: str = "",
    ) -> None:
        """Keep what a source's main document says, and put off the ``fields`` that ask for the rest."""
        names = self.names
        request_id = fields[b"request_id"].decode(errors="replace")
        await self.scripts.run(
            "core",
            stream=cause.stream,
            state=names.state(request_id),
            partials=names.partials,
            delayed=names.delayed,
            bodies=names.delayed_bodies,
            group=cause.group,
            entry=cause.id,
            request=request_id,
            source=given.source,
            packed=given.packed,
            outcome=given.outcome,
            channel=names.progress,
            traceparent=traceparent,
            delay_ms=delay_ms,
            member=f"{cause.group}:{request_id}",
            body=for_lua({"lane": cause.group, "fields": pairs(fields)}),
            reason=reason,
        )

    async def hand_back(self, cause: Delivery, fields: Mapping[bytes, bytes]) -> None:
        """The same without a delay: acknowledge an entry and put it on its group's own lane at once."""
        lane = self.names.lane(cause.group)
        await self.scripts.run(
            "requeue", pairs(fields), stream=cause.stream, lane=lane, group=cause.group, entry=cause.id
        )

    async def move_due(self, most: int) -> int:
        """Bring back what is due; returns how many entries that were."""
        names = self.names
        moved = await self.scripts.run(
            "due", delayed=names.delayed, bodies=names.delayed_bodies, lanes=names.again, most=most
        )
        return int(moved)

    async def due(self, request_id: str, groups: Sequence[str]) -> dict[str, float]:
        """When what is put off for a request comes back, in Unix seconds, by group; without those that wait for nothing."""
        if not groups:
            return {}
        members = [f"{group}:{request_id}" for group in groups]
        times = await self.scripts.call("ZMSCORE", self.names.delayed, *members)
        return {group: float(at) / 1000 for group, at in zip(groups, times, strict=True) if at is not None}

    async def counts(self) -> Counter[str]:
        """How much is put off, by group."""
        found: Counter[str] = Counter()
        async for member, _ in self.scripts.client.zscan_iter(self.names.delayed):
            found[text(member).partition(":")[0]] += 1
        return found
