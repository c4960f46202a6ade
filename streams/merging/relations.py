"""Related works united over the sources; what several sites name comes first."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from sources.record import Relation
from streams.merging.inputs import Inputs
from streams.merging.joining import Group, Joiner, fold
from streams.merging.keys import title_key
from streams.merging.rules import VAGUE, vote
from streams.merging.trail import Claim, ItemTrail
from streams.record import MergedRelation

_OPPOSED = ({"SEQUEL", "PREQUEL"}, {"PARENT", "SIDE_STORY"}, {"SUMMARY", "FULL_STORY"})
_PARTS = ("title", "type", "year", "url", "kind_raw")


def merge_relations(inputs: Inputs) -> list[MergedRelation]:
    """Each related work once, with the kind that most sources give it."""
    joiner: Joiner[Relation] = Joiner(_keys, lambda relation: relation.ids)
    for source, relations in inputs.lists("relations"):
        joiner.take(source, relations)
    groups = _join_untitled(joiner.groups, [source for source, _ in inputs.lists("relations")])
    known = sorted(((_kind(group), group) for group in groups), key=_place)
    trail = ItemTrail(inputs.trail, "relations")
    merged = [_merged(inputs, kind, group, index, trail) for index, (kind, group) in enumerate(known)]
    trail.close()
    inputs.note_list("relations")
    return merged


def _keys(relation: Relation) -> Sequence[Iterable[Hashable]]:
    if not relation.title:
        return [(), ()]
    key = title_key(relation.title)
    return [[(relation.media, key, relation.kind)], [(relation.media, key)]]


def _join_untitled(groups: Sequence[Group[Relation]], order: Sequence[str]) -> list[Group[Relation]]:
    """Join what a site names by its own id alone to the one work that stands in the same relation, if it is the only one."""
    left: list[Group[Relation]] = []
    titled = [group for group in groups if any(item.title for _, item in group.members)]
    for group in (group for group in groups if group not in titled):
        same = _like(group, titled)
        alone = len(_like(group, [other for other in groups if other not in titled])) == 1
        if len(same) == 1 and alone and not set(same[0].sources) & set(group.sources):
            same[0].absorb(group, order)
        else:
            left.append(group)
    return titled + left


def _like(group: Group[Relation], groups: Sequence[Group[Relation]]) -> list[Group[Relation]]:
    """Those of ``groups`` that are of the same kind and medium."""
    one = group.members[0][1]
    return [g for g in groups if g.members[0][1].media == one.media and _kind(g) == one.kind]


def _place(pair: tuple[str, Group[Relation]]) -> tuple[int, str, str, str]:
    """Most sources first, then by kind and title."""
    kind, group = pair
    return -len(group.sources), kind, group.members[0][1].title or "", str(sorted(group.ids.items()))


def _kind(group: Group[Relation]) -> str:
    claims = [Claim(source, item.kind) for source, item in group.members if item.kind not in VAGUE]
    return str(vote(claims).value) if claims else group.members[0][1].kind


def _merged(
    inputs: Inputs, kind: str, group: Group[Relation], index: int, trail: ItemTrail
) -> MergedRelation:
    claims = [Claim(source, item.kind) for source, item in group.members]
    _note(trail, index, "kind", kind, claims)
    said = {claim.value for claim in claims}
    if any(pair <= said for pair in _OPPOSED):
        inputs.trail.contradict(f"relations[{index}].kind", claims, kind, "vote")
    parts: dict[str, Any] = {}
    for part in _PARTS:
        if said := fold(group, part):
            parts[part] = said[0][1]
            _note(trail, index, part, said[0][1], [Claim(*pair) for pair in said])
    media = group.members[0][1].media
    _note(trail, index, "media", media, [Claim(source, item.media) for source, item in group.members])
    ids = dict(sorted(group.ids.items()))
    return MergedRelation(kind=kind, ids=ids, media=media, sources=group.sources, **parts)


def _note(trail: ItemTrail, index: int, part: str, won: Any, claims: Sequence[Claim]) -> None:
    agreeing = [claim.source for claim in claims if claim.value == won]
    trail.note(index, part, agreeing, [claim for claim in claims if claim.value != won])
