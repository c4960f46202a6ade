"""What goes into a merge: the records that count, what each says about a field, and the trail of the decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from sources.record import SourceRecord
from streams.merging.conflicts import contradicts
from streams.merging.policy import FIELDS, KINDS, PROBABLE, Policy
from streams.merging.provenance import Choice, Claim, Trail
from streams.merging.rules import choose_claim, newest_claims
from streams.merging.weighing import probability_of, weigh
from streams.merging.weights import Weights


@dataclass(frozen=True, slots=True)
class Inputs:
    """Records by source, the policy, the trail, how far sources are believed, and the kind of the work."""

    records: Mapping[str, SourceRecord]
    policy: Policy
    trail: Trail
    weights: Weights = dataclass_field(default_factory=Weights)
    kind: str = ""
    _ranked: dict[str, list[str]] = dataclass_field(default_factory=dict)
    _lists: dict[str, list[tuple[str, Sequence[Any]]]] = dataclass_field(default_factory=dict)

    def ranked(self, field: str) -> list[str]:
        """All sources as ``field`` believes them, best first."""
        if field not in self._ranked:
            self._ranked[field] = self.policy.ranked(field, self.records)
        return self._ranked[field]

    def sources(self, field: str) -> list[str]:
        """The sources that may decide ``field``, best first."""
        never = self.policy.of(field).never
        return [source for source in self.ranked(field) if source not in never]

    def claims(self, field: str, read: Callable[[SourceRecord], Any] | None = None) -> list[Claim]:
        """What each source that says something about ``field`` says, best first; never-believed sources included."""
        read = read or (lambda record: getattr(record, field))
        read_values = [(source, read(self.records[source])) for source in self.ranked(field)]
        return [Claim(source, value) for source, value in read_values if value is not None and _says(value)]

    def lists(self, field: str) -> list[tuple[str, Sequence[Any]]]:
        """The list that each source has under ``field``, best first, as far as the rule lets them take part."""
        if field not in self._lists:
            self._lists[field] = self._lists_of(field, self.policy.of(field).rule)
        return self._lists[field]

    def _lists_of(self, field: str, rule: str) -> list[tuple[str, Sequence[Any]]]:
        if rule == "omit":
            return []
        values = [(source, getattr(self.records[source], field)) for source in self.sources(field)]
        filled = [(source, items) for source, items in values if items]
        return filled[:1] if rule == "first" else filled

    def note_list(self, field: str) -> None:
        """Write down which sources fill a list, and what those said that may not."""
        policy = self.policy.of(field)
        filling = [source for source, _ in self.lists(field)]
        claims = self.claims(field) if policy.never else []
        refused = [claim for claim in claims if claim.source in policy.never]
        if policy.rule != "omit" and (filling or refused):
            self.trail.note(field, policy.rule if filling else "never believed", filling, refused)

    def decide(self, field: str, claims: Sequence[Claim] | None = None, *, path: str | None = None) -> Any:
        """The value of ``field`` by its rule; leaves provenance and, if need be, a conflict. ``None``: nobody knows."""
        policy, path = self.policy.of(field), path or field
        claims = self.claims(field) if claims is None else claims
        if policy.rule == "omit" or not claims:
            return None
        allowed = [claim for claim in claims if claim.source not in policy.never]
        if policy.rule == "newest":
            listed = [claim for claim in allowed if claim.source in policy.order]
            allowed = listed or allowed
        if not allowed:
            self.trail.note(path, "never believed", [], claims, source="")
            return None
        choice = self.choose(field, allowed, claims)
        self.settle(path, field, choice, claims, policy.rule)
        return choice.won.value

    def choose(self, field: str, allowed: Sequence[Claim], claims: Sequence[Claim]) -> Choice:
        """The one of ``allowed`` that wins ``field`` by its rule, and how probable it is beside all ``claims``."""
        rule = self.policy.of(field).rule
        if rule == PROBABLE:
            return weigh(self.weights, field, self.kind, self.as_new(field, allowed))
        won = choose_claim(rule, allowed, self.trail.fetched)
        if field not in _WEIGHABLE:
            return Choice(won)
        return Choice(won, confidence=probability_of(self.weights, field, self.kind, claims, won))

    def as_new(self, field: str, claims: Sequence[Claim]) -> Sequence[Claim]:
        """What changes by itself is right as of the newest answer of a listed site; else an old answer is as good."""
        if field not in _CHANGING or not claims:
            return claims
        listed = [claim for claim in claims if claim.source in self.policy.of(field).order]
        return newest_claims(claims, self.trail.fetched, listed or claims)

    def settle(self, path: str, field: str, choice: Choice, claims: Sequence[Claim], rule: str) -> None:
        """Write down what stands, who agrees, what it beat, and whether that is a contradiction."""
        self.note_choice(path, choice, claims, rule)
        if any(contradicts(field, choice.won.value, claim.value) for claim in claims):
            self.trail.contradict(path, claims, choice.won.value, rule)

    def note_choice(self, path: str, choice: Choice, claims: Sequence[Claim], rule: str) -> None:
        """Write down what stands, who agrees, and what it beat."""
        won = choice.won
        alike = [claim.source for claim in claims if claim.value == won.value]
        sources = dict.fromkeys([won.source, *choice.agreeing, *alike])
        beaten = [claim for claim in claims if claim.value != won.value]
        self.trail.note(path, rule, sources, beaten, confidence=choice.confidence)


_CHANGING = frozenset({"status", "episodes_aired"})
_WEIGHABLE = frozenset(name for name, kind in FIELDS.items() if PROBABLE in KINDS[kind] and "." not in name)


def _says(value: object) -> bool:
    """Whether a value that is not ``None`` says something: no and 0 do, an empty text or list does not."""
    if isinstance(value, str):
        return value not in ("", "UNKNOWN")
    return bool(value) or not isinstance(value, list | dict)
