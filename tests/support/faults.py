"""Small replies of a made-up work with what sites were seen to do wrong, each written so that one thing is odd."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

NAME = "Tsuki no Michi"


def jikan(**odd: Any) -> bytes:
    """An entry of Jikan."""
    entry = {
        "mal_id": 771001,
        "url": "https://myanimelist.net/anime/771001/Tsuki_no_Michi",
        "titles": [{"type": "Default", "title": NAME}, {"type": "Japanese", "title": "月の道"}],
        "title": NAME,
        "type": "TV",
        "source": "Original",
        "episodes": 12,
        "status": "Finished Airing",
    }
    return json.dumps({"data": {**entry, **odd}}, ensure_ascii=False).encode()


def jikan_aired(text: str, start: str, end: str | None = None) -> bytes:
    """Days that Jikan filled up, beside the text that they were made of."""
    return jikan(
        aired={"from": f"{start}T00:00:00+00:00", "to": end and f"{end}T00:00:00+00:00", "string": text}
    )


def anilist(errors: Sequence[Any] = (), **odd: Any) -> bytes:
    """An entry of AniList."""
    entry = {
        "id": 772001,
        "idMal": 771001,
        "type": "ANIME",
        "title": {"romaji": NAME, "native": "月の道"},
        "format": "TV",
        "status": "FINISHED",
        "startDate": {"year": 2021, "month": 4, "day": 5},
        "episodes": 12,
        "siteUrl": "https://anilist.co/anime/772001",
        "airingSchedule": {"pageInfo": {"hasNextPage": False}, "nodes": []},
        "streamingEpisodes": [],
        "characters": {"edges": []},
        "staff": {"edges": []},
    }
    body: dict[str, Any] = {"data": {"Media": {**entry, **odd}}}
    return json.dumps({**body, "errors": errors} if errors else body, ensure_ascii=False).encode()


def streamed(*numbers: float) -> list[dict[str, str]]:
    """Episodes as AniList's users link them: the number stands in the title alone."""
    return [
        {"title": f"Episode {n:g} - T{n:g}", "url": f"https://s.example/{n:g}", "site": "Crunchyroll"}
        for n in numbers
    ]


def weekly(first: int, last: int, at: int) -> dict[str, Any]:
    """A schedule whose episode ``first`` airs at ``at`` (Unix seconds)."""
    week = 7 * 24 * 3600
    nodes = [{"episode": n, "airingAt": at + (n - first) * week} for n in range(first, last + 1)]
    return {"pageInfo": {"hasNextPage": False}, "nodes": nodes}


def anidb(before: str = "", description: str = "A road.") -> bytes:
    """An entry of AniDB, with what stands before it and what it says of the work."""
    return (
        f'{before}<?xml version="1.0" encoding="UTF-8"?>\n<anime id="773001" restricted="false"><type>TV Series</type>'
        f'<episodecount>12</episodecount><titles><title xml:lang="x-jat" type="main">{NAME}</title></titles>'
        f"<description>{description}</description></anime>"
    ).encode()


def kitsu_episodes(*told: tuple[str, int, float | None]) -> bytes:
    """Episodes of Kitsu: title, season and number."""
    data = [
        {
            "id": str(place),
            "type": "episodes",
            "attributes": {"canonicalTitle": title, "seasonNumber": season, "number": number, "length": 24},
        }
        for place, (title, season, number) in enumerate(told, 1)
    ]
    return json.dumps({"data": data, "meta": {"count": len(data)}}).encode()
