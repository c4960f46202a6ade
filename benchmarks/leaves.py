"""How much of what a site says reaches the record: one leaf of a recorded reply is changed, and the reply parsed again.

    python -m benchmarks.leaves RECORDINGS [--source NAME] [--all]

``RECORDINGS`` is a folder of real answers with one folder a site. Every path of the replies that a parser of the source
reads is tried with other values that were seen there; `raw` does not count. Paths that say nothing of the work (see
`benchmarks/leaves.toml`, each with its reason) are counted apart. ``--all`` lists what did not reach the record.
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
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

from sources.errors import NotAnEntry

SOURCES = ("jikan", "anilist", "kitsu", "animeschedule", "anidb")
_REASONS = Path(__file__).with_suffix(".toml")
_LARGEST, _TRIES, _PLACES, _ENTRIES = 160_000, 3, 3, 6
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
    module = importlib.import_module(f"sources.{source}")
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
    elif value not in (None, "", 0, False):
        yield path, value


def normal(path: tuple[Any, ...]) -> str:
    """The path without numbers: ``data.titles.*.title``."""
    parts = ["*" if isinstance(key, int) or str(key).isdigit() else str(key) for key in path]
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
    like = value + 1 if isinstance(value, int | float) else f"{value}x"
    return [
        *(known[one] for one in chosen),
        like,
        *([str(value)[:-1] + "7"] if str(value)[-1:].isdigit() else []),
    ]


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
                replies += [(entry, xml)] if any(one is not None for one in read) else []
    paths: dict[str, Seen] = defaultdict(Seen)
    for number, (reply, _) in enumerate(replies):
        for path, value in leaves(reply):
            seen = paths[normal(path)]
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


def reasons() -> dict[str, dict[str, list[str]]]:
    """By source: why paths may be missing, and patterns of such paths."""
    found: dict[str, dict[str, list[str]]] = tomllib.loads(_REASONS.read_text(encoding="utf-8"))
    return found


def told(source: str, reached: Mapping[str, bool], *, everything: bool) -> float:
    """Print the shares of one source; gives the share of the paths that say something of the work."""
    patterns = [re.compile(one) for listed in reasons().get(source, {}).values() for one in listed]
    apart = {path for path in reached if any(one.fullmatch(path) for one in patterns)}
    counted = {path: so for path, so in reached.items() if path not in apart}
    share = sum(counted.values()) / max(1, len(counted))
    print(
        f"{source:<15}{len(reached):>7} paths {len(apart):>5} apart {share:>8.1%} of the others reach the record"
    )
    for path in sorted(path for path, so in counted.items() if not so) if everything else ():
        print("    ", path)
    return share


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--source", choices=SOURCES)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    shares = [
        told(name, measure(name, options.recordings / name), everything=options.all)
        for name in ([options.source] if options.source else SOURCES)
    ]
    return 0 if min(shares) >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
