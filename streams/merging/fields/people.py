"""Characters with their voices, and staff, joined by ids and by names in any script and order."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from operator import attrgetter
from typing import Protocol

from sources.record import Character, Name, Staff
from streams.contract.record import MergedCharacter, MergedStaff
from streams.merging.fields.voices import join_by_voice, merge_voices
from streams.merging.inputs import Inputs
from streams.merging.joining import JoinedItems, Joiner
from streams.merging.provenance import Claim, ItemTrail
from streams.text.keys import person_key, word_key

_ROLES = {"MAIN": 0, "SUPPORTING": 1, "BACKGROUND": 2}
_RULES = {"names": "union", "roles": "union", "voice_actors": "join", "spoiler": "any_true"}


def merge_characters(inputs: Inputs) -> list[MergedCharacter]:
    """All characters, main ones first."""
    joiner: Joiner[Character] = Joiner(name_keys, attrgetter("ids"))
    for source, characters in inputs.lists("characters"):
        joiner.take(source, characters)
    joined = join_by_voice(joiner.groups, [source for source, _ in inputs.lists("characters")])
    cast = [(_role(group), group) for group in joined]
    cast.sort(key=lambda pair: _ROLES.get(pair[0], 3))
    trail = ItemTrail(inputs.trail, "characters", _RULES)
    merged = [_character(role, group, index, trail) for index, (role, group) in enumerate(cast)]
    trail.close()
    inputs.note_list("characters")
    return merged


def _role(group: JoinedItems[Character]) -> str:
    for _, character in group.members:
        if character.role in _ROLES:
            return character.role
    return "UNKNOWN"


def _character(role: str, group: JoinedItems[Character], index: int, trail: ItemTrail) -> MergedCharacter:
    if said := [(s, c.role) for s, c in group.members if c.role in _ROLES]:
        trail.settle(index, "role", role, said)
    hiding = [s for s, c in group.members if c.spoiler]
    if hiding:
        trail.note(index, "spoiler", hiding, [])
    images = dict.fromkeys([url for _, c in group.members for url in c.images])
    return MergedCharacter(
        names=merge_names_of(group.members, index, trail),
        role=role,
        images=list(images),
        voice_actors=merge_voices(group, index, trail),
        ids=dict(sorted(group.ids.items())),
        spoiler=bool(hiding),
        **{part: _first_said(group, index, trail, part) for part in ("gender", "kind")},
        sources=group.sources,
    )


def _first_said(group: JoinedItems[Character], index: int, trail: ItemTrail, part: str) -> str | None:
    said = [(source, str(value)) for source, c in group.members if (value := getattr(c, part))]
    if not said:
        return None
    trail.settle(index, part, said[0][1], said)
    return said[0][1]


def merge_staff(inputs: Inputs) -> list[MergedStaff]:
    """All people who made it, each with everything they did."""
    joiner: Joiner[Staff] = Joiner(name_keys, attrgetter("ids"))
    for source, people in inputs.lists("staff"):
        joiner.take(source, people)
    trail = ItemTrail(inputs.trail, "staff", _RULES)
    merged = [_person(group, index, trail) for index, group in enumerate(joiner.groups)]
    trail.close()
    inputs.note_list("staff")
    return merged


def _person(group: JoinedItems[Staff], index: int, trail: ItemTrail) -> MergedStaff:
    roles: dict[str, Claim] = {}
    for source, person in group.members:
        for role in person.roles:
            roles.setdefault(word_key(role), Claim(source, role))
    images = [(source, person.image) for source, person in group.members if person.image]
    if images:
        trail.settle(index, "image", images[0][1], images)
    _note_roles(trail, index, group, roles)
    return MergedStaff(
        names=merge_names_of(group.members, index, trail),
        roles=[claim.value for claim in roles.values()],
        image=images[0][1] if images else None,
        ids=dict(sorted(group.ids.items())),
        sources=group.sources,
    )


def _note_roles(trail: ItemTrail, index: int, group: JoinedItems[Staff], roles: Mapping[str, Claim]) -> None:
    kept = {claim.value for claim in roles.values()}
    beaten = [Claim(source, role) for source, p in group.members for role in p.roles if role not in kept]
    if roles:
        trail.note(index, "roles", [claim.source for claim in roles.values()], beaten)


class Named(Protocol):
    """Somebody with names."""

    names: list[Name]


def name_keys(someone: Named) -> Sequence[Collection[Hashable]]:
    """The first name in each script, then all names."""
    names = someone.names
    if len(names) == 1:
        only = (person_key(names[0].text),)
        return only, only
    keys = list(dict.fromkeys([person_key(name.text) for name in names]))
    if len(keys) == 2 and keys[0].isascii() != keys[1].isascii():  # most people have one in each script
        return keys, keys
    main: dict[bool, str] = {}
    for key in keys:
        main.setdefault(key.isascii(), key)
    return list(main.values()), keys


def merge_names_of(members: Sequence[tuple[str, Named]], index: int, trail: ItemTrail) -> list[Name]:
    """Each name once, as the best source writes it; a language that only a later source says is taken over."""
    kept: dict[str, Name] = {}
    beaten: list[Claim] = []
    for source, someone in members:
        for name in someone.names:
            key = person_key(name.text)
            known = kept.setdefault(key, name)
            if known is name:
                continue
            if known.language is None and name.language is not None:
                kept[key] = Name(text=known.text, language=name.language)
            if known.text != name.text:
                beaten.append(Claim(source, name.text))
    if kept:
        trail.note(index, "names", [source for source, _ in members], beaten)
    return list(kept.values())
