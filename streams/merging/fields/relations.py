"""Related works united over the sources; what several sites name comes first."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

from sources.record import Relation
from streams.contract.record import MergedRelation
from streams.merging.inputs import Inputs
from streams.merging.joining import JoinedItems, Joiner, fold
from streams.merging.provenance import Claim, ItemTrail
from streams.merging.rules import VAGUE, vote
from streams.text.keys import title_key

_OPPOSED = ({"SEQUEL", "PREQUEL"}, {"PARENT", "SIDE_STORY"}, {"SUMMARY", "FULL_STORY"})
_PARTS = ("title", "type", "year", "url", "kind_raw")


def merge_relations(inputs: Inputs, own: Mapping[str, str]) -> list[MergedRelation]:
    """Each related work once, with the kind that most sources give it; ``own`` are the ids of the work itself.

    What leads to the work itself is no relation: it is left out and reported.
    """
    joiner: Joiner[Relation] = Joiner(_keys, _ids)
    for source, relations in inputs.lists("relations"):
        to_itself = [one for one in relations if _is_itself(one, own)]
        joiner.take(source, [one for one in relations if one not in to_itself] if to_itself else relations)
        for relation in to_itself:
            claim = Claim(source, relation)
            inputs.trail.contradict("relations", [claim], None, "leads to the work itself, left out")
    groups = _join_alike(joiner.groups, [source for source, _ in inputs.lists("relations")])
    known = sorted(((_kind(group), group) for group in groups), key=_place)
    trail = ItemTrail(inputs.trail, "relations", {"kind": "vote"})
    merged = [_merged(inputs, kind, group, index, trail) for index, (kind, group) in enumerate(known)]
    trail.close()
    inputs.note_list("relations")
    return merged


def _is_itself(relation: Relation, own: Mapping[str, str]) -> bool:
    return relation.media == "anime" and bool(relation.ids.items() & own.items())


def _ids(relation: Relation) -> dict[str, str]:
    """Ids with their medium: most sites count anime and manga apart, so that one number may mean two works."""
    return {f"{site} {relation.media}": value for site, value in relation.ids.items()}


def _keys(relation: Relation) -> Sequence[Collection[Hashable]]:
    if not relation.title:
        return [(), ()]
    key = title_key(relation.title)
    return [[(relation.media, key, relation.kind)], [(relation.media, key)]]


def _join_alike(groups: Sequence[JoinedItems[Relation]], order: Sequence[str]) -> list[JoinedItems[Relation]]:
    """Join what titles and ids left apart: two works of one kind, medium, type and year, if there are only these two.

    Anime-Planet knows English titles alone, AnimeSchedule only its own ids; what it leaves out says nothing.
    """
    left = list(groups)
    for describe in (_description, _kind_and_medium):
        alike: dict[Hashable, list[JoinedItems[Relation]]] = {}
        for group in left:
            if (key := describe(group)) is not None:
                alike.setdefault(key, []).append(group)
        gone = {id(pair[1]) for pair in alike.values() if len(pair) == 2 and _fuse(pair[0], pair[1], order)}
        left = [group for group in left if id(group) not in gone]
    return left


def _description(group: JoinedItems[Relation]) -> Hashable | None:
    kinds, years = fold(group, "type"), fold(group, "year")
    return (_kind_and_medium(group), kinds[0][1], years[0][1]) if kinds and years else None


def _kind_and_medium(group: JoinedItems[Relation]) -> Hashable | None:
    return _kind(group), group.members[0][1].media


def _fuse(one: JoinedItems[Relation], other: JoinedItems[Relation], order: Sequence[str]) -> bool:
    """Make one of two groups, unless a site names both or, for want of type and year, titles stand against it."""
    named = [any(item.title for _, item in group.members) for group in (one, other)]
    described = _description(one) is not None and _description(one) == _description(other)
    if set(one.sources) & set(other.sources) or one.contradicts(other.ids) or (all(named) and not described):
        return False
    one.absorb(other, order)
    return True


def _place(pair: tuple[str, JoinedItems[Relation]]) -> tuple[int, str, str, str]:
    """Most sources first, then by kind and title."""
    kind, group = pair
    return -len(group.sources), kind, group.members[0][1].title or "", str(sorted(group.ids.items()))


def _kind(group: JoinedItems[Relation]) -> str:
    claims = [Claim(source, item.kind) for source, item in group.members if item.kind not in VAGUE]
    return str(vote(claims).value) if claims else group.members[0][1].kind


def _merged(
    inputs: Inputs, kind: str, group: JoinedItems[Relation], index: int, trail: ItemTrail
) -> MergedRelation:
    claims = [Claim(source, item.kind) for source, item in group.members]
    trail.settle(index, "kind", kind, [(source, item.kind) for source, item in group.members])
    if any(pair <= {claim.value for claim in claims} for pair in _OPPOSED):
        inputs.trail.contradict(f"relations[{index}].kind", claims, kind, "vote")
    parts: dict[str, Any] = {}
    for part in _PARTS:
        if said := fold(group, part):
            parts[part] = said[0][1]
            trail.settle(index, part, said[0][1], said)
    media = group.members[0][1].media
    trail.settle(index, "media", media, [(source, item.media) for source, item in group.members])
    ids = {name.partition(" ")[0]: value for name, value in sorted(group.ids.items())}
    return MergedRelation(kind=kind, ids=ids, media=media, sources=group.sources, **parts)
