"""One SQLite file: a row a work with its record as JSON, and tables to join and search by ids, titles and labels."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from streams.contract.record import SCHEMA_VERSION, EnrichedRecord
from streams.exporting.catalogue import Work
from streams.exporting.whole import beside

SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE works (
    anime_id TEXT PRIMARY KEY, title TEXT, title_english TEXT, title_native TEXT, type TEXT, status TEXT, season TEXT,
    year INTEGER, start_date TEXT, end_date TEXT, episode_count INTEGER, duration_seconds INTEGER, score REAL,
    votes INTEGER, adult INTEGER, synopsis TEXT, revision INTEGER NOT NULL, content_hash TEXT NOT NULL, record TEXT NOT NULL
);
CREATE TABLE ids (site TEXT, id TEXT, anime_id TEXT REFERENCES works, PRIMARY KEY (site, id, anime_id)) WITHOUT ROWID;
CREATE TABLE titles (anime_id TEXT REFERENCES works, text TEXT, language TEXT, kind TEXT);
CREATE TABLE labels (anime_id TEXT REFERENCES works, kind TEXT, name TEXT);
"""
INDEXES = """
CREATE INDEX ids_of ON ids (anime_id);
CREATE INDEX titles_of ON titles (anime_id);
CREATE INDEX titles_by_text ON titles (text COLLATE NOCASE);
CREATE INDEX labels_of ON labels (anime_id);
CREATE INDEX labels_by_name ON labels (name COLLATE NOCASE, kind);
"""
_COLUMNS = (
    *("anime_id", "title", "title_english", "title_native", "type", "status", "season", "year", "start_date"),
    *("end_date", "episode_count", "duration_seconds", "adult", "revision", "content_hash"),
)
_LABELS = ("genres", "demographics", "studios", "producers", "licensors")


@contextlib.contextmanager
def sqlite(path: Path) -> Iterator[Callable[[Work], None]]:
    """Takes works in; the indexes are made at the end."""
    with beside(path) as partial, contextlib.closing(sqlite3.connect(partial)) as file:
        file.execute("PRAGMA journal_mode = OFF")  # what is not whole is thrown away as a whole
        file.execute("PRAGMA synchronous = OFF")
        file.executescript(SCHEMA)
        file.execute("INSERT INTO about VALUES ('schema_version', ?)", [SCHEMA_VERSION])
        yield lambda work: _add(file, work)
        file.executescript(INDEXES)
        file.execute("PRAGMA synchronous = FULL")
        file.commit()


def _add(file: sqlite3.Connection, work: Work) -> None:
    record = work.record
    row = {name: getattr(record, name) for name in _COLUMNS}
    row |= {
        "score": record.score.value if record.score else None,
        "votes": record.score.votes if record.score else None,
        "synopsis": record.synopsis.text if record.synopsis else None,
        "record": work.line.decode(),
    }
    named = ", ".join(row)
    file.execute(f"INSERT INTO works ({named}) VALUES ({', '.join(f':{name}' for name in row)})", row)  # noqa: S608
    anime = record.anime_id
    file.executemany(
        "INSERT INTO ids VALUES (?, ?, ?)", [(site, one, anime) for site, one in record.ids.items()]
    )
    titles = [(anime, one.text, one.language, one.kind) for one in record.titles]
    file.executemany("INSERT INTO titles VALUES (?, ?, ?, ?)", titles)
    file.executemany("INSERT INTO labels VALUES (?, ?, ?)", [(anime, *label) for label in _labels(record)])


def _labels(record: EnrichedRecord) -> Iterator[tuple[str, str]]:
    for field in _LABELS:
        yield from ((field.removesuffix("s"), name) for name in getattr(record, field))
    yield from (("spoiler" if tag.spoiler else "tag", tag.name) for tag in record.tags)
