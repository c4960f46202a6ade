"""The Lua scripts of ``lua/``, each one atomic step on the server; what is asked for together travels together."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoScriptError, ResponseError

AT_ONCE = 128
"""Commands in one round trip at most."""


@cache
def source_of(name: str) -> str:
    """The text of ``lua/<name>.lua``."""
    return (files("streams.broker") / "lua" / f"{name}.lua").read_text(encoding="utf-8")


@cache
def digest_of(name: str) -> str:
    """The name by which the server knows ``lua/<name>.lua``."""
    return hashlib.sha1(source_of(name).encode(), usedforsecurity=False).hexdigest()


class Scripts:
    """Runs scripts and commands on one client.

    While one round trip is under way, what is asked for meanwhile collects for the next one: many titles in flight
    cost few round trips, a single one waits for nobody.
    """

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._asked: list[tuple[bytes, asyncio.Future[Any]]] = []
        self._carrier: asyncio.Task[None] | None = None

    async def run(self, name: str, keys: Sequence[str], args: Sequence[Any]) -> Any:
        """Run ``lua/<name>.lua``; keys and arguments are told in its header."""
        try:
            return await self.call("EVALSHA", digest_of(name), len(keys), *keys, *args)
        except NoScriptError:
            return await self.call("EVAL", source_of(name), len(keys), *keys, *args)

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
