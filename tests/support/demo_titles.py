"""The table of titles in the demo's README, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sources.demo

DEMO = Path(sources.demo.__file__).parent
README = DEMO / "README.md"
COLUMNS = {
    "mal": "mal",
    "anilist": "anilist",
    "kitsu": "kitsu",
    "anidb": "anidb",
    "animeschedule route": "animeschedule",
    "anisearch": "anisearch",
    "anime_planet": "anime_planet",
}


@dataclass(frozen=True)
class DemoTitle:
    """One row: its key, romaji title, year of the start, and its id on every site that knows it."""

    key: str
    title: str
    year: int
    ids: dict[str, str]


def demo_titles() -> list[DemoTitle]:
    """All rows of the table."""
    lines = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [_title(dict(zip(cells[0], row, strict=True))) for row in cells[1:]]


def _title(row: dict[str, str]) -> DemoTitle:
    ids = {site: row[column] for column, site in COLUMNS.items() if not row[column].startswith("-")}
    year = int(row["start - end"][:4])
    return DemoTitle(row["key"], row["title (romaji)"].partition(" (made up")[0], year, ids)


def played_entries(source: str) -> list[Path]:
    """The replies of ``source`` that are an entry; written for the demo, so they are there on every machine."""
    return [path for row in demo_titles() for path in sorted((DEMO / source).glob(f"{row.key}.*"))]
