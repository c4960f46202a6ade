"""Characters with their voice actors, and staff, of one AniList answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sources.parsing import vocabulary
from sources.parsing.json_reply import address, labels, mapping, objects, whole, word, words
from sources.parsing.languages import by_name, romanised
from sources.parsing.person_names import gender
from sources.parsing.text import script_language, title_text
from sources.record import Character, Name, Staff, Unmapped, VoiceActor

_NAME = "anilist"


def cast(media: dict[str, Any], unmapped: list[Unmapped]) -> list[Character]:
    """The characters in an answer, each once; names that are spoilers are not read."""
    return merge_cast(
        [], (_character(edge, unmapped) for edge in _edges(media, "characters", "characterPreview"))
    )


def crew(media: dict[str, Any]) -> list[Staff]:
    """The staff in an answer, each person once with all roles."""
    return merge_crew([], (_member(edge) for edge in _edges(media, "staff", "staffPreview")))


def merge_cast(known: list[Character], more: Iterable[Character | None]) -> list[Character]:
    """Both lists, each id once: AniList repeats a character when its order changes between two pages."""
    found = {character.ids[_NAME]: character for character in known}
    for character in more:
        if character:
            found.setdefault(character.ids[_NAME], character)
    return list(found.values())


def merge_crew(known: list[Staff], more: Iterable[Staff | None]) -> list[Staff]:
    """Both lists, each person once; AniList has one entry a role."""
    found = {member.ids[_NAME]: member for member in known}
    for member in more:
        if member:
            before = found.setdefault(member.ids[_NAME], member)
            if before is not member:
                roles = list(dict.fromkeys([*before.roles, *member.roles]))
                found[member.ids[_NAME]] = before.model_copy(update={"roles": roles})
    return list(found.values())


def _edges(media: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    """The edges under the first of ``names`` that is there; the site's own pages use an alias."""
    return next((edges for name in names if (edges := objects(mapping(media.get(name)).get("edges")))), [])


def _character(edge: dict[str, Any], unmapped: list[Unmapped]) -> Character | None:
    node = mapping(edge.get("node"))
    number, names = whole(node.get("id")), _names(node)
    if number is None or not names:
        return None
    role = vocabulary.read("character_role", _NAME, word(edge.get("role")), unmapped)
    return Character(
        ids={_NAME: str(number)},
        names=names,
        role=role or "UNKNOWN",
        images=words([_image(node)]),
        voice_actors=_voices(edge),
        gender=gender(node.get("gender")),
    )


def _voices(edge: dict[str, Any]) -> list[VoiceActor]:
    roles = objects(edge.get("voiceActorRoles"))
    people = [*(mapping(role.get("voiceActor")) for role in roles), *objects(edge.get("voiceActors"))]
    voices: dict[int, VoiceActor] = {}
    for person in people:
        number, language = whole(person.get("id")), _language(person)
        if number is not None and (names := _names(person, language)):
            voice = VoiceActor(names=names, language=language, image=_image(person), ids={_NAME: str(number)})
            voices.setdefault(number, voice)
    return list(voices.values())


def _member(edge: dict[str, Any]) -> Staff | None:
    node = mapping(edge.get("node"))
    number, names = whole(node.get("id")), _names(node, _language(node))
    if number is None or not names:
        return None
    return Staff(ids={_NAME: str(number)}, names=names, roles=labels([edge.get("role")]), image=_image(node))


def _language(person: dict[str, Any]) -> str | None:
    return by_name(person.get("languageV2")) or by_name(person.get("language"))


def _names(node: dict[str, Any], language: str | None = None) -> list[Name]:
    """Full, native and other names; ``language`` is the one the person works in, which says how to read Han."""
    name = mapping(node.get("name"))
    native = title_text(name.get("native"))
    script = script_language(native or "") or (language if native and not native.isascii() else None)
    pairs = [(title_text(name.get("full")), romanised(script)), (native, script)]
    pairs += [(title_text(other), None) for other in words(name.get("alternative"))]
    found: dict[str, Name] = {}
    for text, tag in pairs:
        if text:
            found.setdefault(text, Name(text=text, language=tag))
    return list(found.values())


def _image(node: dict[str, Any]) -> str | None:
    image = mapping(node.get("image"))
    url = address(image.get("large")) or address(image.get("medium"))
    return None if url and "/default." in url else url
