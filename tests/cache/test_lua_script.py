"""One way to read a script, for all who send one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cache
from cache.lua_script import lua_script


def test_files_are_joined_in_the_order_that_is_named_and_known_by_their_digest() -> None:
    folder = Path(cache.__file__).parent / "lua"
    read = lua_script("cache", "limit", "limit_state")
    assert read.source == (folder / "limit.lua").read_text() + (folder / "limit_state.lua").read_text()
    assert read.digest == hashlib.sha1(read.source.encode(), usedforsecurity=False).hexdigest()
    assert lua_script("cache", "limit", "limit_state") is read
