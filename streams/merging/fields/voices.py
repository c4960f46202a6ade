"""Voice actors of one character, once per person and language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sources.record import Character, Name, VoiceActor
from streams.merging.joining import JoinedItems
from streams.merging.provenance import Claim, ItemTrail
from streams.text.keys import person_key

_Person = list[tuple[str, VoiceActor]]
"""One voice as each source has it, best first."""


def join_by_voice(
    groups: Sequence[JoinedItems[Character]], order: Sequence[str]
) -> list[JoinedItems[Character]]:
    """Join what the names left apart if a part of the name and the Japanese voice are the same.

    ``Edward`` of one site is ``Edward Wong Hau Pepelu Tivrusky IV`` of another. Two candidates are one too many.
    """
    fitting: dict[tuple[str, str], list[JoinedItems[Character]]] = {}
    for group in groups:
        if len(group.members) < len(order):
            for key in _spoken_parts(group):
                fitting.setdefault(key, []).append(group)
    gone: set[int] = set()
    for pair in fitting.values():
        if len(pair) == 2 and not gone & {id(pair[0]), id(pair[1])} and _may_be_one(*pair):
            pair[0].absorb(pair[1], order)
            gone.add(id(pair[1]))
    return [group for group in groups if id(group) not in gone]


def _spoken_parts(group: JoinedItems[Character]) -> list[tuple[str, str]]:
    """Each part of the Latin names with each Japanese voice."""
    keys = [person_key(name.text) for _, one in group.members for name in one.names]
    parts = dict.fromkeys(part for key in keys if key.isascii() for part in key.split() if len(part) > 2)
    voices = dict.fromkeys(
        person_key(actor.names[0].text)
        for _, one in group.members
        for actor in one.voice_actors
        if actor.language == "ja" and actor.names
    )
    return [(part, voice) for part in parts for voice in voices]


def _may_be_one(one: JoinedItems[Character], other: JoinedItems[Character]) -> bool:
    return not set(one.sources) & set(other.sources) and not one.contradicts(other.ids)


def merge_voices(group: JoinedItems[Character], index: int, trail: ItemTrail) -> list[VoiceActor]:
    """The voices of all members; a picture that a shared voice loses has a note of its own."""
    speaking = [(source, c.voice_actors) for source, c in group.members if c.voice_actors]
    if not speaking:
        return []
    trail.note(index, "voice_actors", [source for source, _ in speaking], [])
    if len(speaking) == 1:
        return speaking[0][1]
    people: list[_Person] = []
    known: dict[tuple[str, str], _Person] = {}
    for source, actors in speaking:
        for actor in actors:
            person = _person_of(actor, known)
            if not person:
                people.append(person)
            person.append((source, actor))
    return [
        person[0][1] if len(person) == 1 else _voice(person, index, place, trail)
        for place, person in enumerate(people)
    ]


def _person_of(actor: VoiceActor, known: dict[tuple[str, str], _Person]) -> _Person:
    """Whom ``actor`` is, by language and any name; a new, empty one if nobody known."""
    tongue = _tongue(actor.language)
    keys = [(tongue, person_key(name.text)) for name in actor.names]
    person: _Person = []
    for key in keys:
        if key in known:
            person = known[key]
            break
    for key in keys:
        known.setdefault(key, person)
    return person


@cache
def _tongue(language: str | None) -> str:
    """The language without its script: ``zh-Hans`` is spoken as ``zh``."""
    return (language or "").partition("-")[0]


def _voice(person: _Person, index: int, place: int, trail: ItemTrail) -> VoiceActor:
    """What all members say about one voice."""
    best = person[0][1]
    images = [(source, actor.image) for source, actor in person if actor.image]
    image = images[0][1] if images else None
    if lost := [Claim(source, url) for source, url in images if url != image]:
        trail.lost(index, f"voice_actors[{place}].image", [s for s, url in images if url == image], lost)
    ids: dict[str, str] = {}
    for _, actor in reversed(person):  # so that the best source's stand
        ids.update(actor.ids)
    names: dict[str, Name] = {}
    for _, actor in person:
        for name in actor.names:
            names.setdefault(person_key(name.text), name)
    return VoiceActor(
        names=list(names.values()), language=best.language, image=image, ids=dict(sorted(ids.items()))
    )
