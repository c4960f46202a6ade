"""One site behind several hosts: where one is latched or away, the next is asked."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cache import clock
from sources.errors import Reason, SourceError
from sources.http import Answer, Http

T = TypeVar("T")
Away = Callable[[str, SourceError], Awaitable[None]]
"""Is told the service name of a host, and how it failed."""

ELSEWHERE = frozenset(
    {
        Reason.TIMEOUT,
        Reason.UNREACHABLE,
        Reason.RATE_LIMITED,
        Reason.UPSTREAM_ERROR,
        Reason.BAD_REPLY,
        Reason.BANNED,
        Reason.CHALLENGE,
        Reason.FORBIDDEN,
        Reason.MISCONFIGURED,
        Reason.NOT_CONFIGURED,
    }
)
"""Trouble of one host or way; everything else is an answer of the site, and would be the same elsewhere."""

PASSED_OVER = 15.0
"""Seconds for which this process asks a host last that has just failed."""


@dataclass(frozen=True, slots=True)
class Host:
    """One of the hosts: its base address, the name under which it is limited and latched, and how it is asked."""

    base: str
    service: str
    http: Http

    @property
    def name(self) -> str:
        """What a record says of where it came from."""
        return _name_of(self.base)


def service_name(source: str, address: str, position: int) -> str:
    """Under which name a host is limited: the first of a source under the source's own."""
    return source if position == 0 else f"{source}@{_name_of(address)}"


def _name_of(address: str) -> str:
    """Host and port, without the password that may stand before them."""
    return urlsplit(address).netloc.rpartition("@")[2]


async def first_to_answer(tries: Iterable[Callable[[], Awaitable[T]]]) -> T:
    """What the first gives that answers; of several in trouble the one raises that may be asked again soonest."""
    failed: list[SourceError] = []
    for attempt in tries:
        try:
            return await attempt()
        except SourceError as error:
            if error.reason not in ELSEWHERE:
                raise
            failed.append(error)
    if not failed:
        raise ValueError("nobody to ask")
    raise min(failed, key=lambda error: error.retry_after or 0.0)


class Hosts(Http):
    """What is asked of the first host's address goes to the next host while the first is in trouble.

    Headers that a source adds, which may hold a key, go to the first host only. Every host has its own limits and
    latches; answers are kept for the source, whichever host gave them.
    """

    def __init__(self, hosts: Sequence[Host], away: Away) -> None:
        self.hosts = tuple(hosts)
        self.source = hosts[0].http.source
        self._away = away
        self._until = dict.fromkeys(self.hosts, 0.0)

    async def ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request to the first host that answers; errors as in `Http.ask`."""

        def at(host: Host) -> Callable[[], Awaitable[Answer]]:
            first = host is self.hosts[0]
            target = url if first else host.base + url.removeprefix(self.hosts[0].base)
            sent = {"params": params, "json": json, "headers": headers if first else None}
            return lambda: self._asked(host, method, target, sent)

        now = clock.monotonic()
        ready = sorted(self.hosts, key=lambda host: self._until[host] > now)
        return await first_to_answer(at(host) for host in ready)

    async def _asked(self, host: Host, method: str, url: str, sent: Mapping[str, Any]) -> Answer:
        try:
            reply = await host.http.ask(method, url, **sent)
        except SourceError as error:
            if error.reason in ELSEWHERE:
                self._until[host] = clock.monotonic() + PASSED_OVER
                await self._away(host.service, error)
            raise
        return replace(reply, via=host.name)

    @contextlib.asynccontextmanager
    async def reading(self, reply: Answer) -> AsyncIterator[None]:
        """As `Http.reading`; what the reader finds is told of the host that gave the reply."""
        async with self._giver(reply).reading(reply):
            yield

    def _giver(self, reply: Answer) -> Http:
        return next((host.http for host in self.hosts if host.name == reply.via), self.hosts[0].http)
