"""The titles dump on this machine: asked for at most once a day by all processes together, then indexed."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

from cache import clock
from cache.rules import DAY, Reply
from sources.anidb import title_index
from sources.anidb.daily_state import State, read_state, write_state
from sources.anidb.dump import mended_dump, read_dump
from sources.errors import NotAnEntry, Reason, SourceError
from sources.http import Answer

Download = Callable[[Mapping[str, str]], Awaitable[Reply]]
"""Asks for the dump with the given headers; a 304 means that it has not changed."""

_WAIT_FOR_OTHERS = 120.0
_FORGOTTEN = 30 * DAY
_LOG = logging.getLogger(__name__)


class DailyTitles:
    """The index file of one dump address in one folder, shared by every process that uses the folder."""

    def __init__(self, folder: Path, url: str) -> None:
        name = f"anidb-titles-{title_index.VERSION}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
        self.folder = folder
        self.path = folder / f"{name}.sqlite3"
        self._state_path = folder / f"{name}.json"
        self._lock_path = folder / f"{name}.lock"
        self._running: set[asyncio.Task[None]] = set()

    async def index(self, download: Download) -> Path:
        """The index file, brought up to date if a day has passed. Raises `SourceError` when there is none yet."""
        try:
            if self._due() or not self.path.exists():  # another process may just be fetching the first one
                await self._update(download)
        except OSError as error:
            raise SourceError(
                Reason.UNAVAILABLE,
                f"AniDB's titles cannot be kept in {self.folder} ({type(error).__name__})",
                next_step="name a folder that can be written to",
                source="anidb",
            ) from error
        if not self.path.exists():
            raise self._missing()
        return self.path

    def edition(self) -> str | None:
        """What tells this index from any other; ``None`` while there is none, or a newer one is due."""
        try:
            if self._due():
                return None
            there = self.path.stat()
        except OSError:
            return None
        return f"{self.path} {there.st_ino} {there.st_mtime_ns} {there.st_size}"

    async def _update(self, download: Download) -> None:
        """Refresh unless another does; an asker who gives up does not break off what all wait for."""
        task = asyncio.create_task(self._refresh_alone(download))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)

    async def _refresh_alone(self, download: Download) -> None:
        async with self._alone() as mine:
            if mine and self._due():
                await self._refresh(download)

    def discard(self) -> None:
        """Forget a damaged index, so that it is asked for anew."""
        for path in (self.path, self._state_path):
            path.unlink(missing_ok=True)

    def _due(self) -> bool:
        return clock.now() >= read_state(self._state_path).again

    def _missing(self) -> SourceError:
        state = read_state(self._state_path)
        return SourceError(
            Reason(state.reason) if state.reason else Reason.UNAVAILABLE,
            "AniDB's titles could not be had yet",
            retry_after=max(1.0, state.again - clock.now()),
            source="anidb",
        )

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[bool]:
        """Hold the lock of the folder. Who has an older index does not wait for another process that fetches a new one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock_path.open("w") as file:
            yield await self._lock(file.fileno())

    async def _lock(self, descriptor: int) -> bool:
        until = clock.monotonic() + _WAIT_FOR_OTHERS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if self.path.exists() or clock.monotonic() > until:
                    return False
                await asyncio.sleep(0.1)
            else:
                return True

    async def _refresh(self, download: Download) -> None:
        before, now = read_state(self._state_path), clock.now()
        # written first, so that after a kill in the middle nobody asks again at once
        write_state(self._state_path, before.failed(now, Reason.UNREACHABLE))
        try:
            reply = await download(self._validators(before))
            if reply.status != 304:
                await self._take(reply)
        except NotAnEntry as error:
            self._fail(before, error.as_source_error("anidb"))
        except SourceError as error:
            self._fail(before, error)
        else:
            headers = reply.headers
            write_state(
                self._state_path,
                State(
                    asked=now,
                    again=now + DAY,
                    etag=headers.get("etag", before.etag if reply.status == 304 else ""),
                    last_modified=headers.get(
                        "last-modified", before.last_modified if reply.status == 304 else ""
                    ),
                ),
            )

    async def _take(self, reply: Reply) -> None:
        """Index a dump; one that cannot be read must not be what a cache gives us the next time."""
        try:
            await asyncio.to_thread(self._build, reply.body)
        except NotAnEntry:
            if isinstance(reply, Answer) and reply.kept:
                await reply.kept.forget()
            raise

    def _fail(self, before: State, error: SourceError) -> None:
        _LOG.warning("anidb titles: %s", error)
        write_state(self._state_path, before.failed(clock.now(), error.reason, error.retry_after or 0.0))

    def _validators(self, state: State) -> dict[str, str]:
        if not self.path.exists():
            return {}
        pairs = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
        return {name: value for name, value in pairs.items() if value}

    def _build(self, body: bytes) -> None:
        fresh = self.path.with_suffix(f".{os.getpid()}.tmp")
        fresh.unlink(missing_ok=True)
        try:
            if not self._written(fresh, body):
                raise NotAnEntry("changed_layout", "a dump without titles")
            fresh.replace(self.path)
        finally:
            fresh.unlink(missing_ok=True)
        self._forget_others()

    def _written(self, fresh: Path, body: bytes) -> int:
        """How many anime the new index holds; one spoilt character must not cost all titles of the day."""
        try:
            return title_index.build(fresh, read_dump(body))
        except NotAnEntry:
            mended = mended_dump(body)
            if mended is None:
                raise
            _LOG.warning("anidb titles: mended characters that XML forbids")
            fresh.unlink(missing_ok=True)
            return title_index.build(fresh, read_dump(mended))

    def _forget_others(self) -> None:
        """Remove what other addresses and older versions left behind a month ago."""
        for path in self.folder.glob("anidb-titles-*"):
            if path.suffix != ".lock" and path.stat().st_mtime < clock.now() - _FORGOTTEN:
                path.unlink(missing_ok=True)
