"""Files and folders that are there whole or not at all: written beside their place, then moved there."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

STDOUT = Path("-")


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A name in the folder of ``path`` that becomes ``path`` when all went well; otherwise what is there goes.

    Raises ``OSError``, as when ``path`` is a folder that holds something.
    """
    if path.is_dir() and any(path.iterdir()):
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(path))
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        _remove(partial)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that is there once all of it is written; ``-`` is stdout, of which no byte can be taken back."""
    if path == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with beside(path) as partial, partial.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder, new or empty before, that is there once all of it is written."""
    with beside(path) as partial:
        partial.mkdir()
        yield partial


def _remove(partial: Path) -> None:
    if partial.is_dir():
        shutil.rmtree(partial)
    else:
        partial.unlink(missing_ok=True)
