"""Every raw value the sites use, and the one word we use for it; the table itself is ``vocabulary.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from sources.parsing.text import one_line
from sources.record import Unmapped

_SEPARATORS = re.compile(r"[\s_‐-―-]+")
_LONGEST = 200
Table = dict[str, str]


@cache
def _document() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("sources.parsing").joinpath("vocabulary.toml").read_text(encoding="utf-8"))


@cache
def _tables() -> dict[str, dict[str, Table]]:
    """Kind, then source or ``common``, then folded raw value to word."""
    return {
        kind: {
            source: {_fold(raw): word for raw, word in table.items()}
            for source, table in tables.items()
            if source != "words"
        }
        for kind, tables in _document().items()
    }


@cache
def words(kind: str) -> tuple[str, ...]:
    """The complete enumeration of ``kind``, in the order of the table."""
    return tuple(_document()[kind]["words"])


def _fold(raw: str) -> str:
    return _SEPARATORS.sub("", one_line(raw)).casefold()


@lru_cache(maxsize=4096)
def _look_up(kind: str, source: str, raw: str) -> str | None:
    """The word, an empty text for "known, but no value of ours", ``None`` for an unknown raw value."""
    tables, key = _tables()[kind], _fold(raw)
    for name in (source, "common"):
        if (word := tables.get(name, {}).get(key)) is not None:
            return word
    return None


def canonical(kind: str, source: str, raw: str | None) -> str | None:
    """Our word for ``raw`` in the table ``kind`` (``type``, ``status``, ...) of ``source``; ``None`` when there is none.

    ``kind`` is type, status, season, relation, source_material, content_rating, character_role or site.
    """
    return (_look_up(kind, source, raw) or None) if raw and len(raw) <= _LONGEST else None


def read(
    kind: str, source: str, raw: str | None, unmapped: list[Unmapped], default: str | None = None
) -> str | None:
    """Like `canonical`, but an unknown raw value is noted in ``unmapped``; without a word it answers ``default``."""
    text = raw.strip()[:_LONGEST] if raw else ""
    if not text:
        return None
    word = _look_up(kind, source, text)
    if word is None:
        unmapped.append(Unmapped(field=kind, raw=text))
    return word or default
