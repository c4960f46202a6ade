"""Every recorded page of aniSearch against every value that is expected of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sources.anisearch import parse, parse_relations, parse_search
from sources.errors import NotAnEntry
from sources.parsing.html_page import line
from sources.record import SourceRecord
from tests.support.demo_titles import played_entries

RECORDINGS = Path(__file__).parents[4] / "shared" / "upstream" / "recordings" / "anisearch"
recorded = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")

DEVIATIONS = {
    (
        "pages/older_markup/2022-09/picture_and_thumbnail__neither_picture_nor_thumbnail.html",
        field,
    ): "a placeholder is no picture"
    for field in ("modb.picture", "modb.thumbnail")
} | {
    ("pages/synonyms/hidden_synonyms_and_named_parts.html", "modb.synonyms"): (
        "the page writes the apostrophe as an opening quotation mark, and titles are kept as written"
    )
}
"""Where our value is better than the expected one, and why."""

MODB_TYPE = {"TV_SPECIAL": "TV", "MUSIC": "SPECIAL", "OTHER": "UNKNOWN", "CM": "SPECIAL"}
MODB_STATUS = {"AIRING": "ONGOING", "CANCELLED": "UNKNOWN", "HIATUS": "UNKNOWN"}


def _lines(name: str) -> Iterator[dict[str, Any]]:
    path = RECORDINGS / name
    return map(json.loads, path.read_text(encoding="utf-8").splitlines() if path.is_file() else [])


def _bytes(name: str) -> bytes:
    return (RECORDINGS / name).read_bytes()


def _date(raw: str | None) -> str | None:
    """The convention writes an unknown month or day as zero."""
    return raw.replace("-00", "") if raw else None


def _score(record: SourceRecord) -> tuple[float, int | None]:
    """The convention keeps the site's placeholder of 2.5 from one vote where nobody has voted."""
    return (record.score.value, record.score.votes) if record.score else (2.5, 1)


def _titles(record: SourceRecord) -> set[str]:
    return {title.text for title in record.titles} - {record.title or ""}


def _flat(names: list[str]) -> set[str]:
    return {said for name in names if (said := line(name))}


def _poster(record: SourceRecord) -> str | None:
    return next((image.url for image in record.images if image.kind == "poster"), None)


def _thumbnail(record: SourceRecord) -> str | None:
    return next((image.url for image in record.images if image.kind == "thumbnail"), None)


CHECKS: dict[str, Callable[[SourceRecord, Any], bool]] = {
    "raw.id": lambda r, v: r.source_id == r.ids["anisearch"] == v,
    "raw.url": lambda r, v: r.url == v,
    "raw.title": lambda r, v: r.title == line(v),
    "raw.titles_block": lambda r, v: _flat(v) <= {t.text for t in r.titles},
    "raw.type_line": lambda r, v: (r.raw["type_line"] or "").replace(" ", "") == v.replace(" ", ""),
    "raw.type_raw": lambda r, v: r.raw["type"] == v and r.type is not None,
    "raw.status_raw": lambda r, v: r.raw["status"] == v and r.status is not None,
    "raw.adapted_raw": lambda r, v: r.raw["adapted"] == v and (v is None or r.source_material is not None),
    "raw.episodes": lambda r, v: r.episode_count == v,
    "raw.duration_raw": lambda r, v: r.duration_seconds == (int(v.split()[0]) * 60 if v else None),
    "raw.start_date": lambda r, v: r.start_date == _date(v),
    "raw.end_date": lambda r, v: r.end_date == _date(v),
    "raw.score_raw": lambda r, v: _score(r)[0] == v,
    "raw.score_count": lambda r, v: _score(r)[1] == v,
    "raw.studios": lambda r, v: r.studios == [line(name) for name in v],
    # read from one of the two places that tags have had; the other leaves it empty
    "raw.tags": lambda r, v: set(v) <= {*r.genres, *(tag.name for tag in r.tags)},
    "raw.ld_genre": lambda r, v: set(v or ()) <= set(r.genres),
    "raw.image": lambda r, v: _poster(r) == (None if v.endswith(("/0.webp", "/0_600.webp")) else v),
    "modb.title": lambda r, v: r.title == v,
    "modb.type": lambda r, v: MODB_TYPE.get(r.type or "", r.type) == v,
    "modb.status": lambda r, v: MODB_STATUS.get(r.status or "", r.status) == v,
    "modb.season": lambda r, v: (r.season or "UNDEFINED") == v,
    "modb.year": lambda r, v: (r.year or 0) == v,
    "modb.episodes": lambda r, v: (r.episode_count or (1 if v else 0)) == v,
    "modb.duration_seconds": lambda r, v: (r.duration_seconds or 0) == v,
    "modb.synonyms": lambda r, v: _flat(v) == _titles(r),
    "modb.studios_lower": lambda r, v: sorted(s.lower() for s in r.studios) == sorted(v),
    "modb.tags_lower": lambda r, v: (
        {*(t.name.lower() for t in r.tags), *(g.lower() for g in r.genres)} == set(v)
    ),
    "modb.related": lambda r, v: (
        sorted(f"https://anisearch.com/anime/{x.ids['anisearch']}" for x in r.relations if x.media == "anime")
        == sorted(v)
    ),
    "modb.score_scaled_1_10": lambda r, v: r.score is v is None,
    "modb.picture": lambda r, v: _poster(r) == v,
    "modb.thumbnail": lambda r, v: _thumbnail(r) == v,
}


def _right(row: dict[str, Any]) -> bool:
    if row["field"] == "raw.relations":
        found, _ = parse_relations(_bytes(row["file"]))
        anime = [(x.ids["anisearch"], x.title, x.kind_raw) for x in found if x.media == "anime"]
        return anime == [(x["id"], x["title"], x["relation_raw"]) for x in row["value"]]
    record = parse(_bytes(row["file"]))
    if "with_file" in row:
        record.relations = parse_relations(_bytes(row["with_file"]))[0]
    return CHECKS[row["field"]](record, row["value"])


@recorded
def test_every_expected_value_is_read_or_its_deviation_is_explained() -> None:
    rows = list(_lines("expected.jsonl"))
    wrong = {(row["file"], row["field"]): row["value"] for row in rows if not _right(row)}
    assert len(rows) > 900
    assert wrong.keys() == DEVIATIONS.keys()
    assert len(wrong) / len(rows) < 0.01


def test_every_page_played_or_recorded_is_a_record_a_list_or_says_why_not() -> None:
    for path in played_entries("anisearch"):
        record = parse(path.read_bytes())
        assert record.titles, path.name
        assert not record.unmapped, path.name
    for row in _lines("index.jsonl"):
        if row["kind"] == "page":
            record = parse(_bytes(row["file"]), url=row["url"])
            assert record.titles
            assert not record.unmapped
            assert not record.incomplete or "older_markup" in row["file"]
        else:
            with pytest.raises(NotAnEntry) as refusal:
                parse(_bytes(row["file"]), url=row["url"])
            assert refusal.value.reason == "changed_layout"
    if not RECORDINGS.is_dir():
        return
    found = parse_search(_bytes("pages/listing/page-4.html"))
    assert len(found) == 100
    assert all(candidate.type and candidate.title for candidate in found)
    assert sum(candidate.year is not None for candidate in found) > 90
