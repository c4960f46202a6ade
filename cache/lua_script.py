"""A Lua script as a server gets it: its text, read from files of a package, and the digest by which it is called again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class LuaScript:
    """One script."""

    source: str
    digest: str


@cache
def lua_script(package: str, *names: str) -> LuaScript:
    """The files ``lua/<name>.lua`` of ``package``, one after another, as one script."""
    folder = files(package) / "lua"
    source = "".join((folder / f"{name}.lua").read_text(encoding="utf-8") for name in names)
    return LuaScript(source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())
