"""What must hold, once, named after the promises in docs/delivery.md: in every state, over every move, and at rest.

Each says what is wrong, or ''. After a fail-over that lost a write, what the surviving server holds is judged as before;
what the lost one had told its readers already is judged by `LOST`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from benchmarks.orders.actors import PART, SOURCES
from benchmarks.orders.moves import Move, letter_of
from benchmarks.orders.server import Server
from benchmarks.orders.values import Stream, Value
from benchmarks.orders.view import Record, Request, Views, content
from benchmarks.orders.world import State, World
from streams.broker.connection import text
from streams.broker.emission import Order
from streams.broker.keys import AGGREGATE, IDENTIFY
from streams.contract.profiles import Part
from streams.records.known import ANSWERS

ONE_FINAL = "A request acknowledged by XADD ends in exactly one final output"
ONCE = "A revision is emitted once"
LEASE = "A slow fetch is not taken over while its worker lives"
LETTER = "An entry that always fails ends as a dead letter"
NOTHING_PENDING = "Stopping leaves nothing pending"
KNOWN = "What is known stays known"
AGAIN = "Asking again"
READING = "What an output says of itself"
BOUNDED = "Memory is bounded"
LOST = "a revision seen again has the same `output_id` and body"
"""The weaker promise after a lost write."""


@dataclass(frozen=True, slots=True)
class Scenery:
    """A state as the promises see it."""

    published: set[str]
    requests: Mapping[str, Request]
    outputs: list[dict[str, str]]
    letters: list[dict[str, str]]
    records: Mapping[str, Record]
    forgotten: Mapping[str, int]
    """The last revision of each work whose record was forgotten."""
    aliases: Mapping[bytes, bytes]
    open: set[str]
    closed: set[str]
    failed: Mapping[str, set[str]]
    asked: Mapping[str, Counter[str]]
    """By source, the requests whose question is on its way or put off, and how often."""
    incoming: Counter[str]
    notices: Counter[str]
    """Of requests of which the aggregators have still to hear something."""
    replies: Mapping[str, list[dict[str, str]]]
    looks: set[str]
    """Requests that nobody made but us: they may end without a word."""
    part: bool
    """The reply streams want a part of the record."""
    told: list[dict[str, str]]
    reader_left: bool
    done: Mapping[str, dict[str, str]]
    """The output by which a request counts as ended."""
    due: frozenset[str]
    replays: int
    """How many there were."""
    planned: set[str]
    """Works that are to be looked at again."""
    strangers: list[str]
    """Keys that nobody owns."""

    def looked(self) -> set[str]:
        """The looks that have ended."""
        return {one for one in self.looks if one in self.requests and self.requests[one].has("done")}

    def finals(self) -> Counter[str]:
        return Counter(one["request_id"] for one in self.outputs if one.get("final") == "true")


def ends_once(s: Scenery) -> str:
    finals = s.finals()
    if twice := [one for one, n in finals.items() if n > 1]:
        return f"{twice[0]} has {finals[twice[0]]} final outputs"
    for request in s.published - finals.keys() - s.looked():
        if request not in s.open and request not in s.incoming:
            return f"{request} is lost: it has no output, and nobody will give it one"
    for request, state in s.requests.items():
        if state.has("request") and not state.has("done") and request not in s.open:
            return f"{request} is open, but its deadline is not watched"
        if state.has("done") and (request in s.open or request not in s.closed):
            return f"{request} has ended, but is not on the list of those that have"
        told = {one["request_id"] for one in s.outputs} | s.looks
        if state.has("done") and request not in told:
            return f"{request} counts as ended without an output"
        if not state.has("request"):
            return f"{request} has a state that is none: it came back after it was forgotten"
    return ""


def life_is_told(s: Scenery) -> str:
    for request, state in s.requests.items():
        later = [
            one for one in s.outputs if one["request_id"] == request and one.get("why") in {"late", "replay"}
        ]
        if request in s.done and s.done[request].get("why") in {"late", "replay"}:
            return f"{request} counts as ended by what came later"
        if state.has("done") and state.has("late") != bool(later):
            return f"{request} has {len(later)} later outputs, and its state says otherwise"
        if not s.replays and [one for one in later if one["why"] == "replay"]:
            return f"{request} has the answer to a replay, and there was none"
        late = [one for one in later if one["why"] == "late"]
        if late and request not in s.due and not state.has("buried"):
            return f"{request} had a late answer, though its deadline has not passed"
    return ""


def nothing_strange(s: Scenery) -> str:
    return f"nobody owns {s.strangers}" if s.strangers else ""


def complete_ones_are_small(s: Scenery) -> str:
    for request, state in s.requests.items():
        waits = state.family("w:")
        if state.fields.get("status") == b"complete" and not state.has("compact") and not waits:
            return f"{request} is complete, and keeps its answers for nobody"
    return ""


def counts_are_right(s: Scenery) -> str:
    for request, state in s.requests.items():
        have, came = int(state.fields.get("have", 0)), len(state.family("p:"))
        if not state.has("compact") and have != came:
            return f"{request} counts {have} answers and has {came}"
        if state.has("compact") and not state.has("done"):
            return f"{request} dropped its answers before it ended"
        if state.has("compact") and came:
            return f"{request} has answers that nobody will look at any more"
    return ""


def revisions_are_one(s: Scenery) -> str:
    ids = Counter(one["output_id"] for one in s.outputs)
    if twice := [one for one, n in ids.items() if n > 1]:
        return f"{twice[0]} was emitted {ids[twice[0]]} times"
    made = sorted(one["output_id"] for one in s.outputs if "@" in one["output_id"])
    stand = {**s.forgotten, **{anime: record.revision for anime, record in s.records.items()}}
    if made != sorted(f"{anime}@{n}" for anime, last in stand.items() for n in range(1, last + 1)):
        return f"the records stand at revisions {stand}, and these were emitted: {made}"
    early = Counter(one["request_id"] for one in s.outputs if one["why"] == "early")
    if twice := [one for one, n in early.items() if n > 1]:
        return f"{twice[0]} has {early[twice[0]]} early outputs"
    return ""


def early_comes_first(s: Scenery) -> str:
    ended: set[str] = set()
    for one in s.outputs:
        if one["why"] == "early" and one["request_id"] in ended:
            return f"{one['request_id']} has an early output after its final one"
        if one["why"] != "early":
            ended.add(one["request_id"])
    return ""


def record_shows_what_was_said(s: Scenery) -> str:
    for name, anime in s.aliases.items():
        if text(anime) not in s.records or not s.records[text(anime)].revision:
            return f"{text(name)} leads to a record that is not there"
    if left := s.planned - s.records.keys():
        return f"{min(left)} is to be looked at again, and is not known"
    return next((wrong for one in s.records.values() if (wrong := _wrong_with(one, s))), "")


def _wrong_with(record: Record, s: Scenery) -> str:
    if record.shown != record.said:
        return f"the record shows {dict(record.shown)}, beside it lies {dict(record.said)}"
    if not record.aliases:
        return "no id leads to the record"
    if "refresh_at" not in record.fields or (record.anime in s.planned) == bool(record.goes_on_as):
        return "the record is not to be looked at again, or is, and has ended"
    if record.fields.get("entry") and (record.last_look == f"{record.anime}@{record.revision}") != (
        record.fields["unchanged"] == b"0"
    ):
        return (
            f"after {record.last_look} the record counts {int(record.fields['unchanged'])} looks without news"
        )
    return ""


def ids_lead_to_what_goes_on(s: Scenery) -> str:
    for record in s.records.values():
        goes_on = s.records.get(record.goes_on_as or record.anime)
        if goes_on is None:
            continue
        for name in record.aliases:
            if s.aliases.get(name.encode()) != goes_on.anime.encode():
                return f"{name} does not lead to {goes_on.anime}"
            if name not in goes_on.aliases:
                return f"{name} leads to {goes_on.anime}, which will not take it along when it is forgotten"
    return ""


def letters_are_kept(s: Scenery) -> str:
    there = {(one.get("request_id", ""), one.get("source", "")) for one in s.letters}
    for request, state in s.requests.items():
        for source, outcome in state.outcomes.items():
            waits = source in state.family("w:") or source in state.family("r:")
            if outcome == "failed" and (request, source) not in there and not waits and not _spoke(s, source):
                return f"{source} failed {request}, and there is no dead letter"
            if outcome in ANSWERS and (request, source) in there and source in state.family("d:"):
                return f"{source} answered {request}, and its dead letter is still there"
        if state.has("buried") and (request, "") not in there:
            return f"{request} was buried without a dead letter"
    return ""


def _spoke(s: Scenery, source: str) -> bool:
    """A source that answered for the work meanwhile takes the letters of the work along."""
    return any(source in record.said for record in s.records.values())


def letters_go(s: Scenery) -> str:
    there = {(one.get("request_id", ""), one.get("source", "")) for one in s.letters}
    for request, state in s.requests.items():
        for source, outcome in state.outcomes.items():
            if outcome in ANSWERS and (request, source) in there:
                return f"{source} answered {request}, and its dead letter never goes"
        if state.has("done") and state.fields.get("anime_id") and state.family("d:"):
            return f"the work does not know of a dead letter of {request}"
        if state.has("compact") and (left := [source for r, source in there if r == request and source]):
            return f"{left[0]} answered {request}, and its dead letter never goes"
    return ""


def failures_can_be_asked_again(s: Scenery) -> str:
    for request, state in s.requests.items():
        for source, outcome in state.outcomes.items():
            listed = request in s.failed[source]
            if outcome == "failed" and not listed and source not in state.family("w:"):
                return f"{source} failed {request}, and no replay would ask it again"
            if outcome in ANSWERS and listed:
                return f"{source} answered {request}, and a replay would ask it again"
    for source, asked in s.asked.items():
        if twice := [request for request, n in asked.items() if n > 1]:
            return f"{source} is asked {asked[twice[0]]} times for {twice[0]}"
        for request, state in s.requests.items():
            if source in state.family("w:") and request not in asked:
                return f"{request} waits for {source}, which nobody will ask"
    return ""


def replies_follow(s: Scenery) -> str:
    ids = Counter(one["output_id"] for stream in s.replies.values() for one in stream)
    for request, stream in s.replies.items():
        own = [_as_reply(one, s) for one in s.outputs if one["request_id"] == request]
        there = [_as_reply(one, s, is_one=True) for one in stream]
        if missing := [
            one
            for one in own
            if one not in there and not s.reader_left and one["why"] not in {"late", "replay"}
        ]:
            return f"the reply stream of {request} lacks {missing[0]['output_id']}"
        if stream and stream[0]["why"] in {"late", "replay"}:
            return f"the reply stream of {request} came back after its reader had deleted it"
        if more := [one for one in there if one not in own]:
            return f"the reply stream of {request} has what was never put out: {more[0]['output_id']}"
        if s.part and (same := [one for one in stream if ids[one["output_id"]] > 1 or one in s.outputs]):
            return f"{same[0]['output_id']} names two entries that differ"
    return ""


def _as_reply(output: dict[str, str], s: Scenery, *, is_one: bool = False) -> dict[str, str]:
    """An output as a reply stream has it; a part of a record has a name of its own."""
    if not s.part:
        return output
    return {**output, "output_id": "", "data": output["data"] if is_one else _part(output["data"])}


@cache
def _part(data: str) -> str:
    return Part.of(fields=[PART]).of_json(data.encode()).decode()


def outputs_carry_the_record(s: Scenery) -> str:
    said: dict[str, str] = {}
    for one in s.outputs:
        if "data" not in one:
            return f"{one['output_id']} carries no record"
        if one.get("anime_id") and one["why"] != "early":
            version = f"{one['anime_id']}@{one['revision']}"
            if said.setdefault(version, content(one)) != content(one):
                return f"{one['output_id']} says of {version} what others do not"
    return ""


def record_can_be_told_again(s: Scenery) -> str:
    """A look at what is known changes nothing about where it lies."""
    lost = s.looks and not all(one.fields.get("whole") for one in s.records.values())
    return "the record does not know where it was put out" if lost else ""


def seen_again_is_the_same(s: Scenery) -> str:
    """A lost revision's number is given again; with the same content it is the same revision."""
    for before in s.told:
        for now in s.outputs:
            same_id, same_content = now["output_id"] == before["output_id"], content(now) == content(before)
            if same_id and same_content and now["data"] != before["data"]:
                return f"{now['output_id']} was seen with one body and then with another"
            if same_id and not same_content and "@" not in now["output_id"]:
                return f"{now['output_id']} stands for two outputs"
    return ""


def nothing_is_left(s: Scenery) -> str:
    if left := s.open or s.incoming or s.notices or (any(s.asked.values()) and s.asked):
        return f"nobody has anything to do, and this is left: {left}"
    return ""


def all_have_ended(s: Scenery) -> str:
    missing = s.published - s.finals().keys() - s.looked()
    return f"{min(missing)} never gets its output" if missing else ""


def answers_are_told(s: Scenery) -> str:
    for request, state in s.requests.items():
        if b"in" in state.family("r:").values():
            return f"the answer to a replay for {request} was never told"
        if state.has("buried") and not state.has("late"):
            continue
        for source, outcome in state.outcomes.items():
            if outcome == "ok" and not _spoke(s, source) and not s.forgotten:
                return f"{source} answered {request}, and the record does not know it"
    return ""


Promise = Callable[[Scenery], str]
ALWAYS: tuple[tuple[str, Promise], ...] = (
    (ONE_FINAL, ends_once),
    (ONE_FINAL, counts_are_right),
    (ONE_FINAL, life_is_told),
    (BOUNDED, nothing_strange),
    (ONCE, revisions_are_one),
    (READING, early_comes_first),
    (KNOWN, record_shows_what_was_said),
    (KNOWN, ids_lead_to_what_goes_on),
    (LETTER, letters_are_kept),
    (AGAIN, failures_can_be_asked_again),
    (READING, replies_follow),
    (READING, outputs_carry_the_record),
    (KNOWN, record_can_be_told_again),
    (LOST, seen_again_is_the_same),
)
AT_REST: tuple[tuple[str, Promise], ...] = (
    (ONE_FINAL, all_have_ended),
    (NOTHING_PENDING, nothing_is_left),
    (KNOWN, answers_are_told),
    (READING, letters_go),
    (BOUNDED, complete_ones_are_small),
)
"""When nobody has anything left to do."""


class Judge:
    """Holds states against the promises."""

    def __init__(self, world: World) -> None:
        self.world, self.views = world, Views(world.names)

    def broken(self, state: State, promises: tuple[tuple[str, Promise], ...] = ALWAYS) -> str:
        """What is wrong with a state, with the promise that it breaks; or ''."""
        scenery = self._scenery(state)
        if len(scenery.records) > 1 + self.world.scene.merges:
            return f"{KNOWN}: one work has two records"
        for name, promise in promises:
            if wrong := promise(scenery):
                return f"{name}: {wrong}"
        return ""

    def broken_by(self, before: State, after: State, move: Move) -> str:
        """What a move has done that it must not do, or not done that it must."""
        if move.kind == "a replay asks":
            return self._replay_asks(before, after, move)
        if (
            move.what == "emit"
            and move.costs != "fail-over"
            and (wrong := self._gets_on(before, after, move.who))
        ):
            return wrong
        if move.what == "emit" and (wrong := self._follows(before.hands[move.who].order)):
            return wrong
        if move.kind == "renews its lease" and (wrong := self._renews(before, after, move.who)):
            return wrong
        if move.kind.startswith(("crashes", "is silent", "takes over")):
            return ""
        for stream, group in self.world.lanes:
            was, now = before.keys[stream], after.keys[stream]
            if was is not now and (entry := _taken_away(was, now, group)):
                return f"{LEASE}: the lease on {entry} went to another while it was running"
        return ""

    def _gets_on(self, before: State, after: State, who: int) -> str:
        """Where nothing has changed since it was read, nobody has to look again."""
        order = before.hands[who].order
        state = dict(self.views.requests(before.keys)).get(order.request_id) if order else None
        if order is None or self._is_out(after, order):
            return ""
        if order.stored and order.stored.whole and self.world.scene.part:
            return ""  # who wants a part must be given it by who has the record
        stored, scenery = order.stored, self._scenery(before)
        record, led = scenery.records.get(order.anime_id, Record()), scenery.aliases
        if state is None or state.fields.get("version", b"0") != order.version.encode():
            return ""
        if order.mode != "revision" and (state.has("done") or (order.mode == "early" and state.has("early"))):
            return ""
        if order.identified and state.has("identified"):
            return ""  # the sources are asked already
        if stored and record.revision != stored.known:
            return ""
        if stored and stored.survivor and stored.survivor not in scenery.records:
            return ""
        if stored and any(
            led.get(name.encode(), b"") != anime.encode() for name, anime in stored.aliases.items()
        ):
            return ""
        return f"{ONE_FINAL}: {order.request_id} is not put out, though nothing has changed since it was read"

    def _follows(self, order: Order | None) -> str:
        """Who follows a request hears once that it ended, and how its sources fared where it ends at once."""
        for told in map(json.loads, self.world.said):
            outcomes = dict(order.outcomes) if order else {}
            if told["step"] in {"final", "revision", "early"} and told.get("outcomes", {}) != outcomes:
                return (
                    f"{READING}: who follows {told['request_id']} hears {told.get('outcomes')} of its sources"
                )
        return ""

    def _is_out(self, after: State, order: Order) -> bool:
        mark = {"final": "done", "early": "early"}.get(order.mode)
        state = dict(self.views.requests(after.keys)).get(order.request_id)
        return mark is None or state is None or state.has(mark)

    def _renews(self, before: State, after: State, who: int) -> str:
        """Who still holds an entry goes on with it, with a new lease; who has lost it lets go of it."""
        holds = self.world.row(before, before.hands[who])
        if holds is None:
            return ""
        mine, goes_on = holds.owner == before.hands[who].worker, after.hands[who].doing != "idle"
        if mine != goes_on:
            return f"{LEASE}: worker {who + 1} " + (
                "let go of its own" if mine else "kept what another holds"
            )
        row = self.world.row(after, after.hands[who])
        return f"{LEASE}: worker {who + 1} has renewed nothing" if goes_on and row and row.idle else ""

    def _replay_asks(self, before: State, after: State, move: Move) -> str:
        """Once, where it failed and the answer is of use; a letter is used up by it."""
        request, source = move.where
        was = dict(self.views.requests(before.keys)).get(request)
        of_use = was is not None and was.has("identified") and not was.has("compact")
        waits = was is not None and source in was.family("w:")
        self.world.steps.stand_on(Server(dict(before.keys)))
        letter = letter_of(self.world.actors, move).encode()
        dead = before.keys.get(self.world.names.dead.encode())
        there = isinstance(dead, Stream) and letter in dead.entries
        failed = request in self.views.members(before.keys, self.world.names.failed(source))
        asked = [self.views.on_its_way(one.keys, source).count(request) for one in (before, after)]
        if asked[1] - asked[0] != (of_use and not waits and (there if letter else failed)):
            return (
                f"{AGAIN}: {source} is asked {asked[1]} times for {request}, and was before {asked[0]} times"
            )
        return ""

    def _scenery(self, state: State) -> Scenery:
        views, keys, names = self.views, state.keys, self.world.names
        off = views.put_off(keys)
        published = {f"{self.world.scene.names}{n}" for n in range(1, state.published + 1)}
        return Scenery(
            **views.standing(keys, SOURCES),
            published=published,
            asked={s: Counter([*views.on_its_way(keys, s), *(r for r, w in off if w == s)]) for s in SOURCES},
            incoming=Counter([*views.on_its_way(keys, IDENTIFY), *(r for r, w in off if w == IDENTIFY)]),
            notices=Counter(views.on_its_way(keys, AGGREGATE)),
            replies={
                r: views.entries(keys, f"reply:{r}")
                for r in published
                if (self.world.scene.reply and (r == "r1" or self.world.scene.known)) or self.world.scene.part
            },
            looks={f"{self.world.scene.names}{self.world.scene.requests}"}
            if self.world.scene.look
            else set(),
            part=self.world.scene.part,
            due=state.due,
            replays=self._used(state, "replay") + self._used(state, "old letter"),
            strangers=[
                text(key) for key in keys if not key.startswith((names.prefix.encode() + b":", b"reply:"))
            ],
            reader_left=self._used(state, "reader leaves") > 0,
            told=[views.fields(one) for one in state.told],
        )

    def _used(self, state: State, event: str) -> int:
        return self.world.scene.events.get(event, 0) - self.world.left(state, event)


def _taken_away(was: Value, now: Value, group: bytes) -> str:
    assert isinstance(was, Stream)
    assert isinstance(now, Stream)
    rows = now.group(group).pending
    for entry, row in was.group(group).pending.items():
        if entry in rows and rows[entry].owner != row.owner:
            return entry.decode()
    return ""
