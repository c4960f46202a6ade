"""One table says how outcomes look, on the terminal and on the page."""

from __future__ import annotations

from typing import get_args

import pytest

from streams.contract.events import EnrichedTitle
from streams.contract.record import SourceReport
from streams.terminal.outcomes import look

KNOWN = [
    *get_args(SourceReport.model_fields["outcome"].annotation),
    *get_args(EnrichedTitle.model_fields["status"].annotation),
]


@pytest.mark.parametrize("outcome", sorted({*KNOWN} - {"failed"}))
def test_every_outcome_of_the_contract_has_a_look_of_its_own(outcome: str) -> None:
    assert look(outcome) != look("failed")


def test_what_nobody_knows_looks_failed() -> None:
    assert look("melted") == look("failed")


def test_the_page_and_the_terminal_agree_on_what_is_bad() -> None:
    tones = {outcome: look(outcome).tone for outcome in ("ok", "partial", "blocked", "not_found", "skipped")}
    assert tones == {"ok": "good", "partial": "warn", "blocked": "bad", "not_found": "", "skipped": ""}
