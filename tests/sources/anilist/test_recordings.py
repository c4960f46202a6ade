"""Every recorded answer of AniList against every value that is expected of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sources.anilist import parse, parse_search
from sources.errors import NotAnEntry
from sources.record import SourceRecord
from tests.support.demo_titles import played_entries

RECORDINGS = Path(__file__).parents[4] / "shared" / "upstream" / "recordings" / "anilist"
recorded = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")

DEVIATIONS = {
    (
        "media/anime_season/seasonyear_set.json",
        "raw.tags",
    ): "the blank after 'Marriage ' is no part of the name",
    ("media/episodes/ongoing.json", "modb.episodes"): "1082 is the next episode; 1081 have aired",
    ("media/picture_and_thumbnail/picture_unavailable.json", "modb.picture"): "a placeholder is no picture",
    ("media/picture_and_thumbnail/picture_unavailable.json", "modb.thumbnail"): "a placeholder is no picture",
    ("media/type/music.json", "modb.type"): "a music video is no special; the convention has no word for it",
}
"""Where our value is better than the expected one, and why."""

NO_ENTRY = {
    "http/error/media_not_found_error.0.json": "not_found",
    "http/error/rate_limit_error.28.json": "error",
    "reported/403_api_disabled.json": "error",
}


def _lines(name: str) -> Iterator[dict[str, Any]]:
    path = RECORDINGS / name
    return map(json.loads, path.read_text(encoding="utf-8").splitlines() if path.is_file() else [])


def _flat(text: str | None) -> str | None:
    return " ".join(text.split()) if text is not None else None


def _date(value: dict[str, int | None]) -> str | None:
    known = [part for part in (value["year"], value["month"], value["day"]) if part is not None]
    return "-".join(f"{part:02d}" for part in known) or None


def _edges(record: SourceRecord) -> list[dict[str, Any]]:
    edges = [(int(r.ids["anilist"]), r.media.upper(), r.kind_raw) for r in record.relations]
    return [dict(zip(("id", "type", "relationType"), edge, strict=True)) for edge in edges]


def _main(text: str | None) -> Callable[[SourceRecord], bool]:
    return lambda record: (
        [t.text for t in record.titles if t.kind == "main"] == ([_flat(text)] if text else [])
    )


STATUS = {"RELEASING": "AIRING", "NOT_YET_RELEASED": "UPCOMING", "ONGOING": "AIRING", "UNKNOWN": None}
SOURCE = {"VIDEO_GAME": "GAME", "ANIME": "OTHER", "MULTIMEDIA_PROJECT": "MIXED_MEDIA"}
CHECKS: dict[str, Callable[[SourceRecord, Any], bool]] = {
    "raw.id": lambda r, v: r.source_id == r.ids["anilist"] == str(v),
    "raw.idMal": lambda r, v: r.ids.get("mal") == (str(v) if v else None),
    "raw.title_romaji": lambda r, v: _main(v)(r),
    "raw.title_english": lambda r, v: r.title_english == _flat(v),
    "raw.title_native": lambda r, v: r.title_native == _flat(v),
    "raw.synonyms": lambda r, v: {_flat(text) for text in v} <= {t.text for t in r.titles},
    "raw.format": lambda r, v: r.type == v,
    "raw.status": lambda r, v: r.status == STATUS.get(v, v),
    "raw.season": lambda r, v: r.season == v,
    "raw.seasonYear": lambda r, v: r.year == v or (v is None and r.year == int((r.start_date or "0")[:4])),
    "raw.episodes": lambda r, v: r.episode_count == v,
    "raw.duration": lambda r, v: r.duration_seconds == (v * 60 if v else None),
    "raw.source": lambda r, v: r.source_material == SOURCE.get(v, v),
    "raw.start": lambda r, v: r.start_date == _date(v),
    "raw.end": lambda r, v: r.end_date == _date(v),
    "raw.averageScore": lambda r, v: (r.score.value if r.score else None) == v,
    "raw.meanScore": lambda r, v: r.raw.get("meanScore") == v,
    "raw.genres": lambda r, v: r.genres == v,
    "raw.tags": lambda r, v: [tag.name for tag in r.tags] == v,
    "raw.studios": lambda r, v: (
        [s["name"] for s in v if s["isMain"]] == r.studios
        and {s["name"] for s in v} == {*r.studios, *r.producers}
    ),
    "raw.relations": lambda r, v: _edges(r) == v,
    "modb.title": lambda r, v: r.title == _flat(v),
    "modb.type": lambda r, v: (r.type or "UNKNOWN") == v,
    "modb.status": lambda r, v: r.status == STATUS.get(v, v),
    "modb.season": lambda r, v: (r.season or "UNDEFINED") == v,
    "modb.year": lambda r, v: (r.year or 0) == v,
    "modb.episodes": lambda r, v: (r.episode_count or r.episodes_aired or 0) == v,
    "modb.duration_seconds": lambda r, v: (r.duration_seconds or 0) == v,
    "modb.synonyms": lambda r, v: {_flat(text) for text in v} == {t.text for t in r.titles} - {r.title},
    "modb.studios_lower": lambda r, v: sorted(s.lower() for s in r.studios) == v,
    "modb.producers_lower": lambda r, v: sorted(s.lower() for s in r.producers) == v,
    "modb.tags_lower": lambda r, v: (
        sorted({*(t.name.lower() for t in r.tags), *(g.lower() for g in r.genres)}) == sorted(v)
    ),
    "modb.related": lambda r, v: (
        sorted(f"https://anilist.co/anime/{x.ids['anilist']}" for x in r.relations if x.media == "anime")
        == sorted(v)
    ),
    "modb.score_scaled_1_10": lambda r, v: (
        r.score is not None and abs(1 + (r.score.value - 1) / 99 * 9 - v) < 1e-9
    ),
    "modb.picture": lambda r, v: [i.url for i in r.images if i.kind == "poster"] == [v],
    "modb.thumbnail": lambda r, v: v in [i.url for i in r.images],
}


@recorded
def test_every_expected_value_is_read_or_its_deviation_is_explained() -> None:
    records: dict[str, SourceRecord] = {}
    wrong, checked = {}, 0
    for row in _lines("expected.jsonl"):
        name = row["file"]
        record = records.setdefault(name, parse((RECORDINGS / name).read_bytes()))
        checked += 1
        if not CHECKS[row["field"]](record, row["value"]):
            wrong[name, row["field"]] = row["value"]
    assert checked > 600
    assert set(wrong) == set(DEVIATIONS)
    assert len(wrong) / checked < 0.01


def test_every_answer_played_or_recorded_is_a_record_or_says_why_not() -> None:
    for path in played_entries("anilist"):
        record = parse(path.read_bytes())
        assert record.titles, path.name
        assert not record.unmapped, path.name
    for row in _lines("index.jsonl"):
        body = (RECORDINGS / row["file"]).read_bytes()
        try:
            record = parse(body)
        except NotAnEntry as error:
            assert error.reason == NO_ENTRY.get(row["file"], "changed_layout")
        else:
            assert record.titles
            assert not record.unmapped


@recorded
def test_a_recorded_batch_of_aliased_pages_is_read_page_by_page() -> None:
    facts = list(_lines("expected_batch.jsonl"))
    assert facts
    for fact in facts:
        body = (RECORDINGS / fact["file"]).read_bytes()
        listed = {m["idMal"]: m for page in json.loads(body)["data"].values() for m in page["media"]}
        if fact["field"] == "raw.pages":
            named = [mal for page in fact["value"].values() for mal in page]
            assert [int(found.ids["mal"]) for found in parse_search(body)] == named
        if fact["field"] == "raw.media":
            record = parse(json.dumps({"data": {"Media": listed[fact["key"]]}}).encode())
            wrong = [
                name
                for name, value in fact["value"].items()
                if (c := CHECKS.get(f"raw.{name}")) and not c(record, value)
            ]
            assert wrong == []
