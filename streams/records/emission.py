"""One revision on its way out: what is known of the work, the record made of it all, the one step that emits it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cache import clock
from streams.broker.delivery import Delivery
from streams.broker.emission import Mode, Order, Stored, emit
from streams.broker.fields import RecordField
from streams.broker.keys import IDENTIFY, Topology
from streams.broker.records import Known, Records
from streams.broker.reliability import START, Reliability
from streams.broker.request_state import Outline, State
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.contract.codec import pack
from streams.contract.events import FOLLOWED
from streams.contract.profiles import Part
from streams.contract.record import EnrichedRecord
from streams.engine.laps import Laps
from streams.merging.merge import Joined
from streams.merging.policy import Policy
from streams.records.again.mergers import Mergers, ended
from streams.records.again.unchanged import Unchanged, publisher_of
from streams.records.believed import Believed
from streams.records.history import remember
from streams.records.known import (
    ANSWERS,
    Gathered,
    alias_names,
    facts,
    gather,
    keep_last,
    known_as,
    newly_fetched,
    recall_absences,
)
from streams.records.output import Output, compose, joined_now, merged, said_now
from streams.records.tail import carry_tails
from streams.review.corrections import Corrections


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
    pinned: Mapping[str, Any] = field(default_factory=dict)
    """The values that the user has set for the work."""

    @property
    def stored(self) -> bool:
        """Whether the known record is touched."""
        return self.output.record is not None and not self.gathered.view and self.mode != "early"

    @property
    def silent(self) -> bool:
        """A revision that says nothing new is not told, nor what nobody asked for."""
        unasked = self.mode == "revision" or self.state.request.why in FOLLOWED
        return unasked and (self.output.unchanged or not self.stored)


class Emitter:
    """Makes emissions and puts them through."""

    def __init__(
        self, scripts: Scripts, names: Topology, settings: Settings, policy: Policy, corrections: Corrections
    ) -> None:
        self.scripts = scripts
        self.names = names
        self.records = Records(scripts, names)
        self.mergers = Mergers(self.records)
        self.believed = Believed(Reliability(scripts, names), policy)
        self.settings = settings
        self.policy = policy
        self.corrections = corrections
        self.unchanged = Unchanged(self.records, settings, policy)
        self.laps = Laps()

    async def prepare(self, state: State, mode: Mode) -> Emission:
        """The emission for ``state`` as things stand on the server."""
        now, overrides = said_now(state), await self.corrections.now()
        weights, watched = await self.believed.weights(), state.request.priority == "interactive"
        await self.laps.mine(watched=watched)
        joined = joined_now(state, now, self.policy, weights)
        ids = _ids(state, joined)
        aliases = await self.records.belongs_to(alias_names(ids, self.policy.id_order))
        anime = known_as(ids, aliases) or next(iter(alias_names(ids, self.policy.id_order)), "")
        known = await self.records.known(anime) if anime else Known()
        survivor = await self.mergers.survivor_of(known, now)
        if survivor and (known.merged_into or not known.revision):
            known, survivor = survivor, None
        about = await self.mergers.without_claims(now, known.anime_id)
        amend = state.request.amend or mode == "revision" or about != now
        await self.laps.mine(watched=watched)
        gathered = gather(about, known, amend=amend)
        if state.request.amend:
            recall_absences(gathered, known)
            keep_last(gathered, known)
        carry_tails(gathered, known)
        record = merged(
            state,
            gathered,
            self.policy,
            overrides,
            known.anime_id if known.revision else "",
            joined,
            weights,
        )
        if survivor and record and mode != "early" and not gathered.view:
            record = ended(record, survivor.anime_id, now)
        if record is not None and record.anime_id != known.anime_id:
            known = await self.records.unknown(record.anime_id)
        output = compose(state, record, known, clock.utc(), mode=mode, view=gathered.view, gathered=gathered)
        pinned = overrides.values_for(state.identified.evidence.ids) if state.identified else {}
        return Emission(state, mode, known, gathered, output, aliases, pinned)

    async def again(self, outline: Outline, cause: Delivery) -> str | None:
        """Tell a known record again that would come out the same; ``None`` where it has to be looked at in full."""
        weights, overrides = await self.believed.weights(), await self.corrections.now()
        order = await self.unchanged.order(outline, weights.table.version, overrides)
        if order is None:
            return None
        if cause.group == IDENTIFY:
            identified = outline.identified.model_dump_json(exclude_none=True)
            order = replace(order, identified=identified, outcomes=outline.outcomes)
        word = await emit(self.scripts, self.names, order, cause)
        return None if word in {"state", "record", "whole"} else word

    async def learn(self, emission: Emission) -> None:
        """Count what new answers for a stored record teach about their sources; an answer teaches once, not at each look."""
        gathered, record = emission.gathered, emission.output.record
        fresh = newly_fetched(emission.known, gathered)
        if not emission.stored or record is None or not fresh:
            return
        joined = joined_now(emission.state, gathered.partials, self.policy, await self.believed.weights())
        if joined is not None:
            await self.believed.learn(record.anime_id, joined.inputs, fresh)

    async def put_through(self, emission: Emission, cause: Delivery | None) -> str:
        """Run the emitting step; returns its answer, see `streams.broker.emission.emit`."""
        return await emit(self.scripts, self.names, self._order(emission), cause)

    def _order(self, emission: Emission) -> Order:
        event, settings = emission.output.event, self.settings
        waiting = emission.mode != "early" and event.status == "partial"
        late = max(0.0, settings.late_retention_seconds - settings.state_retention_seconds)
        return Order(
            request_id=event.request_id,
            version=emission.state.version,
            mode=emission.mode,
            status=event.status,
            anime_id=event.anime_id or "",
            revision=event.revision,
            makes_revision=emission.stored and not emission.output.unchanged,
            fields={} if emission.silent else emission.output.fields,
            stored=self._stored(emission) if emission.stored else None,
            keep_ms=int(late * 1000) if waiting else 0,
            reply_max=settings.output_maxlen,
            parts=_parts(emission) if emission.output.record is not None else None,
        )

    def _made_of(self, emission: Emission, record: EnrichedRecord, named: Sequence[str]) -> Mapping[str, str]:
        """By what the next look can tell that the record would come out the same."""
        identified, inputs = emission.state.identified, ""
        if identified and _is_plain(emission):
            table = record.reliability_version or START
            inputs = self.unchanged.inputs(identified, emission.state.marks, table, emission.pinned)
        belong = {name: emission.aliases[name] or record.anime_id for name in named}
        return {
            RecordField.INPUTS: inputs,
            RecordField.NAMED: json.dumps(belong),
        }

    def _stored(self, emission: Emission) -> Stored | None:
        output, gathered, record = emission.output, emission.gathered, emission.output.record
        if record is None:
            return None
        named = [name for name in alias_names(record.ids, self.policy.id_order) if name in emission.aliases]
        return Stored(
            publisher=publisher_of(output.event, emission.known.publisher),
            known=emission.known.revision,
            content_hash=record.content_hash,
            packed=output.packed,
            facts={
                **facts(record, gathered),
                RecordField.MERGED: record.merged_into or "",
                **_history(emission),
                **_looks(emission),
                **self._made_of(emission, record, named),
            },
            aliases={name: emission.aliases[name] for name in named},
            copy=gathered.copy,
            survivor=record.merged_into or "",
            replaced={source: pack(gathered.partials[source]) for source in gathered.carried},
            answered=[s for s, one in emission.state.partials.items() if one.outcome in ANSWERS],
            drop=gathered.drop,
            refresh_ms=output.refresh_at_ms,
        )


def _looks(emission: Emission) -> dict[str, str]:
    """What looking again needs, kept beside the record so that nobody has to unpack it."""
    work, record = emission.output.work, emission.output.record
    if record and record.merged_into:
        return {RecordField.LOOKS: ""}  # it airs as the other one
    return {RecordField.LOOKS: work.packed()} if work else {}


def _is_plain(emission: Emission) -> bool:
    """Whether the record is made of what the sources say now, and of nothing else."""
    state, gathered = emission.state, emission.gathered
    besides = state.request.amend or gathered.drop or gathered.failed or gathered.carried or gathered.view
    known = set(emission.known.said) <= set(gathered.copy)
    return emission.mode == "final" and emission.output.event.status == "complete" and known and not besides


def _parts(emission: Emission) -> dict[str, str]:
    """What reply streams get that want a part of the record, by the name of the part."""
    wanted, raw = emission.state.parts, emission.output.fields["data"].encode()
    return {one: Part.read(one).of_json(raw).decode() for one in wanted}


def _history(emission: Emission) -> dict[str, str]:
    """The record's changes with those of this revision, if there are any."""
    event = emission.output.event
    return {RecordField.HISTORY: remember(emission.known.history, event)} if event.changes else {}


def _ids(state: State, joined: Joined | None) -> Mapping[str, str]:
    """The ids of the work, as far as they are known before anything is merged; a request that amends a record names it."""
    if joined is not None and joined.ids:
        return {**joined.ids, **state.request.ids} if state.request.amend else joined.ids
    identified = state.identified
    return identified.evidence.ids if identified and identified.verdict == "accept" else {}
