"""Owner of what the server keeps of requests: their state, the open and the closed ones, what a source failed to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from redis.exceptions import ResponseError

from streams.broker.connection import text
from streams.broker.delivery import Delivery, pairs, portions
from streams.broker.faults import is_wrong_type, sound_reply
from streams.broker.fields import RequestField, family
from streams.broker.keys import IDENTIFY, Topology
from streams.broker.life import Phase, phase_of
from streams.broker.request_state import (
    Contribution,
    Ended,
    Open,
    Outline,
    State,
    read_identified,
    read_state,
)
from streams.broker.scripts import Scripts, table
from streams.contract.events import IdentifiedTitle, TitleRequest


class Requests:
    """One method a step in the life of a request; each is atomic on the server."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names

    async def accept(
        self,
        cause: Delivery,
        request: TitleRequest,
        body: str,
        *,
        deadline_ms: int,
        traceparent: str,
        said: str = "",
    ) -> str:
        """Open the state of a request and pass it on; ``body`` is the request as JSON, the deadline counts from now.

        Returns ``new``, ``duplicate`` (its output goes to the reply stream again), ``lost`` to another worker, or
        ``again`` when the reply stream wants a part of that output, which is to be given as ``said``.
        """
        names, request_id = self.names, request.request_id or cause.id
        status = await self.scripts.run(
            "accept",
            **_of(cause),
            state=names.state(request_id),
            deadlines=names.deadlines,
            lane=names.accepted(request.priority),
            enriched=names.enriched,
            request=request_id,
            body=body,
            deadline_ms=deadline_ms,
            reply_to=request.reply_to or "",
            traceparent=traceparent,
            part=request.part.written,
            data=said,
        )
        return text(status)

    async def sort(self, causes: Sequence[Delivery]) -> int:
        """Put requests as they came in on the lane of those whose turn has not come; returns how many.

        In portions, all in one round trip: the server does nothing else while it runs one.
        """
        return sum(await asyncio.gather(*(self._sort(portion) for portion in portions(causes))))

    async def _sort(self, causes: Sequence[Delivery]) -> int:
        fields = [word for one in causes for word in (one.id, 2 * len(one.raw), *pairs(one.raw))]
        keys = {"stream": causes[0].stream, "lane": self.names.sorted, "group": causes[0].group}
        return int(await self.scripts.run("sort", fields, **keys))

    async def identified(
        self, cause: Delivery, request_id: str, event: IdentifiedTitle, known: Sequence[Contribution] = ()
    ) -> None:
        """Keep what the title means, with what is ``known`` of some sources, and ask the others; without any let it be finished."""
        names = self.names
        await self.scripts.run(
            "identified",
            [word for one in known for word in (one.source, one.packed, one.outcome, one.reason, one.mark)],
            **_of(cause),
            state=names.state(request_id),
            lane=names.identified(event.request.priority),
            partials=names.partials,
            request=request_id,
            body=event.model_dump_json(exclude_none=True),
            asked=len(event.asked),
            verdict=event.verdict,
            channel=names.progress,
            traceparent=event.traceparent or "",
        )

    async def hand_in(
        self,
        cause: Delivery,
        request_id: str,
        given: Contribution,
        *,
        answered: bool,
        traceparent: str = "",
        letter: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what a source contributed and tell the aggregators; ``letter`` becomes a dead letter."""
        names = self.names
        await self.scripts.run(
            "partial",
            pairs(letter or {}),
            **_of(cause),
            state=names.state(request_id),
            partials=names.partials,
            dead=names.dead,
            failed=names.failed(given.source),
            request=request_id,
            source=given.source,
            body=given.packed,
            mark=given.mark,
            outcome=given.outcome,
            reason=given.reason,
            channel=names.progress,
            answered=int(answered),
            traceparent=traceparent,
        )

    async def bury(
        self, cause: Delivery, request_id: str, letter: Mapping[str, str], output: Mapping[str, str]
    ) -> None:
        """Give an entry up: a dead letter and, where it was a request that is open, its one final output."""
        names, dead = self.names, pairs(letter)
        await self.scripts.run(
            "bury",
            [*dead, *pairs(output)],
            stream=cause.stream if cause.id else names.partials,
            group=cause.group,
            entry=cause.id,
            dead=names.dead,
            enriched=names.enriched,
            state=names.state(request_id),
            deadlines=names.deadlines,
            closed=names.closed,
            request=request_id,
            incoming=int(cause.group == IDENTIFY and b"deadline_at" not in cause.raw),
            letter_fields=len(dead),
        )

    async def ask_again(self, request_id: str, source: str, letter: str = "") -> bool | None:
        """Ask one source again for a request that is remembered; ``letter`` is the dead letter that is used up by it.

        ``False`` when it is waited for already, ``None`` when the state is forgotten or complete.
        """
        names = self.names
        done = await self.scripts.run(
            "reask",
            state=names.state(request_id),
            lane=names.lane(source),
            failed=names.failed(source),
            dead=names.dead,
            request=request_id,
            source=source,
            letter=letter,
        )
        return None if int(done) < 0 else bool(done)

    async def reopen(
        self,
        request: TitleRequest,
        event: IdentifiedTitle,
        source: str,
        *,
        deadline_ms: int,
        letter: str = "",
    ) -> bool:
        """Open a request that is identified already and asks one source; ``False`` when it was opened before."""
        names, request_id = self.names, request.request_id or ""
        made = await self.scripts.run(
            "reopen",
            state=names.state(request_id),
            deadlines=names.deadlines,
            lane=names.lane(source),
            dead=names.dead,
            request=request_id,
            body=request.model_dump_json(exclude_none=True),
            identified=event.model_dump_json(exclude_none=True),
            deadline_ms=deadline_ms,
            letter=letter,
        )
        return bool(made)

    async def forget(self, age_ms: int, most: int) -> int:
        """Drop the states of requests that ended so long ago; returns how many."""
        names = self.names
        gone = await self.scripts.run(
            "sweep", closed=names.closed, prefix=names.states, age_ms=age_ms, most=most
        )
        return int(gone)

    async def state(self, request_id: str) -> State | None:
        """The state of a request. Raises ``ValueError`` when it is damaged."""
        return read_state(table(await self.scripts.call("HGETALL", self.names.state(request_id))))

    async def outline(self, request_id: str, sources: Sequence[str]) -> Outline | None:
        """An open request to which all that were asked (of ``sources``) have answered; ``None`` for any other."""
        wanted = (RequestField.IDENTIFIED, RequestField.VERSION, RequestField.DONE)
        marks = [RequestField.MARK + source for source in sources]
        found = await self.scripts.call("HMGET", self.names.state(request_id), *wanted, *marks)
        identified, version, done, *given = found
        if not identified or done:
            return None
        event, _ = read_identified(identified)
        known = {one: text(mark) for one, mark in zip(sources, given, strict=True) if mark}
        return Outline(event, known, text(version or b"0")) if known.keys() >= set(event.asked) else None

    async def whole(self, request_id: str) -> tuple[State, Phase, float | None] | None:
        """The state of a request, its phase, and its deadline in Unix seconds. Raises ``ValueError`` when it is damaged."""
        raw = table(await self.scripts.call("HGETALL", self.names.state(request_id)))
        if (state := read_state(raw)) is None:
            return None
        due = await self.scripts.call("ZSCORE", self.names.deadlines, request_id)
        return state, phase_of(raw), float(due) / 1000 if due is not None else None

    async def request(self, request_id: str) -> TitleRequest | None:
        """The request itself; ``None`` for one that is forgotten or could not be read."""
        try:
            body = await self.scripts.call("HGET", self.names.state(request_id), RequestField.REQUEST)
        except ResponseError as error:
            if not is_wrong_type(error):
                raise
            return None
        try:
            return TitleRequest.model_validate_json(body) if body else None
        except ValueError:  # a state that is there only to remember how it ended
            return None

    async def is_known(self, request_id: str) -> bool:
        """Whether the request is remembered."""
        return bool(await self.scripts.call("EXISTS", self.names.state(request_id)))

    async def anime_of(self, request_id: str) -> str:
        """The work that a request ended with, or ''."""
        anime = await self.scripts.call("HGET", self.names.state(request_id), RequestField.ANIME_ID)
        return text(anime) if anime else ""

    async def still_waits(self, request_id: str, source: str) -> bool:
        """Whether a request is remembered and has had no answer of this source, good or bad, so far."""
        wanted = (RequestField.REQUEST, RequestField.COMPACT, RequestField.PARTIAL + source)
        found = await self.scripts.call("HMGET", self.names.state(request_id), *wanted)
        return [one is not None for one in found] == [True, False, False]

    async def overdue(self, most: int) -> list[str]:
        """Open requests whose deadline has passed, the oldest first."""
        due = await self.scripts.call(
            "ZRANGE", self.names.deadlines, 0, await self._now_ms(), "BYSCORE", "LIMIT", 0, most
        )
        return [text(one) for one in due]

    async def count_open(self, *, overdue: bool = False) -> int:
        """How many requests are open, or open past their deadline."""
        last = await self._now_ms() if overdue else "+inf"
        return int(await self.scripts.call("ZCOUNT", self.names.deadlines, "-inf", last))

    async def close_unknown(self, request_id: str) -> None:
        """Take a request off the open ones whose state is gone."""
        await self.scripts.call("ZREM", self.names.deadlines, request_id)

    def overdue_cause(self, request_id: str, group: str) -> Delivery:
        """A passed deadline in the shape of an entry, as a cause."""
        raw = {b"request_id": request_id.encode()}
        return Delivery(self.names.deadlines, group, "", raw)

    async def failed(self, source: str, since_ms: int, most: int) -> list[str]:
        """Requests that a source has failed to answer since then (Unix ms)."""
        found = await self.scripts.call(
            "ZRANGE", self.names.failed(source), since_ms, "+inf", "BYSCORE", "LIMIT", 0, most
        )
        return [text(one) for one in found]

    async def forget_failure(self, request_id: str, source: str) -> None:
        """A request is of no use for asking this source again."""
        await self.scripts.call("ZREM", self.names.failed(source), request_id)

    async def forget_failures(self, source: str, before_ms: int) -> None:
        """The same for all failures before that time (Unix ms)."""
        await self.scripts.call("ZREMRANGEBYSCORE", self.names.failed(source), "-inf", before_ms)

    async def ended(self, request_ids: Sequence[str]) -> list[Ended]:
        """Those of the requests that have ended."""
        wanted = (RequestField.DONE, RequestField.STATUS, RequestField.ANIME_ID, RequestField.REVISION)
        found = []
        async with self.scripts.client.pipeline(transaction=False) as pipe:
            for request_id in request_ids:
                pipe.hmget(self.names.state(request_id), *wanted)
            states = await pipe.execute(raise_on_error=False)
        for request_id, found_state in zip(request_ids, states, strict=True):
            done, status, anime, revision = sound_reply(found_state, [None] * len(wanted))
            if done is not None:  # '' where nothing was told
                ended = Ended(request_id, text(status), text(anime or b""), int(revision or 0), text(done))
                found.append(ended)
        return found

    async def open(self, most: int) -> list[Open]:
        """The open requests whose deadline comes first. Reads no partials: those are large."""
        redis, names = self.scripts.client, self.names
        found: Any = await redis.zrange(names.deadlines, 0, most - 1, withscores=True)
        wanted = (RequestField.REQUEST, RequestField.VERDICT, RequestField.ASKED, RequestField.HAVE)
        pipe = redis.pipeline(transaction=False)
        for member, _ in found:
            pipe.hmget(names.state(text(member)), *wanted)
            pipe.hkeys(names.state(text(member)))
        answers: list[Any] = await pipe.execute(raise_on_error=False)
        listed = []
        for (member, due), values, names_of in zip(found, answers[::2], answers[1::2], strict=True):
            request, verdict, asked, have = sound_reply(values, [None] * len(wanted))
            keys = sound_reply(names_of, [])
            waiting = await self._waiting(text(member), [text(key) for key in keys])
            counts = int(asked or 0), int(have or 0)
            listed.append(
                Open(text(member), request or b"{}", due / 1000, text(verdict or b""), *counts, waiting)
            )
        return listed

    async def _waiting(self, request_id: str, fields: Sequence[str]) -> dict[str, str]:
        waits = [one for one in fields if one.startswith(RequestField.WAITING)]
        if not waits:
            return {}
        reasons: Any = await self.scripts.call("HMGET", self.names.state(request_id), *waits)
        values = dict(zip(waits, reasons, strict=True))
        return {source: text(why or b"") for source, why in family(values, RequestField.WAITING).items()}

    async def _now_ms(self) -> int:
        seconds, micros = await self.scripts.call("TIME")
        return int(seconds) * 1000 + int(micros) // 1000


def _of(cause: Delivery) -> dict[str, str]:
    return {"stream": cause.stream, "group": cause.group, "entry": cause.id}
