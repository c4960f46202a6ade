"""The further pages of an AniList entry: characters, staff and airing times, together in one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sources.anilist import answer
from sources.anilist.airing import counted_alike, episodes, merge
from sources.anilist.people import cast, crew, merge_cast, merge_crew
from sources.parsing.json_reply import mapping, objects, truth
from sources.record import Character, Episode, SourceRecord, Staff, Unmapped

_CONNECTIONS = {"characters": "characters", "staff": "staff", "episodes": "airingSchedule"}
"""Parts of the record, and the fields of ``Media`` that hold their pages."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of every part that was asked for.

    ``more`` names the parts that have another one, ``incomplete`` those that this answer could not give.
    """

    characters: list[Character]
    staff: list[Staff]
    episodes: list[Episode]
    more: tuple[str, ...]
    unmapped: list[Unmapped]
    incomplete: dict[str, str]
    repaired: list[str]

    def add_to(self, record: SourceRecord) -> None:
        """Put what is new into ``record``."""
        record.characters = merge_cast(record.characters, self.characters)
        record.staff = merge_crew(record.staff, self.staff)
        record.episodes = merge(record.episodes, counted_alike(record.episodes, self.episodes))
        record.unmapped += self.unmapped
        record.incomplete.update(self.incomplete)
        record.repaired += self.repaired


def parse_page(body: bytes) -> Page:
    """The page in one GraphQL answer. Raises `NotAnEntry`."""
    unmapped: list[Unmapped] = []
    repaired: list[str] = []
    media = answer.media(body, repaired)
    parts = cast(media, unmapped), crew(media), episodes(media)
    return Page(*parts, further(media), unmapped, answer.failed_parts(body), repaired)


def further(media: dict[str, Any]) -> tuple[str, ...]:
    """The parts that have another page. An empty page is the last one, whatever ``hasNextPage`` says."""
    return tuple(part for part, field in _CONNECTIONS.items() if _has_more(mapping(media.get(field))))


def _has_more(connection: dict[str, Any]) -> bool:
    filled = objects(connection.get("edges")) or objects(connection.get("nodes"))
    return bool(filled and truth(mapping(connection.get("pageInfo")).get("hasNextPage")))
