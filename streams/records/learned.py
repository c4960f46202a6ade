"""What the fleet has learned of its sources as a table: agreement, weight, sample, drift. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, Field

from streams.merging.copies import EVERY_FIELD, Pair
from streams.merging.learning import LEARNED
from streams.merging.tally import Tally
from streams.merging.weights import KIN_FOUND, Weights, drifted


class Cell(BaseModel):
    """One source on one field.

    ``agreement`` is the share of works in which it says what the others say without it, ``seen`` in how many that could
    be told, ``weight`` how far it is believed (0 to 1), ``recent`` its agreement in the last hundred answers or so,
    ``drift`` a sentence if that has fallen by more than chance makes it.
    """

    field: str
    source: str
    agreement: float | None = None
    weight: float
    seen: float = 0.0
    recent: float | None = None
    drift: str = ""


class Copy(BaseModel):
    """Two sources that differ more seldom than two apart would.

    ``share`` is how much of what they agree on one has from the other (0 to 1), in all fields or in a ``field`` that is unlike
    the others.
    """

    sources: tuple[str, str]
    field: str = EVERY_FIELD
    share: float


class Learned(BaseModel):
    """Everything that ``anime-enrich reliability`` shows; ``version`` is that of the table in use."""

    version: str
    cells: list[Cell] = Field(default_factory=list)
    copies: list[Copy] = Field(default_factory=list)


_UNLIKE = 0.1
"""A field is told of where its share is so far from that of all fields."""


def learned(weights: Weights, counted: Weights, sources: Sequence[str]) -> Learned:
    """What is believed by the table in use (``weights``), beside what is ``counted`` by now."""
    cells = [_cell(weights, counted, field, source) for field in LEARNED for source in sources]
    pairs = sorted(pair for pair in counted.table.met if pair[0] != pair[1])
    copies = [copy for pair in pairs for copy in _copies(counted, pair)]
    return Learned(version=weights.table.version, cells=[cell for cell in cells if cell.seen], copies=copies)


def _copies(counted: Weights, pair: Pair) -> Iterator[Copy]:
    usual = counted.copying(EVERY_FIELD, *pair)
    for field in (EVERY_FIELD, *LEARNED):
        share = counted.copying(field, *pair)
        if share >= KIN_FOUND and (field == EVERY_FIELD or abs(share - usual) > _UNLIKE):
            yield Copy(sources=pair, field=field, share=round(share, 3))


def _cell(weights: Weights, counted: Weights, field: str, source: str) -> Cell:
    overall = counted.overall(field, source)
    recent = counted.table.recent.get((field, source), Tally())
    return Cell(
        field=field,
        source=source,
        agreement=_share(overall),
        weight=round(weights.reliability(field, source), 3),
        seen=round(overall.whole, 1),
        recent=_share(recent),
        drift=drift(field, source, overall, recent),
    )


def _share(tally: Tally) -> float | None:
    return round(min(1.0, tally.part / tally.whole), 3) if tally.whole else None


def drift(field: str, source: str, overall: Tally, recent: Tally) -> str:
    """What has changed, in a sentence; '' while the last answers agree as usual."""
    if not drifted(overall, recent):
        return ""
    before = Tally(overall.part - recent.part, overall.whole - recent.whole)
    return (
        f"{source} agrees with the others on {field} in {_share(recent):.0%} of its last answers, not {_share(before):.0%}; "
        "the site, or our reading of it, has changed"
    )


def drifts(counted: Weights) -> dict[str, list[str]]:
    """The sentences by source, fields in a fixed order."""
    found: dict[str, list[str]] = {}
    for (field, source), recent in sorted(counted.table.recent.items()):
        if sentence := drift(field, source, counted.overall(field, source), recent):
            found.setdefault(source, []).append(sentence)
    return found
