"""One page of ``/seasons/{year}/{season}``: which anime a season has, and what the list says of each. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sources.errors import NotAnEntry
from sources.jikan.answer import anime_of, data_of
from sources.listing import ListPage, Quarter, Row
from sources.parsing.json_reply import at, load, objects, whole, word

_COUNTERS = {"score", "scored_by", "rank", "popularity", "members", "favorites", "images", "trailer"}
"""What moves from day to day without the entry having changed."""


def parse_season(body: bytes, quarter: Quarter) -> ListPage:
    """The rows of one page. Raises `NotAnEntry` for anything else.

    MyAnimeList's own lists of a season also hold what runs on from earlier ones; a row's season says so.
    """
    data = data_of(body)
    if not isinstance(data, list):
        raise NotAnEntry("changed_layout", "no list where one is expected")
    rows = tuple(row for one in objects(data) if (row := _row(one, quarter)))
    return ListPage(rows, at(load(body), "pagination", "has_next_page") is True and bool(rows))


def _row(one: Mapping[str, Any], quarter: Quarter) -> Row | None:
    number = anime_of(one)
    if number is None:
        return None
    season, year = word(one.get("season")), whole(one.get("year"))
    same = not season or not year or (year, season.upper()) == (quarter.year, quarter.season)
    return Row(number, {"mal": number}, mark=_mark(one), belongs=same)


def _mark(one: Mapping[str, Any]) -> str:
    said = {name: value for name, value in one.items() if name not in _COUNTERS}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
