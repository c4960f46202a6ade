"""How often something was so, of how often it was looked at."""

from __future__ import annotations

from typing import NamedTuple


class Tally(NamedTuple):
    """``part`` of ``whole``, as counts that may be fractions."""

    part: float = 0.0
    whole: float = 0.0

    def share(self, start: float, weight: float) -> float:
        """The share, pulled to ``start`` as if that had been seen ``weight`` times before."""
        return (self.part + start * weight) / (self.whole + weight)

    def __add__(self, other: tuple[float, ...]) -> Tally:  # type: ignore[override]
        return Tally(self.part + other[0], self.whole + other[1])
