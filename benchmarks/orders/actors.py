"""What the workers do with an entry, one step at a time, by the product's own classes; only the sites are made up."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple
from unittest.mock import patch

from benchmarks.orders.steps import at_once
from benchmarks.orders.tokens import Tokens
from benchmarks.orders.values import AT_MS, Hash
from cache import clock
from sources.record import Score, SourceRecord
from streams.broker.dead_letters import DeadLetters, flat_letter
from streams.broker.delayed import Delayed
from streams.broker.delivery import Delivery
from streams.broker.emission import Mode, Order, emit
from streams.broker.keys import AGGREGATE, IDENTIFY, Topology
from streams.broker.records import Records
from streams.broker.reliability import START
from streams.broker.request_state import Outline, State, contribution, read_state
from streams.broker.requests import Requests
from streams.broker.review.decisions import Decisions
from streams.broker.scripts import Scripts
from streams.config.policy_file import default_policy
from streams.config.settings import Settings
from streams.contract.events import DeadLetter, Evidence, IdentifiedTitle, PartialResult, TitleRequest
from streams.matching.overrides import NOTHING
from streams.records.emission import Emitter
from streams.records.known import ANSWERS
from streams.records.output import failed_fields
from streams.review.corrections import Corrections
from streams.stages.accept import kept, read_request
from streams.stages.aggregate import Gatherer
from streams.stages.wholes import START as WHOLE

QUICK, SLOW = "jikan", "anisearch"
SOURCES = (QUICK, SLOW)
WORK, OTHER_NAMES = "mal:1", ("kitsu:9", "anisearch:1")
"""The one work, and what it is called by who knows no better."""
OTHER_WORK = "mal:5"
"""A work that a site makes one with the other."""
NAMES = (WORK, *OTHER_NAMES, OTHER_WORK)
"""All under which a record may lie."""
DEADLINE_MS = 60_000
PART = "title"
"""What of a record those want who want a part of it."""


class Hand(NamedTuple):
    """A worker: what it has in hand, and how far it is with it; ``request`` without a delivery is an overdue one."""

    worker: bytes
    doing: str = "idle"
    delivery: Delivery | None = None
    request: str = ""
    seen: Hash | None = None
    """The state that it has read."""
    mode: Mode | None = None
    order: Order | None = None
    outline: Outline | None = None
    """What the state says without the answers, where all are in."""

    def idle(self) -> Hand:
        return Hand(self.worker)


@contextlib.contextmanager
def stopped_clock() -> Iterator[None]:
    """The model's time is the process's time too."""
    with patch.object(clock, "now", lambda: AT_MS / 1000):
        yield


class Actors:
    """One method a step; each leaves the hand as the worker has it afterwards. What only thinks is thought once."""

    def __init__(self, steps: Scripts, tokens: Tokens, prefix: str = "w") -> None:
        self.steps, self.tokens = steps, tokens
        self.names = Topology(prefix)
        self.requests = Requests(steps, self.names)
        self.records = Records(steps, self.names)
        self.delayed = Delayed(steps, self.names)
        self.letters = DeadLetters(steps, self.names)
        settings = Settings.load({}, env_file=None)
        corrections = Corrections(Decisions(steps, self.names))
        self.emitter = Emitter(steps, self.names, settings, default_policy(), corrections)
        self.refreshed = WORK
        self._states: dict[int, State | None] = {}
        self._orders: dict[tuple[Mode | int, ...], Order] = {}
        self._recalled: dict[tuple[object, ...], Order | None] = {}
        self._same: dict[str, Order] = {}
        self._order_tokens: dict[int, int] = {}
        self._read: dict[tuple[bytes, ...], TitleRequest] = {}

    # group identify

    def sort(self, hand: Hand) -> Hand:
        at_once(self.requests.sort([_held(hand)]))
        return hand.idle()

    def accept(self, hand: Hand) -> Hand:
        cause = _held(hand)
        request = self._request(cause)
        at_once(self.requests.accept(cause, request, kept(request), deadline_ms=DEADLINE_MS, traceparent=""))
        return hand.idle()

    def identify(self, hand: Hand) -> Hand:
        cause = _held(hand)
        event = _identified(cause)
        at_once(self.requests.identified(cause, event.request_id, event))
        return hand.idle()

    def remember_whole(self, hand: Hand) -> Hand:
        """See whether nothing has changed of all that is remembered of the title; else it is identified as any other."""
        event = _identified(_held(hand))
        answers = (contribution(said(event.request_id, source, news=False)) for source in SOURCES)
        marks = {one.source: f"{one.outcome} {one.mark}" for one in answers}
        outline = Outline(event, marks, WHOLE)
        order = at_once(self.emitter.unchanged.order(outline, START, NOTHING))
        if order is None:
            return hand
        body = event.model_dump_json(exclude_none=True)
        order = replace(order, identified=body, outcomes=outline.outcomes)
        return hand._replace(doing="emit", request=event.request_id, order=self._once(order))

    def give_up(self, hand: Hand) -> Hand:
        """An entry that always fails."""
        cause, request_id = _held(hand), _text(_held(hand), b"request_id")
        letter = flat_letter(_letter(cause, request_id, None))
        at_once(self.requests.bury(cause, request_id, letter, failed_fields(request_id, "-", "internal")))
        return hand.idle()

    def fail_overdue(self, hand: Hand) -> Hand:
        """An overdue request that cannot be merged."""
        cause = self.requests.overdue_cause(hand.request, AGGREGATE)
        letter = flat_letter(_letter(cause, hand.request, None))
        at_once(self.requests.bury(cause, hand.request, letter, failed_fields(hand.request, "-", "internal")))
        return hand.idle()

    # groups of sources

    def answer(self, hand: Hand) -> Hand:
        cause = _held(hand)
        asked = IdentifiedTitle.model_validate_json(cause.raw[b"data"])
        news = asked.request.refresh or cause.stream == self.names.lane(cause.group)
        self._hand_in(cause, said(asked.request_id, cause.group, news=news))
        return hand.idle()

    def know_nothing(self, hand: Hand) -> Hand:
        """The site does not have the work."""
        cause = _held(hand)
        none = PartialResult(request_id=_text(cause, b"request_id"), source=cause.group, outcome="not_found")
        self._hand_in(cause, none)
        return hand.idle()

    def fail(self, hand: Hand) -> Hand:
        """The site does not answer, and will not."""
        cause = _held(hand)
        request_id = _text(cause, b"request_id")
        failed = PartialResult(request_id=request_id, source=cause.group, outcome="failed", reason="http_500")
        letter = flat_letter(_letter(cause, request_id, cause.group))
        self._hand_in(cause, failed, letter)
        return hand.idle()

    def put_off(self, hand: Hand) -> Hand:
        cause = _held(hand)
        at_once(self.delayed.put_off(cause, {**cause.raw}, delay_ms=0, reason="http_500"))
        return hand.idle()

    def hand_back(self, hand: Hand) -> Hand:
        """A worker that stops."""
        at_once(self.delayed.hand_back(_held(hand), _held(hand).raw))
        return hand.idle()

    # group aggregate

    def acknowledge(self, hand: Hand) -> Hand:
        if cause := hand.delivery:
            at_once(self.steps.call("XACK", cause.stream, AGGREGATE, cause.id))
        return hand.idle()

    def close_unknown(self, hand: Hand) -> Hand:
        at_once(self.requests.close_unknown(hand.request))
        return hand.idle()

    def look(self, hand: Hand) -> Hand:
        """See whether all have answered and none said anything new."""
        outline = at_once(self.requests.outline(hand.request, SOURCES))
        return hand._replace(doing="recall", outline=outline) if outline else self.look_in_full(hand)

    def recall(self, hand: Hand) -> Hand:
        """Read what the known record was made of."""
        assert hand.outline is not None
        records = [self._hash(self.names.record(one)) for one in NAMES]
        wholes = tuple(one.get(b"whole", b"") for one in records)
        known = (
            *(self.tokens.of_hash(one) for one in records),
            self.tokens.of_hash(self._hash(self.names.aliases)),
        )
        key = hand.request, hand.outline.version, *sorted(hand.outline.marks.items()), *known, wholes
        if key not in self._recalled:
            again = at_once(self.emitter.unchanged.order(hand.outline, START, NOTHING))
            self._recalled[key] = again and self._once(again)
        order = self._recalled[key]
        return hand._replace(doing="emit" if order else "look_in_full", outline=None, order=order)

    def look_in_full(self, hand: Hand) -> Hand:
        """Read the state, and see what can be done."""
        seen = self._hash(self.names.state(hand.request))
        state = self.state(seen)
        mode = Gatherer._mode(state, overdue=hand.delivery is None)
        if state is not None and mode is not None:
            return hand._replace(doing="prepare", seen=seen, mode=mode)
        if hand.delivery is not None:
            return hand._replace(doing="acknowledge", seen=None)
        return hand._replace(doing="close_unknown", seen=None) if state is None else hand.idle()

    def prepare(self, hand: Hand) -> Hand:
        """Read the known record, and make the new one."""
        assert hand.seen is not None
        assert hand.mode is not None
        records = [self._hash(self.names.record(one)) for one in NAMES]
        aliases = self._hash(self.names.aliases)
        key = hand.mode, *(self.tokens.of_hash(one) for one in (hand.seen, *records, aliases))
        order = self._orders.get(key)
        if order is None:
            order = self._orders[key] = self._once(self._order(hand.seen, hand.mode))
        return hand._replace(doing="emit", seen=None, order=order)

    def emit(self, hand: Hand) -> Hand:
        assert hand.order is not None
        word = at_once(emit(self.steps, self.names, hand.order, hand.delivery))
        if word in {"state", "record", "whole"} and hand.order.identified:
            return hand._replace(doing="identify", request="", order=None)
        if word in {"state", "record", "whole"}:
            return hand._replace(doing="look_in_full", seen=None, mode=None, order=None)
        return hand.idle()

    # what happens besides

    def ask_again(self, request_id: str, source: str, letter: str) -> bool | None:
        return at_once(self.requests.ask_again(request_id, source, letter))

    def refresh(self) -> bool:
        """The scout looks at a known work, at one site; as often as it does so, it is one question."""
        request = TitleRequest(
            request_id=f"refresh:{self.refreshed}:{QUICK}:1",
            ids={"mal": self.refreshed.removeprefix("mal:")},
            only=[QUICK],
            amend=True,
            refresh=True,
            why="refresh",
            parent=self.refreshed,
        )
        event = IdentifiedTitle(
            request_id=request.request_id or "",
            request=request,
            asked=[QUICK],
            evidence=Evidence(ids=request.ids),
        )
        return at_once(self.requests.reopen(request, event, QUICK, deadline_ms=DEADLINE_MS))

    def move_due(self) -> int:
        return at_once(self.delayed.move_due(1))

    def forget(self) -> int:
        return at_once(self.requests.forget(-10_000_000_000, 10))

    def forget_record(self) -> int:
        """That of the work at which nobody has looked for longest."""
        return at_once(self.records.forgotten.forget(-10_000_000_000, 1))

    def state(self, found: Hash) -> State | None:
        token = self.tokens.of_hash(found)
        if token not in self._states:
            self._states[token] = read_state(found)
        return self._states[token]

    def _order(self, seen: Hash, mode: Mode) -> Order:
        state = self.state(seen)
        assert state is not None
        return self.emitter._order(at_once(self.emitter.prepare(state, mode)))

    def token_of(self, order: Order | None) -> int:
        """The same for orders that differ in ids only."""
        return self._order_tokens[id(order)] if order is not None else 0

    def _once(self, made: Order) -> Order:
        words = repr(made)
        order = self._same.setdefault(words, made)
        self._order_tokens[id(order)] = self.tokens.of(re.sub(r"whole='[\d-]+'", "", words))
        return order

    def _hand_in(
        self, cause: Delivery, partial: PartialResult, letter: Mapping[str, str] | None = None
    ) -> None:
        answered = partial.outcome in ANSWERS
        given = contribution(partial)
        at_once(self.requests.hand_in(cause, partial.request_id, given, answered=answered, letter=letter))

    def _request(self, cause: Delivery) -> TitleRequest:
        key = tuple(part for pair in cause.raw.items() for part in pair)
        if key not in self._read:
            self._read[key] = read_request(cause.fields(), cause.id)
        return self._read[key]

    def _hash(self, key: str) -> Hash:
        raw = at_once(self.steps.call("HGETALL", key))
        return Hash(zip(raw[::2], raw[1::2], strict=True))


def work_of(delivery: Delivery, names: Topology) -> str:
    """What is to be done with an entry that was read."""
    if delivery.group == AGGREGATE:
        plain = delivery.raw[b"left"] > b"0" and delivery.raw.get(b"early", b"0") != b"1"
        return "acknowledge" if plain else "look"
    if delivery.group != IDENTIFY:
        return "answer"
    if delivery.stream == names.requests and b"interactive" not in delivery.raw.get(b"priority", b""):
        return "sort"
    return "identify" if b"deadline_at" in delivery.raw else "accept"


def ids_of(request_id: str) -> dict[str, str]:
    """The ids by which a work is known to who was asked; for ``x2`` the sites do not know the best one."""
    if is_of_the_other(request_id):
        return {"mal": "5"}
    return {"kitsu": "9"} if request_id == "x2" else {"mal": "1", "kitsu": "9"}


def is_of_the_other(request_id: str) -> bool:
    """Whether a request is for the work that becomes one with the other."""
    return request_id == "m2" or request_id.startswith(f"refresh:{OTHER_WORK}:")


def said(request_id: str, source: str, *, news: bool) -> PartialResult:
    """What a site says of the one work; later it says something new."""
    if request_id == "x2" and source == QUICK:  # whose own id is the best one
        return PartialResult(request_id=request_id, source=source, outcome="not_found")
    other = is_of_the_other(request_id)
    if other and source == SLOW:  # no other site may know them apart
        return PartialResult(request_id=request_id, source=source, outcome="not_found")
    ids = ids_of("") if other and news else ids_of(request_id)
    record = SourceRecord(
        source=source,
        source_id=ids.get("mal", "1"),
        title="The Work",
        ids=ids,
        score=Score(value=9.0 if news else 8.0, scale_min=1, scale_max=10),
    )
    at = "2026-01-02T00:00:00Z" if news else "2026-01-01T00:00:00Z"
    return PartialResult(
        request_id=request_id,
        source=source,
        outcome="ok",
        fetched_at=at,
        record=record,
        answered_as=ids["mal"] if other and news else None,
    )


def request_fields(
    request_id: str, *, early: bool, reply: bool, part: bool = False, look: bool = False
) -> Mapping[str, str]:
    """A request as a client publishes it, or, where it is a look of our own, as we do."""
    fields = {"request_id": request_id, "title": "The Work", "priority": "interactive"}
    return {
        **fields,
        **({"early": "true"} if early else {}),
        **({"reply_to": f"reply:{request_id}"} if reply or part else {}),
        **({"fields": PART} if part else {}),
        **({"why": "season"} if look else {}),
    }


def _letter(cause: Delivery, request_id: str, source: str | None) -> DeadLetter:
    return DeadLetter(
        stream=cause.stream,
        group=cause.group,
        entry_id="-",
        request_id=request_id,
        source=source,
        reason="http_500" if source else "internal",
        message="-",
        at="-",
    )


def _identified(cause: Delivery) -> IdentifiedTitle:
    request_id = _text(cause, b"request_id")
    return IdentifiedTitle(
        request_id=request_id,
        request=TitleRequest.model_validate_json(cause.raw[b"data"]),
        asked=list(SOURCES),
        evidence=Evidence(ids=ids_of(request_id)),
    )


def _held(hand: Hand) -> Delivery:
    assert hand.delivery is not None
    return hand.delivery


def _text(delivery: Delivery, name: bytes) -> str:
    return delivery.raw[name].decode()
