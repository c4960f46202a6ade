"""What a document costs at AniList: the fields written in it, at most 500; page sizes and results do not count. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_FIELDS = 500

_TOKEN = re.compile(r"\.\.\.\s*\w+|fragment\s+\w+\s+on\s+\w+|\w+\s*:(?=\s*\w)|\w+|[{}]")
_ARGUMENTS = re.compile(r"\([^()]*\)|@\w+")


def fields_of(document: str) -> int:
    """The fields of ``document``, those of a fragment wherever it is spread."""
    tokens = _TOKEN.findall(_ARGUMENTS.sub(" ", document))
    counts: dict[str, tuple[int, list[str]]] = {}
    for name, inside in _definitions(tokens):
        spread = [word.removeprefix("...").strip() for word in inside if word.startswith("...")]
        written = sum(word not in "{}" and not word.startswith("...") and ":" not in word for word in inside)
        counts[name] = written, spread
    return _total("", counts)


def _total(name: str, counts: dict[str, tuple[int, list[str]]]) -> int:
    written, spread = counts.get(name, (0, []))
    return written + sum(_total(one, counts) for one in spread)


def _definitions(tokens: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The operation, named '', and each fragment, with the words between its outer braces."""
    name, depth, inside = "", 0, list[str]()
    for word in tokens:
        depth += (word == "{") - (word == "}")
        if depth == 0 and word == "}":
            yield name, inside
            name, inside = "", []
        elif depth:
            inside.append(word)
        elif word.startswith("fragment"):
            name = word.split()[1]
