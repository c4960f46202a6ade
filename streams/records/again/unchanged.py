"""A look at a work that found nothing new: told by what the record was made of, without making it again.

A record that was made of full answers keeps a digest of all that went in, and which output entry holds it as it is. Where
the marks of the partials and all else give the same digest, the record is not merged, compared, written or sent: its output
is a copy that the server makes of what lies there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sources
from cache.results.keys import write_value
from cache.results.source_version import files_version
from streams.broker.emission import Order, Stored
from streams.broker.records import Known, LastLook, Records
from streams.broker.request_state import Outline
from streams.config.settings import Settings
from streams.contract.events import FOLLOWED, EnrichedTitle, IdentifiedTitle
from streams.contract.record import Refusal
from streams.matching.overrides import Overrides
from streams.merging.policy import Policy
from streams.records import looks
from streams.records.known import ANSWERS, alias_names, known_as
from streams.records.output import cause_of, heading

STREAMS, SOURCES = Path(__file__).parents[2], Path(sources.__file__).parent
_CODE = ("merging", "records", "contract", "text")
_WORDS = ("record.py", "shapes.py", "discovery.py", "parsing")
"""Of the sources: the shapes that are merged, and the word tables."""
_JUDGED = {"asked", "match", "reports"}
"""What of an identified title goes into the record."""


def publisher_of(event: EnrichedTitle, before: str) -> str:
    """The request that somebody published of which an output is a consequence; ``before`` is that of the look before."""
    return event.parent or ("" if event.final else before) or event.request_id


class Unchanged:
    """Knows what every record of this worker is made of besides its answers: code and policy."""

    def __init__(self, records: Records, settings: Settings, policy: Policy) -> None:
        self.records, self.settings, self.policy = records, settings, policy
        self.standing = _standing(policy) if settings.remember_work else ""

    def inputs(
        self, event: IdentifiedTitle, marks: Mapping[str, str], table: str, pinned: Mapping[str, Any]
    ) -> str:
        """A digest of all that a record is made of; '' where not all that were asked have answered.

        ``marks`` are those of the partials, ``table`` is the version of the table of reliability, ``pinned`` are the values
        that the user has set for the work.
        """
        answers = {source: marks.get(source, "") for source in sorted(event.asked)}
        full = all(mark.partition(" ")[0] in ANSWERS for mark in answers.values())
        if not (self.standing and answers and full):
            return ""
        told = [self.standing, table, answers, event.model_dump_json(include=_JUDGED), repr(pinned)]
        return hashlib.sha256(json.dumps(told).encode("utf-8", "surrogatepass")).hexdigest()

    async def order(self, outline: Outline, table: str, overrides: Overrides) -> Order | None:
        """How the known record is told again; ``None`` where it has to be made, compared and sent."""
        event = outline.identified
        if event.verdict != "accept" or outline.request.amend:
            return None
        ids = event.evidence.ids
        inputs = self.inputs(event, outline.marks, table, overrides.values_for(ids))
        if not inputs:
            return None
        aliases = await self.records.belongs_to(alias_names(ids, self.policy.id_order))
        anime = known_as(ids, aliases)
        last = await self.records.last_look(anime) if anime else None
        return self._again(outline, last) if last and last.inputs == inputs else None

    def _again(self, outline: Outline, last: LastLook) -> Order:
        request = outline.request
        cause = cause_of(request, "final", Known(last.anime_id, last.revision, publisher=last.publisher))
        event = EnrichedTitle.model_construct(
            request_id=request.request_id or "",
            anime_id=last.anime_id,
            title=last.title,
            revision=last.revision,
            status="complete",
            final=cause.final,
            why=cause.why,
            parent=cause.parent,
            record=_ELSEWHERE,
            **_NOTHING_MORE,
        )
        work = looks.unpacked(last.anime_id, last.looks, last.unchanged + 1)
        stored = Stored(
            known=last.revision,
            content_hash=last.hash,
            publisher=publisher_of(event, last.publisher),
            packed=b"",
            facts={},
            aliases=last.named,
            answered=[*outline.marks],
            refresh_ms=int(looks.next_look(work) * 1000),
            whole=last.whole,
            inputs=last.inputs,
        )
        return Order(
            request_id=event.request_id,
            version=outline.version,
            mode="final",
            status=event.status,
            anime_id=last.anime_id,
            revision=last.revision,
            makes_revision=False,
            fields={} if request.why in FOLLOWED else heading(event),
            stored=stored,
            keep_ms=0,
            reply_max=self.settings.output_maxlen,
        )


_ELSEWHERE = Refusal(status="failed")
"""Stands where the record would: that lies on the server."""
_NOTHING_MORE: Mapping[str, Any] = {"candidates": [], "changes": [], "missing": {}}
"""Said so that pydantic need not ask what it calls for each, which takes it a third of a millisecond."""


def _standing(policy: Policy) -> str:
    """'' where the code does not lie in files."""
    try:
        code = files_version(*(STREAMS / one for one in _CODE), *(SOURCES / one for one in _WORDS))
    except OSError:
        return ""
    told = json.dumps([code, write_value(policy)])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
