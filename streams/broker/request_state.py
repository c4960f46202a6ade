"""The state of one request as it lies on the server, read in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sources import Reason
from streams.contract.codec import unpack
from streams.contract.events import IdentifiedTitle, PartialResult, TitleRequest


@dataclass(frozen=True, slots=True)
class State:
    """A request on its way: what came in so far, what is still missing, whether it is done.

    ``compact`` is set once all sources have answered and their partials were dropped: the record has it all.
    ``version`` counts the partials handed in, for compare-and-set; ``waiting`` names sources that are to be asked
    again, with the reason why.
    """

    request: TitleRequest
    identified: IdentifiedTitle | None
    partials: dict[str, PartialResult]
    waiting: dict[str, str] = field(default_factory=dict)
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


def read_state(raw: Mapping[Any, Any]) -> State | None:
    """The state in a hash; ``None`` when there is none. Raises ``ValueError`` for a damaged one."""
    if b"request" not in raw:
        return None
    identified = raw.get(b"identified")
    return State(
        request=TitleRequest.model_validate_json(raw[b"request"]),
        identified=IdentifiedTitle.model_validate_json(identified) if identified else None,
        partials={
            key[2:].decode(): unpack(PartialResult, value) for key, value in raw.items() if key[:2] == b"p:"
        },
        waiting={key[2:].decode(): value.decode() for key, value in raw.items() if key[:2] == b"w:"},
        version=raw.get(b"version", b"0").decode(),
        done=b"done" in raw,
        early=b"early" in raw,
        compact=b"compact" in raw,
    )
