"""The titles of the catalogue, as the played AniDB lists them."""

from __future__ import annotations

from sources.demo.world import World

MORE = 100
"""Titles that are listed and not part of the catalogue."""


def list_titles(world: World, titles: int) -> None:
    """Have AniDB's daily file list the titles and some more, as the real one lists its works."""
    rows = "".join(
        f'<anime aid="5{number:06d}"><title xml:lang="x-jat" type="main">Loopback Show {number:06d}</title></anime>'
        for number in range(titles + MORE)
    )
    world.sites["anidb"].replies.replace("titles.xml", f"<animetitles>{rows}</animetitles>".encode())
