"""Who made it and who appears in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from sources.anidb.relations import own_id
from sources.anidb.wording import words
from sources.parsing.person_names import gender
from sources.parsing.text import clean
from sources.parsing.vocabulary import read
from sources.record import Character, Name, Staff, Unmapped, VoiceActor

PICTURES = "https://cdn.anidb.net/images/main/"
_PICTURE = re.compile(r"[\w.-]{1,100}\.[a-z]{3,4}", re.IGNORECASE | re.ASCII)
_ROLES = ("MAIN", "SUPPORTING", "BACKGROUND", "UNKNOWN")
_STUDIO, _WORK = "Animation Work", "Work"


@dataclass(frozen=True, slots=True)
class Credit:
    """One line of the credits: a person or company, and what it did in AniDB's words."""

    id: str
    name: str
    role: str


def picture_url(name: str | None) -> str | None:
    """The address of a picture that the document names by its bare file name."""
    text = (name or "").strip()
    return PICTURES + text if _PICTURE.fullmatch(text) else None


def read_credit(element: Element) -> Credit | None:
    """One ``name`` of the creators; ``None`` when it is empty."""
    name = clean(words(element.text))
    return (
        Credit(own_id(element).get("anidb", ""), name, clean(words(element.get("type"))) or "")
        if name
        else None
    )


def studios(credited: list[Credit]) -> list[str]:
    """Who animated it: credited with "Animation Work", or, where nobody is, with the wider "Work"."""
    for role in (_STUDIO, _WORK):
        if names := [credit.name for credit in credited if credit.role == role]:
            return list(dict.fromkeys(names))
    return []


def staff(credited: list[Credit]) -> list[Staff]:
    """Everybody else, one entry a person with all that person's roles."""
    made_by = set(studios(credited))
    people: dict[str, list[Credit]] = {}
    for credit in credited:
        if credit.role != _STUDIO and not (credit.role == _WORK and credit.name in made_by):
            people.setdefault(credit.id or credit.name, []).append(credit)
    return [
        Staff(
            names=[Name(text=lines[0].name)],
            roles=list(dict.fromkeys(line.role for line in lines if line.role)),
            ids={"anidb": lines[0].id} if lines[0].id else {},
        )
        for lines in people.values()
    ]


def read_character(element: Element, unmapped: list[Unmapped]) -> Character | None:
    """One ``character``; ``None`` when it has no name."""
    name = words(element.findtext("name"))
    if name is None:
        return None
    picture = picture_url(element.findtext("picture"))
    return Character(
        names=[Name(text=name)],
        role=read("character_role", "anidb", element.get("type"), unmapped) or "UNKNOWN",
        images=[picture] if picture else [],
        voice_actors=[actor for found in element.iterfind("seiyuu") if (actor := _voice_actor(found))],
        ids=own_id(element),
        gender=gender(element.findtext("gender")),
        kind=_kind(element.findtext("charactertype")),
    )


def _kind(text: str | None) -> str | None:
    """The kind of what is no single person; ``Character`` says nothing."""
    said = clean(text)
    return None if said == "Character" else said


def _voice_actor(element: Element) -> VoiceActor | None:
    name = words(element.text)
    if name is None:
        return None
    return VoiceActor(names=[Name(text=name)], image=picture_url(element.get("picture")), ids=own_id(element))


def cast(characters: list[Character], language: str | None) -> list[Character]:
    """The characters, main ones first; AniDB names the voices of the original, hence one ``language`` for all."""
    for character in characters:
        for actor in character.voice_actors:
            actor.language = language
    return sorted(characters, key=lambda character: _ROLES.index(character.role))
