"""Tags joined by name; a spoiler or adult mark of any site stands."""

from __future__ import annotations

from sources.record import Tag
from streams.contract.record import MergedTag
from streams.merging.inputs import Inputs
from streams.merging.provenance import ItemTrail
from streams.text.keys import tag_key


def merge_tags(inputs: Inputs) -> list[MergedTag]:
    """Each tag once, the weightiest first, as the best source spells it."""
    preferred = {tag_key(k): v for k, v in inputs.policy.aliases.get("tags", {}).items()}
    groups: dict[str, list[tuple[str, Tag]]] = {}
    for source, tags in inputs.lists("tags"):
        for tag in tags:
            key = tag_key(tag.name)
            if key in preferred:
                key = tag_key(preferred[key])
            groups.setdefault(key, []).append((source, tag))
    merged = [(_merged(said, preferred), said) for said in groups.values()]
    merged.sort(key=lambda pair: (-(pair[0].weight or 0.0), tag_key(pair[0].name), pair[0].name))
    trail = ItemTrail(inputs.trail, "tags", {"spoiler": "any_true", "adult": "any_true"})
    for index, (tag, said) in enumerate(merged):
        _note(trail, index, tag, said)
    trail.close()
    inputs.note_list("tags")
    return [tag for tag, _ in merged]


def _merged(said: list[tuple[str, Tag]], preferred: dict[str, str]) -> MergedTag:
    name = said[0][1].name
    return MergedTag(
        name=preferred.get(tag_key(name), name),
        weight=next((tag.weight for _, tag in said if tag.weight is not None), None),
        spoiler=any(tag.spoiler for _, tag in said),
        adult=any(tag.adult for _, tag in said),
        sources=list(dict.fromkeys(source for source, _ in said)),
    )


def _note(trail: ItemTrail, index: int, tag: MergedTag, said: list[tuple[str, Tag]]) -> None:
    fields = [(source, vars(item)) for source, item in said]
    for part in ("name", "weight", "spoiler", "adult"):
        if known := [(source, value) for source, item in fields if (value := item[part]) is not None]:
            trail.settle(index, part, getattr(tag, part), known)
