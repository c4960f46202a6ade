"""One page of a season, as Jikan and the site's own API give it: which anime it has, and what it says of each. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sources.errors import NotAnEntry
from sources.jikan.answer import anime_of, data_of
from sources.listing import ListPage, Quarter, Row
from sources.parsing.airtime import instant
from sources.parsing.json_reply import at, identifier, load, mapping, objects, truth, whole, word

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
    return ListPage(rows, bool(truth(at(load(body), "pagination", "has_next_page")) and rows))


def parse_newest(body: bytes, quarter: Quarter) -> ListPage:
    """The rows of a search that stand in ``quarter`` by their own word; all others belong elsewhere. Raises as `parse_season`."""
    rows = parse_season(body, quarter).rows
    named = {anime_of(one) for one in objects(data_of(body)) if one.get("season") and one.get("year")}
    return ListPage(tuple(replace(row, belongs=row.belongs and row.id in named) for row in rows))


def parse_official_season(body: bytes, quarter: Quarter) -> ListPage:
    """The rows of one page of ``/anime/season/{year}/{season}``. Raises `NotAnEntry` for anything else.

    ``updated_at`` moves for any edit of the entry. The list holds what runs on from earlier seasons, too.
    """
    document = mapping(load(body))
    if not isinstance(document.get("data"), list):
        raise NotAnEntry("changed_layout", "no list where one is expected")
    listed = [mapping(one.get("node")) for one in objects(document["data"])]
    rows = tuple(row for node in listed if (row := _official_row(node, quarter)))
    if listed and not rows:
        raise NotAnEntry("changed_layout", "a list that names no anime")
    return ListPage(rows, bool(at(document, "paging", "next")))


def _official_row(node: Mapping[str, Any], quarter: Quarter) -> Row | None:
    number = identifier(node.get("id"))
    if number is None:
        return None
    changed = instant(node.get("updated_at"))
    first = mapping(node.get("start_season"))
    return Row(
        number,
        {"mal": number},
        changed_at=changed.timestamp() if changed else None,
        belongs=_is_of(quarter, word(first.get("season")), whole(first.get("year"))),
    )


def _is_of(quarter: Quarter, season: str | None, year: int | None) -> bool:
    """Whether a row is of this season as far as it says so."""
    return not season or not year or (year, season.upper()) == (quarter.year, quarter.season)


def _row(one: Mapping[str, Any], quarter: Quarter) -> Row | None:
    number = anime_of(one)
    if number is None:
        return None
    belongs = _is_of(quarter, word(one.get("season")), whole(one.get("year")))
    return Row(number, {"mal": number}, mark=_mark(one), belongs=belongs)


def _mark(one: Mapping[str, Any]) -> str:
    said = {name: value for name, value in one.items() if name not in _COUNTERS}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
