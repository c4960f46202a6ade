"""The forms there are: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from streams.broker.records import Records
from streams.exporting.catalogue import Catalogue, Work
from streams.exporting.id_list import id_list
from streams.exporting.lines import json_lines
from streams.exporting.nfo import nfo
from streams.exporting.offline_database import offline_database
from streams.exporting.sqlite import sqlite

Add = Callable[[Work], None]


@dataclass(frozen=True, slots=True)
class Form:
    """How a form is written; ``as_models`` when it needs to understand the records, ``to_stdout`` when it is a text."""

    write: Callable[[Path], AbstractContextManager[Add]]
    as_models: bool = True
    to_stdout: bool = True


FORMS: Mapping[str, Form] = {
    "jsonl": Form(json_lines, as_models=False),
    "sqlite": Form(sqlite, to_stdout=False),
    "offline-database": Form(offline_database),
    "ids": Form(id_list),
    "nfo": Form(nfo, to_stdout=False),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """How many works went out, and which could not be read."""

    works: int
    unreadable: list[str]


async def export(records: Records, form: Form, path: Path, *, texts: bool = True) -> Exported:
    """Write all known works to ``path``; it is there whole, or not at all. Raises ``OSError``, ``redis.RedisError``."""
    catalogue, count = Catalogue(records, texts=texts), 0
    with form.write(path) as add:
        async for work in catalogue.works(as_models=form.as_models):
            add(work)
            count += 1
    return Exported(count, catalogue.unreadable)
