"""The state of one request as it lies on the server, read in one go."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sources import Reason
from streams.broker.connection import text
from streams.broker.fields import RequestField, family, named
from streams.contract.codec import pack_json, unpack
from streams.contract.events import Evidence, IdentifiedTitle, PartialResult, TitleRequest
from streams.contract.profiles import ALL


@lru_cache(64)
def read_identified(data: bytes) -> tuple[IdentifiedTitle, str]:
    """An identified title, and its evidence as JSON. All groups of a process read the same one, so nobody may change it.

    Raises ``ValueError`` for anything else.
    """
    event = IdentifiedTitle.model_validate_json(data)
    return event, as_text(event.evidence)


def as_text(evidence: Evidence) -> str:
    """The same for two that say the same, in whatever order the sites gave the ids."""
    return evidence.model_copy(update={"ids": dict(sorted(evidence.ids.items()))}).model_dump_json()


@dataclass(frozen=True, slots=True)
class Outline:
    """A request all of whose sources have answered, without what they said: ``marks`` holds outcome and digest of each."""

    identified: IdentifiedTitle
    marks: Mapping[str, str]
    version: str

    @property
    def request(self) -> TitleRequest:
        """The request itself."""
        return self.identified.request

    @property
    def outcomes(self) -> dict[str, str]:
        """How each source fared."""
        return {source: mark.partition(" ")[0] for source, mark in self.marks.items()}


_OF_THIS_TIME = {"request_id", "from_cache", "duration_ms", "attempts"}
"""What of a partial tells of this time of asking alone: no record depends on it, but for how the fetching went."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a source contributes, as it is handed in.

    ``packed`` is the `PartialResult`; ``mark`` is the same for two that differ in nothing that a record is made of.
    """

    source: str
    outcome: str
    reason: str
    packed: bytes
    mark: str


def contribution(partial: PartialResult) -> Contribution:
    """A partial, ready to be handed in; its record is written once."""
    lasting = partial.model_dump_json(exclude_none=True, exclude=_OF_THIS_TIME).encode()
    passing = partial.model_dump_json(exclude_none=True, include=_OF_THIS_TIME).encode()
    mark = hashlib.blake2b(lasting, digest_size=16).hexdigest()
    packed = pack_json(passing[:-1] + b"," + lasting[1:])
    return Contribution(partial.source, partial.outcome, partial.reason or "", packed, mark)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a request ended: the status, the anime if there is one, the id of its output entry."""

    request_id: str
    status: str
    anime_id: str = ""
    revision: int = 0
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """One open request; ``waiting`` maps sources that are asked again to the reason, ``due`` is Unix seconds."""

    request_id: str
    request: bytes
    due: float
    verdict: str = ""
    asked: int = 0
    answered: int = 0
    waiting: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """A request on its way: what came in so far, what is still missing, whether it is done.

    ``compact`` is set once all sources have answered and their partials were dropped: the record has it all.
    ``version`` counts the partials handed in, for compare-and-set; ``marks`` tell them apart without reading them;
    ``waiting`` names sources that are to be asked again, with the reason why; of ``cores`` the main document is in alone.
    ``replayed`` is set while the answer to a
    replay has not been told; ``parts`` are those of the record that reply streams want, other than the whole.
    """

    request: TitleRequest
    identified: IdentifiedTitle | None
    partials: dict[str, PartialResult]
    waiting: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    cores: frozenset[str] = frozenset()
    replayed: bool = False
    parts: frozenset[str] = frozenset()
    version: str = "0"
    done: bool = False
    early: bool = False
    compact: bool = False

    @property
    def asked(self) -> list[str]:
        """Sources that were asked."""
        return self.identified.asked if self.identified else []

    @property
    def missing(self) -> list[str]:
        """Sources that were asked and have not answered."""
        return [name for name in self.asked if name not in self.partials]

    @property
    def is_whole(self) -> bool:
        """Whether all sources that were asked have said all that they have."""
        return not self.missing and not self.cores

    def with_missing(self) -> dict[str, PartialResult]:
        """All partials, those that never came as failures: a deadline passed, and why they were still waited for."""
        late = {
            name: PartialResult.model_validate(
                {
                    "request_id": self.request.request_id,
                    "source": name,
                    "outcome": "timeout",
                    "reason": self.waiting.get(name, Reason.DEADLINE.value),
                    "message": f"{name} did not answer before the deadline",
                    "next_step": f"anime-enrich replay --source {name}",
                }
            )
            for name in self.missing
        }
        return {**self.partials, **late}


_UNKNOWN = b"{}"


def read_state(raw: Mapping[Any, Any]) -> State | None:
    """The state in a hash; ``None`` when there is none, or one that only says that the request was given up when its state was
    forgotten already (``bury.lua``). Raises ``ValueError`` for a damaged one.
    """
    fields = named(raw)
    if fields.get(RequestField.REQUEST, _UNKNOWN) == _UNKNOWN:
        return None
    identified = fields.get(RequestField.IDENTIFIED)
    partials = family(fields, RequestField.PARTIAL)
    waiting = family(fields, RequestField.WAITING)
    return State(
        request=TitleRequest.model_validate_json(fields[RequestField.REQUEST]),
        identified=IdentifiedTitle.model_validate_json(identified) if identified else None,
        partials={source: unpack(PartialResult, packed) for source, packed in partials.items()},
        waiting={source: text(why) for source, why in waiting.items()},
        marks={source: text(mark) for source, mark in family(fields, RequestField.MARK).items()},
        cores=frozenset(family(fields, RequestField.CORE)),
        version=text(fields.get(RequestField.VERSION, b"0")),
        done=RequestField.DONE in fields,
        early=RequestField.EARLY in fields,
        compact=RequestField.COMPACT in fields,
        replayed=b"in" in family(fields, RequestField.REPLAYED).values(),
        parts=frozenset(text(one) for one in family(fields, RequestField.REPLY).values()) - {ALL},
    )
