"""JSON Lines: a record a line, as the contract has it (`EnrichedRecord`)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from streams.exporting.catalogue import Work
from streams.exporting.whole import whole_file


@contextlib.contextmanager
def json_lines(path: Path) -> Iterator[Callable[[Work], None]]:
    """Takes works in, writes a line each."""
    with whole_file(path) as file:

        def add(work: Work) -> None:
            file.write(work.line + b"\n")

        yield add
