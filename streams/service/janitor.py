"""Keeps the streams in order: groups that exist, work that is due, a bound on everything."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from streams.broker.connection import text
from streams.broker.dead_letters import DeadLetters
from streams.broker.delayed import Delayed
from streams.broker.faults import FIXED_KEY, is_wrong_type
from streams.broker.groups import Presence, leave, trim, wrong_keys
from streams.broker.keys import AGGREGATE, IDENTIFY, Topology
from streams.broker.records import Records
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.config.values import SettingsError
from streams.records.believed import value_drifts
from streams.records.drift_store import alarms
from streams.service.memory import entry_bytes, memory_of, outputs_kept
from streams.telemetry.logs import logger

AT_ONCE = 500
IDLE_CONSUMER_MS = 600_000

log = logger("janitor")


class Janitor:
    """Every worker process runs one; all steps may run side by side."""

    def __init__(self, client: Redis, scripts: Scripts, names: Topology, settings: Settings) -> None:
        self.client = client
        self.scripts = scripts
        self.names = names
        self.settings = settings
        self.requests = Requests(scripts, names)
        self.records = Records(scripts, names)
        self.delayed = Delayed(scripts, names)
        self.letters = DeadLetters(scripts, names)
        self.known = set(names.groups(settings.active_sources))
        """Every (stream, group) of the fleet."""

    async def check_keys(self) -> None:
        """Look at the keys that all requests share, before anything runs. Raises `SettingsError` for a wrong one."""
        fixed = self.names.fixed(self.settings.active_sources)
        for key, kind in (await wrong_keys(self.client, fixed)).items():
            raise SettingsError(
                f"STREAM_PREFIX: the key {key} holds a {kind}, not a {fixed[key]}; "
                "rename or delete it, or choose another prefix"
            )

    async def ensure_groups(self) -> int:
        """Create what is missing of the fleet's groups, from the very first entry on; returns how many that were."""
        pipe = self.client.pipeline(transaction=False)
        wanted = sorted(self.known)
        for stream, group in wanted:
            pipe.xgroup_create(stream, group, id="0", mkstream=True)
        made = 0
        for reply in await pipe.execute(raise_on_error=False):
            if isinstance(reply, ResponseError) and is_wrong_type(reply):
                continue  # `check_keys` names it at the start, the reader whenever it reads
            if isinstance(reply, Exception) and "BUSYGROUP" not in str(reply):
                raise reply
            made += not isinstance(reply, Exception)
        return made

    async def move_due(self) -> int:
        """Bring back work that was put off and is due."""
        return await self.delayed.move_due(AT_ONCE)

    async def trim(self) -> int:
        """Cut every stream behind its slowest group, the output and the dead letters to their length."""
        cut = 0
        for stream in sorted({stream for stream, _ in self.known}):
            groups = [group for known, group in self.known if known == stream]
            cut += await self._trim_one(stream, groups=groups)
        await self._bound_dead()
        return cut + await self.trim_outputs()

    async def trim_outputs(self) -> int:
        """Cut the output to what it may have of the server's memory; never what a group on it has not acknowledged."""
        enriched, most = self.names.enriched, self.settings.output_maxlen
        room, each = await memory_of(self.client), await entry_bytes(self.client, enriched)
        kept = outputs_kept(most, room, each)
        if kept < most and room.tight:
            log.warning("memory is short; outputs that everybody has read go first", kept=kept)
        return await self._trim_one(enriched, kept)

    async def _bound_dead(self) -> None:
        gone = await self.letters.bound(self.settings.dead_maxlen)
        if gone:
            log.warning("the oldest dead letters were dropped; see DEAD_MAXLEN", dropped=gone)

    async def _trim_one(self, stream: str, keep: int = 0, groups: Sequence[str] = ()) -> int:
        try:
            return await trim(self.scripts, stream, keep, groups)
        except ResponseError as error:
            if not str(error).startswith(FIXED_KEY):
                raise
            log.warning("a key is in the way of a stream; rename or delete it", key=stream, error=str(error))
            return 0  # the other streams are tidied all the same

    async def forget(self) -> int:
        """Drop the states of requests that finished long ago, and records that nobody has asked for since long."""
        settings = self.settings
        states = await self.requests.forget(int(settings.state_retention_seconds * 1000), AT_ONCE)
        records = await self.records.forgotten.forget(int(settings.record_retention_seconds * 1000), AT_ONCE)
        seconds, _ = await self.client.time()
        too_old = (seconds - max(settings.late_retention_seconds, settings.state_retention_seconds)) * 1000
        for source in settings.active_sources:
            await self.requests.forget_failures(source, int(too_old))
        return states + records

    async def warn_of_drift(self) -> int:
        """Say in the log which sites newly lack what they had, or contradict the others; returns how many there are."""
        lost = await alarms(self.client, self.names, self.settings.active_sources)
        contradicting = await value_drifts(self.scripts, self.names)
        found = [(one.source, one.message) for one in lost]
        found += [(source, sentence) for source, all_ in contradicting.items() for sentence in all_]
        for source, message in found:
            log.warning("a site seems to have changed", source=source, message=message)
        return len({source for source, _ in found})

    async def drop_dead_consumers(self) -> int:
        """Remove consumers that have been silent for long and hold nothing."""
        dropped = 0
        heard = {one.consumer for one in await Presence(self.scripts, self.names).heard()}
        for stream, group in sorted(self.known):
            try:
                consumers = await self.client.xinfo_consumers(stream, group)
            except ResponseError:
                continue  # the group is gone; ensure_groups makes it anew
            for one in consumers:
                name = text(one["name"])
                if not one["pending"] and one["idle"] > IDLE_CONSUMER_MS and name not in heard:
                    left = await leave(self.scripts, stream, group, name)
                    dropped += left == 0
        return dropped


def groups_of(stages: Sequence[str], sources: Sequence[str]) -> list[str]:
    """Names of the groups that a process with these stages and sources runs."""
    groups = [IDENTIFY] if IDENTIFY in stages else []
    groups += list(sources) if "collect" in stages else []
    return groups + ([AGGREGATE] if AGGREGATE in stages else [])
