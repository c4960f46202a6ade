"""Requests: put in, as safely as by XADD, and looked at until they end."""

from __future__ import annotations

import asyncio
import codecs
import json
import secrets
from typing import Any
from urllib.parse import quote

from pydantic_core import from_json

from cache import clock
from streams.broker.connection import text
from streams.broker.delivery import BadEntry
from streams.broker.records import Records
from streams.broker.request_state import Ended
from streams.client.client import NotCopied, ServerFull
from streams.contract.codec import unpack_bytes
from streams.contract.events import MAX_ID
from streams.contract.profiles import Part
from streams.doors.http.desk import Desk
from streams.doors.http.problems import Problem
from streams.doors.http.visits import Reply, Visit, said
from streams.stages.accept import read_request

MOST_WAIT = 60.0
"""Seconds that a visitor may wait."""
FIRST_LOOK, LAST_LOOK = 0.05, 0.5
"""Seconds between two looks, at first and in the end."""
MOST_QUEUED = 10_000
"""Names of requests that were put in here and are remembered until they are taken in."""
_NOT_OVER_HTTP = {"reply_to", "why", "parent", "profile", "fields", "traceparent"}
_RECORDS = {"complete", "partial"}


async def enrich(desk: Desk, visit: Visit) -> Reply:
    """Put a request in; its output when it comes in time, or where to look for it."""
    wait, part = visit.number("wait", 0.0, MOST_WAIT), visit.part()
    request_id, body = await _read(desk, visit, urgent=wait > 0)
    if not await desk.requests.is_known(request_id):
        try:
            await desk.client.publish(body)
        except ServerFull as error:
            raise Problem.later("server-full", str(error), 30) from None
        except NotCopied as error:
            raise Problem.later("not-copied", str(error), 5) from None
        desk.queued[request_id] = None
        if len(desk.queued) > MOST_QUEUED:
            desk.queued.popitem(last=False)
    return await _told(desk, request_id, wait, part, accepted=True)


async def look(desk: Desk, visit: Visit) -> Reply:
    """How a request stands, or its output."""
    request_id = visit.args["id"]
    if len(request_id) > MAX_ID:
        raise Problem("bad-request", f"the name of a request has at most {MAX_ID} characters")
    return await _told(desk, request_id, visit.number("wait", 0.0, MOST_WAIT), visit.part(), accepted=False)


async def _read(desk: Desk, visit: Visit, *, urgent: bool) -> tuple[str, Any]:
    if visit.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem("not-json", "send Content-Type: application/json")
    raw = await visit.body(desk.settings.request_max_bytes)
    given = _members(raw)
    if alien := _NOT_OVER_HTTP & given.keys():
        raise Problem(
            "bad-request",
            f"{min(alien)} is not for requests over HTTP; profile and fields stand in the query",
        )
    given["request_id"] = given.get("request_id") or f"http-{secrets.token_hex(8)}"
    if urgent:
        given.setdefault("priority", "interactive")
    try:
        request = read_request({"data": json.dumps(given)}, "")
    except BadEntry as error:
        raise Problem("bad-request", f"{error}; {error.next_step}".rstrip("; ")) from None
    return request.request_id or "", request


async def _told(desk: Desk, request_id: str, wait: float, part: Part, *, accepted: bool) -> Reply:
    ended = await _ended(desk, request_id, 0.0)
    if ended is None and wait > 0:
        async with desk.waiting.one():
            ended = await _ended(desk, request_id, wait)
    if ended is not None:
        desk.queued.pop(request_id, None)
        return said(await _output(desk, ended, part))
    stands = await _stands(desk, request_id)
    if accepted:
        return said(stands, 202, Location=_address(request_id), Retry_After="1")
    return said(stands)


async def _ended(desk: Desk, request_id: str, wait: float) -> Ended | None:
    until, pause = clock.monotonic() + wait, FIRST_LOOK
    while True:
        if found := await desk.requests.ended([request_id]):
            return found[0]
        left = until - clock.monotonic()
        if left <= 0:
            return None
        await asyncio.sleep(min(pause, left))
        pause = min(LAST_LOOK, 1.5 * pause)


async def _stands(desk: Desk, request_id: str) -> dict[str, Any]:
    state = await desk.requests.state(request_id)
    if state is None:
        if request_id in desk.queued:
            return {"request_id": request_id, "state": "queued"}
        raise Problem(
            "not-found", "no request of this name is known; what was just put in elsewhere may still wait"
        )
    desk.queued.pop(request_id, None)
    if state.done:
        detail = "the pipeline made this request itself, and it found nothing new; look at the record"
        raise Problem("not-found", detail)
    verdict = state.identified.verdict if state.identified else None
    return {
        "request_id": request_id,
        "state": "open",
        "verdict": verdict,
        "asked": state.asked,
        "answered": sorted(state.partials),
        "waiting": state.waiting,
    }


async def _output(desk: Desk, ended: Ended, part: Part) -> dict[str, Any]:
    """The output of a request that has ended; once that is cut off, the record as it is now."""
    found: Any = await desk.redis.xrange(desk.names.enriched, ended.entry, ended.entry)
    about = {"request_id": ended.request_id, "state": "done", "status": ended.status}
    work = {"anime_id": ended.anime_id or None, "revision": ended.revision}
    if not found:
        return {**about, **work, "record": await _record(desk, ended, part)}
    fields = {text(name): value for name, value in found[0][1].items()}
    data = fields["data"]
    if ended.status not in _RECORDS:
        return {**about, **work, "refusal": from_json(data)}
    named: dict[str, Any] = {
        name: text(fields[name]) for name in ("title", "why", "output_id") if name in fields
    }
    changes = from_json(fields.get("changes", b"[]"))
    return {**about, **work, **named, "changes": changes, "record": from_json(part.of_json(data))}


async def _record(desk: Desk, ended: Ended, part: Part) -> Any:
    if ended.status not in _RECORDS or not ended.anime_id:
        return None
    packed = await Records(desk.scripts, desk.names).packed([ended.anime_id])
    return from_json(part.of_json(unpack_bytes(packed[0]))) if packed else None


def _members(raw: bytes) -> dict[str, Any]:
    try:
        given = from_json(raw.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError) as error:
        raise Problem("bad-request", f"the body is not JSON ({error})") from None
    if not isinstance(given, dict):
        raise Problem("bad-request", 'the body is a JSON object, as {"title": "One Piece"}')
    return given


def _address(request_id: str) -> str:
    return f"/v1/requests/{quote(request_id, safe='')}"
