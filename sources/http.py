"""Asking a site: one request in, a reply or a reason out."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp

from cache.headers import retry_after
from cache.http.keeping import Kept, kept
from cache.info import CacheInfo, cache_info
from cache.limits.limiter import Banned, Limiter, LimitError, LimitWait, Resting
from cache.limits.refused import Document, document
from cache.rules import Rejection, Reply, Rest
from sources.errors import NotAnEntry, Reason, SourceError
from sources.redirects import MOST_HOPS, LeadsAway, next_hop

_ELSEWHERE = re.compile(r"[/\\\x00-\x20\x7f]")
_LONGEST_ID = 200

USER_AGENT = "anime-enrich/0.1 (+https://github.com/anime-enrich/anime-enrich)"


@dataclass(slots=True)
class Origin:
    """How the replies of one piece of work came in: counts, and whether any was stale."""

    requests: int = 0
    cached: int = 0
    stale: bool = False
    oldest: float | None = None

    def add(self, info: CacheInfo) -> None:
        """Count one reply."""
        self.requests += 1
        self.cached += info.from_cache
        self.stale = self.stale or info.stale
        if info.stored_at is not None:
            self.oldest = min(self.oldest or info.stored_at, info.stored_at)

    @property
    def from_cache(self) -> bool:
        """Whether every reply came from the cache."""
        return self.requests > 0 and self.cached == self.requests


origin: contextvars.ContextVar[Origin | None] = contextvars.ContextVar("origin", default=None)
"""Set by whoever wants to know where the replies of the current task came from."""


def as_source_error(error: LimitError, source: str) -> SourceError:
    """What a source says when the limiter lets no request through."""
    wait = error.retry_after if isinstance(error, Banned | LimitWait) else None
    if isinstance(error, Banned):
        why = Reason(error.reason) if error.reason in set(Reason) else Reason.BANNED
        what = f"what {source} was asked for" if isinstance(error, Resting) else source
        return SourceError(why, f"{what} is left alone ({error.reason})", retry_after=wait, source=source)
    return SourceError(
        Reason.RATE_LIMITED, f"{source} has no free turn in time", retry_after=wait, source=source
    )


def segment(source_id: str, source: str) -> str:
    """``source_id`` as one part of an address. Raises ``not_found`` for what would lead elsewhere, such as ``..``."""
    if _ELSEWHERE.search(source_id) or not source_id.strip(".") or len(source_id) > _LONGEST_ID:
        raise SourceError(Reason.NOT_FOUND, f"{source} has no id {source_id[:40]!r}", source=source)
    return quote(source_id, safe="")


@dataclass(frozen=True, slots=True)
class Answer(Reply):
    """A reply, and what its reader may still do about it."""

    document: Document | None = field(default=None, compare=False)
    kept: Kept | None = field(default=None, compare=False)
    via: str = ""
    """The host that gave it, where there are several."""


SOUND = frozenset({Reason.NOT_FOUND, Reason.AMBIGUOUS})
"""What a sound reply may say, too."""


class Http:
    """A session with manners: every failure becomes a `SourceError`, every refusal of the site is recognised.

    A reply that its reader refuses is forgotten by the cache; ``watch`` counts such replies for the fleet, and leaves a
    document alone that is refused again and again.
    """

    def __init__(
        self,
        source: str,
        session: Callable[[], aiohttp.ClientSession],
        refuse: Callable[[Reply], Rejection | None],
        *,
        headers: Mapping[str, str] | None = None,
        max_body: int = 32 * 1024 * 1024,
        watch: Limiter | None = None,
        rest: Rest | None = None,
        service: str = "",
    ) -> None:
        self.source = source
        self._service = service or source
        self._session = session
        self._refuse = refuse
        self._headers = {"User-Agent": USER_AGENT, **(headers or {})}
        self._max_body = max_body
        self._watch = watch
        self._rest = rest or Rest()

    async def get(
        self, url: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """GET ``url``. Raises `SourceError` for everything but a 2xx that the site means."""
        return await self.ask("GET", url, params=params, headers=headers)

    async def post(self, url: str, *, json: Any, headers: Mapping[str, str] | None = None) -> Answer:
        """POST ``json`` to ``url``; errors as in `get`."""
        return await self.ask("POST", url, json=json, headers=headers)

    async def ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; a 404 raises ``not_found``, a refusal its own reason, a broken body ``bad_reply``."""
        wanted = Document(_key(method, url, params, json))
        token = document.set(wanted)
        try:
            reply = await self._follow(wanted, method, url, params, json, headers)
        finally:
            document.reset(token)
        refusal = self._refuse(reply)
        if refusal and not refusal.latch_seconds and reply.status < 300:
            await self._judge(reply, Reason(refusal.reason))
        self._check(reply, refusal)
        return reply

    async def _follow(
        self,
        wanted: Document,
        method: str,
        url: str,
        params: Mapping[str, Any] | None,
        json: Any,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        sent = {"json": json, "headers": {**self._headers, **(headers or {})}}
        reply = await self._exchange(wanted, method, url, params=params, **sent)
        for _ in range(MOST_HOPS):
            if method != "GET" or (target := self._next_hop(reply)) is None:
                break
            reply = await self._exchange(wanted, method, target, **sent)
        return reply

    def _next_hop(self, reply: Reply) -> str | None:
        try:
            return next_hop(reply.url, reply.status, reply.headers)
        except LeadsAway as error:
            raise self._error(Reason.BAD_REPLY, str(error)) from error

    @contextlib.asynccontextmanager
    async def reading(self, reply: Answer) -> AsyncIterator[None]:
        """In this block ``reply`` is read: what it raises, as `SourceError`, says whether the reply was any good."""
        try:
            yield
        except NotAnEntry as error:
            found = error.as_source_error(self.source)
            await self._judge(reply, found.reason)
            raise found from error
        except SourceError as error:
            await self._judge(reply, error.reason)
            raise
        if reply.document and reply.document.asked and self._watch:
            await self._watch.sound(self._service, reply.document.key)

    async def found_nothing(self, reply: Answer) -> None:
        """``reply`` is a search that found nothing; it is kept no longer than a 404."""
        if reply.kept:
            await reply.kept.shorten()

    async def _judge(self, reply: Answer, reason: Reason) -> None:
        """What becomes of a reply that holds no data: the news that there are none is kept shortly, the rest not at all."""
        if reason in SOUND:
            await self.found_nothing(reply)
            return
        if reply.kept:
            await reply.kept.forget()
        if reply.document and reply.document.asked and self._watch:
            await self._watch.refused(self._service, reply.document.key, reason.value, self._rest)

    async def _exchange(self, wanted: Document, method: str, url: str, **kwargs: Any) -> Answer:
        try:
            # each hop is a request of its own: with its turn, its place in the cache, and only to the site's own hosts
            async with self._session().request(method, url, allow_redirects=False, **kwargs) as response:
                body = await self._read(response)
                if note := origin.get():
                    note.add(cache_info(response))
                names = {key.lower(): value for key, value in response.headers.items()}
                return Answer(method, str(response.url), response.status, names, body, wanted, kept(response))
        except LimitError as error:
            raise as_source_error(error, self.source) from error
        except TimeoutError as error:
            raise self._error(Reason.TIMEOUT, "did not answer in time") from error
        except aiohttp.ClientPayloadError as error:
            raise self._error(Reason.BAD_REPLY, "broke off in the middle of its answer") from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._error(Reason.UNREACHABLE, f"cannot be reached ({type(error).__name__})") from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_chunked(65_536):
            size += len(chunk)
            if size > self._max_body:
                raise self._error(Reason.BAD_REPLY, f"sent more than {self._max_body} bytes")
            parts.append(chunk)
        return b"".join(parts)

    def _check(self, reply: Reply, refusal: Rejection | None) -> None:
        if refusal is not None:
            wait = retry_after(reply.headers) or refusal.latch_seconds or None
            raise self._error(
                Reason(refusal.reason), f"refused ({refusal.reason}, HTTP {reply.status})", wait
            )
        if reply.status == 429:
            raise self._error(
                Reason.RATE_LIMITED, "asks us to slow down (HTTP 429)", retry_after(reply.headers)
            )
        if reply.status in {404, 410}:
            raise self._error(Reason.NOT_FOUND, f"has no such entry (HTTP {reply.status})")
        if reply.status in {401, 403}:
            raise self._error(Reason.FORBIDDEN, f"does not let us in (HTTP {reply.status})")
        if reply.status >= 500:
            raise self._error(
                Reason.UPSTREAM_ERROR, f"failed (HTTP {reply.status})", retry_after(reply.headers)
            )
        if reply.status != 304 and not 200 <= reply.status < 300:  # a 304 answers who sent a validator
            raise self._error(Reason.BAD_REPLY, f"answered HTTP {reply.status}")

    def _error(self, reason: Reason, what: str, wait: float | None = None) -> SourceError:
        return SourceError(reason, f"{self.source} {what}", retry_after=wait, source=self.source)


def _key(method: str, url: str, params: Mapping[str, Any] | None, json: Any) -> str:
    """What is asked for, as a digest: an address may hold secrets."""
    asked = repr((method, url, sorted((params or {}).items()), json))
    return hashlib.sha256(asked.encode("utf-8", "backslashreplace")).hexdigest()[:32]


async def bounded_gather(limit: int, *calls: Callable[[], Any]) -> list[Any]:
    """Run the calls with at most ``limit`` at a time; results in order, exceptions returned in place."""
    gate = asyncio.Semaphore(limit)

    async def one(call: Callable[[], Any]) -> Any:
        async with gate:
            return await call()

    return await asyncio.gather(*(one(call) for call in calls), return_exceptions=True)
