"""Every recorded and documented answer of MyAnimeList's own API against every value that is expected of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cache.rules import Reply
from sources.errors import NotAnEntry
from sources.jikan.official import ADDRESS, refuse_official
from sources.jikan.official_entry import parse_official, parse_official_search
from sources.parsing.json_reply import mapping
from sources.parsing.vocabulary import canonical
from sources.record import SourceRecord
from tests.support.source_recordings import Recordings, recordings

Check = Callable[[SourceRecord, Any], bool]
STATES = ("watching", "completed", "on_hold", "dropped", "plan_to_watch")


def marks(record: SourceRecord) -> list[str]:
    return sorted([*record.genres, *record.demographics, *(tag.name for tag in record.tags)])


def related(record: SourceRecord, media: str) -> list[list[Any]]:
    return [[int(one.ids["mal"]), one.kind_raw, one.title] for one in record.relations if one.media == media]


def broadcast(record: SourceRecord) -> dict[str, Any] | None:
    found = record.broadcast
    return (
        {"day_of_the_week": found.weekday.lower(), "start_time": found.time}
        if found and found.weekday
        else None
    )


FACTS: dict[str, Check] = {
    "raw.id": lambda r, v: r.source_id == str(v) == r.ids["mal"],
    "raw.title": lambda r, v: r.title == v,
    "raw.alternative_titles": lambda r, v: (
        {*v["synonyms"], v["en"], v["ja"]} - {""} <= {t.text for t in r.titles}
    ),
    "raw.media_type": lambda r, v: r.type == canonical("type", "jikan", v),
    "raw.num_episodes": lambda r, v: (r.episode_count or 0) == v,
    "raw.start_season": lambda r, v: (r.season or "").lower() == v["season"] and r.year == v["year"],
    "raw.source": lambda r, v: r.source_material == canonical("source_material", "jikan", v),
    "raw.average_episode_duration": lambda r, v: (r.duration_seconds or 0) == v,
    "raw.genres": lambda r, v: marks(r) == sorted(v),
    "raw.studios": lambda r, v: r.studios == v,
    "raw.main_picture_large": lambda r, v: r.images[0].url == v,
    "raw.pictures": lambda r, v: len({*(image.url for image in r.images)}) in {v, v + 1},
    "raw.start_date": lambda r, v: r.start_date == v,
    "raw.end_date": lambda r, v: r.end_date == v,
    "raw.mean": lambda r, v: r.score is not None and r.score.value == v,
    "raw.num_scoring_users": lambda r, v: r.score is not None and r.score.votes == v,
    "raw.rank": lambda r, v: r.popularity["rank"] == v,
    "raw.popularity": lambda r, v: r.popularity["popularity_rank"] == v,
    "raw.num_list_users": lambda r, v: r.popularity["members"] == v,
    "raw.nsfw": lambda r, v: r.further["nsfw"] == v,
    "raw.created_at": lambda r, v: r.further["created_at"] == v,
    "raw.updated_at": lambda r, v: r.further["updated_at"] == v,
    "raw.background": lambda r, v: r.further.get("background", "") == v,
    "raw.status": lambda r, v: r.status == canonical("status", "jikan", v),
    "raw.broadcast": lambda r, v: broadcast(r) == v,
    "raw.rating": lambda r, v: r.content_rating == canonical("content_rating", "jikan", v),
    "raw.related_anime": lambda r, v: related(r, "anime") == v,
    "raw.related_manga": lambda r, v: related(r, "manga") == v,
    "raw.synopsis_starts": lambda r, v: r.synopsis is not None and r.synopsis.text.startswith(v),
    "means.duration_seconds": lambda r, v: r.duration_seconds == v,
    "means.episodes": lambda r, v: r.episode_count == v,
    "means.statistics": lambda r, v: {name: r.popularity[name] for name in STATES} == v,
}


def test_every_expected_value_of_a_work_is_read() -> None:
    site = recordings("mal-v2")
    facts = [fact for fact in site.expected if fact.field in FACTS and "details" in fact.file]
    wrong = [
        fact for fact in facts if not FACTS[fact.field](parse_official(site.body(fact.file)), fact.value)
    ]
    assert len(facts) >= 60
    assert wrong == []


def listed(site: Recordings, file: str, field: str) -> list[Any]:
    found = parse_official_search(site.body(file))
    return [int(one.id) for one in found] if field == "raw.ids" else [one.title for one in found]


def test_every_expected_list_is_read_whole_and_in_its_order() -> None:
    site = recordings("mal-v2")
    facts = [fact for fact in site.expected if fact.field in {"raw.ids", "raw.titles"}]
    assert len(facts) == 14
    assert [fact for fact in facts if listed(site, fact.file, fact.field) != fact.value] == []


def test_every_expected_row_of_a_list_reads_as_a_work() -> None:
    """A row holds what was asked for; read as an answer of its own it gives the expected values."""
    site = recordings("mal-v2")
    wrong, rows = [], [fact for fact in site.expected if fact.field == "raw.node"]
    nodes = {fact.file: [row["node"] for row in json.loads(site.body(fact.file))["data"]] for fact in rows}
    counted: dict[str, int] = {}
    for fact in rows:
        place = counted.get(fact.file, 0)
        counted[fact.file] = place + 1
        record = parse_official(json.dumps(nodes[fact.file][place]).encode())
        said = {f"raw.{name}": value for name, value in mapping(fact.value).items()}
        wrong += [
            (fact.file, name)
            for name, value in said.items()
            if name in FACTS and not FACTS[name](record, value)
        ]
    assert len(rows) == 24
    assert wrong == []


REASONS = {"key": "not_configured", "key or throttled": "forbidden"}


def test_every_reported_refusal_is_told_apart() -> None:
    site = recordings("mal-v2")
    for fact in (fact for fact in site.expected if fact.field == "means.error"):
        body, status = site.body(fact.file), int(fact.file.rpartition("/")[2][:3])
        refusal = refuse_official(Reply("GET", f"{ADDRESS}/anime", status, {}, body))
        if fact.value in REASONS:
            assert refusal
            assert refusal.reason == REASONS[fact.value]
        try:
            parse_official(body)
        except NotAnEntry:
            continue
        raise AssertionError(fact.file)
