"""What goes into a merge: the records that count, what each says about a field, and the trail of the decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from sources.record import SourceRecord
from streams.merging.conflicts import contradicts
from streams.merging.policy import Policy
from streams.merging.provenance import Claim, Trail
from streams.merging.rules import choose_claim


@dataclass(frozen=True, slots=True)
class Inputs:
    """Records by source, the policy, and the trail."""

    records: Mapping[str, SourceRecord]
    policy: Policy
    trail: Trail
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
        won = choose_claim(policy.rule, allowed, self.trail.fetched)
        self.settle(path, field, won, claims, policy.rule)
        return won.value

    def settle(self, path: str, field: str, won: Claim, claims: Sequence[Claim], rule: str) -> None:
        """Write down that ``won`` stands, who agrees, what it beat, and whether that is a contradiction."""
        self.note_choice(path, won, claims, rule)
        if any(contradicts(field, won.value, claim.value) for claim in claims):
            self.trail.contradict(path, claims, won.value, rule)

    def note_choice(self, path: str, won: Claim, claims: Sequence[Claim], rule: str) -> None:
        """Write down that ``won`` stands, who agrees, and what it beat."""
        agreeing = [
            won.source,
            *(c.source for c in claims if c.value == won.value and c.source != won.source),
        ]
        self.trail.note(path, rule, agreeing, [claim for claim in claims if claim.value != won.value])


def _says(value: object) -> bool:
    """Whether a value that is not ``None`` says something: no and 0 do, an empty text or list does not."""
    if isinstance(value, str):
        return value not in ("", "UNKNOWN")
    return bool(value) or not isinstance(value, list | dict)
