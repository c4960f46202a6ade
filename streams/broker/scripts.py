"""The Lua scripts of ``lua/``, each one atomic step on the server; what is asked for together travels together."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoScriptError, ResponseError

from cache.lua_script import lua_script
from streams.broker.connection import text
from streams.broker.faults import FIXED_KEY, WRONG_KEY

AT_ONCE = 128
"""Commands in one round trip at most."""
_KINDS: dict[str, tuple[str, ...]] = {
    "stream": (
        "stream",
        "requests",
        "lane",
        "partials",
        "enriched",
        "dead",
        "decisions",
        "snapshots",
        "reply",
    ),
    "hash": (
        "state",
        "record",
        "aliases",
        "bodies",
        "counts",
        "frozen",
        "last",
        "scout",
        "decided",
        "items",
        "progress",
        "floor",
    ),
    "zset": (
        "deadlines",
        "closed",
        "records",
        "refresh",
        "delayed",
        "failed",
        "workers",
        "waiting",
        "settled",
        "forgotten",
    ),
}
KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}
"""The type of each key by the name that the scripts give it."""
OF_ONE = ("state", "record")
"""Keys of one request or one work; all others are shared."""
_KEYS_LINE = re.compile(r"^local [\w, ]+ = unpack\(KEYS\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    """One script as the server gets it; ``keys`` and ``args`` are the names that it gives to KEYS and ARGV."""

    name: str
    source: str
    digest: str
    keys: tuple[str, ...]
    args: tuple[str, ...]

    def words(self, values: Mapping[str, Any], rest: Sequence[Any] = ()) -> list[Any]:
        """What follows the script in EVAL: the number of keys, the keys, the arguments, and ``rest`` behind them.

        Raises ``TypeError`` when ``values`` are not exactly what the script names.
        """
        if values.keys() != {*self.keys, *self.args}:
            wrong = sorted(values.keys() ^ {*self.keys, *self.args})
            raise TypeError(f"lua/{self.name}.lua: missing or unknown: {', '.join(wrong)}")
        named = [values[name] for name in (*self.keys, *self.args)]
        return [len(self.keys), *named, *rest]


@cache
def script(name: str) -> Script:
    """``lua/<name>.lua``; the lines that unpack KEYS and ARGV there say in which order they are sent."""
    return read_script(name, lua_script("streams.broker", name).source)


def read_script(name: str, source: str) -> Script:
    """A script by what its text says of its keys and arguments."""
    keys = _names(source, "KEYS")
    tolerated = re.search(r"^-- Tolerates a (\w+) of another type", source, re.MULTILINE)
    read = re.search(r"^-- Reads before it writes: ([\w, ]+)$", source, re.MULTILINE)
    known = {*(tolerated.groups() if tolerated else ()), *(read[1].split(", ") if read else ())}
    typed = [key for key in keys if key in KIND_OF and key not in known]
    checked = _KEYS_LINE.sub(lambda line: f"{line[0]} {_checks(typed)}", source, count=1)
    digest = hashlib.sha1(checked.encode(), usedforsecurity=False).hexdigest()
    return Script(name, checked, digest, keys, _names(source, "ARGV"))


def _checks(keys: Sequence[str]) -> str:
    """Refuses keys of another type, on the line that names the keys: the server rolls nothing back later.

    Streams are looked at together, and so are sorted sets, by a command that finds nothing, and fails if one is none.
    (A plain set passes for a sorted one there; at the start of a process it is found.)
    """
    parts = []
    for kind in _KINDS:
        named = [key for key in keys if KIND_OF[key] == kind]
        each = " ".join(map(_check, named))
        parts.append(
            f"if {_TOGETHER[kind](named)} then {each} end" if len(named) > 1 and kind in _TOGETHER else each
        )
    return " ".join(parts)


def _fails_for_streams(keys: Sequence[str]) -> str:
    return f"redis.pcall('XREAD', 'STREAMS', {', '.join(keys)}{len(keys) * NEWEST})"


def _fails_for_sorted_sets(keys: Sequence[str]) -> str:
    none = f"{keys[0]} .. ' none'"
    return f"type(redis.pcall('ZINTERCARD', {len(keys) + 1}, {', '.join(keys)}, {none})) == 'table'"


NEWEST = ", '$'"
_TOGETHER = {"stream": _fails_for_streams, "zset": _fails_for_sorted_sets}


def _check(key: str) -> str:
    kind = KIND_OF[key]
    return (
        f"do local t = redis.call('TYPE', {key}).ok; if t ~= '{kind}' and t ~= 'none' then return "
        f"redis.error_reply('{_word(key)} ' .. {key} .. ' holds a ' .. t .. ', not a {kind}') end end"
    )


def _word(key: str) -> str:
    return WRONG_KEY if key in OF_ONE else FIXED_KEY


def _names(source: str, of: str) -> tuple[str, ...]:
    found = re.search(rf"^local ([\w, ]+) = unpack\({of}\b", source, re.MULTILINE)
    return tuple(found[1].split(", ")) if found else ()


class Scripts:
    """Runs scripts and commands on one client.

    While one round trip is under way, what is asked for meanwhile collects for the next one: many titles in flight
    cost few round trips, a single one waits for nobody.
    """

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._asked: list[tuple[bytes, asyncio.Future[Any]]] = []
        self._carrier: asyncio.Task[None] | None = None

    async def run(self, name: str, rest: Sequence[Any] = (), /, **values: Any) -> Any:
        """Run ``lua/<name>.lua`` with its keys and arguments by name; ``rest`` follows the named arguments."""
        what = script(name)
        words = what.words(values, rest)
        try:
            return await self._evaluate(what, words)
        except ResponseError as error:
            if not str(error).startswith("WRONGTYPE"):
                raise
            raise await self._named(what, values) or error from error

    async def _evaluate(self, what: Script, words: Sequence[Any]) -> Any:
        try:
            return await self.call("EVALSHA", what.digest, *words)
        except NoScriptError:
            return await self.call("EVAL", what.source, *words)

    async def _named(self, what: Script, values: Mapping[str, Any]) -> ResponseError | None:
        """Which key holds another type, where a script met it by reading, before it wrote anything."""
        for key in what.keys:
            kind, found = KIND_OF.get(key), text(await self.call("TYPE", values[key]))
            if kind and found not in {kind, "none"}:
                return ResponseError(f"{_word(key)} {values[key]} holds a {found}, not a {kind}")
        return None

    async def call(self, *command: Any) -> Any:
        """Run one command. Raises what it raises."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._ask(command, answer)
        return await answer

    def send(self, *command: Any) -> None:
        """Run one command with the next round trip, without waiting; its failure is nobody's trouble."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(_nobody_cares)
        self._ask(command, answer)

    def _ask(self, command: tuple[Any, ...], answer: asyncio.Future[Any]) -> None:
        """Packed here, so that what cannot be sent is its asker's trouble alone; hiredis packs faster than redis-py."""
        self._asked.append((hiredis.pack_command(command), answer))
        if self._carrier is None:
            self._carrier = asyncio.create_task(self._carry())

    async def _carry(self) -> None:
        try:
            while self._asked:
                batch, self._asked = self._asked[:AT_ONCE], self._asked[AT_ONCE:]
                await self._travel(batch)
        finally:
            self._carrier = None
            for _, answer in self._asked:
                answer.cancel()
            self._asked.clear()

    async def _travel(self, batch: Sequence[tuple[bytes, asyncio.Future[Any]]]) -> None:
        waiting = [(command, answer) for command, answer in batch if not answer.done()]
        try:
            replies = await self._exchange([command for command, _ in waiting]) if waiting else []
        except Exception as error:  # noqa: BLE001 - every asker gets it
            replies = [error] * len(waiting)
        except BaseException:
            for _, answer in waiting:
                answer.cancel()
            raise
        for (_, answer), reply in zip(waiting, replies, strict=True):
            if answer.done():
                continue
            if isinstance(reply, BaseException):
                answer.set_exception(reply)
            else:
                answer.set_result(reply)

    async def _exchange(self, commands: Sequence[bytes]) -> list[Any]:
        """Send packed commands in one piece and read their answers."""
        pool = self.client.connection_pool
        connection = await pool.get_connection()  # type: ignore[no-untyped-call]
        try:
            await connection.send_packed_command(list(commands))
            return [await _answer(connection) for _ in commands]
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        finally:
            await pool.release(connection)


def table(reply: Any) -> dict[bytes, bytes]:
    """The answer to HGETALL, whichever protocol it came in."""
    return reply if isinstance(reply, dict) else dict(zip(reply[::2], reply[1::2], strict=True))


def _nobody_cares(answer: asyncio.Future[Any]) -> None:
    """Look at the error, so that asyncio does not report it as overlooked."""
    if not answer.cancelled():
        answer.exception()


async def _answer(connection: AbstractConnection) -> Any:
    """One answer; an error that the server gives is an answer too."""
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error
