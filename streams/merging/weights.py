"""How far each source is believed, field by field: what the fleet has counted, over sober starting values. Pure.

A source errs in a share of its claims (Dawid and Skene's model with one rate per source and field); sites that share
rare errors are taken to have copied (Dong, Berti-Equille and Srivastava's model), so that the second of them says little.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from streams.merging.copies import Copies, compared
from streams.merging.tally import Tally

WAYS = {
    **dict.fromkeys(("status", "season"), 3),
    **dict.fromkeys(("type", "content_rating", "source_material"), 4),
    **dict.fromkeys(("year", "episode_count", "episodes_aired", "duration_seconds"), 8),
    **dict.fromkeys(("start_date", "end_date", "episodes.aired"), 20),
    "episodes.duration_seconds": 8,
    "adult": 1,
}
"""In how many ways a field is usually wrong: two who err independently meet in one of them. A guess, but `copying` learns
what it leaves out, as it counts every error that two sites share, whatever it comes from."""

_MANY_WAYS = 30
LEAST, MOST = 0.05, 0.998
"""No site is believed less or more, however often it was wrong or right."""

ANY_KIND = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What the fleet has counted, as it stood at one step; all workers use the same one.

    ``agreement`` is by field, source and kind of work, ``recent`` by field and source (the last answers only), ``apart``
    by field and two sources in order of their names: in how many works they differ. ``met`` is by two sources, a source
    and itself among them: in how many works both take part.
    """

    version: str = "0"
    agreement: Mapping[tuple[str, str, str], Tally] = field(default_factory=dict)
    recent: Mapping[tuple[str, str], Tally] = field(default_factory=dict)
    apart: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    met: Mapping[tuple[str, str], float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Starting:
    """What is believed before anything was counted; the values and where they come from stand in ``policy.toml``.

    ``works`` is how many works a starting value weighs. ``copying`` is the share of its errors that a site is taken to
    have from another one; ``kin`` are sites for which there is a suspicion, with theirs.
    """

    default: float = 0.97
    works: float = 30.0
    fields: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    copying: float = 0.02
    kin: frozenset[str] = frozenset()
    kin_copying: float = 0.1
    lacking: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    def copying_of(self, one: str, other: str) -> float:
        """How much of its errors one of two sites is taken to have from the other."""
        return self.kin_copying if {one, other} <= self.kin else self.copying


class Weights:
    """A table over starting values; what is asked for is worked out once."""

    def __init__(self, starting: Starting | None = None, table: Table | None = None) -> None:
        self.starting, self.table = starting or Starting(), table or Table()
        self._overall = self._totals(self.table.agreement)
        self._copies = self._compared()
        self._reliability: dict[tuple[str, str, str], float] = {}
        self._copying: dict[tuple[str, str, str], float] = {}
        self._believed: dict[tuple[str, str, tuple[str, ...]], float] = {}
        self._support: dict[tuple[str, str, tuple[str, ...]], float] = {}

    @staticmethod
    def _totals(agreement: Mapping[tuple[str, str, str], Tally]) -> dict[tuple[str, str], Tally]:
        totals: dict[tuple[str, str], Tally] = {}
        for (name, source, _), tally in agreement.items():
            totals[name, source] = totals.get((name, source), Tally()) + tally
        return totals

    def _compared(self) -> Copies:
        says = {key: tally.whole for key, tally in self._overall.items()}
        return Copies.seen(compared(says, self.table.met, self.table.apart))

    def overall(self, field: str, source: str) -> Tally:
        """What was counted for a source and a field, works of all kinds together."""
        return self._overall.get((field, source), Tally())

    def start(self, field: str, source: str) -> float:
        """How far a source is believed before anything was counted."""
        return self.starting.fields.get(field, {}).get(source, self.starting.default)

    def reliability(self, field: str, source: str, kind: str = ANY_KIND) -> float:
        """In what share of works of a kind the source is right about ``field``, 0 to 1."""
        asked = (field, source, kind)
        if asked not in self._reliability:
            self._reliability[asked] = min(MOST, max(LEAST, self._learned(field, source, kind)))
        return self._reliability[asked]

    def _learned(self, field: str, source: str, kind: str) -> float:
        weight, overall = self.starting.works, self.overall(field, source)
        if drifted(overall, recent := self.table.recent.get((field, source), Tally())):
            return recent.share(self.start(field, source), 0.1 * weight)
        share = overall.share(self.start(field, source), weight)
        return (
            self.table.agreement.get((field, source, kind), Tally()).share(share, weight) if kind else share
        )

    def copying(self, field: str, one: str, other: str) -> float:
        """How much of what two sources agree on one has from the other, 0 to 1."""
        asked = (field, one, other)
        if (known := self._copying.get(asked)) is None:
            start = self.starting.copying_of(one, other)
            known = self._copying[asked] = self._copies.share(*asked, start)
        return known

    def support(self, field: str, kind: str, sources: Sequence[str]) -> float:
        """How much more likely it is that these say a value if it is right than if another one is; as a logarithm."""
        asked = (field, kind, tuple(sorted(sources)))
        if (known := self._support.get(asked)) is None:
            known = self._support[asked] = self._worth(*asked)
        return known

    def _worth(self, field: str, kind: str, sources: Sequence[str]) -> float:
        """The best counts in full; of the others only what they have not copied from those before them."""
        right = {source: self.reliability(field, source, kind) for source in sources}
        ranked = sorted(sources, key=lambda source: (-right[source], source))
        ways, total = ways_of(field), 0.0
        for place, source in enumerate(ranked):
            own = math.prod(1 - self.copying(field, source, earlier) for earlier in ranked[:place])
            true, wrong = right[source], (1 - right[source]) / ways
            total += math.log((1 - own + own * true) / (1 - own + own * wrong))
        return round(total, 9)

    def believed(self, field: str, kind: str, sources: tuple[str, ...]) -> float:
        """How sure what these sources say is while nobody says otherwise, 0 to 1."""
        asked = (field, kind, sources)
        if (known := self._believed.get(asked)) is None:
            known = 1 / (1 + ways_of(field) * math.exp(-self.support(field, kind, sources)))
            self._believed[asked] = known
        return known


KIN_FOUND = 0.5
"""Sites that have so much from each other are said to copy."""


def ways_of(field: str) -> int:
    """In how many ways ``field`` is usually wrong."""
    return WAYS.get(field, _MANY_WAYS)


_ENOUGH, _FALL, _CHANCE = 20.0, 0.1, 5.0


def drifted(usual: Tally, recent: Tally) -> bool:
    """Whether the last answers agree so much less than a source's usual ones that the site, or our reading, has changed.

    By more than ten points, and by more than five times what chance does: ever so many cells are watched all the time.
    """
    before = Tally(max(0.0, usual.part - recent.part), max(0.0, usual.whole - recent.whole))
    if recent.whole < _ENOUGH or before.whole < _ENOUGH:
        return False
    old, new = min(1.0, before.part / before.whole), min(1.0, recent.part / recent.whole)
    noise = math.sqrt((old * (1 - old) + 0.01) * (1 / recent.whole + 1 / before.whole))
    return old - new > max(_FALL, _CHANCE * noise)
