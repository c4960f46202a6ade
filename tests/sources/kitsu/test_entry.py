from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sources.errors import NotAnEntry
from sources.kitsu import parse, parse_characters, parse_search
from sources.kitsu.document import read_document
from sources.kitsu.rating import content_rating
from sources.parsing.vocabulary import canonical
from sources.record import SourceRecord
from tests.support.demo_titles import DEMO, played_entries
from tests.support.source_recordings import recordings

MINUTE = 60
MODB_STATUS = {None: "UNKNOWN", "AIRING": "ONGOING"}


def makers(record: SourceRecord) -> set[tuple[str, str]]:
    by_role = {"studio": record.studios, "producer": record.producers, "licensor": record.licensors}
    return {(role, name) for role, names in by_role.items() for name in names}


def related(record: SourceRecord) -> list[dict[str, Any]]:
    return [
        {"role": item.kind_raw, "destination": {"type": item.media, "id": item.ids["kitsu"]}}
        for item in record.relations
    ]


def rescaled(record: SourceRecord) -> float:
    assert record.score
    span = record.score.scale_max - record.score.scale_min
    return 1 + 9 * (record.score.value - record.score.scale_min) / span


def texts(record: SourceRecord) -> set[str]:
    return {title.text for title in record.titles}


STEPS = {"PG": {"PG", "PG13"}, "R": {"R17", "R_PLUS"}}
"""What a rating can mean together with its guide."""

Check = Callable[[SourceRecord, Any], bool]

FACTS: dict[str, Check] = {
    "raw.id": lambda r, v: r.source_id == v == r.ids["kitsu"],
    "raw.slug": lambda r, v: r.raw["slug"] == v,
    "raw.canonicalTitle": lambda r, v: r.title == v,
    "raw.titles": lambda r, v: {text for text in v.values() if text} <= texts(r),
    "raw.abbreviatedTitles": lambda r, v: {text for text in v if text} <= texts(r),
    "raw.subtype": lambda r, v: r.type == canonical("type", "kitsu", v),
    "raw.status": lambda r, v: r.status == canonical("status", "kitsu", v),
    "raw.episodeCount": lambda r, v: r.episode_count == v,
    "raw.episodeLength": lambda r, v: r.duration_seconds == (v * MINUTE if v else None),
    "raw.startDate": lambda r, v: r.start_date == v,
    "raw.endDate": lambda r, v: r.end_date == v,
    "raw.ageRating": lambda r, v: (
        r.raw["ageRating"] == v
        and r.content_rating in STEPS.get(v, {canonical("content_rating", "kitsu", v)})
    ),
    "raw.averageRating": lambda r, v: (r.score.value if r.score else None) == (float(v) if v else None),
    "raw.userCount": lambda r, v: r.popularity["members"] == v,
    "raw.categories": lambda r, v: [tag.name for tag in r.tags] == v,
    "raw.genres": lambda r, v: r.genres == v,
    "raw.relations": lambda r, v: related(r) == v,
    "raw.productions": lambda r, v: makers(r) == {(item["role"], item["name"]) for item in v},
    "modb.year": lambda r, v: (r.year or 0) == v,
    "modb.season": lambda r, v: (r.season or "UNDEFINED") == v,
    "modb.duration_seconds": lambda r, v: (r.duration_seconds or 0) == v,
    "modb.episodes": lambda r, v: r.episode_count == v,
    "modb.producers_lower": lambda r, v: [name.lower() for name in r.producers] == v,
    "modb.studios_lower": lambda r, v: sorted(name.lower() for name in r.studios) == v,
    "modb.related": lambda r, v: sorted(i.url or "" for i in r.relations if i.media == "anime") == v,
    "modb.score_scaled_1_10": lambda r, v: rescaled(r) == pytest.approx(v),
    "modb.source_url": lambda r, v: [r.url] == v,
    "modb.status": lambda r, v: MODB_STATUS.get(r.status, r.status) == v,
    "modb.synonyms": lambda r, v: {*v} == texts(r) - {r.title},
    "modb.tags_lower": lambda r, v: {*v} == {x.lower() for x in [*r.genres, *(t.name for t in r.tags)]},
    "modb.title": lambda r, v: r.title == v,
    "modb.type": lambda r, v: r.type == v,
    "modb.picture": lambda r, v: not [image for image in r.images if image.kind == "poster"],
    "modb.thumbnail": lambda r, v: not [image for image in r.images if image.kind == "poster"],
}

BETTER = {
    (
        "anime/episodes/39.json",
        "raw.abbreviatedTitles",
    ): "a trailing [de] is the language, not part of the title",
    (
        "anime/status/tba.json",
        "modb.status",
    ): "tba says that it is still to come: UPCOMING says more than UNKNOWN",
    (
        "anime/status/unreleased.json",
        "raw.startDate",
    ): "the site fills a bare year up to its last day; tba says 2026",
    ("anime/title/special_chars.json", "raw.titles"): "an ideographic space in a title is a space",
}
"""Expected values that we do not give, each with the reason why ours is better."""


def test_every_recorded_fact_is_read_or_our_value_is_better_for_a_stated_reason() -> None:
    site = recordings("kitsu")
    records: dict[str, SourceRecord] = {}
    wrong: set[tuple[str, str]] = set()
    checked = 0
    for fact in site.expected:
        if fact.field in FACTS:
            if fact.file not in records:
                records[fact.file] = parse(site.body(fact.file))
            checked += 1
            if not FACTS[fact.field](records[fact.file], fact.value):
                wrong.add((fact.file, fact.field))
    assert checked >= 550
    assert wrong == set(BETTER)
    assert len(wrong) <= checked / 100

    totals = [fact for fact in site.expected if fact.field == "raw.meta_count"]
    assert [read_document(site.body(fact.file)).count for fact in totals] == [fact.value for fact in totals]
    assert len(parse_search(site.body("list/just_added.json"))) == 20
    entries = [parse(site.body(file)) for file in site.files if file.startswith("anime/")]
    assert not [note for record in entries for note in record.unmapped]


def test_the_total_of_a_list_is_read() -> None:
    assert read_document(b'{"data": [], "meta": {"count": 1140}}').count == 1140
    assert read_document(b'{"data": []}').count is None


def test_a_list_of_entries_becomes_candidates() -> None:
    found = parse_search((DEMO / "kitsu" / "search-bebop.json").read_bytes())
    assert [(entry.id, entry.title, entry.type, entry.year) for entry in found] == [
        ("1", "Cowboy Bebop", "TV", 1998),
        ("2", "Cowboy Bebop: Tengoku no Tobira", "MOVIE", 2001),
    ]


def test_no_played_value_is_unknown_to_the_vocabulary() -> None:
    parsed = [parse(path.read_bytes()) for path in played_entries("kitsu")]
    assert len(parsed) > 10
    assert not [note for record in parsed for note in record.unmapped]


def test_every_recorded_row_of_a_list_reads_as_a_work_and_a_list_without_names_gives_none() -> None:
    site = recordings("kitsu")
    facts = [fact for fact in site.expected if fact.field == "raw.row"]
    rows = [
        row for file in dict.fromkeys(f.file for f in facts) for row in json.loads(site.body(file))["data"]
    ]
    records = {row["attributes"]["slug"]: parse(json.dumps({"data": row}).encode()) for row in rows}
    said = [
        (records[fact.value["slug"]], f"raw.{name}", value)
        for fact in facts
        for name, value in fact.value.items()
    ]
    assert [(r.title, name, v) for r, name, v in said if name in FACTS and not FACTS[name](r, v)] == []
    assert len(facts) == 7
    for fact in (fact for fact in site.expected if fact.field in {"raw.ids", "means.names"}):
        if fact.field == "raw.ids":
            assert [one.id for one in parse_search(site.body(fact.file))] == fact.value
        else:
            with pytest.raises(NotAnEntry):
                parse_characters(site.body(fact.file))


def test_what_the_document_points_to_and_does_not_bring_is_named() -> None:
    document = json.loads(next(path for path in played_entries("kitsu") if path.stem == "bebop").read_bytes())
    assert parse(json.dumps(document).encode()).incomplete == {}
    for kind, part in (("categories", "tags"), ("mediaRelationships", "relations"), ("producers", "studios")):
        gone = next(one for one in document["included"] if one["type"] == kind)
        rest = [one for one in document["included"] if one is not gone]
        assert part in parse(json.dumps({**document, "included": rest}).encode()).incomplete


@pytest.mark.parametrize(
    ("rating", "guide", "meant"),
    [
        (None, "R - 17+ (violence & profanity)", "R17"),
        (None, "All Ages", "G"),
        (None, "Children", "PG"),
        (None, "Horror", None),
        ("PG", "17+", "PG"),
        ("G", "Children", "G"),
    ],
)
def test_a_guide_without_a_rating_speaks_alone(rating: str | None, guide: str, meant: str | None) -> None:
    assert content_rating({"ageRating": rating, "ageRatingGuide": guide}, []) == meant
