"""Every played file says what real reply its shape follows, or that it is a guess."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from typing import Any

import pytest

from tests.support.demo_titles import DEMO


def shapes(site: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DEMO / site / "replies.json").read_bytes())["shapes"]
    return found


@pytest.mark.parametrize("site", ["animeschedule", "anisearch", "anime_planet"])
def test_every_played_file_has_a_shape_that_follows_something(site: str) -> None:
    files = [file.name for file in (DEMO / site).iterdir() if file.name != "replies.json"]
    told = [next((s for s in shapes(site) if fnmatch(name, s["files"])), None) for name in files]
    assert [name for name, shape in zip(files, told, strict=True) if not shape] == []
    assert all(shape["follows"] for shape in shapes(site))
    unused = [s["files"] for s in shapes(site) if not any(fnmatch(name, s["files"]) for name in files)]
    assert unused == []


def test_what_was_built_after_public_code_alone_is_marked_as_a_guess() -> None:
    marked = {shape["files"] for shape in shapes("anisearch") if shape.get("guess")}
    assert {"*-episodes.html", "*-characters.html"} <= marked
