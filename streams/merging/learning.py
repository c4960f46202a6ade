"""What the answers for one work say about the sites: who agrees with what the others say without him, who differs from whom. Pure.

Counts are kept by name (`counts`), so that whoever keeps them only adds and takes away numbers, and read back by `table`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import combinations, combinations_with_replacement
from typing import NamedTuple

from streams.merging.conflicts import says_less
from streams.merging.copies import Pair
from streams.merging.fields.calendar import says
from streams.merging.fields.titles import speaks
from streams.merging.inputs import Inputs
from streams.merging.likeness import is_half, same_key
from streams.merging.policy import FIELDS, KINDS, PROBABLE
from streams.merging.provenance import Claim
from streams.merging.tally import Tally
from streams.merging.weighing import Grouped, chances_of, grouped
from streams.merging.weights import KIN_FOUND, Table

FADES = 0.99
"""What is left of a recent answer's count when the next one comes: the last hundred or so make up `Table.recent`."""

LEARNED = tuple(
    name for name, kind in FIELDS.items() if PROBABLE in KINDS[kind] and "." not in name and kind != "ids"
)
"""Fields of which one value is right; the others are lists, texts and what each site says for itself."""

Counts = dict[str, float]


class Lessons(NamedTuple):
    """What one work adds to the counts; ``agreement`` by field and source, ``apart`` by field and two sources, ``met`` pairs of sources."""

    kind: str
    agreement: Mapping[tuple[str, str], Tally]
    apart: Mapping[tuple[str, str, str], float]
    met: Sequence[Pair]

    def counts(self) -> Counts:
        """The lessons as numbers to add, by name."""
        found: Counts = {}
        for (field, source), tally in self.agreement.items():
            found |= _named(f"{field}/{source}/{self.kind}", tally)
        found |= {f"apart/{field}/{one}+{other}": by for (field, one, other), by in self.apart.items()}
        found |= {f"met/{one}+{other}": 1.0 for one, other in self.met}
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
    apart: dict[tuple[str, str, str], float] = {}
    met: dict[Pair, float] = {}
    for name, number in counts.items():
        match name.split("/"):
            case ["whole", field, source, kind]:
                agreement[field, source, kind] = _tally(counts, name)
            case ["whole", field, source] if "+" not in source:
                recent[field, source] = _tally(counts, name)
            case ["apart", field, pair] if "+" in pair:
                apart[field, *_pair(pair)] = max(0.0, number)
            case ["met", pair] if "+" in pair:
                met[_pair(pair)] = max(0.0, number)
    return Table(version, agreement, recent, apart, met)


def _pair(text: str) -> Pair:
    one, _, other = text.partition("+")
    return one, other


def _tally(counts: Mapping[str, float], whole: str) -> Tally:
    part = counts.get(f"part/{whole.removeprefix('whole/')}", 0.0)
    return Tally(max(0.0, part), max(0.0, counts[whole]))


def lessons(inputs: Inputs) -> Lessons:
    """What the answers for one work teach, as far as more than one site says something."""
    agreement: dict[tuple[str, str], Tally] = {}
    apart: dict[tuple[str, str, str], float] = {}
    for field in LEARNED:
        claims = _told(inputs, field)
        said = grouped(field, claims)
        alike = next(iter(said)) if all(one.value == claims[0].value for one in claims) and said else None
        agreement.update({(field, c.source): _agreement(inputs, field, c, claims, alike) for c in claims})
        apart.update({(field, *pair): by for pair, by in _apart(field, said)})
    known = {key: tally for key, tally in agreement.items() if tally.whole}
    met = list(combinations_with_replacement(sorted(inputs.records), 2))
    return Lessons(inputs.kind, known, apart, met)


def _told(inputs: Inputs, field: str) -> Sequence[Claim]:
    """What the sites say of themselves about a field; of headings, those in the language that titles are taken in."""
    claims = inputs.as_new(field, inputs.claims(field))
    if field in ("season", "year"):
        return [claim for claim in claims if says(inputs.records[claim.source], field)]
    if field == "title":
        language = inputs.policy.languages[0]
        return [claim for claim in claims if speaks(inputs.records[claim.source], claim.value, language)]
    return claims


def _agreement(
    inputs: Inputs, field: str, claim: Claim, claims: Sequence[Claim], alike: Hashable | None
) -> Tally:
    """How far the others, without this one and who copies it, say the same: what they find as probable counts as much as it is.

    Divided by the square of their own sureness, so that somebody who is always right has a share of one even where the
    others are not sure. ``alike`` is what all say in the same words, if they do.
    """
    judges = [other for other in claims if _may_judge(inputs, field, claim, other)]
    if not judges:
        return Tally()
    said = grouped(field, judges) if alike is None else {alike: judges}
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


def _apart(field: str, said: Grouped) -> Iterator[tuple[Pair, float]]:
    """For every two sites that differ, by how much; where one says less exactly what the other says, they do not."""
    keys = sorted((claim.source, key) for key, members in said.items() for claim in members)
    for (one, mine), (other, its) in combinations(keys, 2):
        if mine != its and not says_less(field, mine, its) and not says_less(field, its, mine):
            yield (one, other), 0.5 if is_half(field, mine, its) else 1.0


def _alike(field: str, value: Hashable, key: Hashable, claimed: object) -> float:
    if value == key or says_less(field, claimed, value):
        return 1.0
    return 0.5 if is_half(field, value, claimed) else 0.0
