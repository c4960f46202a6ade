"""What a rule is: a name, a sentence, a weight in bits (one more bit doubles the odds), and what it applies to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from streams.matching.hits import Hit
from streams.text.similarity import Likeness

_TITLE_BITS = {
    Likeness.EXACT: 6.0,
    Likeness.WRITTEN: 5.5,
    Likeness.SPELLED: 4.0,
    Likeness.ARTICLE: 3.5,
    Likeness.REWORDED: 3.0,
    Likeness.COUNTED: 3.0,
    Likeness.UNMARKED: 2.0,
    Likeness.NEAR: 1.0,
    Likeness.MISSPELT: 1.0,
    Likeness.SLIPPED: 0.5,
    Likeness.LEFT_OUT: 0.5,
    Likeness.AMONG: 0.0,
    Likeness.SERIES: -2.0,
    Likeness.BEGINNING: -3.0,
    Likeness.NONE: 0.0,
}


@dataclass(frozen=True, slots=True)
class Case:
    """A work as the answer to a request, beside the others that answer; ``asked`` has ``pinned`` it if the user's file does."""

    hit: Hit
    others: Sequence[Hit] = ()
    tied: Sequence[Hit] = ()
    pinned: bool = False

    @property
    def agreed(self) -> bool:
        """Whether several sites have the one work, and no other work answers but by a longer title."""
        return len(self.hit.work.candidates) > 1 and all(
            other.level == Likeness.BEGINNING for other in self.others
        )

    @property
    def rivalled(self) -> bool:
        """Whether another work of the very year asked for answers too."""
        return any(other.year == 0 and other.fits and other.level >= Likeness.NEAR for other in self.others)

    @property
    def borne(self) -> bool:
        """Whether the work bears the title itself, in whatever spelling, with its articles or without."""
        return self.hit.level >= Likeness.ARTICLE


@dataclass(frozen=True, slots=True)
class Preference:
    """What sets one work before another: the higher ``measure``; ``says`` is its evidence in words."""

    id: str
    sentence: str
    weight: float
    measure: Callable[[Hit], int]
    says: Callable[[Hit], str]

    def bits(self, hit: Hit) -> float:
        """What it adds for ``hit``."""
        return _TITLE_BITS[hit.level] if self.id == "title" else self.weight


@dataclass(frozen=True, slots=True)
class Rule:
    """Accepts or refuses where ``applies`` gives evidence; an empty text is none."""

    id: str
    sentence: str
    verdict: Literal["accept", "refuse"]
    weight: float
    applies: Callable[[Case], str]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force; without one of them, where a test shows what it is good for."""

    preferences: tuple[Preference, ...]
    verdicts: tuple[Rule, ...]

    def without(self, id_: str) -> RuleSet:
        """All rules but one."""
        return RuleSet(
            tuple(preference for preference in self.preferences if preference.id != id_),
            tuple(rule for rule in self.verdicts if rule.id != id_),
        )

    def rank(self, hit: Hit) -> tuple[int, ...]:
        """What decides between works, first things first."""
        return tuple([int(preference.measure(hit)) for preference in self.preferences])
