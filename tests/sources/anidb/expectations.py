"""How each expected value of the recordings is expressed by our record, and where ours differs on purpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from sources.anidb.wording import language
from sources.record import SourceRecord

KINDS = {"1": "regular", "2": "special", "3": "credit", "4": "trailer", "5": "parody", "6": "other"}
TITLE_KINDS = {"main": "main", "official": "official", "synonym": "synonym", "short": "short"}
RELATIONS = {
    "Sequel": "SEQUEL",
    "Prequel": "PREQUEL",
    "Side Story": "SIDE_STORY",
    "Parent Story": "PARENT",
    "Full Story": "FULL_STORY",
    "Summary": "SUMMARY",
    "Alternative Setting": "ALTERNATIVE_SETTING",
    "Alternative Version": "ALTERNATIVE_VERSION",
    "Same Setting": "SAME_SETTING",
    "Character": "CHARACTER",
    "Other": "OTHER",
}
TYPES = {"TV Series": "TV", "Web": "ONA", "Movie": "MOVIE", "OVA": "OVA", "TV Special": "TV_SPECIAL"}
TYPES |= {"Music Video": "MUSIC", "Other": "OTHER", "unknown": "UNKNOWN"}

DIFFERENT_ON_PURPOSE: dict[tuple[str, str], str] = {}
"""(file, field): why our value is better than the expected one. Empty: there is none."""

_WORK = 'credited with "Work" for all of it, which is how AniDB credits its studio where nobody has "Animation Work"'
STUDIOS_BESIDE_EXPECTED: dict[str, str] = {
    "anime_rebuilt/10445.xml": _WORK,
    "anime_rebuilt/10846.xml": _WORK,
    "anime_rebuilt/11646.xml": _WORK,
    "anime_rebuilt/12047.xml": _WORK,
    "anime_rebuilt/9250.xml": _WORK,
}
"""Files for which `studios` holds more than the creators with "Animation Work", and why."""


def _text(raw: str) -> str:
    return " ".join(raw.replace("`", "'").split())


def _titles(value: Any) -> list[tuple[str, str | None, str]]:
    return [(_text(t["title"]), language(t["lang"], []), TITLE_KINDS[t["type"]]) for t in value]


def _related(value: Any) -> list[tuple[dict[str, str], str, str]]:
    return [({"anidb": r["id"]}, RELATIONS[r["type"]], _text(r["title"])) for r in value]


def _heavy(record: SourceRecord) -> set[str]:
    return {tag.name for tag in record.tags if (tag.weight or 0) >= 400 / 600 - 0.001}


def _rating(record: SourceRecord) -> dict[str, tuple[float | None, float | None]]:
    found = {
        kind: (record.popularity.get(f"{kind}_rating"), record.popularity.get(f"{kind}_votes"))
        for kind in ("temporary", "review")
    }
    found["permanent"] = (record.score.value, record.score.votes) if record.score else (None, None)
    return {kind: pair for kind, pair in found.items() if pair[0]}


def agrees(record: SourceRecord, field: str, value: Any) -> bool:
    """Whether the canonical fields of ``record`` say what the raw ``field`` of the document says."""
    checks: dict[str, Callable[[], bool]] = {
        "raw.id": lambda: record.source_id == value == record.ids["anidb"],
        "raw.restricted": lambda: record.adult is (value == "true"),
        "raw.type": lambda: record.type == TYPES[value] and record.raw["type"] == value,
        "raw.episodecount": lambda: (record.episode_count or 0) == int(value),
        "raw.startdate": lambda: record.start_date == value,
        "raw.enddate": lambda: record.end_date == value,
        "raw.titles": lambda: [(t.text, t.language, t.kind) for t in record.titles] == _titles(value),
        "raw.related": lambda: [(r.ids, r.kind, r.title) for r in record.relations] == _related(value),
        "raw.creators_animation_work": lambda: (
            record.raw["creators_animation_work"] == value and set(value) <= set(record.studios)
        ),
        "raw.ratings": lambda: (
            _rating(record) == {k: (float(v["value"]), int(v["count"])) for k, v in value.items()}
        ),
        "raw.resources": lambda: (
            record.raw["resources"] == value
            and record.ids.get("mal") == value.get("2", [[None]])[0][0]
            and record.ids.get("ann") == value.get("1", [[None]])[0][0]
        ),
        "raw.tag_count": lambda: record.raw["tag_count"] == value,
        "raw.tags_weight_ge_400": lambda: _heavy(record) == {_text(name) for name in value},
        "raw.character_count": lambda: len(record.characters) == value,
        "raw.episodes_by_epno_type": lambda: (
            Counter(e.kind for e in record.episodes) == {KINDS[k]: n for k, n in value.items()}
        ),
        "raw.picture": lambda: (
            [i.url.rsplit("/", 1)[-1] for i in record.images] == ([value] if value else [])
        ),
        "raw.url": lambda: not value or any(link.url == value for link in record.links),
    }
    return checks[field]()
