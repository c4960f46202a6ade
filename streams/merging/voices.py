"""Voice actors of one character, once per person and language."""

from __future__ import annotations

from sources.record import Character, Name, VoiceActor
from streams.merging.joining import Group
from streams.merging.keys import person_key
from streams.merging.trail import Claim, ItemTrail


def merge_voices(group: Group[Character], index: int, trail: ItemTrail) -> list[VoiceActor]:
    """The voices of all members; a picture that a shared voice loses has a note of its own."""
    speaking = [(source, c.voice_actors) for source, c in group.members if c.voice_actors]
    if not speaking:
        return []
    trail.note(index, "voice_actors", list(dict.fromkeys(source for source, _ in speaking)), [])
    if len(speaking) == 1:
        return speaking[0][1]
    people: list[list[tuple[str, VoiceActor]]] = []
    known: dict[tuple[str | None, str], list[tuple[str, VoiceActor]]] = {}
    for source, actors in speaking:
        for actor in actors:
            keys = [(actor.language, person_key(name.text)) for name in actor.names]
            person = next((known[key] for key in keys if key in known), None)
            if person is None:
                people.append(person := [])
            person.append((source, actor))
            for key in keys:
                known.setdefault(key, person)
    return [_voice(person, index, place, trail) for place, person in enumerate(people)]


def _voice(person: list[tuple[str, VoiceActor]], index: int, place: int, trail: ItemTrail) -> VoiceActor:
    best = person[0][1]
    if len(person) == 1:
        return best
    images = [(source, actor.image) for source, actor in person if actor.image]
    image = images[0][1] if images else None
    lost = [Claim(source, url) for source, url in images if url != image]
    trail.lost(index, f"voice_actors[{place}].image", [s for s, url in images if url == image], lost)
    ids: dict[str, str] = {}
    names: dict[str, Name] = {}
    for _, actor in reversed(person):
        ids.update(actor.ids)
    for _, actor in person:
        for name in actor.names:
            names.setdefault(person_key(name.text), name)
    return VoiceActor(
        names=list(names.values()), language=best.language, image=image, ids=dict(sorted(ids.items()))
    )
