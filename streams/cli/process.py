"""Runs the service until it is told to stop: one process, or several under one parent."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

from cache import clock
from streams.cli.exit_codes import Exit
from streams.telemetry.logs import logger

RESTART_PAUSE = 1.0
KILL_AFTER = 30.0
_PARENT = "SUPERVISED_BY"
"""In the environment of those that `supervise` runs: the parent's process id."""
PARENT_SECONDS = 0.5
OBJECTS_BETWEEN_COLLECTIONS = 10_000
"""What failed or was cancelled hangs in cycles with the reply that it held; with 100,000 a worker grew by half under a flood."""

log = logger("serve")


def spare_the_collector() -> None:
    """Make the cycle collector of a worker process of our own cheap; a library leaves that to its user.

    What is there by now stays and is not walked over again; a record is thousands of objects, none in a cycle.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


async def until_stopped(
    work: Callable[[], Awaitable[None]],
    finish: Callable[[], Awaitable[None]],
    first: Callable[[], Awaitable[None]] | None = None,
) -> Exit:
    """Start ``work``; on SIGTERM or Ctrl-C ``finish``; on a second signal quit at once.

    A signal breaks ``first`` off, which comes before ``work`` and leaves nothing to finish.

    What stays undone then is not lost: its entries are pending, and taken over when the lease ends.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()

    def on_signal() -> None:
        if told.is_set():
            log.warning("second signal: quitting at once")
            os._exit(Exit.INTERRUPTED)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    orphaned = asyncio.create_task(_tell_when_orphaned(on_signal))
    if first and not await _done_before(told, first()):
        orphaned.cancel()
        return Exit.OK
    await work()
    spare_the_collector()
    await told.wait()
    orphaned.cancel()
    log.info("stopping; a second signal quits at once")
    await finish()
    return Exit.OK


async def _tell_when_orphaned(tell: Callable[[], None]) -> None:
    """Stop like on SIGTERM once the parent that runs us beside others is gone, however it ended."""
    parent = os.environ.pop(_PARENT, "")
    while parent and os.getppid() == int(parent):  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(PARENT_SECONDS)
    if parent:
        log.warning("the parent process is gone; stopping")
        tell()


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env={**os.environ, _PARENT: str(os.getpid())})  # noqa: S603 - our own command line


async def _done_before(told: asyncio.Event, first: Awaitable[None]) -> bool:
    doing, waiting = asyncio.ensure_future(first), asyncio.ensure_future(told.wait())
    await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not doing.done():
        doing.cancel()
        await asyncio.wait({doing})
        return False
    await doing
    return True


def supervise(command: Sequence[str], count: int) -> Exit:
    """Run ``command`` ``count`` times side by side; whoever dies is started again, a signal goes to all at once."""
    children = [_start(command) for _ in range(count)]
    stopping = False

    def stop(number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        for child in children:
            if child.poll() is None:
                child.send_signal(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping:
        time.sleep(0.2)
        for index, child in enumerate(children):
            if child.poll() is not None and not stopping:
                log.warning("a worker process ended; starting another", pid=child.pid, code=child.returncode)
                time.sleep(RESTART_PAUSE)
                children[index] = _start(command)
    return _reap(children)


def _reap(children: Sequence[subprocess.Popen[bytes]]) -> Exit:
    deadline = clock.monotonic() + KILL_AFTER
    for child in children:
        try:
            child.wait(max(0.1, deadline - clock.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return Exit.OK if all(child.returncode == 0 for child in children) else Exit.FAILED


def own_command(*words: str) -> list[str]:
    """This program with other arguments."""
    return [sys.executable, "-m", "streams", *words]
