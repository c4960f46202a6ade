"""The demo's works are drawn: every picture of a work that its replies name is one of ours."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sources import demo
from sources.demo.drawings import drawing_of, drawings

REPLIES = Path(demo.__file__).parent
POSTERS = re.compile(
    r"https://(?:pictures\.example/anilist/large|cdn\.myanimelist\.net/images/anime/demo"
    r"|img\.animeschedule\.net/[\w/]+/default)/[\w-]+\.jpg"
)


def test_every_poster_that_the_replies_of_known_works_name_is_drawn() -> None:
    named = {
        one for path in REPLIES.rglob("*.json") for one in POSTERS.findall(path.read_text(encoding="utf-8"))
    }
    named = {one for one in named if "loopback" not in one}
    assert len(named) > 30
    assert [one for one in sorted(named) if drawing_of(one) is None] == []
    assert {drawing_of(one) for one in named} == drawings().keys()


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "https://pictures.example/anilist/character/1.jpg",
        "https://cdn.myanimelist.net/images/anime/1/1.jpg",
        "https://cdn.myanimelist.net/images/anime/demo/404.jpg",
        "https://evil.example/https://cdn.myanimelist.net/images/anime/demo/1.jpg",
    ],
)
def test_no_other_picture_is_replaced(address: str | None) -> None:
    assert drawing_of(address) is None


@pytest.mark.parametrize("name", drawings())
def test_a_drawing_is_small_plain_and_says_what_it_shows(name: str) -> None:
    raw = drawings()[name]
    root = ET.fromstring(raw)
    assert len(raw) < 4_000
    assert root.get("aria-label")
    assert {one.tag.rpartition("}")[2] for one in root.iter()} <= {
        *(
            "svg",
            "defs",
            "linearGradient",
            "stop",
            "g",
            "rect",
            "circle",
            "ellipse",
            "path",
            "polygon",
            "text",
        )
    }
    assert not [
        key for one in root.iter() for key in one.attrib if key in {"style", "href"} or key[:2] == "on"
    ]
