"""Characters with their voices, and staff, joined by ids and by names in any script and order."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from sources.record import Character, Name, Staff, VoiceActor
from streams.merging.inputs import Inputs
from streams.merging.joining import Group, Joiner
from streams.merging.keys import person_key, url_key, word_key
from streams.merging.trail import Claim, ItemTrail
from streams.record import MergedCharacter, MergedStaff

_ROLES = {"MAIN": 0, "SUPPORTING": 1, "BACKGROUND": 2}


def merge_characters(inputs: Inputs) -> list[MergedCharacter]:
    """All characters, main ones first."""
    joiner: Joiner[Character] = Joiner(_name_keys, lambda character: character.ids)
    for source, characters in inputs.lists("characters"):
        joiner.take(source, characters)
    groups = sorted(joiner.groups, key=lambda group: _ROLES.get(_role(group), 3))
    trail = ItemTrail(inputs.trail, "characters")
    merged = [_character(group, index, trail) for index, group in enumerate(groups)]
    trail.close()
    inputs.note_list("characters")
    return merged


def merge_staff(inputs: Inputs) -> list[MergedStaff]:
    """All people who made it, each with everything they did."""
    joiner: Joiner[Staff] = Joiner(_name_keys, lambda person: person.ids)
    for source, people in inputs.lists("staff"):
        joiner.take(source, people)
    trail = ItemTrail(inputs.trail, "staff")
    merged = [_person(group, index, trail) for index, group in enumerate(joiner.groups)]
    trail.close()
    inputs.note_list("staff")
    return merged


def _name_keys(someone: Character | Staff | VoiceActor) -> Sequence[Iterable[Hashable]]:
    """The first name in each script, then all names."""
    keys = dict.fromkeys(person_key(name.text) for name in someone.names)
    main: dict[bool, str] = {}
    for key in keys:
        main.setdefault(key.isascii(), key)
    return [main.values(), keys]


def _role(group: Group[Character]) -> str:
    return next((c.role for _, c in group.members if c.role in _ROLES), "UNKNOWN")


def _character(group: Group[Character], index: int, trail: ItemTrail) -> MergedCharacter:
    role = _role(group)
    said = [Claim(source, c.role) for source, c in group.members if c.role in _ROLES]
    if said:
        agreeing = [claim.source for claim in said if claim.value == role]
        trail.note(index, "role", agreeing, [claim for claim in said if claim.value != role])
    images = {url_key(url): url for _, c in reversed(group.members) for url in reversed(c.images)}
    return MergedCharacter(
        names=_names(someone.names for _, someone in group.members),
        role=role,
        images=list(images.values())[::-1],
        voice_actors=_voices(group),
        ids=dict(sorted(group.ids.items())),
        spoiler=any(c.spoiler for _, c in group.members),
        sources=group.sources,
    )


def _person(group: Group[Staff], index: int, trail: ItemTrail) -> MergedStaff:
    roles: dict[str, str] = {}
    for _, person in group.members:
        for role in person.roles:
            roles.setdefault(word_key(role), role)
    images = [Claim(source, person.image) for source, person in group.members if person.image]
    if images:
        trail.note(index, "image", [images[0].source], images[1:])
    return MergedStaff(
        names=_names(person.names for _, person in group.members),
        roles=list(roles.values()),
        image=images[0].value if images else None,
        ids=dict(sorted(group.ids.items())),
        sources=group.sources,
    )


def _names(lists: Iterable[Sequence[Name]]) -> list[Name]:
    """Each name once, as the best source writes it; a language that only a later source says is taken over."""
    kept: dict[str, Name] = {}
    for names in lists:
        for name in names:
            key = person_key(name.text)
            known = kept.setdefault(key, name)
            if known.language is None and name.language is not None:
                kept[key] = Name(text=known.text, language=name.language)
    return list(kept.values())


def _voices(group: Group[Character]) -> list[VoiceActor]:
    """Voice actors once per person and language."""
    with_voices = [(source, c.voice_actors) for source, c in group.members if c.voice_actors]
    if len(with_voices) == 1:
        return with_voices[0][1]
    joiner: Joiner[VoiceActor] = Joiner(_voice_keys, lambda actor: actor.ids)
    for source, actors in with_voices:
        joiner.take(source, actors)
    return [_voice(found) for found in joiner.groups]


def _voice_keys(actor: VoiceActor) -> Sequence[Iterable[Hashable]]:
    return [[(actor.language, key) for key in layer] for layer in _name_keys(actor)]


def _voice(group: Group[Any]) -> VoiceActor:
    if len(group.members) == 1:
        found: VoiceActor = group.members[0][1]
        return found
    actors = [actor for _, actor in group.members]
    return VoiceActor(
        names=_names(actor.names for actor in actors),
        language=next((actor.language for actor in actors if actor.language), None),
        image=next((actor.image for actor in actors if actor.image), None),
        ids=dict(sorted(group.ids.items())),
    )
