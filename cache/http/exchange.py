"""One request that the store cannot answer at once: asking upstream, judging, keeping, standing in."""

from __future__ import annotations

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from cache import clock
from cache.http.admission import Admission, admit, seconds_to_keep
from cache.http.body import hand_on, read_up_to
from cache.http.failure import LARGEST, failure_of, pack_error, replay
from cache.http.never_store import FAILING, never_kept, refused
from cache.http.preconditions import asking_for_changes
from cache.http.query import SAFE_METHODS, CacheQuery
from cache.http.response import repeat
from cache.http.revalidation import freshen
from cache.http.selection import Use, fit_for_error, select_entry
from cache.http.serving import serve
from cache.info import CacheInfo, note_cache_info
from cache.limits.limiter import LimitError
from cache.rules import Rejection, Reply, ServiceRules
from cache.single_flight.flight import Outcome
from cache.store.entry import StoredEntry, new_entry_id
from cache.store.shelf import Shelf

TRANSPORT_ERRORS = (aiohttp.ClientError, TimeoutError, OSError)
_NEWS = frozenset({"not_found"})
"""Refusals that are news about the entry, so that an older answer must not hide them."""


class Exchange:
    """The way of one request to its answer; a `cache.single_flight.flight.Call`.

    ``response`` or ``error`` is set once this caller has an answer of its own; without one the outcome of the flight
    is used.
    """

    def __init__(
        self,
        request: ClientRequest,
        handler: ClientHandlerType,
        query: CacheQuery,
        *,
        rules: ServiceRules,
        shelf: Shelf,
        known: tuple[StoredEntry, ...],
    ) -> None:
        self.request, self.handler, self.query = request, handler, query
        self.rules, self.shelf, self.known = rules, shelf, known
        self.response: ClientResponse | None = None
        self.error: BaseException | None = None

    async def look(self) -> Outcome | None:
        """What the store has by now."""
        now = clock.now()
        choice = select_entry(self.query, await self.shelf.read(self.query.key), now)
        self.known = choice.known
        if choice.use is not Use.FRESH or choice.entry is None:
            return None
        self.response = await serve(self.request, self.query, choice.entry, now)
        return Outcome("stored", value=choice.entry)

    async def lead(self, token: str) -> Outcome:
        """Ask upstream and keep its answer under the lease ``token``."""
        self.response, self.error, sent = None, None, clock.now()
        try:
            with asking_for_changes(self.request.headers, self.known if self._conditional else ()):
                response = await self.handler(self.request)
            return await self._settle(response, sent, token)
        except LimitError as error:
            # It says something about this caller's patience, nothing about the answer.
            return await self._failed(error, Outcome("gone"))
        except TRANSPORT_ERRORS as error:
            return await self._failed(error, Outcome("failed", pack_error(error)))

    async def _settle(self, response: ClientResponse, sent: float, token: str) -> Outcome:
        try:
            if response.status == 304 and self._conditional:
                return await self._confirmed(response, sent, token)
            return await self._judge(response, sent, token)
        except BaseException:
            response.close()
            raise

    async def answer(self, outcome: Outcome) -> ClientResponse:
        """This caller's answer after a flight that ended in ``outcome``, whoever led it."""
        if self.response is None and self.error is None:
            adopted = await self._adopt(outcome)
            if adopted is not None:
                return adopted
            await self.lead("")
        if self.response is not None:
            return self.response
        raise self.error or aiohttp.ClientError("the exchange ended without an answer")

    async def _adopt(self, outcome: Outcome) -> ClientResponse | None:
        if outcome.kind == "failed":
            return await self._stand_in() or await replay(self.request, outcome.payload)
        entry, now = outcome.value, clock.now()
        if not isinstance(entry, StoredEntry):
            return None
        choice = select_entry(self.query, [entry], now)
        if choice.use is not Use.FRESH or choice.entry is None:
            return None
        return await serve(self.request, self.query, choice.entry, now)

    def _substitute(self) -> StoredEntry | None:
        return fit_for_error(self.query, self.known, self.rules.grace, clock.now())

    async def _stand_in(self) -> ClientResponse | None:
        entry = self._substitute()
        if entry is None:
            return None
        return await serve(self.request, self.query, entry, clock.now(), failing=True)

    async def _failed(self, error: BaseException, outcome: Outcome) -> Outcome:
        self.response = await self._stand_in()
        self.error = error
        return outcome

    async def _judge(self, response: ClientResponse, sent: float, token: str) -> Outcome:
        status, received = response.status, clock.now()
        if status in FAILING and self._substitute() is not None:
            return await self._fail(response)
        admission = admit(self.query, self.rules, status, response.headers, sent=sent, received=received)
        if admission is None and (never_kept(status) or status in FAILING):
            return await self._fail(response)
        if admission is None or (response.content_length or 0) > self.rules.max_body:
            self.response = response
            return Outcome("passed")
        body, whole = await read_up_to(response, self.rules.max_body)
        if not whole:
            self.response = await hand_on(self.request, response, body)
            return Outcome("passed")
        if (refusal := self._refusal(response, body)) is not None:
            return await self._refuse(response, body, refusal)
        return await self._keep(response, body, admission, token)

    async def _keep(self, response: ClientResponse, body: bytes, admission: Admission, token: str) -> Outcome:
        if not self.rules.keeps(self._reply(response, body)):
            self.response = await repeat(self.request, response, body)
            return failure_of(response, body)
        entry = StoredEntry(
            id=new_entry_id(),
            method=self.query.method,
            url=self.query.url,
            chosen_by=admission.chosen_by,
            status=response.status,
            reason=response.reason or "",
            headers=admission.headers,
            freshness=admission.freshness,
            body=body,
        )
        self.response = await repeat(self.request, response, body)
        note_cache_info(self.response, CacheInfo(stored_at=admission.freshness.received))
        await self._store(entry, token)
        return Outcome("stored", value=entry)

    async def _store(self, entry: StoredEntry, token: str) -> None:
        keep = seconds_to_keep(self.rules, entry.freshness, clock.now())
        await self.shelf.write(self.query.key, entry, keep, beside=self.known, token=token)

    def _refusal(self, response: ClientResponse, body: bytes) -> Rejection | None:
        return refused(self.rules, self._reply(response, body))

    def _reply(self, response: ClientResponse, body: bytes) -> Reply:
        names = {name.lower(): value for name, value in response.headers.items()}
        return Reply(self.request.method, str(self.request.url), response.status, names, body)

    async def _fail(self, response: ClientResponse) -> Outcome:
        """An error status: a stale answer instead if the site is out of order, else the error page."""
        body, whole = await read_up_to(response, LARGEST)
        refusal = self._refusal(response, body)
        if response.status in FAILING:
            refusal = refusal or Rejection("upstream_error")
        if refusal is not None and whole:
            return await self._refuse(response, body, refusal)
        self.response = await self._stand_in() if refusal is not None else None
        if self.response is not None:
            response.close()
        elif whole:
            self.response = await repeat(self.request, response, body)
        else:
            self.response = await hand_on(self.request, response, body)
        return failure_of(response, body) if whole else Outcome("gone")

    async def _refuse(self, response: ClientResponse, body: bytes, refusal: Rejection) -> Outcome:
        """No data: a stale answer instead, unless the refusal itself is the news."""
        instead = None if refusal.reason in _NEWS else await self._stand_in()
        self.response = instead or await repeat(self.request, response, body)
        return failure_of(response, body)

    async def _confirmed(self, response: ClientResponse, sent: float, token: str) -> Outcome:
        await response.read()
        now = clock.now()
        result = freshen(self.query, self.known, self.rules, response.headers, sent=sent, received=now)
        if result.outdated:
            await self.shelf.forget(self.query.key, result.outdated)
        if not result.updated:
            self.known = ()
            return await self.lead(token)
        *others, best = result.updated
        for entry in others:
            await self._store(entry, "")
        await self._store(best, token)
        self.response = await serve(self.request, self.query, best, now)
        return Outcome("stored", value=best)

    @property
    def _conditional(self) -> bool:
        # A POST that only asks must not carry validators: to it, If-None-Match means "do not do it".
        return bool(self.known) and self.request.method in SAFE_METHODS
