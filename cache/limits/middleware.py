"""The limiter as an aiohttp client middleware: ask for a turn, send, look whether the site has had enough."""

from __future__ import annotations

import asyncio

from aiohttp import ClientHandlerType, ClientMiddlewareType, ClientPayloadError, ClientRequest, ClientResponse
from aiohttp.base_protocol import BaseProtocol
from aiohttp.streams import StreamReader

from cache.headers import retry_after
from cache.limits.limiter import Limiter, lane, max_wait
from cache.limits.refused import document
from cache.rules import Refusal, Reply, ServiceRules, accept_all

DEFAULT_PAUSE = 60.0
"""Seconds of rest after a 429 that names none, of a site that has no rule of its own."""
LONGEST_PAUSE = 86_400.0
MAX_BODY = 64 * 1024 * 1024
NO_REFUSAL_IS_LONGER = 1024 * 1024
"""A good answer that announces more bytes than this is passed on unread."""


def limit_middleware(limiter: Limiter, rules: ServiceRules) -> ClientMiddlewareType:
    """Make a middleware that keeps ``rules.rates``; it belongs inside the cache, so that only real requests count.

    A 429 and every refusal with ``latch_seconds`` latch the site for the whole fleet. The body is read here, once,
    and can be read again by whoever is outside. Raises `cache.limits.fleet.LimitWait` or `cache.limits.fleet.Banned`.
    """

    async def middleware(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        if wanted := document.get():
            await limiter.check_rest(rules.service, wanted.key)
        await limiter.acquire(rules.service, rules.rates, lane.get(), max_wait.get())
        if wanted:
            wanted.asked = True
        response = await handler(request)
        await _latch_if_refused(limiter, rules, response)
        return response

    return middleware


async def _latch_if_refused(limiter: Limiter, rules: ServiceRules, response: ClientResponse) -> None:
    headers = {name.lower(): value for name, value in response.headers.items()}
    refusal = await _refusal(rules, response, headers)
    if response.status == 429:
        own = refusal.latch_seconds if refusal else DEFAULT_PAUSE
        pause = min(retry_after(headers) or own, LONGEST_PAUSE)
        await limiter.latch(rules.service, pause, "rate_limited")
    elif refusal:
        longest = min(8 * refusal.latch_seconds, LONGEST_PAUSE)
        await limiter.latch(rules.service, refusal.latch_seconds, refusal.reason, longest)


async def _refusal(rules: ServiceRules, response: ClientResponse, headers: dict[str, str]) -> Refusal | None:
    announced = response.content_length or 0
    if rules.refuse is accept_all or (response.status < 400 and announced > NO_REFUSAL_IS_LONGER):
        return None
    body = await _read_again(response)
    refusal = rules.refuse(Reply(response.method, str(response.url), response.status, headers, body))
    return refusal if refusal and refusal.latch_seconds > 0 else None


async def _read_again(response: ClientResponse) -> bytes:
    """The body of ``response``, which afterwards can be read or streamed as if nobody had."""
    parts: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_BODY:
            response.close()
            raise ClientPayloadError(f"the body is longer than {MAX_BODY} bytes")
        parts.append(chunk)
    body = b"".join(parts)
    loop = asyncio.get_running_loop()
    again = StreamReader(BaseProtocol(loop), max(2**16, len(body)), loop=loop)
    again.feed_data(body)
    again.feed_eof()
    response.content = again
    return body
