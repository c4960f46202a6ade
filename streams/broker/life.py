"""The life of a request as one table: the phases it can be in, and the steps that lead from one to the next.

The picture in docs/delivery.md is drawn from it (``python -m streams.broker.life``); tests go through every step on a server.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from streams.broker.fields import RequestField, named


class Phase(StrEnum):
    """Where a request stands, as its state on the server says."""

    ABSENT = "absent"
    """Not taken in yet, or forgotten: there is no state."""
    ACCEPTED = "accepted"
    IDENTIFIED = "identified"
    COLLECTING = "collecting"
    EARLY = "early"
    FINAL = "final"
    LATE = "late"
    BURIED = "buried"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it leads from and to, the script that makes it, and when it is taken."""

    before: Phase
    name: str
    after: Phase
    when: str


_OPEN = (Phase.ACCEPTED, Phase.IDENTIFIED, Phase.COLLECTING, Phase.EARLY)
_ENDED = (Phase.FINAL, Phase.LATE, Phase.BURIED)

LIFE: tuple[Step, ...] = (
    Step(Phase.ABSENT, "accept", Phase.ACCEPTED, "a request was read"),
    Step(Phase.ABSENT, "reopen", Phase.IDENTIFIED, "a source is asked again for a forgotten request"),
    Step(Phase.ABSENT, "bury", Phase.BURIED, "it is no request"),
    Step(Phase.ACCEPTED, "identified", Phase.IDENTIFIED, "the work is known, or that there is none"),
    Step(Phase.IDENTIFIED, "partial", Phase.COLLECTING, "the first source answered"),
    Step(Phase.COLLECTING, "partial", Phase.COLLECTING, "another source answered"),
    Step(Phase.COLLECTING, "early", Phase.EARLY, "only slow sites are missing, and it wants that"),
    Step(
        Phase.IDENTIFIED, "early", Phase.EARLY, "all quick sites gave their main document, and it wants that"
    ),
    Step(Phase.EARLY, "partial", Phase.EARLY, "a slow site answered"),
    *(Step(phase, "final", Phase.FINAL, "nothing is missing, or the deadline passed") for phase in _OPEN),
    *(Step(phase, "bury", Phase.BURIED, "it always fails") for phase in _OPEN),
    *(Step(phase, "revision", Phase.LATE, "a late or repeated answer brought news") for phase in _ENDED),
    *(Step(phase, "sweep", Phase.ABSENT, "its time is over") for phase in _ENDED),
)
"""A step that is not here changes nothing of where a request stands."""


def phase_of(raw: Mapping[Any, Any]) -> Phase:
    """Where the request of a state (the hash as the server gives it) stands."""
    fields = named(raw)
    if RequestField.REQUEST not in fields:
        return Phase.ABSENT
    marks = {
        RequestField.LATE: Phase.LATE,
        RequestField.BURIED: Phase.BURIED,
        RequestField.DONE: Phase.FINAL,
        RequestField.EARLY: Phase.EARLY,
    }
    if marked := next((phase for mark, phase in marks.items() if mark in fields), None):
        return marked
    if RequestField.IDENTIFIED not in fields:
        return Phase.ACCEPTED
    return Phase.COLLECTING if int(fields.get(RequestField.HAVE, 0)) else Phase.IDENTIFIED


def picture() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for step in LIFE:
        before, after = (
            "[*]" if phase is Phase.ABSENT else str(phase) for phase in (step.before, step.after)
        )
        lines.append(f"    {before} --> {after}: {step.name} ({step.when})")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(picture() + "\n")
