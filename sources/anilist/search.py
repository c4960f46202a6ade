"""Search results of AniList as candidates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sources.anilist import answer
from sources.anilist.dates import first_year, fuzzy_date
from sources.anilist.entry import NAME
from sources.anilist.titles import titles
from sources.base import Candidate
from sources.errors import NotAnEntry
from sources.parsing import vocabulary
from sources.parsing.json_reply import identifier, mapping, objects, word
from sources.parsing.sizes import episode_total


def parse_search(body: bytes) -> list[Candidate]:
    """The candidates in the ``Page`` of an answer, or in several under other names, in the site's order.

    Raises `NotAnEntry` for anything else.
    """
    pages = [page for page in answer.data(body).values() if isinstance(page, dict) and "media" in page]
    if not pages:
        raise NotAnEntry("changed_layout", "the answer holds no Page")
    found = [_candidate(media) for page in pages for media in objects(page.get("media"))]
    return [candidate for candidate in found if candidate is not None]


def parse_id(body: bytes) -> str:
    """The id in a ``Media`` answer. Raises `NotAnEntry`."""
    number = identifier(answer.media(body).get("id"))
    if number is None:
        raise NotAnEntry("changed_layout", "the answer does not say which entry it is")
    return number


def _candidate(media: dict[str, Any]) -> Candidate | None:
    number, names = identifier(media.get("id")), titles(media)
    if number is None or not names or media.get("type") == "MANGA":
        return None
    mal = identifier(media.get("idMal"))
    return Candidate(
        source=NAME,
        id=number,
        title=names[0].text,
        titles=tuple(dict.fromkeys(name.text for name in names)),
        type=vocabulary.canonical("type", NAME, word(media.get("format"))),
        year=first_year(media),
        start_date=fuzzy_date(media.get("startDate")),
        episode_count=episode_total(media.get("episodes")),
        ids={"mal": mal} if mal else {},
        url=f"https://anilist.co/anime/{number}",
        follows=tuple(_prequels(media)),
    )


def _prequels(media: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The ids of the anime that the entry follows."""
    for edge in objects(mapping(media.get("relations")).get("edges")):
        node = mapping(edge.get("node"))
        if word(edge.get("relationType")) != "PREQUEL" or node.get("type") == "MANGA":
            continue
        for name, number in ((NAME, identifier(node.get("id"))), ("mal", identifier(node.get("idMal")))):
            if number is not None:
                yield name, number
