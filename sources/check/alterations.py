"""Changes that sites make to their replies: rows that say nothing, lists in another shape, names never seen, other blanks. Pure.

Each takes a reply (parsed JSON, or the text of a page or of XML) and gives it changed with the place of the change, or ``None``
where it has nothing to change.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

Kind = Literal["same", "named", "refused", "numbers", "kept"]
"""What must hold: the same facts; what is lost is named; no record at all; no other number; no list lost for a few rows."""

Change = Callable[[Any, random.Random], "tuple[Any, str] | None"]
_FEW = 0.4

MARKS = (b"\xef\xbb\xbf", b"\n\n", b" \t", b"\xef\xbb\xbf\r\n")


def cut(body: bytes, chance: random.Random) -> tuple[bytes, str]:
    """Half of ``body``, with where it ends; mostly cut clean behind a tag, a bracket or a line."""
    whole = body.rstrip()
    ends = [found.end() for found in re.finditer(rb"[>\]}\n]", whole)][:-1]
    end = chance.choice(ends) if ends and chance.random() < 0.7 else chance.randrange(len(whole) - 8)
    return whole[:end], f"{end} of {len(whole)}"


def in_json(reply: Any, change: Change, chance: random.Random) -> tuple[bytes, str] | None:
    """``reply`` with ``change`` made to it, as a body."""
    found = change(json.loads(json.dumps(reply)), chance)
    return (json.dumps(found[0]).encode(), found[1]) if found else None


def in_text(text: str, change: Change, chance: random.Random) -> tuple[bytes, str] | None:
    """The same of a page or of XML."""
    found = change(text, chance)
    return (found[0].encode(), found[1]) if found else None


def _holders(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every object and list of a reply with its path."""
    if isinstance(value, dict | list):
        yield path, value
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _holders(inner, (*path, key))


def _lists(reply: Any, least: int = 1) -> list[tuple[tuple[Any, ...], Any]]:
    found = [(path, held) for path, held in _holders(reply) if isinstance(held, list) and len(held) >= least]
    return [one for one in found if one[0]]


def _put(reply: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        reply = reply[key]
    reply[path[-1]] = value


def _null_among(reply: Any, chance: random.Random) -> tuple[Any, str] | None:
    if not (lists := _lists(reply)):
        return None
    path, held = chance.choice(lists)
    held.insert(chance.randrange(len(held) + 1), chance.choice((None, {}, "", [])))
    return reply, _named(path)


def _as_object(reply: Any, chance: random.Random) -> tuple[Any, str] | None:
    lists = [one for one in _lists(reply) if "included" not in one[0]]
    if not lists:
        return None
    path, held = chance.choice(lists)
    _put(reply, path, {str(number): one for number, one in enumerate(held)})
    return reply, _named(path)


def _as_first(reply: Any, chance: random.Random) -> tuple[Any, str] | None:
    if not (lists := _lists(reply)):
        return None
    path, held = chance.choice(lists)
    _put(reply, path, held[0])
    return reply, _named(path)


def _twice(reply: Any, chance: random.Random) -> tuple[Any, str] | None:
    if not (lists := _lists(reply)):
        return None
    path, held = chance.choice(lists)
    held.append(held[chance.randrange(len(held))])
    return reply, _named(path)


def _without_some(reply: Any, chance: random.Random) -> tuple[Any, str] | None:
    if not (lists := _lists(reply, 4)):
        return None
    path, held = chance.choice(lists)
    for _ in range(max(1, int(len(held) * _FEW * chance.random()))):
        held.pop(chance.randrange(len(held)))
    return reply, _named(path)


def _renamed_key(reply: Any, chance: random.Random) -> tuple[Any, str] | None:
    """One key of the rows of a list, or of an object that holds lists, in all places of the same depth."""
    keys = [
        (len(path), key)
        for path, held in _holders(reply)
        if isinstance(held, dict)
        for key, inner in held.items()
        if isinstance(inner, dict | list) or isinstance(path[-1] if path else "", int)
    ]
    if not keys:
        return None
    depth, key = chance.choice(keys)
    for path, held in list(_holders(reply)):
        if isinstance(held, dict) and len(path) == depth and key in held:
            held[f"{key}New"] = held.pop(key)
    return reply, f"{key} at depth {depth}"


_WORDS = re.compile(r"[^\W\d_][^\n]* [^\n]*[^\W\d_]")


def _texts(reply: Any) -> list[tuple[tuple[Any, ...], str]]:
    found = (
        ((*path, key), inner)
        for path, held in _holders(reply)
        for key, inner in (held.items() if isinstance(held, dict) else enumerate(held))
        if isinstance(inner, str)
    )
    return [
        (path, text)
        for path, text in found
        if _WORDS.fullmatch(text) and "://" not in text and "<" not in text
    ]


def _entities(reply: Any, chance: random.Random) -> tuple[Any, str] | None:
    if not (texts := _texts(reply)):
        return None
    path, text = chance.choice(texts)
    coded = "".join(
        ch if ch.isalnum() or ch in "&;#" else f"&#{ord(ch)};" for ch in text.replace("&", "&amp;")
    )
    _put(reply, path, coded if chance.random() < 0.5 else text.replace("&", "&amp;").replace(" ", "&nbsp;"))
    return reply, _named(path)


def _unseen(reply: Any, chance: random.Random) -> tuple[Any, str] | None:
    if not (texts := _texts(reply)):
        return None
    path, text = chance.choice(texts)
    place = text.index(" ")
    _put(reply, path, text[:place] + chance.choice(("\u200b", "\ufeff", "\u0001", "\t", " ")) + text[place:])
    return reply, _named(path)


def _leaves(reply: Any, wanted: Callable[[Any], bool]) -> list[tuple[tuple[Any, ...], Any]]:
    """Every value of a reply that is neither an object nor a list and that is ``wanted``, with its path."""
    return [
        ((*path, key), inner)
        for path, held in _holders(reply)
        for key, inner in (held.items() if isinstance(held, dict) else enumerate(held))
        if not isinstance(inner, dict | list) and wanted(inner)
    ]


def _written_otherwise(
    reply: Any, chance: random.Random, wanted: Callable[[Any], bool], write: Callable[[Any], Any]
) -> tuple[Any, str] | None:
    """All values that are ``wanted`` under one name, as ``write`` writes them."""
    leaves = _leaves(reply, wanted)
    if not leaves:
        return None
    name = _named(chance.choice(leaves)[0])
    for path, value in leaves:
        if _named(path) == name:
            _put(reply, path, write(value))
    return reply, name


def _truths_as_numbers(reply: Any, chance: random.Random) -> tuple[Any, str] | None:
    return _written_otherwise(reply, chance, lambda value: isinstance(value, bool), int)


def _numbers_as_texts(reply: Any, chance: random.Random) -> tuple[Any, str] | None:
    return _written_otherwise(reply, chance, lambda value: type(value) in {int, float}, str)


def _nothing_as_text(reply: Any, chance: random.Random) -> tuple[Any, str] | None:
    return _written_otherwise(reply, chance, lambda value: value is None, lambda _: "")


def _named(path: tuple[Any, ...]) -> str:
    return ".".join("*" if isinstance(key, int) else str(key) for key in path)


OF_JSON: tuple[tuple[str, Kind, Change], ...] = (
    ("nothing among the rows", "same", _null_among),
    ("an object for a list", "named", _as_object),
    ("one row for a list", "named", _as_first),
    ("a row twice", "same", _twice),
    ("some rows missing", "kept", _without_some),
    ("a key renamed", "named", _renamed_key),
    ("entities", "same", _entities),
    ("truths as numbers", "same", _truths_as_numbers),
    ("numbers as texts", "same", _numbers_as_texts),
    ("an empty text for nothing", "same", _nothing_as_text),
    ("characters nobody sees", "same", _unseen),
)

_CLASS = re.compile(r'\b(?:class|id)="([^"]+)"')
_INSIDE = re.compile(r">(?!\s*\{)([^<>]*[^\s<>] [^<>]*)<")
_NUMBER = re.compile(r">(?!\s*\{)([^<>]*?\b\d{1,3}(?:[.,]\d{3})+\b[^<>]*)<")
_SOMETIMES = re.compile(r"__videos|__discussions|reviews|ShortReview|forum")
"""Sections that a page has only where there is something in them, or that are no part of a record."""
_SECTION = re.compile(r"<section\b.*?</section>", re.DOTALL)


def _renamed_class(page: str, chance: random.Random) -> tuple[str, str] | None:
    names = sorted({name for found in _CLASS.finditer(page) for name in found[1].split()})
    name = chance.choice(names)
    whole = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    return _CLASS.sub(lambda found: whole.sub(f"{name}-v2", found[0]), page), name


def _another_class(page: str, chance: random.Random) -> tuple[str, str] | None:
    """Every element with one class more, before or behind the others."""
    first = chance.random() < 0.5
    return re.sub(
        r'class="([^"]+)"', r'class="odd \1"' if first else r'class="\1 odd"', page
    ), f"first: {first}"


def _without_section(page: str, chance: random.Random) -> tuple[str, str] | None:
    sections = [found for found in _SECTION.finditer(page) if not _SOMETIMES.search(found[0][:200])]
    if not sections:
        return None
    found = chance.choice(sections)
    return page[: found.start()] + page[found.end() :], found[0][:80]


def _unseen_blanks(document: str, chance: random.Random) -> tuple[str, str] | None:
    return _white_space(document, chance, ("&nbsp;", " \t", "&#8203; ", "\ufeff "))


def _white_space(
    page: str,
    chance: random.Random,
    blanks: tuple[str, ...] = ("&nbsp;", "\n  ", " \t", "&#8203; ", "\ufeff "),
) -> tuple[str, str] | None:
    places = list(_INSIDE.finditer(page))
    if not places:
        return None
    found = chance.choice(places)
    blank = chance.choice(blanks)
    return page[: found.start(1)] + found[1].replace(" ", blank) + page[found.end(1) :], found[1][:60]


def _other_locale(page: str, chance: random.Random) -> tuple[str, str] | None:
    places = list(_NUMBER.finditer(page))
    if not places:
        return None
    found = chance.choice(places)
    sign = chance.choice((".", ",", "'", "’", "\u202f", "&nbsp;", "\u2009"))
    text = re.sub(r"(?<=\d)[.,](?=\d{3}\b)", sign, found[1])
    return page[: found.start(1)] + text + page[found.end(1) :], text[:60]


OF_PAGES: tuple[tuple[str, Kind, Change], ...] = (
    ("a class renamed", "named", _renamed_class),
    ("another class", "same", _another_class),
    ("a section missing", "named", _without_section),
    ("white space", "same", _white_space),
    ("another locale's numbers", "numbers", _other_locale),
)


def _renamed_element(document: str, chance: random.Random) -> tuple[str, str] | None:
    name = chance.choice(sorted(set(re.findall(r"<([a-z]+)\b", document)) - {"anime"}))
    return re.sub(rf"(</?){name}\b", rf"\1{name}New", document), name


def _empty_element(document: str, chance: random.Random) -> tuple[str, str] | None:
    found = chance.choice([end for end in re.finditer(r"</([a-z]+)>", document) if end[1] != "anime"])
    name = found[1]
    return document[: found.end()] + f"<{name}/>" + document[found.end() :], name


OF_XML: tuple[tuple[str, Kind, Change], ...] = (
    ("an element renamed", "named", _renamed_element),
    ("an empty element", "same", _empty_element),
    ("white space", "same", _unseen_blanks),
)
