"""Finds the work that a request means: asks the sites that can be searched, side by side, and lets `match` decide."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace

from cache import clock
from cache.reads import noting
from sources import Candidate, Query, Reason, Source, SourceError, discover
from sources.candidates import from_entry
from sources.errors import TRANSIENT
from sources.http import Origin, origin
from streams.broker.answers import FOUND
from streams.contract.events import IdentifiedTitle, TitleRequest
from streams.contract.record import SourceReport
from streams.engine.cancellation import end, first_of
from streams.engine.laps import Laps
from streams.matching.asking import MOST_LISTED, Again, first, on_disk
from streams.matching.identify import Identity, Wanted, identify
from streams.matching.offline_database import OfflineDatabase
from streams.matching.overrides import NOTHING, Overrides
from streams.stages.fetch import report
from streams.stages.first_sites import ENOUGH, is_settled, searched_first
from streams.stages.identities import Identities
from streams.stages.retries import KINDS, Kind, known_dead, was_asked
from streams.stages.source_pool import Askers
from streams.stages.wholes import Whole, Wholes
from streams.telemetry.logs import logger

SEARCH_SECONDS = 20.0
"""A site that takes longer to be searched is not waited for; its group may still find the work by id."""
BULK_SEARCH_SECONDS = 100.0
"""The same for a bulk request: in the middle of a catalogue a site's next turn may be a minute away."""
PATIENCE = 1.5
"""Once so many sites agree on a work, the others get so many seconds more to contradict."""
DECIDED_PATIENCE = 0.25
"""The same where a person has decided already and looks at what comes of it."""
TOGETHER = 0.1
"""So many seconds are waited for others beside an answer, before all that has come is judged at once."""
SHARE = 0.4
"""Share of the time until the deadline that searching may take; the rest is for asking."""

log = logger("identify")


@dataclass(slots=True)
class Searched:
    """What the sites answered, and why some did not; ``patience`` is for how many seconds those that agree wait for others."""

    results: dict[str, list[Candidate]] = field(default_factory=dict)
    failures: dict[str, SourceError] = field(default_factory=dict)
    patience: float = PATIENCE
    watched: bool = True

    def add(self, name: str, found: Sequence[Candidate]) -> None:
        """Add the answers of a site to what it has answered already."""
        known = self.results.setdefault(name, [])
        known += [one for one in found if one.id not in {other.id for other in known}]


Search = asyncio.Task[list[Candidate]]


class Identifier:
    """Turns a request into an `IdentifiedTitle`; ``witness`` is an imported data set that has a say, not a choice."""

    def __init__(
        self,
        askers: Askers,
        active: Sequence[str],
        overrides: Overrides = NOTHING,
        witness: OfflineDatabase | None = None,
    ) -> None:
        self.askers = askers
        self.active = list(active)
        self.overrides = overrides
        self.witness = witness
        self.identities = Identities(askers.memory, askers.findings, witness.digest if witness else "")
        self.wholes = Wholes(askers)
        self.laps = Laps()

    def believing(self, overrides: Overrides) -> Identifier:
        """The same with other corrections."""
        other = copy(self)
        other.overrides = overrides
        return other

    async def identify(
        self, request: TitleRequest, deadline_at: float
    ) -> tuple[IdentifiedTitle, Mapping[str, SourceError]]:
        """The verdict on ``request``, which sources are to be asked for the work, and which could not be searched.

        A verdict in which all sites had their say is remembered.
        """
        reports, names, key = self._about(request)
        if (known := await self.identities.recall(key, request, deadline_at)) is not None:
            await self.wholes.remember(key, known, self.overrides)
            return known, {}
        with noting() as reads:
            event, failures = await self._identify(request, deadline_at, reports, names)
        if not failures:
            await self.identities.remember(key, event, reads)
        return event, failures

    async def whole(self, request: TitleRequest, deadline_at: float) -> Whole | None:
        """What ``request`` means and what all sites say of it, where both are remembered and nothing of it has changed."""
        *_, key = self._about(request)
        return await self.wholes.recall(key, request, deadline_at, self.overrides)

    def _about(self, request: TitleRequest) -> tuple[dict[str, SourceReport], list[str], str]:
        """Who is left out, who is searched, and the key of the identification."""
        reports = self._left_out(request)
        asked = [name for name in self.active if name not in reports]
        names = [*asked, *_still_searched(reports)]
        searched = [self.askers.get(name) for name in names]
        return reports, names, self.identities.key(request, searched, reports, self.overrides)

    async def _identify(
        self, request: TitleRequest, deadline_at: float, reports: dict[str, SourceReport], names: list[str]
    ) -> tuple[IdentifiedTitle, Mapping[str, SourceError]]:
        wanted = Wanted(request.title, request.year, request.type, dict(request.ids))
        bulk = request.priority == "bulk"
        longest = BULK_SEARCH_SECONDS if bulk else SEARCH_SECONDS
        limit = min(longest, max(0.5, SHARE * (deadline_at / 1000 - clock.now())))
        first = searched_first(names) if bulk else []
        patience = DECIDED_PATIENCE if request.why == "decision" else PATIENCE
        searched = Searched(patience=patience, watched=request.priority == "interactive")
        identity = await self._find(wanted, names, limit, first, searched)
        event = IdentifiedTitle(
            request_id=request.request_id or "",
            request=request,
            verdict=identity.verdict,
            asked=[name for name in names if name not in reports],
            chosen={name: one.id for name, one in identity.chosen.items()},
            evidence=identity.evidence,
            match=identity.match,
            reports=reports,
            candidates=identity.candidates,
            deadline_at=deadline_at,
        )
        if identity.verdict != "accept":
            event = _without_asking(event, searched)
        return event, searched.failures

    def _left_out(self, request: TitleRequest) -> dict[str, SourceReport]:
        reports = {}
        for name in self.active:
            if (request.only and name not in request.only) or name in (request.skip or []):
                reports[name] = SourceReport(outcome="skipped", reason=Reason.SKIPPED)
                continue
            try:
                self.askers.get(name).check_configured()
            except SourceError as error:
                reports[name] = report(error)
        return reports

    async def _find(
        self, wanted: Wanted, asked: Sequence[str], limit: float, first: Sequence[str], searched: Searched
    ) -> Identity:
        """Search the cheap sites, ``first`` before the others; the crawled ones only when nothing came of that.

        Where enough of ``first`` agree, the others are found by id and need no search.

        What is not sure then is asked for once more, by an id that is known of the work that is nearest or by its title.
        """
        cheap = [name for name in asked if not self.askers.get(name).crawled]
        search = self._with_pinned(wanted)
        if first:
            identity = await self._round(wanted, search, first, searched, limit)
            if is_settled(identity, wanted.title):
                return identity
        others = [name for name in cheap if name not in first]
        identity = await self._round(wanted, search, others, searched, limit)
        crawled = [name for name in asked if name not in cheap]
        if identity.verdict == "none" and wanted.title and crawled:
            identity = await self._round(wanted, wanted, crawled, searched, limit)
        if identity.again:
            answering = [name for name in cheap or crawled if name in searched.results]
            names = [name for name in answering if name not in identity.again.known]
            identity = await self._round(wanted, identity.again, names, searched, limit)
        return identity

    def _with_pinned(self, wanted: Wanted) -> Wanted:
        """What is searched for: the work that the user means is looked up by its ids, too."""
        pinned = self.overrides.pinned(wanted.title, wanted.year, wanted.type, wanted.ids)
        return replace(wanted, ids={**wanted.ids, **pinned})

    async def _round(
        self, wanted: Wanted, search: Wanted | Again, names: Sequence[str], searched: Searched, limit: float
    ) -> Identity:
        """Ask the sites for ``search`` side by side, until all have answered or enough of them agree on ``wanted``."""
        calls = {asyncio.create_task(self._candidates(self.askers.get(name), search)): name for name in names}
        until = clock.monotonic() + limit
        identity = self._decide(wanted, searched)
        waiting = set(calls)
        while waiting and clock.monotonic() < until:
            timeout = until - clock.monotonic()
            done, waiting = await self._some_of(waiting, timeout, searched)
            for task in done:
                _note(calls[task], task, searched)
            identity = self._decide(wanted, searched)
            if identity.verdict == "accept" and len(identity.chosen) >= ENOUGH:
                until = min(until, clock.monotonic() + searched.patience)
        await _give_up({calls[task]: task for task in waiting}, searched)
        return identity

    async def _some_of(
        self, calls: set[Search], timeout: float, searched: Searched
    ) -> tuple[set[Search], set[Search]]:
        """Those that are done, with what comes in together, and the others; who is cancelled meanwhile leaves no search running."""
        try:
            found = await first_of(calls, timeout, TOGETHER)
            await self.laps.mine(watched=searched.watched)
        except asyncio.CancelledError:
            await end(calls)
            raise
        return found

    def _decide(self, wanted: Wanted, searched: Searched) -> Identity:
        witnesses = self.witness.witnesses(wanted.title, wanted.ids) if self.witness else ()
        counts = self.witness.words if self.witness else None
        results = {name: searched.results[name] for name in self.active if name in searched.results}
        return identify(  # the same answers give the same verdict, in whatever order they came
            wanted, results, witnesses=witnesses, overrides=self.overrides, counts=counts
        )

    async def _candidates(self, source: Source, wanted: Wanted | Again) -> list[Candidate]:
        """What a site finds, counted for the judgement of its health."""
        note, tally = Origin(), self.askers.tally
        origin.set(note)
        try:
            candidates = await self._search(source, wanted)
        except SourceError as error:
            if was_asked(error) and error.reason != Reason.NOT_FOUND:
                tally.failed(source.name, error.reason.value, error.message)
            raise
        if note.requests > note.cached:
            tally.answered(source.name, FOUND)
        return candidates

    async def _search(self, source: Source, wanted: Wanted | Again) -> list[Candidate]:
        listed = source.searches_own_titles
        # a list on the own disk costs nothing, its site does
        by_id = not listed or isinstance(wanted, Wanted)
        if wanted.ids and by_id and _may_ask(source) and (own := await self._own_id(source, wanted.ids)):
            return [from_entry(await source.core(own))]
        if wanted.title and source.searches:
            return await source.search(_query(wanted, listed))
        return []

    @staticmethod
    async def _own_id(source: Source, ids: Mapping[str, str]) -> str | None:
        known = {name: ids[name] for name in (source.name, *source.finds_by) if name in ids}
        return await source.lookup(known) if known else None


def _query(wanted: Wanted | Again, listed: bool) -> Query:
    """What a site is searched for; a list on the own disk also for all else that the title may mean."""
    if isinstance(wanted, Again):
        query = Query(wanted.title, wanted.beside if listed else ())
    else:
        more = on_disk(wanted) if listed else ()
        query = Query(first(wanted), tuple(more), year=wanted.year, type=wanted.type)
    return replace(query, limit=MOST_LISTED) if listed else query


def _may_ask(source: Source) -> bool:
    """Whether the source has all that asking for an entry requires."""
    try:
        source.check_configured()
    except SourceError:
        return False
    return True


def _still_searched(reports: Mapping[str, SourceReport]) -> list[str]:
    """Sources that lack a setting for asking, but not for searching."""
    missing = [name for name, one in reports.items() if one.outcome == "not_configured"]
    return [name for name in missing if not discover()[name].search_needs_settings]


async def _give_up(late: Mapping[str, asyncio.Task[list[Candidate]]], searched: Searched) -> None:
    for name, task in late.items():
        task.cancel()
        searched.failures[name] = SourceError(
            Reason.TIMEOUT, f"{name} took too long to be searched", source=name
        )
    await asyncio.gather(*late.values(), return_exceptions=True)


def _note(name: str, task: asyncio.Task[list[Candidate]], searched: Searched) -> None:
    error = task.exception()
    if error is None:
        searched.add(name, task.result())
    elif isinstance(error, SourceError) and error.reason == Reason.NOT_FOUND:
        searched.add(name, [])
    elif isinstance(error, SourceError):
        searched.failures[name] = error
    else:
        log.error("search broke", source=name, exc_info=error)
        why = f"searching {name} broke: {type(error).__name__}"
        searched.failures[name] = SourceError(Reason.INTERNAL, why, source=name)


def _without_asking(event: IdentifiedTitle, searched: Searched) -> IdentifiedTitle:
    """Nothing is guessed: no source is asked; every source says what its search gave."""
    reports = dict(event.reports)
    for name in event.asked:
        if name in searched.failures:
            reports[name] = report(searched.failures[name])
        elif name in searched.results:
            outcome = event.match[name].verdict if name in event.match else "none"
            word = "ambiguous" if outcome == "ambiguous" else "not_found"
            reports[name] = SourceReport.model_validate({"outcome": word, "reason": word})
        else:
            reports[name] = SourceReport(
                outcome="skipped", reason=Reason.SKIPPED, message="cannot be searched by title"
            )
    nobody = event.verdict == "none" and searched.failures and not searched.results
    verdict = "failed" if nobody else event.verdict
    return event.model_copy(update={"asked": [], "reports": reports, "verdict": verdict})


def worth_another_look(event: IdentifiedTitle, failures: Mapping[str, SourceError]) -> Reason | None:
    """The passing trouble of a site when nothing was found: it may be the one that knows."""
    if event.verdict not in {"none", "failed"}:
        return None
    reports = [
        one for name, one in event.reports.items() if name in failures and not known_dead(failures[name])
    ]
    reasons = [Reason(one.reason) for one in reports if one.reason]
    return next((one for one in reasons if one in TRANSIENT or KINDS[one] is Kind.SPOILT), None)
