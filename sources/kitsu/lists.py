"""Everything Kitsu lists: search results, mappings, episodes, characters, staff; 20 to a page at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from sources.base import Candidate
from sources.errors import NotAnEntry
from sources.kitsu.dates import start_date
from sources.kitsu.document import Document, Resource, read_document
from sources.kitsu.entry import SITE, anime_type, episode_count
from sources.kitsu.ids import foreign_ids
from sources.kitsu.names import names, titles
from sources.parsing.dates import read_date, season_of
from sources.parsing.frames import need_readable
from sources.parsing.json_reply import address, at, identifier, labels, ordinal, whole, word
from sources.parsing.languages import by_key, by_name
from sources.parsing.sizes import episode_kind, minutes
from sources.parsing.text import plain_text
from sources.parsing.vocabulary import read
from sources.record import Character, Episode, EpisodeKind, Name, Staff, Unmapped, VoiceActor

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; ``count`` is the total over all pages, ``None`` when the server does not say."""

    items: list[T]
    count: int | None
    rows: int


def _list(body: bytes) -> Document:
    document = read_document(body)
    if not document.listed:
        raise NotAnEntry("changed_layout", "no list where one is expected")
    return document


def parse_search(body: bytes) -> list[Candidate]:
    """The anime of a list, as ranked, each with the foreign ids that its mappings name."""
    document = _list(body)
    found = [candidate for resource in document.primary if (candidate := _candidate(resource))]
    need_readable(document.primary, found, "anime")
    return found


def _candidate(resource: Resource) -> Candidate | None:
    number, found = identifier(resource.id), titles(resource.attributes)
    if resource.type != "anime" or number is None or not found:
        return None
    start = start_date(resource.attributes)
    return Candidate(
        source="kitsu",
        id=number,
        title=found[0].text,
        titles=tuple(dict.fromkeys(title.text for title in found)),
        type=anime_type(resource.attributes, []),
        year=season_of(start)[1],
        start_date=start,
        episode_count=episode_count(resource.attributes),
        ids={**foreign_ids(resource.to("mappings"), []), "kitsu": number},
        url=f"{SITE}/anime/{number}",
    )


def parse_mappings(body: bytes) -> list[str]:
    """Kitsu ids of the anime that the found mappings belong to, each once."""
    items = [at(resource.body, "relationships", "item", "data") for resource in _list(body).primary]
    found = [identifier(at(item, "id")) for item in items if at(item, "type") == "anime"]
    return list(dict.fromkeys(number for number in found if number))


def parse_episodes(body: bytes) -> Page[Episode]:
    """One page of episodes."""
    document = _list(body)
    found = [episode for resource in document.primary if (episode := _episode(resource))]
    need_readable(document.primary, found, "episodes")
    return Page(found, document.count, len(document.primary))


def _episode(resource: Resource) -> Episode | None:
    attributes = resource.attributes
    number = ordinal(attributes.get("number"))
    season, named = whole(attributes.get("seasonNumber"), 0), titles(attributes)
    if resource.type != "episodes" or (number is None and not named):
        return None
    own = identifier(resource.id)
    return Episode(
        number=number,
        kind=_kind(number, season),
        titles=named,
        aired=read_date(attributes.get("airdate")) or read_date(attributes.get("airDate")),
        duration_seconds=minutes(attributes.get("length")),
        synopsis=plain_text(attributes.get("description")) or plain_text(attributes.get("synopsis")),
        thumbnail=address(at(attributes, "thumbnail", "original")),
        season_number=season if season is not None and season <= 1000 else None,
        ids={"kitsu": own} if own else {},
    )


def _kind(number: float | None, season: int | None) -> EpisodeKind:
    """The site has no kinds: what is numbered 0 or 13.5, or in a season 0, is a special; without a number it is unknown."""
    if number is None:
        return "other"
    return "special" if season == 0 else episode_kind(number)


def parse_characters(body: bytes, unmapped: list[Unmapped] | None = None) -> Page[Character]:
    """One page of ``/anime/{id}/characters`` with ``include=character,voices.person``."""
    document = _list(body)
    notes = unmapped if unmapped is not None else []
    found = [character for resource in document.primary if (character := _character(resource, notes))]
    need_readable(document.primary, found, "characters")
    return Page(found, document.count, len(document.primary))


def _character(resource: Resource, unmapped: list[Unmapped]) -> Character | None:
    person = resource.first("character")
    number, called = (identifier(person.id), names(person.attributes)) if person else (None, [])
    if person is None or number is None or not called:
        return None
    image = address(at(person.attributes, "image", "original"))
    foreign = identifier(person.attributes.get("malId"))
    return Character(
        names=called,
        role=read("character_role", "kitsu", word(resource.attributes.get("role")), unmapped) or "UNKNOWN",
        images=[image] if image else [],
        voice_actors=[actor for voice in resource.to("voices") if (actor := _voice_actor(voice))],
        ids={"kitsu": number, **({"mal": foreign} if foreign else {})},
    )


def _voice_actor(voice: Resource) -> VoiceActor | None:
    number, called, image, foreign = _person(voice)
    if number is None or not called:
        return None
    locale = word(voice.attributes.get("locale")) or ""
    ids = {"kitsu": number, **({"mal": foreign} if foreign else {})}
    return VoiceActor(names=called, language=by_name(locale) or by_key(locale), image=image, ids=ids)


def _person(resource: Resource) -> tuple[str | None, list[Name], str | None, str | None]:
    person = resource.first("person")
    if person is None:
        return None, [], None, None
    image = address(at(person.attributes, "image", "original")) or address(person.attributes.get("image"))
    return identifier(person.id), names(person.attributes), image, identifier(person.attributes.get("malId"))


def parse_staff(body: bytes) -> Page[Staff]:
    """One page of ``/anime/{id}/staff`` with ``include=person``."""
    document = _list(body)
    found = [member for resource in document.primary if (member := _staff(resource))]
    need_readable(document.primary, found, "staff")
    return Page(found, document.count, len(document.primary))


def _staff(resource: Resource) -> Staff | None:
    number, called, image, foreign = _person(resource)
    if number is None or not called:
        return None
    roles = labels((word(resource.attributes.get("role")) or "").split(", "))
    ids = {"kitsu": number, **({"mal": foreign} if foreign else {})}
    return Staff(names=called, roles=roles, image=image, ids=ids)
