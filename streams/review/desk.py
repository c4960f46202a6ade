"""Where people decide: puts a decision down with all that follows from it, takes it back, tells what waits."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cache import clock
from streams.broker.review.decisions import Decisions, Step
from streams.contract.codec import unpack
from streams.contract.decisions import Decision
from streams.contract.events import TitleRequest
from streams.review.deciding import answer, counted, request_for
from streams.review.items import Item

ATTEMPTS = 20
"""Rounds; each lost round means that somebody else decided on the same thing meanwhile."""

LOOKED_THROUGH, AT_ONCE = 2_000, 200
"""Entries of the journal that a look back goes through, and so many at a time."""
IMPORT = "import"
"""Who decided what came with a file: a key takes back what people answered, one by one."""

Word = Literal["decided", "already", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of it: ``already`` when that evidence was decided on before, ``changed`` when it is another one by now,
    ``gone`` when there is no such item or decision. ``request_id`` is the request that makes it so, ``of`` the decision that was
    taken back."""

    word: Word
    decision: Decision | None = None
    request_id: str = ""
    of: Decision | None = None


class Desk:
    """One decision at a time, by whoever knows the token or has the server."""

    def __init__(self, decisions: Decisions) -> None:
        self.decisions = decisions

    async def waiting(self, start: int = 0, most: int = 10) -> list[Item]:
        """What waits, from a place in the queue on."""
        return [unpack(Item, one) for one in await self.decisions.waiting(start, most)]

    async def item(self, key: str) -> Item | None:
        """One thing that waits, or was decided lately."""
        packed = await self.decisions.item(key)
        return unpack(Item, packed) if packed else None

    async def lately(self, most: int = 10) -> list[Decision]:
        """The decisions that people made last and that still hold, the newest first, wherever they were made."""
        found, before = list[Decision](), ""
        for _ in range(LOOKED_THROUGH // AT_ONCE):
            entries = await self.decisions.journal(before, AT_ONCE)
            told = [Decision.model_validate_json(raw) for _, raw in entries if raw]
            holds = await self.decisions.about_each([one.key for one in told])
            found += [one for one, raw in zip(told, holds, strict=True) if _is_of_people(one, _read(raw))]
            if len(entries) < AT_ONCE or len(found) >= most:
                break
            before = entries[-1][0]
        return found[:most]

    async def undo_last(self, by: str) -> Told:
        """Take back what was decided last, by whomever; pressed again, what was decided before that."""
        for one in await self.lately(1):
            return await self.undo(one.key, one.decision_id, by)
        return Told("gone")

    async def decide(self, key: str, mark: str, choice: int, by: str) -> Told:
        """Answer one item. The same press twice, or from two places, is one decision. Raises `NoSuchChoice`."""
        item = await self.item(key)
        if item is None:
            return Told("gone")
        if item.mark != mark:
            return Told("changed")
        decision = answer(item, choice, decision_id=secrets.token_hex(8), by=by, at=clock.utc().isoformat())
        return await self.put_down(decision, item)

    async def put_down(self, decision: Decision, item: Item | None = None) -> Told:
        """Put a decision down, unless the same evidence was decided on, or the same was decided without any."""
        for _ in range(ATTEMPTS):
            before = await self.decisions.about(decision.key)
            known = _read(before)
            if known is not None and _is_same(known, decision):
                return Told("already", known)
            step = Step(
                decision.key,
                before,
                _kept(decision, known),
                _entry(decision),
                request=_body(request_for(decision)),
                counted=counted(item, decision),
            )
            request_id = await self.decisions.put_down(step)
            if request_id is not None:
                return Told("decided", decision, request_id)
        raise RuntimeError(f"{decision.key} was decided on {ATTEMPTS} times meanwhile")

    async def undo(self, key: str, decision_id: str, by: str) -> Told:
        """Take one decision back, if it still holds: what held before holds again, and the item waits again."""
        before = await self.decisions.about(key)
        known = _read(before)
        if known is None or known.decision_id != decision_id:
            return Told("gone")
        item = await self.item(key)
        now = clock.utc().isoformat()
        undo = Decision(
            decision_id=secrets.token_hex(8), kind="undo", key=key, undone=decision_id, by=by, at=now
        )
        step = Step(
            key,
            before,
            json.loads(before).get("before", ""),
            _entry(undo),
            score=item.score if item else 0.0,
            request=_body(request_for(known, undone=True)),
            counted={**counted(item, known, by=-1), "kind/undo": 1},
        )
        request_id = await self.decisions.put_down(step)
        return Told("changed") if request_id is None else Told("decided", undo, request_id, known)


def _is_of_people(said: Decision, holds: Decision | None) -> bool:
    return holds is not None and holds.decision_id == said.decision_id and said.by != IMPORT


def _is_same(known: Decision, decision: Decision) -> bool:
    """Whether the same was decided: on the same evidence, or, without any, with the same words."""
    if decision.on:
        return known.on == decision.on
    said = ("kind", "ids", "refused", "values", "exact")
    return all(getattr(known, name) == getattr(decision, name) for name in said)


def _read(raw: str) -> Decision | None:
    return Decision.model_validate_json(raw) if raw else None


def _kept(decision: Decision, known: Decision | None) -> str:
    """What is kept of a decision that holds: itself, and the one before it, so that it can be taken back."""
    kept = decision.model_dump(mode="json", exclude_none=True, exclude={"before"})
    if known is not None:
        kept["before"] = known.model_dump_json(exclude_none=True, exclude={"before"})
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _entry(decision: Decision) -> Mapping[str, str]:
    flat = decision.model_dump(include={"decision_id", "kind", "key", "by", "at", "schema_version"})
    return {**flat, "data": decision.model_dump_json(exclude_none=True)}


def _body(request: TitleRequest | None) -> str:
    return request.model_dump_json(exclude_defaults=True, exclude_none=True) if request else ""
