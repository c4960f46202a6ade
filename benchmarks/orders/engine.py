"""Runs the Lua scripts of the product on the model server, in this process, with the Lua that Redis has (5.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgpack  # type: ignore[import-untyped]
from lupa.lua51 import LuaRuntime, lua_type

from benchmarks.orders.server import Server, plain
from benchmarks.orders.values import ReplyError

_FRAME = b"return function(KEYS, ARGV) %s\nend"


class Engine:
    """One interpreter for all scripts; ``server`` is what they run on and may be put in its place at any time."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.lua = LuaRuntime(encoding=None, unpack_returned_tuples=False)
        self._made: dict[str, Any] = {}
        given = self.lua.globals()
        given[b"redis"] = self.lua.table_from(
            {b"call": self._call, b"pcall": self._pcall, b"error_reply": self._error_reply}
        )
        given[b"cmsgpack"] = self.lua.table_from({b"unpack": self._unpack})
        given[b"cjson"] = self.lua.table_from({b"encode": lambda table: json.dumps(_words(table)).encode()})

    def run(self, source: str, keys: Sequence[Any], args: Sequence[Any]) -> Any:
        """Run a script; returns its reply as RESP2 has it. Raises `ReplyError`."""
        made = self._made.get(source)
        if made is None:
            body = source.partition("\n")[2] if source.startswith("#!") else source
            made = self._made[source] = self.lua.execute(_FRAME % body.encode())
        lua = self.lua
        reply = made(lua.table_from(list(map(plain, keys))), lua.table_from(list(map(plain, args))))
        self.server.tidy()
        return _reply(reply)

    def _call(self, name: bytes, *words: Any) -> Any:
        return self._told(self.server.scripted(name, *words))

    def _pcall(self, name: bytes, *words: Any) -> Any:
        try:
            return self._call(name, *words)
        except ReplyError as error:
            return self._error_reply(str(error).encode())

    def _error_reply(self, said: bytes) -> Any:
        return self.lua.table_from({b"err": said})

    def _unpack(self, packed: bytes) -> Any:
        return self._table(msgpack.unpackb(packed, raw=True))

    def _told(self, reply: Any) -> Any:
        """A reply as Lua sees it: nothing is ``false``."""
        if reply is None:
            return False
        return self._table(reply)

    def _table(self, value: Any) -> Any:
        if isinstance(value, list):
            return self.lua.table_from([self._told(one) for one in value])
        if isinstance(value, dict):
            return self.lua.table_from({key: self._told(one) for key, one in value.items()})
        return value


def _words(value: Any) -> Any:
    """A table of words, and such tables in it."""
    if lua_type(value) == "table":
        return {_words(name): _words(one) for name, one in value.items()}
    return value.decode() if isinstance(value, bytes) else value


def _reply(value: Any) -> Any:
    """What a script returned, as the client reads it."""
    if value is None or value is False:
        return None
    if value is True:
        return 1
    if lua_type(value) == "table":
        fields: Mapping[Any, Any] = dict(value.items())
        if b"err" in fields:
            raise ReplyError(fields[b"err"].decode())
        return [_reply(fields[index]) for index in range(1, len(fields) + 1)]
    return int(value) if isinstance(value, float) else value
