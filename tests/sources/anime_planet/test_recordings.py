"""Every recorded page of Anime-Planet against every value that is expected of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sources.anime_planet import parse, parse_search
from sources.errors import NotAnEntry
from sources.parsing.html_page import line
from sources.record import SourceRecord
from tests.support.demo_titles import played_entries

RECORDINGS = Path(__file__).parents[4] / "shared" / "upstream" / "recordings" / "anime-planet"
recorded = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")

DEVIATIONS = {
    ("pages/status/range_to_unknown_-_starts_same_year.html", "modb.status"): (
        "the page counts six episodes so far and an open end: it is running"
    ),
    ("pages/status/year_is_current_year.html", "modb.status"): (
        "the page gives the day of its last episode: it has finished"
    ),
    ("pages/synonyms/synonyms_replaced_by_email_protected.html", "raw.aka"): (
        "the expected text still says [email protected]; ours says what stands behind it"
    ),
}
"""Where our value is better than the expected one, and why."""

NO_ENTRY = {"pages/special/dead-entry.html": "not_found"}
MODB_TYPE = {"TV_SPECIAL": "SPECIAL", "MUSIC": "SPECIAL", "OTHER": "SPECIAL"}
MODB_STATUS = {"AIRING": "ONGOING", None: "UNKNOWN"}


def _lines(name: str) -> Iterator[dict[str, Any]]:
    path = RECORDINGS / name
    return map(json.loads, path.read_text(encoding="utf-8").splitlines() if path.is_file() else [])


def _related(record: SourceRecord) -> list[tuple[str, str | None]]:
    return [(x.ids["anime_planet"], x.kind_raw) for x in record.relations if x.media == "anime"]


def _image(record: SourceRecord, kind: str) -> str | None:
    return next((image.url for image in record.images if image.kind == kind), None)


CHECKS: dict[str, Callable[[SourceRecord, Any], bool]] = {
    "raw.slug": lambda r, v: r.source_id == r.ids["anime_planet"] == v,
    "raw.url": lambda r, v: r.url == v,
    "raw.title": lambda r, v: r.title == line(v),
    "raw.h1_cfemail": lambda r, v: v in (r.title or ""),
    "raw.aka": lambda r, v: r.raw["aka"] == (line(v) if v else None),
    "raw.ld_alternateName": lambda r, v: set(v or ()) <= {t.text for t in r.titles},
    "raw.type_line": lambda r, v: r.raw["type_line"] == line(v),
    "raw.type_raw": lambda r, v: r.raw["type"] == v and r.type is not None,
    "raw.year_line": lambda r, v: r.raw["years"] == line(v),
    "raw.season_raw": lambda r, v: (
        r.raw["season"] == v and (r.season or "").title() == (v or "").split(" ")[0]
    ),
    "raw.episodes": lambda r, v: (r.episode_count or r.episodes_aired) == v,
    "raw.duration_min": lambda r, v: r.duration_seconds == (v * 60 if v else None),
    # without a full date the page's years stand in
    "raw.start_date": lambda r, v: r.start_date == v or (v is None and len(r.start_date or "") in {0, 4}),
    "raw.end_date": lambda r, v: r.end_date == v or (v is None and len(r.end_date or "") in {0, 4}),
    "raw.score_raw": lambda r, v: (r.score and r.score.value) == v,
    "raw.score_count": lambda r, v: (r.score and r.score.votes) == v,
    "raw.studios": lambda r, v: r.studios == v,
    "raw.tags": lambda r, v: [tag.name for tag in r.tags] == list(dict.fromkeys(v)),
    "raw.ld_genre": lambda r, v: r.genres == (v or []),
    "raw.related": lambda r, v: _related(r) == [(x["slug"], x["subtitle_raw"]) for x in v],
    "modb.title": lambda r, v: r.title == v,
    "modb.type": lambda r, v: MODB_TYPE.get(r.type or "", r.type) == v,
    "modb.status": lambda r, v: MODB_STATUS.get(r.status, r.status) == v,
    "modb.season": lambda r, v: (r.season or "UNDEFINED") == v,
    "modb.year": lambda r, v: (r.year or 0) == v,
    "modb.episodes": lambda r, v: (r.episode_count or r.episodes_aired or 0) == v,
    "modb.duration_seconds": lambda r, v: (r.duration_seconds or 0) == v,
    "modb.synonyms": lambda r, v: {t.text for t in r.titles} - {r.title} == set(v),
    "modb.source_url": lambda r, v: [(r.url or "").replace("www.", "")] == v,
    "modb.studios_lower": lambda r, v: sorted(s.lower() for s in r.studios) == sorted(v),
    "modb.tags_lower": lambda r, v: (
        {*(t.name.lower() for t in r.tags), *(g.lower() for g in r.genres)} == set(v)
    ),
    "modb.related": lambda r, v: (
        sorted(f"https://anime-planet.com/anime/{slug}" for slug, _ in _related(r)) == sorted(v)
    ),
    "modb.score_scaled_1_10": lambda r, v: r.score is v is None,
    "modb.picture": lambda r, v: _image(r, "poster") == v,
    "modb.thumbnail": lambda r, v: _image(r, "thumbnail") == v,
}


@recorded
def test_every_expected_value_is_read_or_its_deviation_is_explained() -> None:
    records: dict[str, SourceRecord] = {}
    wrong, checked = {}, 0
    for row in _lines("expected.jsonl"):
        name = row["file"]
        if name in NO_ENTRY:
            continue
        record = records.setdefault(name, parse((RECORDINGS / name).read_bytes()))
        checked += 1
        if not CHECKS[row["field"]](record, row["value"]):
            wrong[name, row["field"]] = row["value"]
    assert checked > 800
    assert wrong.keys() == DEVIATIONS.keys()
    assert len(wrong) / checked < 0.01


def test_every_page_played_or_recorded_is_a_record_a_list_or_says_why_not() -> None:
    for path in played_entries("anime_planet"):
        record = parse(path.read_bytes())
        assert record.titles, path.name
        assert not record.unmapped, path.name
    for row in _lines("index.jsonl"):
        body = (RECORDINGS / row["file"]).read_bytes()
        if row["kind"] == "page":
            record = parse(body, url=row["url"])
            assert record.titles
            assert not record.unmapped
            assert not record.incomplete
        else:
            with pytest.raises(NotAnEntry) as refusal:
                parse(body, url=row["url"])
            assert refusal.value.reason == NO_ENTRY.get(row["file"], "changed_layout")
    if not RECORDINGS.is_dir():
        return
    found = parse_search((RECORDINGS / "pages/listing/page-31.html").read_bytes())
    assert len(found) == 35
    assert all(candidate.type and candidate.title for candidate in found)
    assert parse_search((RECORDINGS / "pages/special/dead-entry.html").read_bytes()) == []
