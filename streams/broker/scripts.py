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
    checks = [_check(key) for key in keys if key in KIND_OF and not (tolerated and key == tolerated[1])]
    checked = _KEYS_LINE.sub(lambda line: " ".join([line[0], *checks]), source, count=1)
    digest = hashlib.sha1(checked.encode(), usedforsecurity=False).hexdigest()
    return Script(name, checked, digest, keys, _names(source, "ARGV"))


def _check(key: str) -> str:
    """Refuses a key of another type, on the line that names the keys: the server rolls nothing back later."""
    kind, word = KIND_OF[key], WRONG_KEY if key in OF_ONE else FIXED_KEY
    return (
        f"do local t = redis.call('TYPE', {key}).ok; if t ~= '{kind}' and t ~= 'none' then return "
        f"redis.error_reply('{word} ' .. {key} .. ' holds a ' .. t .. ', not a {kind}') end end"
    )


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
            return await self.call("EVALSHA", what.digest, *words)
        except NoScriptError:
            return await self.call("EVAL", what.source, *words)

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
