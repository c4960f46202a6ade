"""How much of what a site says reaches the record: one leaf of a recorded reply is changed, and the reply parsed again.

    python -m benchmarks.leaves RECORDINGS [--source NAME] [--all]

``RECORDINGS`` is a folder of real answers with one folder a site. Every path of the replies that a parser of the source
reads is tried with other values that were seen there; `raw` does not count. Of a crawled page the leaves are the visible
texts of its main part; a text that is the same on all pages is a label and no leaf. Paths that say nothing of the work
(see `benchmarks/leaves.toml`, each with its reason) are counted apart. ``--all`` lists what did not reach the record.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import random
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

from benchmarks.visible import MAIN, Text, decoded, seen, with_other
from sources.errors import NotAnEntry

_ALSO = {"mal-v2": "sources.jikan.official_entry"}
"""Further ways to a site, by folder of recordings: the module with their parsers."""

SOURCES = ("jikan", "anilist", "kitsu", "animeschedule", "anidb", *MAIN, *_ALSO)
_REASONS = Path(__file__).with_suffix(".toml")
_LARGEST, _TRIES, _PLACES, _ENTRIES = 160_000, 3, 3, 6
_NOTHING = (None, "", 0, False, "0001-01-01T00:00:00Z")
"""What says nothing, AnimeSchedule's word for "no date" among it (FACTS 0b)."""

_NOT_IN = {"raw", "repaired", "unmapped", "incomplete"}
Leaf = tuple[tuple[Any, ...], Any]
Parser = Callable[[bytes], Any]


@dataclass(slots=True)
class Seen:
    """One path of a site's replies: values seen there, and where."""

    values: list[Any] = field(default_factory=list)
    places: list[tuple[int, tuple[Any, ...]]] = field(default_factory=list)


def parsers(source: str) -> list[Parser]:
    """The parsers of a source that take a body alone."""
    module = importlib.import_module(_ALSO.get(source, f"sources.{source}"))
    found = [getattr(module, name) for name in dir(module) if name.startswith("parse")]
    return [one for one in found if _required(one) == 1]


def _required(function: Parser) -> int:
    parameters = inspect.signature(function).parameters.values()
    return sum(parameter.default is inspect.Parameter.empty for parameter in parameters)


def dumped(value: Any) -> Any:
    """What a parser gave, as plain values without what is kept raw."""
    if hasattr(value, "model_dump"):
        return value.model_dump(exclude=_NOT_IN)
    if hasattr(value, "__dataclass_fields__"):
        return {
            name: dumped(getattr(value, name)) for name in value.__dataclass_fields__ if name not in _NOT_IN
        }
    if isinstance(value, list | tuple):
        return [dumped(one) for one in value]
    return value


def outputs(readers: list[Parser], body: bytes) -> list[Any]:
    """What each parser makes of ``body``; ``None`` where it is nothing for it."""
    found = []
    for parse in readers:
        try:
            found.append(dumped(parse(body)))
        except NotAnEntry:
            found.append(None)
    return found


def load(body: bytes) -> Any:
    """The reply as nested objects; XML as tag, attributes, text and children."""
    return _tree(fromstring(body)) if body.lstrip(b"\xef\xbb\xbf \n\r")[:1] == b"<" else json.loads(body)


def _tree(element: Element) -> dict[str, Any]:
    tree: dict[str, Any] = {f"@{name}": value for name, value in element.attrib.items()}
    if element.text and element.text.strip():
        tree["#text"] = element.text
    for child in element:
        tree.setdefault(child.tag, []).append(_tree(child))
    return {"": element.tag, **tree}


def entries(reply: Any) -> list[Any]:
    """A list of works as one reply a work, which a parser reads in full; any other reply as it is."""
    if not isinstance(reply, dict):
        return [reply]
    data = reply.get("data")
    if isinstance(data, list) and data and "node" in data[0]:  # MyAnimeList's own lists
        return [row["node"] for row in data]
    if isinstance(reply.get("anime"), list):
        return list(reply["anime"])
    if (
        isinstance(data, list)
        and data
        and isinstance(data[0], dict)
        and data[0].keys() & {"attributes", "aired"}
    ):
        rest = {"included": reply["included"]} if "included" in reply else {}
        return [{"data": row, **rest} for row in data]
    pages = (
        [page for page in (data or {}).values() if isinstance(page, dict)] if isinstance(data, dict) else []
    )
    listed = [
        media for page in pages for media in page.get("media") or () if isinstance(page.get("media"), list)
    ]
    return [{"data": {"Media": media}} for media in listed] or [reply]


def written(reply: Any, *, xml: bool) -> bytes:
    return tostring(_element(reply), encoding="utf-8") if xml else json.dumps(reply).encode()


def _element(tree: Mapping[str, Any]) -> Element:
    element = Element(tree[""], {name[1:]: str(value) for name, value in tree.items() if name[:1] == "@"})
    element.text = tree.get("#text")
    element.extend(_element(child) for inner in tree.values() if isinstance(inner, list) for child in inner)
    return element


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[Leaf]:
    """Paths and values of what is no list and no object, and says something."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key)) if key else ()
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, number))
    elif value not in _NOTHING:
        yield path, value


def normal(path: tuple[Any, ...], reply: Any = None) -> str:
    """The path without numbers: ``data.titles.*.title``; of what is included in a JSON:API document with its type."""
    parts = ["*" if isinstance(key, int) or str(key).isdigit() else str(key) for key in path]
    if path[:1] == ("included",):
        parts[1] = str(reply["included"][path[1]].get("type"))
    return ".".join(re.sub(r"^page\d+$", "page*", part) for part in parts)


def changed(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """``value`` with ``other`` at ``path``."""
    if not path:
        return other
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], other)
    return copy


def others(value: Any, seen: list[Any], chance: random.Random) -> list[Any]:
    """Other values for a leaf: some that were seen at its path, and one like it."""
    found = [one for one in dict.fromkeys(map(repr, seen)) if one != repr(value)]
    chosen = chance.sample(found, min(len(found), _TRIES))
    known = {repr(one): one for one in seen}
    if isinstance(value, bool):
        return [not value]
    made = [value + 1] if isinstance(value, int | float) else list(_like(value))
    return [*(known[one] for one in chosen), *made]


def _like(text: str) -> Iterator[str]:
    """Texts like ``text``: longer, with another word, with another digit."""
    yield f"{text}x"
    yield re.sub(r"[^\W\d_]+", "Zzyx", text, count=1)
    yield re.sub(r"\d(?=\D*$)", lambda found: str((int(found[0]) + 3) % 10), text)


def measure(source: str, folder: Path) -> dict[str, bool]:
    """By path: whether a change of it changes what the parsers of ``source`` give."""
    readers, replies = parsers(source), []
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".json", ".xml"} and file.stat().st_size < _LARGEST:
            try:
                reply = load(file.read_bytes())
            except (ValueError, ParseError):  # half a reply, or a text
                continue
            xml = file.suffix == ".xml"
            for entry in entries(reply)[:_ENTRIES]:
                read = outputs(readers, written(entry, xml=xml))
                replies += [(entry, xml)] if any(one not in (None, [], {}) for one in read) else []
    paths: dict[str, Seen] = defaultdict(Seen)
    for number, (reply, _) in enumerate(replies):
        for path, value in leaves(reply):
            seen = paths[normal(path, reply)]
            seen.values.append(value)
            seen.places.append((number, path))
    chance = random.Random(1)
    return {name: _reaches(entry, replies, readers, chance) for name, entry in sorted(paths.items())}


def _reaches(entry: Seen, replies: list[Any], readers: list[Parser], chance: random.Random) -> bool:
    for number, path in chance.sample(entry.places, min(len(entry.places), _PLACES)):
        reply, xml = replies[number]
        same = outputs(readers, written(reply, xml=xml))
        value = reply
        for key in path:
            value = value[key]
        for other in others(value, entry.values, chance):
            after = outputs(readers, written(changed(reply, path, other), xml=xml))
            if any(one != two for one, two in zip(same, after, strict=True)):
                return True
    return False


def measure_pages(source: str, folder: Path) -> dict[str, bool]:
    """The same for a crawled site, of the texts on its pages that are about one work."""
    readers, main = parsers(source), MAIN[source]
    pages = [decoded(file) for file in sorted(folder.rglob("*.html"))]
    about_one = [one for one in readers if one.__name__ != "parse_search"]
    pages = [page for page in pages if any(one is not None for one in outputs(about_one, page.encode()))]
    paths = {path: text for path, text in seen(pages, main).items() if not text.is_label}
    chance = random.Random(1)
    return {path: _text_reaches(text, pages, main, about_one, chance) for path, text in sorted(paths.items())}


def _text_reaches(
    text: Text, pages: list[str], main: str, readers: list[Parser], chance: random.Random
) -> bool:
    for number in chance.sample(range(len(text.places)), min(len(text.places), _PLACES)):
        page, place = text.places[number]
        value = text.values[number]
        same = outputs(readers, with_other(pages[page], main, place, value))
        for other in others(value, text.values, chance):
            if outputs(readers, with_other(pages[page], main, place, other)) != same:
                return True
    return False


@cache
def reasons() -> dict[str, dict[str, list[str]]]:
    """By source: why paths may be missing, and patterns of such paths."""
    found: dict[str, dict[str, list[str]]] = tomllib.loads(_REASONS.read_text(encoding="utf-8"))
    return found


def _reason(source: str, path: str) -> str | None:
    patterns = reasons().get(source, {}).items()
    return next((why for why, listed in patterns if any(re.fullmatch(one, path) for one in listed)), None)


def told(source: str, reached: Mapping[str, bool], *, everything: bool) -> float:
    """Print the shares of one source; gives the share of the paths that say something of the work."""
    why = {path: reason for path, so in reached.items() if not so and (reason := _reason(source, path))}
    counted = {path: so for path, so in reached.items() if path not in why}
    share = sum(counted.values()) / max(1, len(counted))
    left = ", ".join(f"{reason} {count}" for reason, count in Counter(why.values()).most_common())
    print(
        f"{source:<15}{len(reached):>5} paths, {share:>6.1%} of {len(counted)} that say something reach the record"
    )
    print(f"{'':<15}{len(why) / max(1, len(reached)):>12.1%} left: {left}")
    for path in sorted(path for path, so in counted.items() if not so) if everything else ():
        print("    ", path)
    return share


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--source", choices=SOURCES)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    shares = []
    for name in [options.source] if options.source else SOURCES:
        folder = options.recordings / name.replace("_planet", "-planet")
        reached = measure_pages(name, folder) if name in MAIN else measure(name, folder)
        shares.append(told(name, reached, everything=options.all))
    return 0 if min(shares) >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
