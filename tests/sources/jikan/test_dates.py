"""A date that Jikan filled up is no date: only the text beside it tells what MyAnimeList knows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from sources.jikan import Jikan, parse, parse_search
from sources.record import SourceRecord
from tests.support.source_bench import made_up

SAID = {
    "2027 to ?": ("2027", None, None, 2027),
    "Jul 2026 to ?": ("2026-07", None, "SUMMER", 2026),
    "Jan 2026 to ?": ("2026-01", None, "WINTER", 2026),
    "Jan 12, 2026 to ?": ("2026-01-12", None, "WINTER", 2026),
    "Jan 1, 2020 to Jan 1, 2021": ("2020-01-01", "2021-01-01", "WINTER", 2020),
    "Apr 5, 1985 to Mar 1986": ("1985-04-05", "1986-03", "SPRING", 1985),
    "1985 to 1986": ("1985", "1986", None, 1985),
    "Jan 1, 1967": ("1967-01-01", None, "WINTER", 1967),
    "1967": ("1967", None, None, 1967),
    "? to Mar 1986": (None, "1986-03", None, None),
    "Not available": (None, None, None, None),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def filled_up(text: str) -> dict[str, int] | None:
    """What Jikan makes of one end of the text: the parts that are missing are 1."""
    *words, year = text.replace(",", "").split()
    if not year.isdigit():
        return None
    month = MONTHS.index(words[0]) + 1 if words else 1
    return {"day": int(words[1]) if len(words) > 1 else 1, "month": month, "year": int(year)}


def show(
    text: str | None, first: dict[str, int] | None, last: dict[str, int] | None = None
) -> dict[str, Any]:
    """An anime object in the shape of the recorded answers to ``/anime/{id}`` (jikan/http/ok/anime-success.json)."""
    nothing = {"day": None, "month": None, "year": None}
    instants = [
        f"{end['year']}-{end['month']:02d}-{end['day']:02d}T00:00:00+00:00" if end else None
        for end in (first, last)
    ]
    aired = {
        "from": instants[0],
        "to": instants[1],
        "prop": {"from": first or nothing, "to": last or nothing},
        "string": text,
    }
    page = "https://myanimelist.net/anime/7"
    return {"mal_id": 7, "url": page, "title": "X", "season": None, "year": None, "aired": aired}


def answer(show: dict[str, Any]) -> bytes:
    return json.dumps({"data": show}).encode()


@pytest.mark.parametrize("text", SAID)
def test_only_what_the_text_shows_is_taken_and_no_season_is_made_of_the_rest(text: str) -> None:
    first, _, last = text.partition(" to ")
    row = show(text, filled_up(first), filled_up(last or "?"))
    record = parse(answer(row))
    assert (record.start_date, record.end_date, record.season, record.year) == SAID[text]
    (candidate,) = parse_search(json.dumps({"data": [row]}).encode())
    assert (candidate.start_date, candidate.year) == (SAID[text][0], SAID[text][3])


@pytest.mark.parametrize(
    ("day", "month", "date"), [(1, 1, "2026"), (1, 7, "2026-07"), (3, 1, "2026-01-03"), (31, 7, "2026-07-31")]
)
def test_without_the_text_a_first_day_may_be_made_up(day: int, month: int, date: str) -> None:
    row = show(None, {"day": day, "month": month, "year": 2026})
    assert parse(answer(row)).start_date == date
    row["aired"]["prop"] = None
    assert parse(answer(row)).start_date == date


async def test_an_episode_is_not_dated_more_exactly_than_the_show_where_the_day_is_the_made_up_one() -> None:
    rows = [
        {"mal_id": n, "title": "A", "aired": f"1985-{m}T00:00:00+00:00"}
        for n, m in ((1, "01-01"), (2, "01-08"))
    ]

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"data": rows if request.path.endswith("episodes") else []})

    async with made_up(Jikan, handler) as jikan:
        record = SourceRecord(source="jikan", source_id="7", start_date="1985")
        exact = SourceRecord(source="jikan", source_id="7", start_date="1985-01-01")
        await jikan.extend(record)
        await jikan.extend(exact)
    assert [episode.aired for episode in record.episodes] == ["1985", "1985-01-08"]
    assert [episode.aired for episode in exact.episodes] == ["1985-01-01", "1985-01-08"]
