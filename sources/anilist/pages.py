"""The further pages of an AniList entry: characters, staff and airing times, together in one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sources.anilist import answer
from sources.anilist.airing import episodes, merge
from sources.anilist.people import cast, crew, merge_cast, merge_crew
from sources.parsing.json_reply import mapping, objects
from sources.record import Character, Episode, SourceRecord, Staff, Unmapped

_CONNECTIONS = {"characters": "characters", "staff": "staff", "episodes": "airingSchedule"}
"""Parts of the record, and the fields of ``Media`` that hold their pages."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of every part that was asked for; ``more`` names the parts that have another one."""

    characters: list[Character]
    staff: list[Staff]
    episodes: list[Episode]
    more: tuple[str, ...]
    unmapped: list[Unmapped]

    def add_to(self, record: SourceRecord) -> None:
        """Put what is new into ``record``."""
        record.characters = merge_cast(record.characters, self.characters)
        record.staff = merge_crew(record.staff, self.staff)
        record.episodes = merge(record.episodes, self.episodes)
        record.unmapped += self.unmapped


def parse_page(body: bytes) -> Page:
    """The page in one GraphQL answer. Raises `NotAnEntry`."""
    media = answer.media(body)
    unmapped: list[Unmapped] = []
    return Page(cast(media, unmapped), crew(media), episodes(media), further(media), unmapped)


def further(media: dict[str, Any]) -> tuple[str, ...]:
    """The parts that have another page. An empty page is the last one, whatever ``hasNextPage`` says."""
    return tuple(part for part, field in _CONNECTIONS.items() if _has_more(mapping(media.get(field))))


def _has_more(connection: dict[str, Any]) -> bool:
    filled = objects(connection.get("edges")) or objects(connection.get("nodes"))
    return bool(filled) and mapping(connection.get("pageInfo")).get("hasNextPage") is True
