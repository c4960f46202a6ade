"""The command as the person has it: hints name ``anime-enrich``, and are told with the words that were typed."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

NAME = "anime-enrich"
VARIABLE = "STARTED_AS"
"""Set by ``run_enrichment.py`` to the way in which it was started."""
_COMMAND = re.compile(rf"(?<![\w/.-]){NAME}(?= [a-z-])")


def called() -> str:
    """How this program was called: ``anime-enrich``, or what `VARIABLE` says."""
    return os.environ.get(VARIABLE) or NAME


def as_called(text: str) -> str:
    """``text`` with every command in it as the person would type it."""
    return _COMMAND.sub(lambda _: called(), text)


def as_called_text(text: Text) -> Text:
    """The same, keeping the styles."""
    found = list(_COMMAND.finditer(text.plain)) if called() != NAME else []
    if not found:
        return text
    pieces = text.divide([edge for match in found for edge in match.span()])
    return text.blank_copy().join(_replaced(piece) if piece.plain == NAME else piece for piece in pieces)


def _replaced(piece: Text) -> Text:
    whole = piece.blank_copy(called())
    for span in piece.spans:
        whole.stylize(span.style)
    return whole
