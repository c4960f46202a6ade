"""A made-up site beside the seven: the replies that play it, and a place where its one file is found as a source."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sources
from sources import discovery
from tests.support import sample_source

SHOWS = {"11": "Cowboy Bebop", "12": "One Piece"}
"""The works that only the added site knows here, by its id."""


def write_replies(folder: Path, shows: dict[str, dict[str, object]] | None = None) -> None:
    """Replies for `SHOWS`, which name no foreign id, or for ``shows`` by id."""
    shows = shows or {number: {"id": int(number), "name": name} for number, name in SHOWS.items()}
    replies: list[dict[str, object]] = []
    for number, show in shows.items():
        name = str(show["name"]).lower()
        replies.append({"path": f"/shows/{number}", "body": json.dumps(show)})
        replies.append({"path": "/shows", "query": {"name": f"{name}.*"}, "body": json.dumps([show])})
    replies.append({"path": "/shows", "body": "[]"})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "replies.json").write_text(json.dumps({"replies": replies}))


@contextmanager
def added(folder: Path) -> Iterator[None]:
    """`sample_source` as ``sources/sample.py``, found like the seven; ``folder`` stands in for a part of ``sources/``."""
    (folder / "sample.py").write_text(Path(sample_source.__file__).read_text())
    write_replies(folder / "demo" / "sample")
    sources.__path__.append(str(folder))
    discovery.forget()
    try:
        yield
    finally:
        sources.__path__.remove(str(folder))
        sys.modules.pop("sources.sample", None)
        discovery.forget()


@contextmanager
def installed(folder: Path, name: str, entry: str, modules: dict[str, str]) -> Iterator[None]:
    """The package ``name`` unpacked into ``folder`` as an installer leaves it, and ``folder`` on the path.

    ``entry`` is its line of the group, ``modules`` the text of its files by path.
    """
    info = folder / f"{name}-1.0.dist-info"
    written = {
        **modules,
        f"{info.name}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info.name}/entry_points.txt": f"[{discovery.GROUP}]\n{entry}\n",
    }
    for path, text in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    sys.path.insert(0, str(folder))
    discovery.forget()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for module in [one for one in sys.modules if one.split(".")[0] == name]:
            del sys.modules[module]
        discovery.forget()


def sample_package(name: str) -> dict[str, str]:
    """The files of a package ``name`` with the class ``Sample`` of `sample_source`."""
    return {f"{name}/__init__.py": Path(sample_source.__file__).read_text()}
