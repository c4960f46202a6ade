"""Drawings of our own for the works that the demo plays, where its sites would show their pictures.

The addresses that the played replies name lead nowhere; who shows them shows these instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_ADDRESS = re.compile(
    r"https://(?:pictures\.example/(?P<anilist>anilist)/(?:large|medium|small)/|cdn\.myanimelist\.net/images/anime/demo/"
    r"|img\.animeschedule\.net/[\w/]+/default/)(?P<name>[\w-]+?)(?:b?l|t|-demo)?\.jpg"
)
_BY_NAME: Mapping[str, tuple[str, ...]] = {
    "bebop": ("1", "cowboy-bebop"),
    "bebop-movie": ("5",),
    "kon1": ("5680", "k-on"),
    "kon2": ("7791", "k-on-2"),
    "onepiece": ("21", "one-piece"),
    "frieren": ("52991", "sousou-no-frieren"),
    "fruits2001": ("120",),
    "fruits2019": ("38680", "fruits-basket-2019"),
    "spy1": ("50265", "spy-x-family"),
    "spy2": ("50602", "spy-x-family-part-2"),
    "shelter": ("34240",),
    "modao": ("37208", "mo-dao-zu-shi"),
    "velvet": ("990001",),
    "harbor": ("990002", "clockwork-harbor"),
    "lanterns": ("990003",),
}
"""What MyAnimeList and AnimeSchedule call each work."""
_ON_ANILIST = {
    "154587": "frieren",
    "105334": "fruits2019",
    "140960": "spy1",
    "142838": "spy2",
    "97731": "shelter",
    "101291": "modao",
}
"""Those that AniList calls otherwise than MyAnimeList."""
_DRAWINGS = {name: drawing for drawing, names in _BY_NAME.items() for name in names}


def drawing_of(address: str | None) -> str | None:
    """The drawing in place of a picture that the demo's replies name; ``None`` for any other picture."""
    found = _ADDRESS.fullmatch(address or "")
    if not found:
        return None
    other = _ON_ANILIST.get(found["name"]) if found["anilist"] else None
    return other or _DRAWINGS.get(found["name"])


@cache
def drawings() -> Mapping[str, bytes]:
    """All of them as SVG, by name."""
    folder = files(__name__)
    return {name: folder.joinpath(f"{name}.svg").read_bytes() for name in _BY_NAME}
