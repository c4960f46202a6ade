"""Everything there is, page by page, and then every change: as JSON, or as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from typing import Any

from pydantic_core import to_json
from redis.exceptions import RedisError

from streams.broker.catalogue.outputs import EntryId
from streams.contract.profiles import WHOLE, Part
from streams.doors.http.desk import Desk
from streams.doors.http.problems import Problem
from streams.doors.http.visits import Flow, Reply, Visit
from streams.records.latest import Changes, Cursor, Page, Revision, TooOldError
from streams.serving.event_stream import EventStream, event
from streams.telemetry.logs import logger
from streams.telemetry.seldom import Seldom

MOST_PAGE = 200
MOST_WAIT = 30.0
"""Seconds that a visitor may wait for a change."""
LOOK_SECONDS = 10.0
"""A stream of events says at least so often how far it is."""

log = logger("api")
seldom = Seldom()


async def snapshot(desk: Desk, visit: Visit) -> Flow:
    """The next records of a snapshot, and the way on. They are held packed, and unpacked as fast as they are read."""
    most, part = int(visit.number("limit", 100, MOST_PAGE)) or 1, visit.part("slim")
    cursor = _cursor(visit)
    async with desk.readers.one(), desk.pages:
        page = await desk.latest.page(cursor, most)
    return Flow(_page(page, part), costly=part != WHOLE)


def _cursor(visit: Visit) -> Cursor:
    written, since = visit.query.get("cursor", ""), visit.query.get("since", "")
    if written and since:
        raise Problem("bad-request", "give since at the beginning, and from then on the cursor alone")
    try:
        if written:
            return Cursor.read(written)
        return Cursor.after_entry(EntryId.read(since)) if since else Cursor()
    except ValueError as error:
        raise Problem("bad-request", str(error)) from None


def _page(page: Page, part: Part) -> Iterator[bytes]:
    end: dict[str, Any] = {"cursor": page.cursor.write() if page.cursor else None}
    end["resume"] = None if page.cursor else str(page.resume)
    yield b'{"records":['
    yield from _listed(page.revisions(part), WHOLE)
    yield b"]," + to_json(end)[1:]


def _listed(items: Iterable[Revision], part: Part) -> Iterable[bytes]:
    for number, one in enumerate(items):
        if number:
            yield b","
        yield _written(one, part)


def _written(one: Revision, part: Part) -> bytes:
    """One version of a record; its JSON is put in as it is."""
    about: dict[str, Any] = {"anime_id": one.anime_id, "revision": one.revision, "made": one.made or None}
    if one.why:
        about["why"] = one.why
    changes = b',"changes":' + one.changes if one.changes else b""
    return to_json(about)[:-1] + changes + b',"record":' + part.of_json(one.record) + b"}"


async def changes(desk: Desk, visit: Visit) -> Reply | EventStream:
    """What has changed since an entry; to who takes events, also all that changes from now on."""
    part = visit.part("slim")
    since = _since(visit)
    if visit.method == "GET" and "text/event-stream" in visit.headers.get("accept", ""):
        return await _events(desk, since, part)
    wait = visit.number("wait", 0.0, MOST_WAIT)
    found = await _read(desk, since)
    if not found.items and not found.more and wait > 0:
        async with desk.waiting.one():
            await desk.newest.beyond(found.resume, wait)
        found = await _read(desk, found.resume)
    body = await asyncio.to_thread(lambda: [b'{"changes":[', *_listed(found.items, part), b"],"])
    return Reply([*body, to_json({"resume": str(found.resume), "more": found.more})[1:]])


def _since(visit: Visit) -> EntryId:
    given = visit.headers.get("last-event-id") or visit.query.get("since", "")
    if not given:
        raise Problem("bad-request", "since is needed: the resume id that ends a snapshot, /v1/snapshot")
    try:
        return EntryId.read(given)
    except ValueError as error:
        raise Problem("bad-request", str(error)) from None


async def _read(desk: Desk, since: EntryId) -> Changes:
    try:
        return await desk.latest.changes(since)
    except TooOldError as error:
        raise _too_old(error) from None


def _too_old(error: TooOldError) -> Problem:
    address = "/v1/snapshot" if error.ahead else f"/v1/snapshot?since={error.since}"
    return Problem("too-old", str(error), headers={"Link": f'<{address}>; rel="alternate"'}, snapshot=address)


async def _events(desk: Desk, since: EntryId, part: Part) -> EventStream:
    """Raises `Problem` before anything is sent when ``since`` is too old, or too many listen."""
    await _read(desk, since)
    desk.listeners.take()
    return EventStream(_followed(desk, since, part), ended=desk.listeners.give_back)


async def _followed(desk: Desk, since: EntryId, part: Part) -> AsyncGenerator[bytes, None]:
    """Every change; the id of each is what to go on with. An event without data only says how far that is."""
    while True:
        try:
            found = await _read(desk, since)
            for one in found.items:
                yield event(await asyncio.to_thread(_written, one, part), name="change", id=one.made)
            if found.resume != since:
                yield f"id: {found.resume}\n\n".encode()
            since = found.resume
            if not found.more:
                await desk.newest.beyond(since, LOOK_SECONDS)
        except Problem as problem:
            yield event(to_json(problem.members()), name="problem")
            return
        except RedisError as error:
            seldom.warning(log, "a stream of events ends, the server is out of reach", error=repr(error))
            return
