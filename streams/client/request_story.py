"""Where a request stands, told from its state: what it was taken for, who has answered, who is asked again, what comes then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, Field

from streams.broker.delayed import Delayed
from streams.broker.keys import IDENTIFY
from streams.broker.life import Phase
from streams.broker.request_state import State
from streams.broker.requests import Requests
from streams.contract.record import CandidateReport

Standing = Literal["answered", "asked", "put off", "not asked"]


ENDED = frozenset({Phase.FINAL, Phase.LATE, Phase.BURIED})


class SourceStory(BaseModel):
    """One source: ``answered`` with its outcome, ``asked`` and awaited, ``put off`` until ``again_at``, or ``not asked``.

    Times are Unix seconds.
    """

    source: str
    standing: Standing
    outcome: str = ""
    reason: str = ""
    message: str = ""
    again_at: float | None = None


class RequestStory(BaseModel):
    """Everything that is known of a request; ``then`` says what its deadline will do. Times are Unix seconds."""

    request_id: str
    phase: Phase
    title: str = ""
    ids: dict[str, str] = Field(default_factory=dict)
    priority: str = ""
    verdict: str = ""
    taken_for: dict[str, str] = Field(default_factory=dict)
    """The ids to fetch, by source, once the work is known."""
    titles: list[str] = Field(default_factory=list)
    candidates: list[CandidateReport] = Field(default_factory=list)
    sources: list[SourceStory] = Field(default_factory=list)
    deadline_at: float | None = None
    put_off_until: float | None = None
    """When identification is tried again, where it was put off."""
    then: str = ""


async def story_of(requests: Requests, request_id: str) -> RequestStory | None:
    """The story of a request that is remembered. Raises ``ValueError`` for a damaged state."""
    found = await requests.whole(request_id)
    if found is None:
        return None
    state, phase, deadline_at = found
    due = await Delayed(requests.scripts, requests.names).due(request_id, [IDENTIFY, *state.asked])
    return tell(request_id, state, phase, deadline_at, due)


def tell(
    request_id: str, state: State, phase: Phase, deadline_at: float | None, due: Mapping[str, float]
) -> RequestStory:
    """The story of a request; ``due`` says by group when what was put off comes back."""
    known, request = state.identified, state.request
    evidence = known.evidence if known else None
    sources = _sources(state, due)
    return RequestStory(
        request_id=request_id,
        phase=phase,
        title=request.title or "",
        ids=dict(request.ids),
        priority=request.priority,
        verdict=known.verdict if known else "",
        taken_for=dict(known.chosen) if known else {},
        titles=list(evidence.titles[:3]) if evidence else [],
        candidates=list(known.candidates) if known else [],
        sources=sources,
        deadline_at=deadline_at,
        put_off_until=due.get(IDENTIFY) if known is None else None,
        then=_then(phase, sources),
    )


def _sources(state: State, due: Mapping[str, float]) -> list[SourceStory]:
    told = [_asked(state, source, due) for source in state.asked]
    reports = state.identified.reports if state.identified else {}
    return told + [
        SourceStory(
            source=source,
            standing="not asked",
            outcome=report.outcome,
            reason=report.reason or "",
            message=report.message or "",
        )
        for source, report in reports.items()
        if source not in state.asked
    ]


def _asked(state: State, source: str, due: Mapping[str, float]) -> SourceStory:
    partial, again = state.partials.get(source), due.get(source)
    waits_for = state.waiting.get(source, "")
    if partial is not None and not waits_for:
        return SourceStory(
            source=source,
            standing="answered",
            outcome=partial.outcome,
            reason=partial.reason or "",
            message=partial.message or "",
        )
    standing: Standing = "put off" if again is not None else "asked"
    return SourceStory(source=source, standing=standing, reason=waits_for, again_at=again)


def _then(phase: Phase, sources: list[SourceStory]) -> str:
    awaited = [one.source for one in sources if one.standing in {"asked", "put off"}]
    if phase in ENDED:
        late = f"; {_listed(awaited)} may still make a revision" if awaited else ""
        return f"it has ended{late}"
    if phase is Phase.ACCEPTED:
        return "if it is not identified by then, it ends without a record, saying who was not heard"
    if not awaited:
        return "nobody is waited for: it is being finished"
    return f"if {_listed(awaited)} did not answer by then, it goes out without; what comes later makes a revision"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
