"""Every recorded answer of AnimeSchedule against every value that is expected of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from sources.animeschedule.entry import record
from sources.animeschedule.times import Delay
from sources.animeschedule.timetable import Airing, aired_of, delay_of, next_of, read_row
from sources.parsing.airtime import utc
from sources.record import SourceRecord

RECORDINGS = Path(__file__).parents[4] / "shared" / "upstream" / "recordings" / "animeschedule"
pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")


def rows() -> list[dict[str, Any]]:
    lines = (RECORDINGS / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["file"].endswith(".json")]


@cache
def body(file: str) -> Any:
    return json.loads((RECORDINGS / file).read_bytes())


def named(items: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in items]


def entry(file: str) -> dict[str, Any]:
    found: dict[str, Any] = body(file)
    return found["anime"][0] if "anime" in found else found


def read(file: str) -> SourceRecord:
    return record(entry(file), entry(file)["route"])


def ids(found: SourceRecord) -> dict[str, str]:
    kitsu = found.ids.get("kitsu") or found.ids["kitsu_slug"]
    return {**{site: found.ids[site] for site in ("mal", "anilist", "anime_planet", "anidb")}, "kitsu": kitsu}


def texts(found: SourceRecord) -> set[str]:
    return {title.text for title in found.titles}


ENTRY: dict[str, Callable[[SourceRecord, Any], bool]] = {
    "raw.route": lambda r, v: r.source_id == v,
    "raw.title": lambda r, v: v in texts(r),
    "raw.episodes": lambda r, v: r.episode_count == v,
    "raw.lengthMin": lambda r, v: r.duration_seconds == v * 60,
    "raw.status": lambda r, v: r.raw["status"] == v and r.status is not None,
    "raw.year": lambda r, v: r.year == v,
    "raw.delayedDesc": lambda r, v: (r.broadcast and r.broadcast.delay_reason) == v,
    "raw.season": lambda r, v: r.raw["season"] == v and r.season == v["season"].upper(),
    "raw.genres": lambda r, v: r.genres == v,
    "raw.studios": lambda r, v: r.studios == v,
    "raw.mediaTypes": lambda r, v: [r.type] == v,
    "raw.sources": lambda r, v: r.raw["sources"] == v and r.source_material is not None,
    "raw.names": lambda r, v: {v["native"], *v["synonyms"]} <= texts(r) and r.title_english == v["english"],
    "raw.relations": lambda r, v: [x.ids["animeschedule"] for x in r.relations] == [*chain(*v.values())],
    "raw.counts": lambda r, v: (
        [r.popularity.get(name) for name in ("members", "dropped", "popularity_rank")] == [*_counts(v)]
    ),
    "means.ids": lambda r, v: ids(r) == v,
    "means.streams": lambda r, v: [x.url for x in r.streaming] == [url for _, url in v],
    "means.official": lambda r, v: [x.url for x in r.links if x.kind == "official"] == [v],
    "means.score": lambda r, v: (
        (r.score and [r.score.value, r.score.scale_min, r.score.scale_max, r.score.votes])
        == [v["value"], *v["scale"], v["votes"]]
    ),
    "means.image": lambda r, v: [image.url for image in r.images] == [v],
    "means.start_date": lambda r, v: r.start_date == v,
    "means.broadcast_time_jst": lambda r, v: (r.broadcast and r.broadcast.time) == v,
    "means.weekday": lambda r, v: (r.broadcast and r.broadcast.weekday) == v,
    "means.weekday_must_not_be": lambda r, v: (r.broadcast and r.broadcast.weekday) not in v,
    "means.sub_instant_from_subTime": lambda r, v: (r.broadcast and r.broadcast.sub_at) == v,
    "means.dub_instant_from_dubTime": lambda r, v: (r.broadcast and r.broadcast.dub_at) == v,
    "means.dub_premiere": lambda r, v: (r.raw["dubPremier"][:10] if v else None) == v,
    "means.description_starts": lambda r, v: bool(r.synopsis and r.synopsis.text.startswith(v)),
    "means.description_ends": lambda r, v: bool(r.synopsis and r.synopsis.text.endswith(v)),
    "means.description_has_markup": lambda r, v: ("<" in (r.synopsis.text if r.synopsis else "")) == v,
}
"""What of an entry is looked at; ``raw`` fields that the record keeps only as they came are not."""


def _counts(said: dict[str, Any]) -> tuple[Any, Any, Any]:
    return said["trackedCount"], said["droppedCount"], said["trackedRating"]


def test_every_expected_value_of_an_entry_is_read() -> None:
    asked = [row for row in rows() if row["file"].startswith("anime/") and row["field"] in ENTRY]
    wrong = [
        (row["file"], row["field"])
        for row in asked
        if not ENTRY[row["field"]](read(row["file"]), row["value"])
    ]
    assert len(asked) > 50
    assert wrong == []


def clock(row: dict[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(row["now"])


def airing(row: dict[str, Any]) -> Airing:
    route, _, episode = row["key"].partition("#")
    plain = [r for r in body(row["file"]) if r["route"] == route and str(r["episodeNumber"]) == episode]
    found = read_row(plain[0], clock(row))
    assert found
    return found


def meant(one: Airing) -> dict[str, Any]:
    return {
        "episodes": [one.first, one.last],
        "airs_at": utc(one.airs_at),
        "aired": one.aired,
        "postponed": one.postponed,
    }


def test_every_expected_row_of_a_timetable_is_read() -> None:
    asked = [row for row in rows() if row["field"] == "means.row"]
    assert len(asked) > 170
    assert [row["key"] for row in asked if meant(airing(row)) != row["value"]] == []


def show(row: dict[str, Any]) -> dict[str, Any]:
    now, kind = clock(row), row["value"]["air_type"]
    read = [read_row(r, now) for r in body(row["file"]) if r["route"] == row["key"] and r["airType"] == kind]
    known = [one for one in read if one]
    following, held = next_of(known), delay_of(known)
    return {
        "air_type": kind,
        "episodes_aired": aired_of(known),
        "next": following and _next(following),
        "delay": held and _delay(held, now),
    }


def _day(at: dt.datetime | None) -> str | None:
    return at.date().isoformat() if at else None


def _next(one: Airing) -> dict[str, Any]:
    not_before = _day(one.delay.end) if one.postponed and one.delay else None
    return {"episodes": [one.first, one.last], "at": utc(one.airs_at), "not_before": not_before}


def _delay(held: Delay, now: dt.datetime) -> dict[str, Any]:
    state = "announced" if held.start and held.start > now else "current"
    return {"state": state, "from": _day(held.start), "until": _day(held.end), "text": held.why}


def test_every_expected_show_of_a_timetable_is_read() -> None:
    asked = [row for row in rows() if row["field"] == "means.show"]
    assert len(asked) > 160
    assert [(row["key"], show(row)) for row in asked if show(row) != row["value"]] == []
