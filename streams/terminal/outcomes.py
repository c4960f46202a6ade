"""One light a source: the mark, the colour and the words for each state that a source can be in."""

from __future__ import annotations

MARKS: dict[str, tuple[str, str, str]] = {
    "": ("·", "dim", "waiting"),
    "asking": ("◐", "cyan", "asking"),
    "limit": ("◔", "cyan", "waits for its turn"),
    "retry": ("↻", "yellow", "will be asked again"),
    "ok": ("●", "green", "answered"),
    "not_found": ("○", "blue", "has no such entry"),
    "ambiguous": ("◌", "yellow", "could not tell which entry"),
    "mismatch": ("◌", "yellow", "has another work under this id"),
    "skipped": ("–", "dim", "left out"),
    "not_configured": ("–", "dim", "is not configured"),
    "blocked": ("✕", "red", "refuses us"),
    "timeout": ("✕", "red", "did not answer in time"),
    "unavailable": ("✕", "red", "is not available"),
    "failed": ("✕", "red", "failed"),
}
"""State or outcome -> mark, style, words; the mark tells it without the colour."""
