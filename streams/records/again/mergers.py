"""Two works of which a site says that they are one: which of the records goes on, and what becomes of the other.

Rule `GOES_ON`: the work goes on whose entry the site answers with when it is asked for the other's. Nothing is merged while
another site has an entry for each.
"""

from __future__ import annotations

from collections.abc import Mapping

from sources import discover
from streams.broker.records import Known, Records
from streams.contract.events import PartialResult
from streams.contract.record import Change, EnrichedRecord, Provenance
from streams.records.known import SKIPPED, gather, is_record

GOES_ON = "the_entry_that_answers"
MOST_STEPS = 8


class Mergers:
    """Over the records on the server."""

    def __init__(self, records: Records) -> None:
        self.records = records

    async def survivor_of(self, known: Known, said: Mapping[str, PartialResult]) -> Known | None:
        """The work that goes on in place of a ``known`` or unknown one; ``None`` where that one does itself."""
        names = claims(said)
        led = await self.records.belongs_to(sorted(names.values()))
        others = {*led.values(), known.merged_into} - {"", known.anime_id}
        if len(others) != 1:
            return None
        other = await self._end_of(others.pop())
        record = other.record
        standing = said if known.merged_into else gather(said, known, amend=True).partials
        if record is None or other.anime_id == known.anime_id or are_two(standing, record):
            return None
        return other

    async def _end_of(self, anime_id: str) -> Known:
        """The work that goes on in the end, where the one that a site answers with has become another one itself."""
        for _ in range(MOST_STEPS):
            known = await self.records.known(anime_id)
            if not known.merged_into:
                return known
            anime_id = known.merged_into
        return Known(anime_id)

    async def without_claims(
        self, said: Mapping[str, PartialResult], anime_id: str
    ) -> dict[str, PartialResult]:
        """What the sites say of a work, without those that were asked for an id that is another word for it."""
        names = claims(said)
        led = await self.records.belongs_to(sorted(names.values()))
        silent = {source for source, name in names.items() if led[name] == anime_id}
        return {
            source: one.model_copy(update={"outcome": SKIPPED}) if source in silent else one
            for source, one in said.items()
        }


def claims(said: Mapping[str, PartialResult]) -> dict[str, str]:
    """The id (``mal:1``) by which each site answered that was asked for another one."""
    known = discover()
    return {
        source: f"{known[source].names_ids()}:{one.answered_as}"
        for source, one in said.items()
        if one.answered_as and source in known
    }


def are_two(said: Mapping[str, PartialResult], other: EnrichedRecord) -> bool:
    """Whether a site has an entry for what was asked and another one for ``other``."""
    known = discover()
    return any(
        is_record(one) and not one.stale and _is_another(one, other, known[source].names_ids())
        for source, one in said.items()
        if source in known
    )


def _is_another(one: PartialResult, other: EnrichedRecord, id_name: str) -> bool:
    report, own = other.sources.get(one.source), other.ids.get(id_name)
    entry = one.record.source_id if one.record else None
    return bool(report and report.outcome == "ok" and own and entry and own != entry)


def ended(record: EnrichedRecord, survivor: str, said: Mapping[str, PartialResult]) -> EnrichedRecord:
    """The last revision of a record whose work goes on as ``survivor``."""
    source = next(iter(claims(said)), "")
    because = Provenance(source=source, sources=sorted(claims(said)), rule=GOES_ON)
    return record.model_copy(
        update={"merged_into": survivor, "provenance": {**record.provenance, "merged_into": because}}
    )


def change_of(record: EnrichedRecord, known: Known) -> list[Change]:
    """That a work goes on as another one, once."""
    if not record.merged_into or record.merged_into == known.merged_into:
        return []
    return [Change(path="merged_into", kind="appeared", after=record.merged_into, flagged=True)]
