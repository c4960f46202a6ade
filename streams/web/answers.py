"""Answers of the status page: every one with headers that keep foreign words from becoming code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from faststream.asgi import AsgiResponse, Request
from redis.exceptions import RedisError

from streams.operations.health import server_gone
from streams.telemetry.logs import logger
from streams.telemetry.seldom import Seldom
from streams.web.html import document, el

MAX_BODY = 64 * 1024
FORM_SECONDS = 10.0
"""Time to send a form."""
AGAIN_SECONDS = 5
"""After which a page that could not be made looks again by itself."""
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' https:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


log = logger("page")
seldom = Seldom()


def page(body: bytes, status: int = 200) -> AsgiResponse:
    """An HTML page."""
    return reply(body, "text/html; charset=utf-8", status)


def data(value: Any, status: int = 200) -> AsgiResponse:
    """JSON."""
    return reply(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), "application/json", status)


def reply(body: bytes, kind: str, status: int = 200, *, cache: str = "no-store") -> AsgiResponse:
    """Any answer."""
    return AsgiResponse(body, status, {**HEADERS, "Content-Type": kind, "Cache-Control": cache})


def sorry(title: str, words: str, status: int, *, again: int | None = None) -> AsgiResponse:
    """A page that says what went wrong and what to do; with ``again`` it looks again after so many seconds."""
    return page(document(title, "", el("p", words), refresh=again), status)


class Visit(Request):
    """A request; FastStream's own `query_params` breaks on anything but ASCII."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        super().__init__(scope, receive, send)
        self._query: dict[str, list[str]] = parse_qs(
            str(scope.get("query_string", b""), "ascii", "replace"), errors="replace"
        )

    def asked(self, name: str) -> str:
        """One value of the query, at most 500 characters; '' when it is not given."""
        return self._query.get(name, [""])[0][:500]

    def number(self, name: str) -> int:
        """A place in a list, of at most nine digits; 0 when none is given."""
        given = self.asked(name)
        return int(given[:9]) if given.isascii() and given.isdecimal() else 0

    def header(self, name: str) -> str:
        """A header by its name in small letters; '' when it is not sent."""
        wanted = name.encode()
        return next((str(value, "latin-1") for key, value in self._scope["headers"] if key == wanted), "")

    @property
    def wants_data(self) -> bool:
        """Whether a script of ours asks, rather than a browser for a page."""
        return "application/json" in self.header("accept")

    async def form(self) -> dict[str, list[str]] | None:
        """The fields of a posted form; ``None`` when it is too large. Raises ``TimeoutError`` for one that never ends."""
        async with asyncio.timeout(FORM_SECONDS):
            return await self._form()

    async def _form(self) -> dict[str, list[str]] | None:
        body = b""
        async for part in self.stream():
            body += part
            if len(body) > MAX_BODY:
                return None
        return parse_qs(body.decode("utf-8", "replace"))


Answer = Callable[[Visit], Awaitable[AsgiResponse]]


class Route:
    """One address as an ASGI application, for some methods; a server that is away is said so."""

    def __init__(self, answer: Answer, *methods: str) -> None:
        self.answer = answer
        self.methods = methods or ("GET", "HEAD")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        response = await self._answer(Visit(scope, receive, send))
        await response(scope, receive, send)

    async def _answer(self, request: Visit) -> AsgiResponse:
        if request.method not in self.methods:
            return sorry("Not like this", f"This address takes {' and '.join(self.methods)}.", 405)
        try:
            return await self.answer(request)
        except RedisError as error:
            seldom.warning(log, "the server is out of reach", error=repr(error))
            gone = server_gone(error)
            words = f"{gone.found}. {gone.next_step}. This page looks again by itself."
            return sorry("The server is out of reach", words, 503, again=AGAIN_SECONDS)
        except TimeoutError:
            return sorry("Too slow", "The form did not come in time.", 408)
        except Exception:
            log.exception("a page broke")
            return sorry("This page broke", "The log of this process tells why.", 500)
