"""Tags joined by name; a spoiler or adult mark of any site stands."""

from __future__ import annotations

from sources.record import Tag
from streams.merging.inputs import Inputs
from streams.merging.keys import tag_key
from streams.merging.trail import Claim, ItemTrail
from streams.record import MergedTag


def merge_tags(inputs: Inputs) -> list[MergedTag]:
    """Each tag once, the weightiest first, as the best source spells it."""
    preferred = {tag_key(k): v for k, v in inputs.policy.aliases.get("tags", {}).items()}
    groups: dict[str, list[tuple[str, Tag]]] = {}
    for source, tags in inputs.lists("tags"):
        for tag in tags:
            name = preferred.get(tag_key(tag.name), tag.name)
            groups.setdefault(tag_key(name), []).append((source, tag))
    found = [(_merged(said, preferred), said) for said in groups.values()]
    found.sort(key=lambda pair: (-(pair[0].weight or 0.0), tag_key(pair[0].name), pair[0].name))
    trail = ItemTrail(inputs.trail, "tags", {"spoiler": "any_true", "adult": "any_true"})
    for index, (tag, said) in enumerate(found):
        _note(trail, index, tag, said)
    trail.close()
    inputs.note_list("tags")
    return [tag for tag, _ in found]


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
    for part in ("name", "weight", "spoiler", "adult"):
        won = getattr(tag, part)
        known = [(source, getattr(item, part)) for source, item in said if getattr(item, part) is not None]
        if len(known) == 1 and known[0][1] == won:
            trail.note(index, part, [known[0][0]], [])
        elif known:
            agreeing = [source for source, value in known if value == won]
            beaten = [Claim(source, value) for source, value in known if value != won]
            trail.note(index, part, agreeing or [known[0][0]], beaten)
