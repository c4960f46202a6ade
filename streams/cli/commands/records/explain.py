"""Shows who said what in a record that was made, or where a request without one stands."""

from __future__ import annotations

import re

from cache import clock
from sources.discovery import id_names
from streams.broker.records import Records
from streams.cli.commands.common import finish, load
from streams.cli.commands.output import out, print_json
from streams.cli.exit_codes import Exit, Stop
from streams.client.client import Client
from streams.client.request_story import ENDED, RequestStory, story_of
from streams.client.session import open_client
from streams.config.settings import Settings
from streams.contract.record import EnrichedRecord
from streams.records.explain import Explanation, Past, explain
from streams.records.history import recall
from streams.records.lookup import Found, find_record
from streams.terminal.explain_table import render
from streams.terminal.printable import printable
from streams.terminal.request_view import render as render_request
from streams.text.nearest import nearest


def run(what: str, field: str | None, *, items: bool, as_json: bool, offline: bool) -> Exit:
    """Print the explanation. Raises `Stop` when there is no such record or no such field."""
    settings = load(offline=offline)
    standing, found, history = finish(_look(settings, what, field))
    if standing:
        return _show(standing, as_json=as_json)
    if found.record is None:
        raise Stop(f"no record is known as {what!r}", _hint(found, what, offline=offline), Exit.NOT_FOUND)
    if found.others:
        others = ", ".join(_named(one) for one in found.others)
        out(to_stderr=True).print(
            f"the newest of {len(found.others) + 1} records of this title; also: {others}"
        )
    told = explain(found.record, items=items or bool(field and "[" in field), history=history)
    if field:
        told = _only(told, field)
    if as_json:
        print_json(told.model_dump(mode="json", exclude_none=True))
    else:
        out().print(render(Explanation.model_validate(printable(told.model_dump()))))
    return Exit.OK


def _show(standing: RequestStory, *, as_json: bool) -> Exit:
    if as_json:
        print_json(standing.model_dump(mode="json", exclude_none=True))
    else:
        story = RequestStory.model_validate(printable(standing.model_dump()))
        out().print(render_request(story, clock.now()))
    return Exit.OK


async def _look(
    settings: Settings, what: str, field: str | None
) -> tuple[RequestStory | None, Found, list[Past]]:
    """Where the request ``what`` stands, if it has no record; otherwise the record that ``what`` means."""
    async with open_client(settings) as session:
        if not field and (standing := await _standing(session.client, what)):
            return standing, Found(), []
        found = await find_record(session.client.redis, session.client.names, what)
        records = Records(session.client.requests.scripts, session.client.names)
        kept = await records.history(found.record.anime_id) if found.record else b""
        return None, found, recall(kept)


async def _standing(client: Client, what: str) -> RequestStory | None:
    """The story of the request ``what``; ``None`` for what is none, and for one that ended with a record."""
    story = await story_of(client.requests, what)
    ended = story is not None and story.phase in ENDED and await client.requests.anime_of(what)
    return None if ended else story


def _named(record: EnrichedRecord) -> str:
    kind = ", ".join(str(part) for part in (record.type, record.year) if part)
    return f"{record.anime_id} ({kind})" if kind else record.anime_id


def _hint(found: Found, what: str, *, offline: bool) -> str:
    if found.near:
        return f"did you mean {' or '.join(repr(title) for title in found.near)}?"
    if found.known:
        return f"none of the {found.known} records bears it; make it: {_making(what)}"
    elsewhere = "" if offline else ", or look at what --offline made with: explain --offline"
    return f"no record was made yet; make one: {_making(what)}{elsewhere}"


def _making(what: str) -> str:
    site, _, value = what.partition(":")
    return (
        f"anime-enrich --id {site}={value}"
        if value and site in id_names()
        else f'anime-enrich --title "{what}"'
    )


def _only(told: Explanation, field: str) -> Explanation:
    rows = [row for row in told.rows if row.path == field or row.path.startswith((f"{field}.", f"{field}["))]
    if not rows:
        paths = [row.path for row in told.rows]
        near = nearest(field, paths)
        hint = f"did you mean {near}?" if near else f"it has {', '.join(paths[:12])} ..."
        raise Stop(f"the record has no field {field!r}", hint, Exit.NOT_FOUND)
    return told.model_copy(
        update={
            "rows": rows,
            "sources": [],
            "history": [one for one in told.history if re.split(r"[.\[]", one.path)[0] == field],
            "conflicts": [c for c in told.conflicts if c.field == field],
        }
    )
