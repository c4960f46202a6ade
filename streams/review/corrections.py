"""What holds of the user's word: the file that the settings name, and what people decided since, which goes first."""

from __future__ import annotations

from streams.broker.review.decisions import Decisions
from streams.contract.decisions import Decision
from streams.matching.overrides import NOTHING, Overrides
from streams.review.deciding import holding


class Corrections:
    """Asked before each step that heeds them: what was decided anywhere holds here with the next request."""

    def __init__(self, decisions: Decisions, file: Overrides = NOTHING) -> None:
        self.decisions = decisions
        self.file = file
        self._version = ""
        self._now = file

    async def now(self) -> Overrides:
        """What holds now; read anew only after a decision."""
        if await self.decisions.version() != self._version:
            version, decided = await self.decisions.all()
            self._now = holding(map(Decision.model_validate_json, decided.values())) + self.file
            self._version = version
        return self._now
