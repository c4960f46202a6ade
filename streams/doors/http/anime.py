"""Known records: by id, or by title. No site is asked, and an ambiguous title is never a guess."""

from __future__ import annotations

import hashlib

from sources.discovery import id_names
from streams.broker.records import Records
from streams.contract.codec import unpack_bytes
from streams.contract.events import MAX_ID, MAX_TITLE
from streams.contract.record import EnrichedRecord
from streams.doors.http.desk import Desk
from streams.doors.http.problems import Problem
from streams.doors.http.visits import Reply, Visit
from streams.records.lookup import Found, find_titled


async def by_id(desk: Desk, visit: Visit) -> Reply:
    """The record that an id names, on whichever site."""
    name, part = visit.args["id"], visit.part()
    site, _, value = name.partition(":")
    if site not in id_names() or not 0 < len(value) <= MAX_ID:
        known = ", ".join(id_names())
        raise Problem("bad-request", f"an id is site:id, as mal:1; the sites are {known}")
    records = Records(desk.scripts, desk.names)
    found = await records.packed([name])
    if not found and (anime := (await records.belongs_to([name]))[name]):
        found = await records.packed([anime])
    if not found:
        raise Problem("not-found", f"no record has {name[:80]}; POST /v1/enrich asks the sites")
    return _tagged(visit, part.of_json(unpack_bytes(found[0])))


async def by_title(desk: Desk, visit: Visit) -> Reply:
    """The one known record that has a title, in any language."""
    title, part = visit.query.get("title", "").strip(), visit.part()
    if not title or len(title) > MAX_TITLE:
        raise Problem("bad-request", f"title has 1 to {MAX_TITLE} characters")
    async with desk.searches.one(), desk.turn:
        found = await find_titled(desk.redis, desk.names, title)
    if found.record is None:
        detail = "no known record has this title; POST /v1/enrich asks the sites"
        raise Problem("not-found", detail, near=found.near)
    if found.others:
        raise Problem("ambiguous", "ask for one of these by its id", candidates=_candidates(found))
    return _tagged(visit, part.of_json(found.record.model_dump_json(exclude_none=True).encode()))


def _candidates(found: Found) -> list[dict[str, object]]:
    works = [one for one in (found.record, *found.others) if one is not None]
    return [_named(one) for one in works]


def _named(one: EnrichedRecord) -> dict[str, object]:
    kept = {"anime_id", "title", "type", "year", "ids"}
    return one.model_dump(include=kept, exclude_none=True)


def _tagged(visit: Visit, body: bytes) -> Reply:
    """The body with the name of this very content, or 304 for who has it."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    given = [one.strip().removeprefix("W/") for one in visit.headers.get("if-none-match", "").split(",")]
    if tag in given or given == ["*"]:
        return Reply([], 304, headers=headers)
    return Reply([body], headers=headers)
