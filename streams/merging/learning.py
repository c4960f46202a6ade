"""What the answers for one work say about the sites: who agrees with what the others say without him, who shares errors. Pure.

Counts are kept by name (`counts`), so that whoever keeps them only adds and takes away numbers, and read back by `table`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from streams.merging.conflicts import says_less
from streams.merging.fields.calendar import says
from streams.merging.fields.titles import speaks
from streams.merging.inputs import Inputs
from streams.merging.likeness import is_half, same_key
from streams.merging.policy import FIELDS, KINDS, PROBABLE
from streams.merging.provenance import Claim
from streams.merging.weighing import Grouped, chances_of, grouped
from streams.merging.weights import KIN_FOUND, Table, Tally

FADES = 0.99
"""What is left of a recent answer's count when the next one comes: the last hundred or so make up `Table.recent`."""

SURE = 0.8
"""Errors are counted where the right value is at least so probable."""

LEARNED = tuple(
    name for name, kind in FIELDS.items() if PROBABLE in KINDS[kind] and "." not in name and kind != "ids"
)
"""Fields of which one value is right; the others are lists, texts and what each site says for itself."""

Counts = dict[str, float]


class Lessons(NamedTuple):
    """What one work adds to the counts; ``agreement`` by field and source, ``shared`` by field and two sources."""

    kind: str
    agreement: Mapping[tuple[str, str], Tally]
    shared: Mapping[tuple[str, str, str], Tally]

    def counts(self) -> Counts:
        """The lessons as numbers to add, by name."""
        found: Counts = {}
        for (field, source), tally in self.agreement.items():
            found |= _named(f"{field}/{source}/{self.kind}", tally)
        for (field, one, other), tally in self.shared.items():
            found |= _named(f"{field}/{one}+{other}", tally)
        return found

    def recent(self, sources: Sequence[str]) -> Counts:
        """The part of the answers of ``sources``, which fades."""
        found: Counts = {}
        for (field, source), tally in self.agreement.items():
            if source in sources:
                found |= _named(f"{field}/{source}", tally)
        return found


def _named(name: str, tally: Tally) -> Counts:
    return {f"part/{name}": round(tally.part, 3), f"whole/{name}": round(tally.whole, 3)}


def table(counts: Mapping[str, float], version: str) -> Table:
    """The table that ``counts`` make; names that are none of ours are passed over."""
    agreement: dict[tuple[str, str, str], Tally] = {}
    recent: dict[tuple[str, str], Tally] = {}
    shared: dict[tuple[str, str, str], Tally] = {}
    for name, whole in counts.items():
        word, *words = name.split("/")
        if word != "whole" or not 2 <= len(words) <= 3:
            continue
        tally = Tally(max(0.0, counts.get(f"part/{'/'.join(words)}", 0.0)), max(0.0, whole))
        one, plus, other = words[1].partition("+")
        if len(words) == 3:
            agreement[words[0], words[1], words[2]] = tally
        elif plus:
            shared[words[0], one, other] = tally
        else:
            recent[words[0], words[1]] = tally
    return Table(version, agreement, recent, shared)


def lessons(inputs: Inputs) -> Lessons:
    """What the answers for one work teach, as far as more than one site says something."""
    agreement: dict[tuple[str, str], Tally] = {}
    shared: dict[tuple[str, str, str], Tally] = {}
    for field in LEARNED:
        claims = _told(inputs, field)
        if len(claims) > 1:
            agreement.update({(field, c.source): _agreement(inputs, field, c, claims) for c in claims})
            shared.update({(field, *pair): tally for pair, tally in _shared(inputs, field, claims)})
    return Lessons(inputs.kind, {key: tally for key, tally in agreement.items() if tally.whole}, shared)


def _told(inputs: Inputs, field: str) -> Sequence[Claim]:
    """What the sites say of themselves about a field; of headings, those in the language that titles are taken in."""
    claims = inputs.as_new(field, inputs.claims(field))
    if field in ("season", "year"):
        return [claim for claim in claims if says(inputs.records[claim.source], field)]
    if field == "title":
        language = inputs.policy.languages[0]
        return [claim for claim in claims if speaks(inputs.records[claim.source], claim.value, language)]
    return claims


def _agreement(inputs: Inputs, field: str, claim: Claim, claims: Sequence[Claim]) -> Tally:
    """How far the others, without this one and who copies it, say the same: what they find as probable counts as much as it is.

    Divided by the square of their own sureness, so that somebody who is always right has a share of one even where the
    others are not sure.
    """
    said = grouped(field, [other for other in claims if _may_judge(inputs, field, claim, other)])
    if not said:
        return Tally()
    key, part, whole = same_key(field, claim.value), 0.0, 0.0
    for value, chance in chances_of(inputs.weights, field, inputs.kind, said).items():
        if says_less(field, value, claim.value):
            continue  # the others do not say it exactly enough to tell
        part += chance * _alike(field, value, key, claim.value)
        whole += chance * chance
    return Tally(part, whole)


def _may_judge(inputs: Inputs, field: str, claim: Claim, other: Claim) -> bool:
    one, judge = claim.source, other.source
    return judge != one and inputs.weights.copying(field, one, judge) < KIN_FOUND


def _alike(field: str, value: Hashable, key: Hashable, claimed: object) -> float:
    if value == key or says_less(field, claimed, value):
        return 1.0
    return 0.5 if is_half(field, value, claimed) else 0.0


def _shared(inputs: Inputs, field: str, claims: Sequence[Claim]) -> Iterator[tuple[tuple[str, str], Tally]]:
    """For every two sites one of which errs: whether both say the same wrong thing."""
    said = grouped(field, claims)
    if len(said) == 1:
        return
    chances = chances_of(inputs.weights, field, inputs.kind, said)
    best = max(chances, key=lambda key: chances[key])
    if chances[best] < SURE:
        return
    wrong = _wrong(field, best, said)
    for one, other in combinations(sorted({claim.source for claim in claims}), 2):
        if one in wrong or other in wrong:
            same = one in wrong and wrong.get(other) == wrong[one]
            yield (one, other), Tally(chances[best] if same else 0.0, chances[best])


def _wrong(field: str, best: Hashable, said: Grouped) -> dict[str, Hashable]:
    """What the sites say that say neither ``best`` nor half of it."""
    return {
        claim.source: key
        for key, members in said.items()
        for claim in members
        if key != best and not is_half(field, best, claim.value) and not is_half(field, key, best)
    }
