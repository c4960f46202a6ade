"""The one step that lets an output out: entry, record, the request's end and the acknowledgement of its cause, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from streams.broker.connection import text
from streams.broker.delivery import Delivery, pairs
from streams.broker.keys import AGGREGATE, Topology
from streams.broker.scripts import Scripts
from streams.contract.codec import for_lua

Mode = Literal["final", "revision", "early"]


@dataclass(frozen=True, slots=True)
class Stored:
    """What becomes of the record of a work.

    Args:
        publisher: the request that somebody published for it.
        known: revision that was read; another one by now means that the caller must look again.
        packed: the record.
        facts: further fields of its hash.
        aliases: what each id that may name the work was read as belonging to; '' for nothing.
        copy: sources whose partial goes beside the record from now on.
        replaced: what to keep, packed, of those of them that are not kept as they came in.
        answered: sources that have answered, if only that they do not know the work: their dead letters go.
        drop: sources whose partial goes.
        refresh_ms: when to look again, Unix milliseconds.
        whole: the output entry whose data is told again, for a record that is neither sent nor written; '' for one that is.
        inputs: what such a record must be made of.
        survivor: the work that goes on in place of this one, to which its ids lead from now on; '' where it does itself.
    """

    known: int
    content_hash: str
    publisher: str
    packed: bytes
    facts: Mapping[str, str]
    aliases: Mapping[str, str] = field(default_factory=dict)
    copy: Sequence[str] = ()
    replaced: Mapping[str, bytes] = field(default_factory=dict)
    answered: Sequence[str] = ()
    drop: Sequence[str] = ()
    refresh_ms: int | None = None
    whole: str = ""
    inputs: str = ""
    survivor: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What the step compares and writes.

    Args:
        version: of the state that was read.
        makes_revision: whether the entry makes the revision, and so is named by it.
        fields: of the output entry; none: nothing is told.
        stored: ``None`` when the known record is left alone.
        keep_ms: how much longer than others the state is kept.
        reply_max: entries kept in a reply stream, about.
        parts: what reply streams get in place of the record, by the name of the part; ``None``: there is no record.
        identified: the `IdentifiedTitle` as JSON of a request that is answered as soon as it is identified; '' for others.
        outcomes: how the sources of such a request fared.
    """

    request_id: str
    version: str
    mode: Mode
    status: str
    anime_id: str
    revision: int
    makes_revision: bool
    fields: Mapping[str, str]
    stored: Stored | None
    keep_ms: int
    reply_max: int
    parts: Mapping[str, str] | None = None
    identified: str = ""
    outcomes: Mapping[str, str] = field(default_factory=dict)


async def emit(scripts: Scripts, names: Topology, order: Order, cause: Delivery | None) -> str:
    """Run the step; ``cause`` is ``None`` when a deadline is it.

    Returns the entry's id, '' when nothing was to be told, ``done`` when the request has ended, ``state`` or ``record``
    when the caller must look again, ``whole`` when the entry to be told again is gone.
    """
    result = await scripts.run(
        "emit",
        pairs(order.fields),
        stream=cause.stream if cause else names.partials,
        state=names.state(order.request_id),
        enriched=names.enriched,
        deadlines=names.deadlines,
        record=names.record(order.anime_id or "-"),
        closed=names.closed,
        records=names.records,
        aliases=names.aliases,
        refresh=names.refresh,
        dead=names.dead,
        order=for_lua(_told(order, names, cause)),
        packed=order.stored.packed if order.stored else b"",
    )
    return text(result)


def _told(order: Order, names: Topology, cause: Delivery | None) -> dict[str, Any]:
    """The order as ``lua/emit.lua`` reads it."""
    stored = order.stored or Stored(0, "", "", b"", {})
    return {
        "group": cause.group if cause else AGGREGATE,
        "entry": cause.id if cause else "",
        "request": order.request_id,
        "version": order.version,
        "known": str(stored.known),
        "mode": order.mode,
        "hash": stored.content_hash,
        "anime": order.anime_id,
        "revision": order.revision,
        "status": order.status,
        "channel": names.progress,
        "refresh": str(stored.refresh_ms or ""),
        "keep_ms": order.keep_ms,
        "reply_max": order.reply_max,
        "makes": order.makes_revision,
        "publisher": stored.publisher,
        "aliases": [[name, anime] for name, anime in stored.aliases.items()],
        "copy": list(stored.copy),
        "replaced": dict(stored.replaced),
        "answered": list(stored.answered),
        "drop": list(stored.drop),
        "whole": stored.whole,
        "inputs": stored.inputs,
        "survivor": stored.survivor,
        "survivor_key": names.record(stored.survivor),
        "facts": pairs(stored.facts) or ["title", ""],
        "parts": dict(order.parts or {}),
        "partial": order.parts is not None,
        "identified": order.identified,
        "outcomes": dict(order.outcomes),
        "asked": len(order.outcomes),
    }
