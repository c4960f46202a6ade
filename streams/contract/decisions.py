"""What a person decided where the sites leave a doubt: one event, on the journal and in what holds."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from streams.contract.events import Event

DecisionKind = Literal["work", "none", "same", "different", "value", "leave", "undo"]


class Decision(Event):
    """One decision of a person; what holds of all of them goes before what the sites say.

    ``work``: the title means the work with ``ids``; ``none``: it means none of ``refused``, or, without them, no work at all; ``same`` and ``different``: the
    entries in ``ids`` are one work, or are not; ``value``: ``values`` stand for the work with ``ids``; ``leave``: it stays as
    the rules have it; ``undo``: ``undone`` holds no longer.
    """

    decision_id: str
    """Name of the decision."""
    kind: DecisionKind
    """What was decided: work, none, same, different, value, leave or undo."""
    key: str
    """What it is about; of two decisions about one thing the later holds."""
    on: str = ""
    """Mark of the evidence on which it was decided: the same evidence is decided on once."""
    title: str | None = None
    """The title as it was asked for."""
    year: int | None = None
    """The year that was asked for with it."""
    type: str | None = None
    """The type that was asked for with it."""
    exact: bool = True
    """Whether it holds only for requests with this very year and type, or none."""
    ids: dict[str, str] = Field(default_factory=dict)
    """Ids of the work, or of the entries, by site."""
    refused: list[dict[str, str]] = Field(default_factory=list)
    """Works that the title does not mean, each by its ids; none: it means no work at all."""
    values: dict[str, Any] = Field(default_factory=dict)
    """Values that stand, by field of the record."""
    parent: str | None = None
    """The request that somebody published and that left the doubt."""
    undone: str | None = None
    """The decision that holds no longer."""
    by: str = ""
    """Where it was decided: page, command or import."""
    at: str = ""
    """When, ISO 8601."""
