"""One request that the store cannot answer at once: asking upstream, judging, keeping, standing in."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from multidict import CIMultiDict

from cache.admission import Admission, admit, seconds_to_keep
from cache.choice import Use, choose, fit_for_error
from cache.entry import StoredEntry, new_entry_id
from cache.failure import LARGEST, FailedAnswer, pack_error, replay
from cache.flight import Outcome
from cache.freshening import freshen
from cache.info import CacheInfo, note_cache_info
from cache.limiter import LimitError
from cache.overflow import hand_on, read_up_to
from cache.preconditions import VALIDATORS, validators_for
from cache.query import SAFE_METHODS, Query
from cache.refusal import FAILING, never_kept, refused
from cache.response import respond
from cache.rules import Reply, ServiceRules
from cache.serving import serve
from cache.shelf import Shelf
from cache.vary import selecting_headers

TRANSPORT_ERRORS = (aiohttp.ClientError, TimeoutError, OSError)
_NEWS = frozenset({"not_found"})
"""Refusals that are news about the entry, so that an older answer must not hide them."""


class Exchange:
    """The way of one request to its answer; a `cache.flight.Call`.

    ``response`` or ``error`` is set once this caller has an answer of its own; without one the outcome of the flight
    is used.
    """

    def __init__(
        self,
        request: ClientRequest,
        handler: ClientHandlerType,
        query: Query,
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
        now = time.time()
        choice = choose(self.query, await self.shelf.read(self.query.key), now)
        self.known = choice.known
        if choice.use is not Use.FRESH or choice.entry is None:
            return None
        self.response = await serve(self.request, self.query, choice.entry, now)
        return Outcome("stored", value=choice.entry)

    async def lead(self, token: str) -> Outcome:
        """Ask upstream and keep its answer under the lease ``token``."""
        self.response, self.error, sent = None, None, time.time()
        try:
            with self._validators():
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
        entry, now = outcome.value, time.time()
        if not isinstance(entry, StoredEntry):
            return None
        choice = choose(self.query, [entry], now)
        if choice.use is not Use.FRESH or choice.entry is None:
            return None
        return await serve(self.request, self.query, choice.entry, now)

    async def _stand_in(self) -> ClientResponse | None:
        now = time.time()
        entry = fit_for_error(self.query, self.known, self.rules.grace, now)
        return None if entry is None else await serve(self.request, self.query, entry, now, failing=True)

    async def _failed(self, error: BaseException, outcome: Outcome) -> Outcome:
        self.response = await self._stand_in()
        self.error = error
        return outcome

    async def _judge(self, response: ClientResponse, sent: float, token: str) -> Outcome:
        received = time.time()
        if response.status in FAILING and (instead := await self._stand_in()) is not None:
            self.response = instead
            return await self._report_failure(response)
        admission = admit(
            self.query, self.rules, response.status, response.headers, sent=sent, received=received
        )
        if admission is None and (never_kept(response.status) or response.status in FAILING):
            return await self._show_failure(response)
        if admission is None or (response.content_length or 0) > self.rules.max_body:
            self.response = response
            return Outcome("passed")
        body, whole = await read_up_to(response, self.rules.max_body)
        if not whole:
            self.response = await hand_on(self.request, response, body)
            return Outcome("passed")
        return await self._keep_unless_refused(response, body, admission, token)

    async def _keep_unless_refused(
        self, response: ClientResponse, body: bytes, admission: Admission, token: str
    ) -> Outcome:
        headers = CIMultiDict(response.headers)
        names = {name.lower(): value for name, value in headers.items()}
        reply = Reply(self.request.method, str(self.request.url), response.status, names, body)
        refusal = refused(self.rules, reply)
        if refusal is not None:
            outcome = self._failure(response, body)
            instead = None if refusal.reason in _NEWS else await self._stand_in()
            self.response = instead or await self._repeat(response, headers, body)
            return outcome
        entry = self._entry(response, body, admission)
        self.response = await self._repeat(response, headers, body)
        note_cache_info(self.response, CacheInfo(stored_at=admission.freshness.received))
        await self._store(entry, token)
        return Outcome("stored", value=entry)

    def _entry(self, response: ClientResponse, body: bytes, admission: Admission) -> StoredEntry:
        chosen_by = selecting_headers(self.query.headers, admission.headers)
        if self.rules.ttl is not None:
            chosen_by.pop("*", None)
        return StoredEntry(
            id=new_entry_id(),
            method=self.query.method,
            url=self.query.url,
            chosen_by=chosen_by,
            status=response.status,
            reason=response.reason or "",
            headers=admission.headers,
            freshness=admission.freshness,
            body=body,
        )

    async def _store(self, entry: StoredEntry, token: str) -> None:
        keep = seconds_to_keep(self.rules, entry.freshness, time.time())
        await self.shelf.write(self.query.key, entry, keep, beside=self.known, token=token)

    async def _repeat(
        self, response: ClientResponse, headers: CIMultiDict[str], body: bytes
    ) -> ClientResponse:
        return await respond(self.request, response.status, response.reason or "", headers, body)

    async def _report_failure(self, response: ClientResponse) -> Outcome:
        """Tell those who wait of an error page that this caller does not see."""
        body, whole = await read_up_to(response, LARGEST)
        response.release()
        return self._failure(response, body) if whole else Outcome("gone")

    async def _show_failure(self, response: ClientResponse) -> Outcome:
        """Give the error page to this caller, and to those who wait if it is a small one."""
        body, whole = await read_up_to(response, LARGEST)
        if not whole:
            self.response = await hand_on(self.request, response, body)
            return Outcome("gone")
        self.response = await self._repeat(response, CIMultiDict(response.headers), body)
        return self._failure(response, body)

    @staticmethod
    def _failure(response: ClientResponse, body: bytes) -> Outcome:
        if len(body) > LARGEST:
            return Outcome("gone")
        pairs = list(response.headers.items())
        return Outcome("failed", FailedAnswer(response.status, response.reason or "", pairs, body).pack())

    async def _confirmed(self, response: ClientResponse, sent: float, token: str) -> Outcome:
        await response.read()
        now = time.time()
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
        return bool(self.known) and self.query.method in SAFE_METHODS

    @contextlib.contextmanager
    def _validators(self) -> Iterator[None]:
        """Ask for the stored answers' sake; the caller's own validators come back afterwards."""
        headers = self.request.headers
        if not self._conditional:
            yield
            return
        theirs = [(name, value) for name in VALIDATORS for value in headers.popall(name, ())]
        headers.update(validators_for(self.known))
        try:
            yield
        finally:
            for name in VALIDATORS:
                headers.popall(name, None)
            headers.extend(theirs)
