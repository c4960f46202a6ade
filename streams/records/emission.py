"""One revision on its way out: what is known of the work, the record made of it all, the one step that emits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from streams.broker.connection import text
from streams.broker.delivery import Delivery
from streams.broker.keys import Topology
from streams.broker.request_state import State
from streams.broker.scripts import Scripts, table
from streams.config.settings import Settings
from streams.contract.codec import for_lua
from streams.matching.overrides import Overrides
from streams.merging.fields.ids import merge_ids
from streams.merging.inputs import Inputs
from streams.merging.policy import Policy
from streams.merging.provenance import Trail
from streams.records.known import (
    Gathered,
    Known,
    alias_names,
    facts,
    gather,
    is_record,
    known_as,
    read_known,
)
from streams.records.output import Output, compose, merged, said_now

Mode = Literal["final", "revision", "early"]


@dataclass(frozen=True, slots=True)
class Emission:
    """A composed output with everything that the emitting step compares and writes."""

    state: State
    mode: Mode
    known: Known
    gathered: Gathered
    output: Output
    aliases: Mapping[str, str]
    """What each id that may name the work was read as belonging to; '' for nothing."""

    @property
    def stored(self) -> bool:
        """Whether the known record is touched."""
        return self.output.record is not None and not self.gathered.view and self.mode != "early"

    @property
    def silent(self) -> bool:
        """A revision that says nothing new is not told."""
        return self.mode == "revision" and (self.output.unchanged or not self.stored)


class Emitter:
    """Makes emissions and puts them through."""

    def __init__(
        self, scripts: Scripts, names: Topology, settings: Settings, policy: Policy, overrides: Overrides
    ) -> None:
        self.scripts = scripts
        self.names = names
        self.settings = settings
        self.policy = policy
        self.overrides = overrides

    async def prepare(self, state: State, mode: Mode) -> Emission:
        """The emission for ``state`` as things stand on the server."""
        now = said_now(state)
        ids = self._ids(state)
        aliases = await self._aliases(ids)
        anime = known_as(ids, aliases) or next(iter(alias_names(ids, self.policy.id_order)), "")
        known = Known()
        if anime:
            raw = await self.scripts.call("HGETALL", self.names.record(anime))
            known = read_known(anime, table(raw))
        amend = state.request.amend or mode == "revision"
        gathered = gather(now, known, amend=amend)
        record = merged(
            state, gathered, self.policy, self.overrides, known.anime_id if known.revision else ""
        )
        if record is not None and record.anime_id != known.anime_id:
            known = Known(record.anime_id)
        output = compose(state, record, known, datetime.now(UTC), final=mode != "early", view=gathered.view)
        return Emission(state, mode, known, gathered, output, aliases)

    def _ids(self, state: State) -> dict[str, str]:
        """The ids of the work, as far as they are known before anything is merged."""
        identified = state.identified
        if identified is None or identified.verdict != "accept":
            return {}
        records = {s: p.record for s, p in state.partials.items() if is_record(p) and p.record}
        if not records:
            return dict(identified.evidence.ids)
        return merge_ids(Inputs(records, self.policy, Trail({}, frozenset())))

    async def _aliases(self, ids: Mapping[str, str]) -> dict[str, str]:
        names = alias_names(ids, self.policy.id_order)
        if not names:
            return {}
        found = await self.scripts.call("HMGET", self.names.aliases, *names)
        return {name: text(value) if value else "" for name, value in zip(names, found, strict=True)}

    async def put_through(self, emission: Emission, group: str, cause: Delivery | None) -> str:
        """Run the emitting step; returns its answer, see ``lua/emit.lua``."""
        names, state, output = self.names, emission.state, emission.output
        anime = output.event.anime_id or ""
        request_id = state.request.request_id or ""
        result = await self.scripts.run(
            "emit",
            [
                cause.stream if cause else names.partials,
                names.state(request_id),
                names.enriched,
                names.deadlines,
                names.record(anime or "-"),
                names.closed,
                names.records,
                names.aliases,
                names.refresh,
            ],
            [
                for_lua(self._order(emission, group, cause.id if cause else "")),
                output.packed if emission.stored else b"",
                *([] if emission.silent else _pairs(output.fields)),
            ],
        )
        return text(result)

    def _order(self, emission: Emission, group: str, entry: str) -> dict[str, Any]:
        output, record = emission.output, emission.output.record
        ids = record.ids if record else {}
        named = [name for name in alias_names(ids, self.policy.id_order) if name in emission.aliases]
        stored = emission.stored
        waiting = emission.mode != "early" and output.event.status == "partial"
        late = max(0.0, self.settings.late_retention_seconds - self.settings.state_retention_seconds)
        return {
            "group": group,
            "entry": entry,
            "request": emission.state.request.request_id or "",
            "version": emission.state.version,
            "known": str(emission.known.revision),
            "mode": emission.mode,
            "hash": output.content_hash,
            "anime": output.event.anime_id or "",
            "revision": output.event.revision,
            "status": output.event.status,
            "channel": self.names.progress,
            "refresh": str(output.refresh_at_ms or ""),
            "keep_ms": int(late * 1000) if waiting else 0,
            "reply_max": self.settings.output_maxlen,
            "aliases": [[name, emission.aliases[name]] for name in named],
            "copy": emission.gathered.copy if stored else [],
            "drop": emission.gathered.drop if stored else [],
            "facts": _pairs(facts(record, emission.gathered)) if record and stored else ["title", ""],
        }


def _pairs(fields: Mapping[str, str]) -> list[str]:
    return [part for pair in fields.items() for part in pair]
