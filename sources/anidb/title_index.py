"""All titles of the dump in one SQLite file, searched by key and, for misspellings, by the letters they share.

A file and not a table in memory: several processes share it, and none of them pays for it when nobody searches.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz

from sources.anidb.dump import Listed

VERSION = 1
"""Raised whenever the tables or the keys change, so that an older file is built anew."""

_TABLES = """
CREATE TABLE anime (aid INTEGER PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE key (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE title (key INTEGER NOT NULL, aid INTEGER NOT NULL, text TEXT NOT NULL, rank INTEGER NOT NULL);
CREATE VIRTUAL TABLE letters USING fts5(text, content='', columnsize=0, detail=none, tokenize='trigram');
CREATE VIRTUAL TABLE letter USING fts5vocab(letters, 'row');
"""
_INDEXES = """
CREATE INDEX title_key ON title (key);
CREATE INDEX title_aid ON title (aid);
"""
_RANKS = {"main": 0, "official": 1, "synonym": 2, "short": 3}
_NOT_A_LETTER = re.compile(r"[\W_]+")
_KANA_MARKS = "\u3099\u309a"
_LONGEST_KEY = 200
_MOST_ROWS = 15_000
_CANDIDATES = 400
_CUTOFF = 60.0
_CUTOFF_HELD = 85.0
_SHORTEST_HELD = 4
_HELD = 0.75
"""What it is worth that a title holds all that was asked for, beside how much of it that is."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An anime found; ``score`` runs 0 to 1, 1 meaning the very title."""

    aid: int
    title: str
    titles: tuple[str, ...]
    score: float


def title_key(text: str) -> str:
    """Letters and digits alone: without case, width, accents and punctuation; a title of signs only stays as it is."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(ch for ch in folded if not unicodedata.combining(ch) or ch in _KANA_MARKS)
    key = " ".join(_NOT_A_LETTER.sub(" ", unicodedata.normalize("NFC", bare)).split())
    return (key or " ".join(text.casefold().split()))[:_LONGEST_KEY]


def build(path: Path, anime: Iterable[Listed]) -> int:
    """Write the index of ``anime`` to the new file ``path``; the number of anime in it."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _TABLES)
        keys: dict[str, int] = {}
        count = 0
        for count, listed in enumerate(anime, start=1):  # noqa: B007 - the last number is the result
            _insert(db, listed, keys)
        db.executemany("INSERT INTO key VALUES (?, ?)", ((n, text) for text, n in keys.items()))
        db.executemany("INSERT INTO letters (rowid, text) VALUES (?, ?)", ((n, t) for t, n in keys.items()))
        db.executescript(_INDEXES + f"PRAGMA user_version={VERSION};")
        db.commit()
    return count


def _insert(db: sqlite3.Connection, listed: Listed, keys: dict[str, int]) -> None:
    main = min(listed.titles, key=lambda title: _RANKS[title.kind]).text
    db.execute("INSERT OR REPLACE INTO anime VALUES (?, ?)", (listed.aid, main))
    db.executemany(
        "INSERT INTO title VALUES (?, ?, ?, ?)",
        [
            (keys.setdefault(title_key(t.text), len(keys) + 1), listed.aid, t.text, _RANKS[t.kind])
            for t in listed.titles
        ],
    )


def is_current(path: Path) -> bool:
    """Whether ``path`` is an index of this version."""
    if not path.is_file():
        return False
    try:
        with _opened(path) as db:
            return bool(db.execute("PRAGMA user_version").fetchone()[0] == VERSION)
    except sqlite3.Error:  # a damaged file is built anew
        return False


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        yield db


def search(path: Path, titles: Iterable[str], limit: int) -> list[Hit]:
    """The anime whose titles are most like one of ``titles``, best first."""
    best: dict[int, tuple[float, int]] = {}
    with _opened(path) as db:
        for asked in dict.fromkeys(titles):
            for aid, score, rank in _matches(db, asked):
                best[aid] = max(best.get(aid, (0.0, 0)), (score, -rank))
        order = sorted(best, key=lambda aid: (*(-part for part in best[aid]), aid))[:limit]
        return [_hit(db, aid, best[aid][0]) for aid in order]


def _hit(db: sqlite3.Connection, aid: int, score: float) -> Hit:
    main = db.execute("SELECT title FROM anime WHERE aid = ?", (aid,)).fetchone()[0]
    rows = db.execute("SELECT text FROM title WHERE aid = ? ORDER BY rank, rowid", (aid,))
    return Hit(aid, main, tuple(dict.fromkeys(text for (text,) in rows)), score)


def _matches(db: sqlite3.Connection, asked: str) -> Iterator[tuple[int, float, int]]:
    """Anime, likeness 0 to 1 and rank of the title, for every title that is like ``asked``."""
    key = title_key(asked)
    for key_id, text, score in _like(db, key):
        for aid, title, rank in db.execute("SELECT aid, text, rank FROM title WHERE key = ?", (key_id,)):
            yield aid, _exactness(asked, title) if text == key else score * 0.9 / 100, rank


def _exactness(asked: str, title: str) -> float:
    """For titles with one key: the same text, the same but for case, or the same letters."""
    if unicodedata.normalize("NFC", asked) == title:
        return 1.0
    return 0.99 if asked.casefold() == title.casefold() else 0.95


def _like(db: sqlite3.Connection, key: str) -> list[tuple[int, str, float]]:
    rows = db.execute("SELECT id, text FROM key WHERE text = ?", (key,)).fetchall()
    rows += _sharing_letters(db, key)
    scored = {row[0]: (row[0], row[1], _likeness(key, row[1])) for row in rows}
    return [row for row in scored.values() if row[2] >= _CUTOFF]


def _likeness(key: str, other: str) -> float:
    return max(fuzz.ratio(key, other), fuzz.token_sort_ratio(key, other) - 2, _held(key, other))


def _held(key: str, other: str) -> float:
    """How much of ``key`` is in a longer title, in whatever order: who leaves words out wants that one, too."""
    if len(key) < _SHORTEST_HELD or len(other) <= len(key):
        return 0.0
    inside = max(fuzz.token_set_ratio(key, other), fuzz.partial_ratio(key, other))
    return _HELD * inside + (1 - _HELD) * fuzz.ratio(key, other) if inside >= _CUTOFF_HELD else 0.0


def _sharing_letters(db: sqlite3.Connection, key: str) -> list[tuple[int, str]]:
    """Keys with the rarest groups of three letters of ``key``: common groups ("no ", "the") would drag in everything."""
    groups = list(dict.fromkeys(key[i : i + 3] for i in range(len(key) - 2)))
    marks = ",".join("?" * len(groups))
    known = db.execute(f"SELECT term, doc FROM letter WHERE term IN ({marks})", groups).fetchall()  # noqa: S608
    shared: Counter[int] = Counter()
    for term, rows in sorted(known, key=lambda row: (row[1], row[0])):
        if shared and shared.total() + rows > _MOST_ROWS:
            break
        quoted = '"' + term.replace('"', '""') + '"'
        shared.update(n for (n,) in db.execute("SELECT rowid FROM letters WHERE letters MATCH ?", (quoted,)))
    found = [n for n, _ in shared.most_common(_CANDIDATES)]
    marks = ",".join("?" * len(found))
    return db.execute(f"SELECT id, text FROM key WHERE id IN ({marks})", found).fetchall()  # noqa: S608
