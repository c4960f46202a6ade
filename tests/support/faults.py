"""Small inputs that failed once, kept outside the repository; the tests carry their own of the same kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3] / "shared" / "faults"


def fault(name: str) -> bytes:
    """The body of ``name``; skips the test on a machine that has none."""
    path = ROOT / name
    if not path.is_file():
        pytest.skip("the faults are not on this machine")
    return path.read_bytes()
