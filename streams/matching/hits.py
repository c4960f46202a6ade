"""What is asked for, and how a work answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from streams.matching.clusters import Work
from streams.text.similarity import Likeness, Said

SCORES = {
    Likeness.EXACT: 0.98,
    Likeness.WRITTEN: 0.96,
    Likeness.SPELLED: 0.9,
    Likeness.ARTICLE: 0.88,
    Likeness.REWORDED: 0.85,
    Likeness.COUNTED: 0.8,
    Likeness.UNMARKED: 0.75,
    Likeness.NEAR: 0.7,
    Likeness.MISSPELT: 0.6,
    Likeness.SLIPPED: 0.6,
    Likeness.LEFT_OUT: 0.55,
    Likeness.AMONG: 0.5,
    Likeness.SERIES: 0.5,
    Likeness.BEGINNING: 0.3,
    Likeness.NONE: 0.0,
}
"""What a likeness is worth alone; 1.0 is kept for an id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a title, ids, or both, and what else the asker knows."""

    title: str | None = None
    year: int | None = None
    type: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> Said:
        """What is known beside the title."""
        types = frozenset([self.type] if self.type else [])
        return Said(types, frozenset([self.year] if self.year else []))


@dataclass(frozen=True, slots=True)
class Hit:
    """How a work answers: by how many ``ids``, how like its title is, and whether that title heads an entry.

    ``year`` is the distance to the year asked for (``None``: not known), ``fits`` whether year and type allow it,
    ``typed`` whether its type is the one asked for, ``plain`` whether no entry is headed by more than was asked for (a
    season, ``Specials``, a year in brackets), ``settled`` whether signs that the asker left out can be seen to belong to
    the series, ``mild`` whether it is one such sign as ends a sentence, ``inside`` whether
    they are all inside a long heading, ``shares`` whether it bears the very title but its site heads it with more in brackets, to tell it from
    another work, ``bearers`` the sites that have a title so like the one asked for, ``begins_others`` whether that heads
    none of them and is the beginning of other titles they list, so that it may be the name of the series; ``listing`` the
    sites that have the very title, though no heading counts a later season; ``otherwise`` whether its headings
    count another season than the asker does; ``apart`` whether the asker's title is that of
    another part of its series; ``leads`` whether all other works that hold what was asked for go on from its title; ``seen``
    is the title that answers where it is not quite the one asked for, ``rarity`` how much the words in common say, in bits, ``slips`` by how many letters it is another one, ``length`` how many letters were asked for,
    ``compared`` whether several sites have answered, so that a nearer work would be seen.
    """

    work: Work
    level: Likeness
    main: bool
    ids: int
    year: int | None
    fits: bool
    typed: bool = False
    plain: bool = True
    shares: bool = False
    settled: bool = False
    mild: bool = False
    inside: bool = False
    bearers: tuple[str, ...] = ()
    begins_others: bool = False
    listing: tuple[str, ...] = ()
    otherwise: bool = False
    apart: bool = False
    leads: bool = False
    seen: str = ""
    rarity: float = 0.0
    slips: int = 0
    length: int = 0
    compared: bool = False

    @property
    def score(self) -> float:
        """0 to 1, for reports."""
        return 1.0 if self.ids else SCORES[self.level]
