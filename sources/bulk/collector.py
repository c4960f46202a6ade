"""The middlewares of an aiohttp session that let single requests travel together, below the cache and around the limits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextvars import ContextVar
from http import HTTPStatus

import aiohttp
from aiohttp import ClientHandlerType, ClientMiddlewareType, ClientRequest, ClientResponse
from multidict import CIMultiDict

from cache.http.body import read_up_to
from cache.http.query import body_of_query
from cache.http.response import respond
from cache.limits.limiter import Limiter, priority
from cache.limits.local import LocalLimiter
from cache.limits.refused import document
from cache.rules import Reply, ServiceRules
from sources.batch import Batch, Question
from sources.bulk.desk import Company, Desk
from sources.bulk.line import Asked, Line, Take, Waiting

LARGEST = 64 * 1024 * 1024
"""Bytes of a joint answer; one that is longer counts as too many questions."""
_OF_THE_WHOLE = frozenset(
    {
        "content-length",
        "content-encoding",
        "transfer-encoding",
        "etag",
        "last-modified",
        "digest",
        "connection",
    }
)
_OWN = frozenset({"host", "content-length", "if-none-match", "if-modified-since", "range"})

_taking: ContextVar[Take | None] = ContextVar("taking", default=None)
"""Set in the task that stands for a turn: gives the question to ask when it has come."""


def collecting(
    batches: Sequence[Batch],
    rules: ServiceRules,
    limiter: Limiter | None,
    turns: Sequence[ClientMiddlewareType],
    company: Company | None = None,
) -> tuple[ClientMiddlewareType, ...]:
    """``turns`` (the limit's middleware) between two that collect: questions wait outside, and are joined inside.

    Without ``batches`` it is ``turns`` alone. Each answer is a response of its own to the request that asked, so that
    the cache around all this keeps it under that request's key. Bulk questions wait for ``company``.
    """
    if not batches:
        return tuple(turns)
    collector = _Collector(batches, rules, limiter or LocalLimiter(), company or Company())
    return (collector.wait, *turns, _join)


class _Collector:
    def __init__(
        self, batches: Sequence[Batch], rules: ServiceRules, limiter: Limiter, company: Company
    ) -> None:
        self._batches, self._rules, self._limiter = batches, rules, limiter
        self._desk = Desk(rules, limiter, company)
        self._lines: dict[tuple[str, str], Line] = {}

    async def wait(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Put a request that can go along with others in their line; pass any other on."""
        question = await _question(request)
        line = self._line(question) if question is not None else None
        if question is None or line is None:
            return await handler(request)

        async def send(take: Take) -> Reply:
            token = _taking.set(take)
            try:
                return await _received(await handler(request))
            finally:
                _taking.reset(token)

        if wanted := document.get():
            await self._limiter.check_rest(self._rules.service, wanted.key)
        asked = Asked(question, _own_headers(request))
        return await _answer(
            request, await self._desk.ask(line, Waiting(asked, priority.get(), send, wanted))
        )

    def _line(self, question: Question) -> Line | None:
        for batch in self._batches:
            if (group := batch.group(question)) is not None:
                key = batch.name, group
                if key not in self._lines:
                    self._lines[key] = Line(batch, self._rules, self._limiter)
                    self._desk.lines.append(self._lines[key])
                return self._lines[key]
        return None


async def _join(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Ask what stands in line now; ``request`` has brought the turn."""
    take = _taking.get()
    if take is None:
        return await handler(request)
    asked = await take()
    question = asked.question
    body = None if question.json is None else json.dumps(question.json).encode()
    return await request.session.request(
        question.method, question.url, data=body, headers=asked.headers, middlewares=()
    )


def _own_headers(request: ClientRequest) -> list[tuple[str, str]]:
    """Those that a joint request has of one who asked."""
    return [(name, value) for name, value in request.headers.items() if name.lower() not in _OWN]


async def _question(request: ClientRequest) -> Question | None:
    """What ``request`` asks; ``None`` for one that cannot be read."""
    if request.method != "POST":
        return Question(request.method, request.url)
    sent = await body_of_query(request)
    try:
        return None if sent is None else Question("POST", request.url, json.loads(sent.partition(b"\0")[2]))
    except ValueError:
        return None


async def _received(response: ClientResponse) -> Reply:
    body, whole = await read_up_to(response, LARGEST)
    if not whole:
        response.close()
        raise aiohttp.ClientPayloadError(f"the answer is longer than {LARGEST} bytes")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.method, str(response.url), response.status, headers, body)


async def _answer(request: ClientRequest, reply: Reply) -> ClientResponse:
    headers = CIMultiDict((n, value) for n, value in reply.headers.items() if n not in _OF_THE_WHOLE)
    headers["Content-Length"] = str(len(reply.body))
    known = {status.value: status.phrase for status in HTTPStatus}
    return await respond(request, reply.status, known.get(reply.status, ""), headers, reply.body)
