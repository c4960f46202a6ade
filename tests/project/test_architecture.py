"""The page about the architecture: its picture is that of the folders, and every place that it names is there."""

from __future__ import annotations

import re
from itertools import product

from tests.project.test_rooms import ROOMS, ROOT, TOPS, arrows
from tests.support.pages import blocks, inline

PAGE = ROOT / "docs" / "architecture.md"
PICTURE = blocks(PAGE, "mermaid")[0].code
TABLE = [
    line for line in PAGE.read_text("utf-8").partition("## To change X")[2].splitlines() if line[:1] == "|"
]
CODE = re.compile(r"`([^`]+)`")


def rooms() -> dict[str, str]:
    """The rooms by their names in the picture: ``merging`` is ``streams.merging``."""
    inside = [room.relative_to(ROOT).parts for room in ROOMS if len(room.relative_to(ROOT).parts) == 2]
    return {name: f"{top}.{name}" for top, name in inside} | {top: top for top in TOPS}


def drawn() -> set[tuple[str, str]]:
    """Who points to whom."""
    found: set[tuple[str, str]] = set()
    for line in PICTURE.splitlines():
        ends = [re.findall(r"\w+", part) for part in line.split("-->")]
        for index in range(len(ends) - 1):
            found |= set(product(ends[index], ends[index + 1]))
    return found


def test_the_nouns_of_the_picture_are_the_folders() -> None:
    words = set(re.findall(r"\w+", PICTURE)) - {"flowchart", "TB", "subgraph", "end"}
    assert words == set(rooms())


def test_every_arrow_of_the_picture_is_an_import() -> None:
    real = {(here, there) for _, here, there in arrows()}
    real |= {(here, there.partition(".")[0]) for here, there in real}
    names = rooms()
    assert {arrow for arrow in drawn() if (names[arrow[0]], names[arrow[1]]) not in real} == set()


def test_the_twelve_commonest_tasks_have_a_place() -> None:
    assert len(TABLE) >= 2 + 12
    for row in TABLE[2:]:
        assert [path for path in CODE.findall(row) if "/" in path], row


def test_every_path_on_the_page_is_there() -> None:
    paths = [word for word in inline(PAGE) if re.fullmatch(r"[\w./-]+/[\w./-]*", word)]
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists()] == []
