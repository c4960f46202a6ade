"""The trail that a merge leaves: which value came from whom by which rule, what it beat, and who contradicts whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypedDict

from pydantic import BaseModel, TypeAdapter

from streams.contract.record import Conflict, Provenance

_PROVENANCE = TypeAdapter(dict[str, Provenance])


class Claim(NamedTuple):
    """What one source says about one thing."""

    source: str
    value: Any


class Choice(NamedTuple):
    """The claim that stands, who says the same in other words, and how probable it is (0 to 1), if that was weighed."""

    won: Claim
    agreeing: Sequence[str] = ()
    confidence: float | None = None


class Note(TypedDict):
    """A `Provenance` in the making."""

    source: str
    sources: list[str]
    rule: str
    fetched_at: str | None
    stale: bool
    beaten: list[dict[str, Any]]
    confidence: float | None


@dataclass(slots=True)
class Trail:
    """Collects provenance and conflicts; ``fetched`` and ``stale`` are known by source.

    ``believed`` says how sure a value at a path is that these sources give.
    """

    fetched: Mapping[str, str | None]
    stale: frozenset[str]
    believed: Callable[[str, Sequence[str]], float | None] = lambda _field, _sources: None
    notes: dict[str, Note] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)

    def note(
        self,
        path: str,
        rule: str,
        sources: Iterable[str],
        beaten: Iterable[Claim] = (),
        *,
        source: str | None = None,
        confidence: float | None = None,
    ) -> None:
        """Write down where the value at ``path`` comes from; the first of ``sources`` is the one that decided.

        How sure it is, 0 to 1, follows from who says it unless ``confidence`` was worked out from all claims.
        """
        agreeing = list(sources)
        winner = source if source is not None else agreeing[0] if agreeing else ""
        origin = winner if winner in self.fetched or not agreeing else agreeing[0]
        self.notes[path] = {
            "source": winner,
            "sources": agreeing,
            "rule": rule,
            "fetched_at": self.fetched.get(origin),
            "stale": origin in self.stale,
            "beaten": [{"source": claim.source, "value": plain(claim.value)} for claim in beaten],
            "confidence": self.believed(path, agreeing) if confidence is None else rounded(confidence),
        }

    def provenance(self) -> dict[str, Provenance]:
        """All notes as the record has them; made at once, which takes half as long as one by one."""
        return _PROVENANCE.validate_python(self.notes)

    def note_whole(self, field: str, rule: str, sources: Iterable[str]) -> None:
        """Write down who fills a list or table of whose parts each has a note of its own; nothing for an empty one."""
        if filled_by := list(sources):
            self.note(field, rule, filled_by)

    def contradict(self, path: str, claims: Iterable[Claim], chosen: Any, rule: str) -> None:
        """Write down that sources contradict each other."""
        values = {claim.source: plain(claim.value) for claim in claims}
        self.conflicts.append(Conflict(field=path, values=values, chosen=plain(chosen), rule=rule))


@dataclass(slots=True)
class ItemTrail:
    """The trail of a joined list; ``rules`` by part. Who usually decides a part is said once (``episodes[].aired``).

    Only items where another source decided, or where a value was beaten, have an entry of their own
    (``episodes[3].aired``): a list of a thousand episodes would otherwise carry ten thousand equal notes.
    """

    trail: Trail
    name: str
    rules: Mapping[str, str] = field(default_factory=dict)
    decided: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    agreed: dict[str, dict[int, list[str]]] = field(default_factory=lambda: defaultdict(dict))
    alike: dict[str, dict[int, Sequence[tuple[str, Any]]]] = field(default_factory=lambda: defaultdict(dict))
    beaten: dict[str, dict[int, list[Claim]]] = field(default_factory=lambda: defaultdict(dict))

    def settle(self, index: int, part: str, won: Any, said: Sequence[tuple[str, Any]]) -> None:
        """Part ``part`` of item ``index`` is ``won``, as those say who come first; whoever says otherwise is beaten."""
        if won == said[0][1] and self.settles_alike(index, part, said):
            return
        agreeing = [source for source, value in said if value == won]
        self.note(index, part, agreeing or [said[0][0]], [Claim(*pair) for pair in said if pair[1] != won])

    def settles_alike(self, index: int, part: str, said: Sequence[tuple[str, Any]]) -> bool:
        """Whether all say the same, which then stands."""
        first = said[0][1]
        for _, value in said:
            if value != first:
                return False
        self.decided[part][index] = said[0][0]
        if len(said) > 1:
            self.alike[part][index] = said
        return True

    def note(self, index: int, part: str, agreeing: Sequence[str], beaten: list[Claim]) -> None:
        """Part ``part`` of item ``index`` comes from the first of ``agreeing``, who may be named twice."""
        self.decided[part][index] = agreeing[0]
        if len(agreeing) > 1 or beaten:
            self.agreed[part][index] = list(dict.fromkeys(agreeing))
        if beaten:
            self.beaten[part][index] = beaten

    def lost(self, index: int, part: str, agreeing: list[str], beaten: list[Claim]) -> None:
        """Like `note` for a part within a part, which has a note only if it beat something."""
        if beaten:
            self.trail.note(f"{self.name}[{index}].{part}", "first", agreeing, beaten)

    def close(self) -> None:
        """Write the list's entries into the trail."""
        for part, winners in sorted(self.decided.items()):
            counts = Counter(winners.values())
            usual = min(counts, key=lambda source: (-counts[source], source))
            rule, beaten = self.rules.get(part, "first"), self.beaten[part]
            agreed, alike = self.agreed[part], self.alike[part]
            saying = {source for said in alike.values() for source, _ in said}.union(*agreed.values(), counts)
            self.trail.note(f"{self.name}[].{part}", rule, [usual, *sorted(saying - {usual})])
            if len(counts) == 1 and not beaten:
                continue
            for index in [i for i, winner in winners.items() if winner != usual or i in beaten]:
                agreeing = agreed.get(index) or [source for source, _ in alike.get(index, ())]
                agreeing = agreeing or [winners[index]]
                self.trail.note(f"{self.name}[{index}].{part}", rule, agreeing, beaten.get(index, ()))


def rounded(confidence: float) -> float:
    """Three digits, which is more than is known of it; nothing is certain."""
    return min(0.999, round(confidence, 3))


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if type(value) is str:  # most are, and to ask for a model is slow
        return value
    if isinstance(value, BaseModel):
        return {name: plain(part) for name, part in value.__dict__.items() if part is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def parts(value: Any) -> Any:
    """What to compare two values by: a model's fields, whose own comparison takes ten times as long; else the value."""
    return getattr(value, "__dict__", value)
