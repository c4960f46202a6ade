"""How each outcome looks, of a source and of a request: the one table for the terminal and for the page."""

from __future__ import annotations

from typing import NamedTuple

_TONES = {"green": "good", "yellow": "warn", "red": "bad"}


class Look(NamedTuple):
    """``mark`` tells it without the colour, ``style`` is a colour of the terminal."""

    mark: str
    style: str
    words: str

    @property
    def tone(self) -> str:
        """The colour's name on the page; empty for what calls for nobody."""
        return _TONES.get(self.style, "")


_LOOKS = {
    "": Look("·", "dim", "waiting"),
    "asking": Look("◐", "cyan", "asking"),
    "limit": Look("◔", "cyan", "waits for its turn"),
    "retry": Look("↻", "yellow", "will be asked again"),
    "ok": Look("●", "green", "answered"),
    "not_found": Look("○", "blue", "has no such entry"),
    "ambiguous": Look("◌", "yellow", "could not tell which entry"),
    "mismatch": Look("◌", "yellow", "has another work under this id"),
    "skipped": Look("–", "dim", "left out"),
    "not_configured": Look("–", "dim", "is not configured"),
    "blocked": Look("✕", "red", "refuses us"),
    "timeout": Look("✕", "red", "did not answer in time"),
    "unavailable": Look("✕", "red", "is not available"),
    "failed": Look("✕", "red", "failed"),
    "complete": Look("●", "green", "every source answered"),
    "partial": Look("◑", "yellow", "some sources did not answer"),
}


def look(outcome: str) -> Look:
    """How a source's state or outcome, or a request's status, looks; what nobody knows looks failed."""
    return _LOOKS.get(outcome, _LOOKS["failed"])
