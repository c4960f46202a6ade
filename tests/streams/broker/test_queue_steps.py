"""What the scripts beside a request's life write and tell, field by field: queues, decisions, lessons, cuts, tails of records."""

from __future__ import annotations

from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest

from streams.contract.codec import for_lua
from tests.streams.broker.steps import GROUP, WORKER, Step, text

MINUTE_MS = 60_000

# await: what waits for a person


def wait(step: Step, *come: tuple[str, int, str], gone: tuple[str, ...] = (), most: int = 10) -> int:
    told = for_lua({"gone": gone, "come": [[key, score, f"item {key}", on] for key, score, on in come]})
    return int(step.run("await", **step.keys("waiting", "items", "decided"), most=most, told=told))


def test_what_comes_waits_in_its_place_and_what_goes_is_forgotten(step: Step) -> None:
    assert wait(step, ("a", 3, "x"), ("b", 1, "x")) == 2
    assert wait(step, ("c", 2, "x"), gone=("a", "nobody")) == 2
    assert step.members("waiting") == {"b": 1, "c": 2}
    assert step.fields("items") == {"b": "item b", "c": "item c"}


def test_what_waits_keeps_its_place_and_gets_its_newest_words(step: Step) -> None:
    wait(step, ("a", 3, "x"))
    step.client.hset(step.key("items"), "a", "old")
    wait(step, ("a", 1, "y"))
    assert (step.members("waiting"), step.fields("items")) == ({"a": 3}, {"a": "item a"})


def test_an_item_that_is_gone_from_the_queue_already_is_left_where_it_lies(step: Step) -> None:
    step.client.hset(step.key("items"), "settled", "item")
    wait(step, gone=("settled",))
    assert step.fields("items") == {"settled": "item"}


def test_what_was_decided_on_this_evidence_is_not_asked_again_and_on_another_it_is(step: Step) -> None:
    step.client.hset(step.key("decided"), "a", '{"on":"x"}')
    assert wait(step, ("a", 1, "x")) == 0
    assert not step.client.exists(step.key("items"))
    assert wait(step, ("a", 1, "y"), ("b", 1, "x")) == 2


def test_of_too_many_that_wait_the_last_go(step: Step) -> None:
    come = [(key, score, "x") for score, key in enumerate("abcd")]
    assert wait(step, *come, most=2) == 2
    assert list(step.members("waiting")) == ["a", "b"]
    assert set(step.fields("items")) == {"a", "b"}
    assert wait(step, most=2) == 2, "as many as may wait stay"


# decide


def decide(
    step: Step, *, before: str = "", after: str = "now", score: str = "", request: str = "", keep: int = 5
) -> str:
    keys = step.keys("decisions", "decided", "counts", "waiting", "settled", "items", "requests")
    values = {"key": "k", "before": before, "after": after, "score": score, "request": request}
    counted = for_lua(["pinned", 2, "open", -1])
    return text(step.run("decide", "who", "me", **keys, **values, keep=keep, journal=100, counted=counted))


def waiting(step: Step) -> None:
    step.client.zadd(step.key("waiting"), {"k": 7})
    step.client.hset(step.key("items"), "k", "item")


def test_a_decision_is_written_down_holds_is_counted_and_takes_its_item_out_of_the_queue(step: Step) -> None:
    waiting(step)
    assert decide(step) == ""
    assert step.entries("decisions") == [{"who": "me"}]
    assert step.fields("decided") == {"k": "now", "version": step.first_id("decisions")}
    assert step.fields("counts") == {"pinned": "2", "open": "-1"}
    assert step.members("waiting") == {}
    assert step.is_at(step.members("settled")["k"])
    assert not step.client.exists(step.key("requests"))


def test_who_decided_on_what_has_changed_meanwhile_is_told_to_look_again(step: Step) -> None:
    step.client.hset(step.key("decided"), "k", "other")
    assert decide(step) == "again"
    assert not step.client.exists(step.key("decisions"), step.key("counts"))
    assert decide(step, before="other", after="") == ""
    assert set(step.fields("decided")) == {"version"}, "a decision that is taken back holds no longer"


def test_a_decision_on_what_never_waited_leaves_nothing_among_the_settled(step: Step) -> None:
    decide(step)
    assert step.members("settled") == {}


def test_what_is_taken_back_waits_again_in_its_place_if_it_was_settled(step: Step) -> None:
    step.client.zadd(step.key("settled"), {"k": 1})
    decide(step, score="7")
    assert (step.members("settled"), step.members("waiting")) == ({}, {"k": 7})
    step.client.delete(step.key("waiting"))
    decide(step, before="now", score="7")
    assert step.members("waiting") == {}, "what was not settled does not come back"


def test_of_what_is_settled_so_many_are_kept_the_newest(step: Step) -> None:
    step.client.zadd(step.key("settled"), {"old": 1, "older": 0})
    step.client.hset(step.key("items"), mapping={"old": "x", "older": "x"})
    waiting(step)
    decide(step, keep=2)
    assert list(step.members("settled")) == ["old", "k"]
    assert set(step.fields("items")) == {"old", "k"}


def test_a_decision_brings_the_request_that_makes_it_so(step: Step) -> None:
    assert decide(step, request="{}") == step.first_id("requests")
    assert step.entries("requests") == [{"data": "{}"}]


# due


def off(step: Step, member: str, after_ms: int, lane: str = "lane", body: bytes | None = None) -> None:
    step.client.zadd(step.key("delayed"), {member: step.now() + after_ms})
    packed = for_lua({"lane": lane, "fields": ["n", member]}) if body is None else body
    step.client.hset(step.key("bodies"), member, packed)


def due(step: Step, most: int = 10) -> int:
    return int(step.run("due", **step.keys("delayed", "bodies"), lanes=f"{step.prefix}:", most=most))


def test_what_is_due_goes_back_to_its_lane_and_what_is_not_stays(step: Step) -> None:
    off(step, "a", -5)
    off(step, "b", 10_000)
    assert due(step) == 1
    assert step.entries("lane") == [{"n": "a"}]
    assert (list(step.members("delayed")), set(step.fields_raw("bodies"))) == (["b"], {b"b"})


def test_no_more_is_moved_at_once_than_was_asked_for_the_longest_due_first(step: Step) -> None:
    for number, member in enumerate("abc"):
        off(step, member, number - 10)
    assert [due(step, 2), due(step, 2)] == [2, 1]
    assert [one["n"] for one in step.entries("lane")] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "body", [b"", b"\xc1", b"\x01", for_lua({}), for_lua({"lane": "lane"}), for_lua({"fields": ["n", "1"]})]
)
def test_what_nobody_can_read_is_dropped_and_keeps_nothing_back(step: Step, body: bytes) -> None:
    off(step, "a", -5, body=body)
    step.client.zadd(step.key("delayed"), {"lost": 1})
    off(step, "b", -5)
    assert due(step) == 1
    assert step.entries("lane") == [{"n": "b"}]
    assert not step.client.exists(step.key("delayed"), step.key("bodies"))


def test_what_belongs_on_a_lane_that_is_no_stream_is_looked_at_again_in_a_minute(step: Step) -> None:
    step.client.set(step.key("lane"), "no stream")
    off(step, "a", -5)
    assert due(step) == 0
    assert step.is_at(step.members("delayed")["a"], MINUTE_MS)
    step.client.delete(step.key("lane"))
    step.client.xadd(step.key("lane"), {"n": "before"})
    step.client.zadd(step.key("delayed"), {"a": 1})
    assert due(step) == 1
    assert [one["n"] for one in step.entries("lane")] == ["before", "a"]


# core


def core(step: Step, entry: str) -> int:
    values = {
        "group": GROUP,
        "entry": entry,
        "request": "r",
        "source": "a",
        "packed": "main",
        "outcome": "ok",
    }
    more = {
        "channel": "c",
        "traceparent": "t",
        "delay_ms": 500,
        "member": "a:r",
        "body": "lane",
        "reason": "tail",
    }
    keys = step.keys("stream", "state", "partials", "delayed", "bodies")
    return int(step.run("core", **keys, **values, **more))


def test_a_main_document_is_kept_and_its_tail_put_off_but_the_source_has_not_answered_yet(step: Step) -> None:
    step.state(request="{}", have=1, version=4, asked=3)
    assert core(step, step.held()) == 1
    state = step.fields()
    assert state == {
        "request": "{}",
        "have": "1",
        "asked": "3",
        "version": "5",
        "p:a": "main",
        "c:a": "1",
        "w:a": "tail",
    }
    told = {"request_id": "r", "source": "a", "outcome": "ok", "reason": "", "left": "2", "early": "1"}
    assert step.entries("partials") == [{**told, "traceparent": "t"}]
    assert step.is_at(step.members("delayed")["a:r"], 500)
    assert step.fields("bodies") == {"a:r": "lane"}
    assert step.pending() == 0


def test_the_first_main_document_of_all_changes_the_state_once(step: Step) -> None:
    step.state(request="{}")
    core(step, step.held())
    assert step.fields()["version"] == "1"
    assert step.entries("partials")[0]["left"] == "0"


def test_a_main_document_of_a_forgotten_request_or_from_a_slower_worker_is_not_kept(step: Step) -> None:
    entry = step.held()
    assert [core(step, entry), core(step, entry)] == [2, 0]
    assert step.pending() == 0
    assert not step.client.exists(step.key("state"), step.key("partials"), step.key("delayed"))


@pytest.mark.parametrize("field", ["have", "version", "asked"])
def test_counts_that_are_no_numbers_stop_a_main_document_before_it_has_done_anything(
    step: Step, field: str
) -> None:
    step.state(request="{}", **{field: "many"})
    entry = step.held()
    with pytest.raises(Exception, match="WRONGKEY"):
        core(step, entry)
    assert step.pending() == 1


# beat, leave, hold


def test_a_worker_is_heard_of_and_who_has_been_silent_is_forgotten(step: Step) -> None:
    step.client.zadd(step.key("workers"), {"old": step.now() - 2_000, "young": step.now() - 500})
    assert step.run("beat", "w:a", "w:b", workers=step.key("workers"), forget_ms=1_000) == 1
    found = step.members("workers")
    assert set(found) == {"young", "w:a", "w:b"}
    assert step.is_at(found["w:a"])
    assert step.is_at(found["w:b"])


def test_a_consumer_is_taken_off_when_it_holds_nothing(step: Step) -> None:
    entry = step.held()
    values = {"stream": step.key("stream"), "group": GROUP, "consumer": WORKER}
    assert step.run("leave", **values) == 1
    assert len(step.client.xinfo_consumers(step.key("stream"), GROUP)) == 1
    step.client.xack(step.key("stream"), GROUP, entry)
    assert step.run("leave", **values) == 0
    assert step.client.xinfo_consumers(step.key("stream"), GROUP) == []


def hold(step: Step, who: str, lease_ms: int = 1_000) -> int:
    return int(step.run("hold", scout=step.key("scout"), who=who, lease_ms=lease_ms))


def test_there_is_one_scout_and_it_stays_it_until_it_leaves(step: Step) -> None:
    assert [hold(step, "a"), hold(step, "b")] == [1, 0]
    until = step.fields("scout")["until"]
    assert hold(step, "a", 2_000) == 1
    assert step.is_at(step.fields("scout")["until"], 2_000)
    assert int(until) < int(step.fields("scout")["until"])
    assert step.fields("scout") == {"who": "a", "until": step.fields("scout")["until"], "lease": "2000"}
    assert hold(step, "b", 0) == 0
    assert [hold(step, "a", 0), hold(step, "b")] == [1, 1]
    assert step.fields("scout")["who"] == "b"


def test_who_leaves_a_place_that_nobody_has_takes_nothing(step: Step) -> None:
    assert hold(step, "a", 0) == 1
    assert not step.client.exists(step.key("scout"))


def test_a_scout_whose_lease_has_run_out_or_began_in_the_future_is_replaced(step: Step) -> None:
    for until in (-10, 60_000):
        step.client.hset(step.key("scout"), mapping={"who": "a", "until": step.now() + until, "lease": 1_000})
        assert hold(step, "b", 0) == 1
        assert step.fields("scout")["who"] == "a", "who wants nothing takes nothing away"
        assert hold(step, "b") == 1
        assert step.fields("scout")["who"] == "b"


def test_a_scout_holds_its_place_for_a_whole_lease(step: Step) -> None:
    step.client.hset(step.key("scout"), mapping={"who": "a", "until": step.now() + 900, "lease": 1_000})
    assert hold(step, "b") == 0


# answered


def test_what_was_counted_of_a_source_lies_in_this_minute_and_this_hour_for_a_while(step: Step) -> None:
    values = {"prefix": step.key("n:"), "minutes": 100, "hours": 9_000}
    rest = ("asked", 3, "ok", 2)
    key = step.key("last")
    now = step.run("answered", *rest, last=key, **values, answered=1, reason="", message="")
    assert abs(now * 1000 - step.between[1]) < 2_000
    minute, hour = f"n:m{now // 60}", f"n:h{now // 3600}"
    assert step.fields(minute) == step.fields(hour) == {"asked": "3", "ok": "2"}
    lives = [step.client.ttl(step.key(one)) for one in (minute, hour, "last")]
    assert lives == [pytest.approx(100, abs=2), pytest.approx(9_000, abs=2), pytest.approx(9_000, abs=2)]
    assert step.fields("last") == {"ok_at": str(now)}
    now = step.run("answered", *rest, last=key, **values, answered=0, reason="http_500", message="no")
    last = step.fields("last")
    assert (last["failed_at"], last["reason"], last["message"]) == (str(now), "http_500", "no")


def test_who_did_not_answer_has_not_answered(step: Step) -> None:
    values = {"prefix": step.key("n:"), "minutes": 100, "hours": 9_000, "message": "no"}
    step.run("answered", "asked", 1, last=step.key("last"), **values, answered=0, reason="timeout")
    assert "ok_at" not in step.fields("last")


# changes, latest, titles


def put_out(step: Step, *ids: str) -> None:
    for one in ids:
        step.client.xadd(step.key("enriched"), {"n": one}, id=one)


def changes(step: Step, since: str = "0-0", most: int = 10) -> Any:
    last, first, whole, entries = step.run("changes", enriched=step.key("enriched"), since=since, most=most)
    return text(last), text(first), whole, [text(entry) for entry, _ in entries]


def test_what_went_out_after_an_entry_is_told_with_how_far_back_the_output_goes(step: Step) -> None:
    assert changes(step) == ("0-0", "", 1, [])
    put_out(step, "1-1", "1-2", "1-3")
    assert changes(step) == ("1-3", "1-1", 1, ["1-1", "1-2", "1-3"])
    assert changes(step, "1-1", 1) == ("1-3", "1-1", 1, ["1-2"])
    assert changes(step, "1-1", 0) == ("1-3", "1-1", 1, [])
    step.client.xdel(step.key("enriched"), "1-1")
    assert changes(step, "1-2") == ("1-3", "1-2", 0, ["1-3"])
    step.client.xtrim(step.key("enriched"), maxlen=0, approximate=False)
    assert changes(step) == ("1-3", "", 0, [])


def keep(step: Step, **records: tuple[float, str, str]) -> None:
    """Records by name, with the place in the order, the entry that made them, and the data."""
    for name, (score, made, data) in records.items():
        step.client.zadd(step.key("records"), {name: score})
        fields = {"revision": "2", "made": made, "data": data}
        step.client.hset(step.key(f"rec:{name}"), mapping={k: v for k, v in fields.items() if v})


def latest(
    step: Step,
    score: str = "",
    anime: str = "",
    after: str = "",
    *,
    most: int = 10,
    most_bytes: int = 1_000,
    most_looks: int = 1_000,
) -> Any:
    values = {"prefix": step.key("rec:"), "score": score, "anime": anime, "after": after}
    bounds = {"most": most, "most_bytes": most_bytes, "most_looks": most_looks}
    keys = step.keys("records", "enriched")
    last, ended, at, name, found = step.run("latest", **keys, **values, **bounds)
    return text(last), ended, text(at), text(name), [text(one[0]) for one in found]


def test_records_come_in_the_order_of_their_last_look_from_a_place_on(step: Step) -> None:
    assert latest(step) == ("0-0", 1, "", "", [])
    put_out(step, "7-7")
    keep(step, a=(1, "1-1", "x"), b=(2, "", "x"), c=(3, "3-1", ""))
    step.client.hset(step.key("rec:b"), mapping={"made": ""})
    assert latest(step) == ("7-7", 1, "3", "c", ["a", "b"])
    assert latest(step, "1", "a") == ("7-7", 1, "3", "c", ["b"])
    assert latest(step, "2", "b")[4] == []


def test_a_record_is_told_with_its_revision_the_entry_that_made_it_and_its_data(step: Step) -> None:
    keep(step, a=(1, "1-1", "data"))
    values = {"prefix": step.key("rec:"), "score": "", "anime": "", "after": ""}
    bounds = {"most": 1, "most_bytes": 9, "most_looks": 9}
    found = step.run("latest", **step.keys("records", "enriched"), **values, **bounds)[4]
    assert found == [[b"a", b"2", b"1-1", b"data"]]
    step.client.hdel(step.key("rec:a"), "revision", "made")
    found = step.run("latest", **step.keys("records", "enriched"), **values, **bounds)[4]
    assert found == [[b"a", b"0", b"", b"data"]]


def test_where_the_last_one_read_is_gone_or_looked_at_again_all_from_its_score_on_come(step: Step) -> None:
    keep(step, a=(1, "1-1", "x"), b=(2, "1-2", "x"), c=(2, "1-3", "x"))
    assert latest(step, "2", "gone")[4] == ["b", "c"]
    assert latest(step, "1", "b")[4] == ["a", "b", "c"]


def test_only_records_made_after_an_entry_come_and_those_that_do_not_say(step: Step) -> None:
    made = {"a": "9-2", "b": "10-1", "c": "9-10", "d": "", "e": "9-3", "f": "8-9"}
    keep(step, **{name: (place, one, "x") for place, (name, one) in enumerate(made.items())})
    assert latest(step, after="9-3")[4] == ["b", "c", "d"]


def test_a_page_ends_with_so_many_records_bytes_or_looks_and_says_where(step: Step) -> None:
    keep(step, a=(1, "1-1", "xxxx"), b=(2, "1-1", "xxxx"), c=(3, "1-1", "xxxx"))
    assert latest(step, most=2)[1:] == (0, "2", "b", ["a", "b"])
    assert latest(step, most_bytes=5)[1:] == (0, "2", "b", ["a", "b"])
    assert latest(step, most_bytes=4)[1:] == (0, "1", "a", ["a"])
    assert latest(step, most_looks=1)[1:] == (0, "1", "a", ["a"])
    assert latest(step, most_looks=2)[1:] == (0, "2", "b", ["a", "b"])
    assert latest(step, most=3)[1:] == (1, "3", "c", ["a", "b", "c"])


@pytest.mark.parametrize("count", [49, 50, 51, 100, 101])
def test_no_record_is_passed_over_where_one_batch_ends_and_the_next_begins(step: Step, count: int) -> None:
    keep(step, **{f"{n:03}": (n, "1-1", "x") for n in range(count)})
    _, ended, _, _, found = latest(step, most=1_000)
    assert (ended, found) == (1, [f"{n:03}" for n in range(count)])


def test_a_record_that_is_none_keeps_no_other_back(step: Step) -> None:
    keep(step, a=(1, "1-1", "x"), b=(2, "1-1", "x"))
    step.client.delete(step.key("rec:a"))
    step.client.set(step.key("rec:a"), "no hash")
    assert latest(step)[4] == ["b"]
    step.client.hset(step.key("rec:b"), "title", "The Work")
    found = step.run("titles", records=step.key("records"), prefix=step.key("rec:"), first=0, last=1)
    assert found == [b"b", b"The Work", b"a", b""]


# learn


def learn(step: Step, *, counts: tuple[Any, ...] = (), recent: tuple[Any, ...] = (), **bounds: Any) -> str:
    bounds = {"fades": "0.5", "step_ms": 60_000, "most": 100, **bounds}
    lessons = for_lua({"counts": counts, "recent": recent})
    return text(step.run("learn", **step.keys("record", "counts", "frozen"), lessons=lessons, **bounds))


def numbers(step: Step, name: str = "counts") -> dict[str, float]:
    found = step.fields(name)
    return {one: float(value) for one, value in found.items() if one not in {"frozen_at", "version"}}


def test_a_forgotten_record_teaches_nothing(step: Step) -> None:
    assert learn(step, counts=("a/b", 1)) == ""
    step.client.hset(step.key("frozen"), "version", "3-1")
    assert learn(step, counts=("a/b", 1)) == "3-1"
    assert not step.client.exists(step.key("counts"), step.key("record"))


def test_a_work_counts_once_by_what_it_taught_last(step: Step) -> None:
    step.client.hset(step.key("record"), "revision", 1)
    learn(step, counts=("a/b", 1, "a/c", 2.5))
    assert numbers(step) == {"works": 1, "a/b": 1, "a/c": 2.5}
    learn(step, counts=("a/b", 3))
    assert numbers(step) == {"works": 1, "a/b": 3, "a/c": 0}


@pytest.mark.parametrize("spoilt", [b"", b"\xc1", b"\x01"])
def test_a_work_of_which_nobody_can_read_what_it_taught_last_teaches_all_the_same(
    step: Step, spoilt: bytes
) -> None:
    step.client.hset(step.key("record"), "learned", spoilt)
    learn(step, counts=("a/b", 1))
    assert numbers(step) == {"works": 0, "a/b": 1}


def test_a_recent_count_fades_by_each_that_follows(step: Step) -> None:
    step.client.hset(step.key("record"), "revision", 1)
    learn(step, recent=("r", 4))
    learn(step, recent=("r", 4))
    assert numbers(step)["r"] == 6


def test_at_so_many_works_all_counts_are_halved_and_what_was_taught_before_is_half_as_much(
    step: Step,
) -> None:
    step.client.hset(step.key("record"), "revision", 1)
    step.client.hset(step.key("counts"), mapping={"works": 3, "a/b": 8, "word": 6})
    learn(step, counts=("a/b", 2), most=5)
    assert numbers(step) == {"works": 4, "a/b": 10, "word": 6}
    learn(step, counts=("a/b", 2), most=4)
    assert numbers(step) == {"works": 2, "a/b": 5, "word": 6, "epoch": 1}
    learn(step, counts=("a/b", 0), most=5)
    assert numbers(step)["a/b"] == 4, "of the 2 that were taught before, 1 is left to be taken back"
    assert msgpack.unpackb(step.client.hget(step.key("record"), "learned"))["epoch"] == 1


def test_the_first_lesson_begins_the_time_until_the_first_table(step: Step) -> None:
    step.client.hset(step.key("record"), "revision", 1)
    assert learn(step, counts=("a/b", 1), step_ms=0) == ""
    assert step.is_at(step.fields("counts")["frozen_at"])
    assert not step.client.exists(step.key("frozen"))
    version = learn(step, counts=("a/b", 1), step_ms=0)
    assert version.startswith("1-")
    assert abs(int(version[2:]) * 1000 - step.between[1]) < 2_000
    assert step.is_at(step.fields("counts")["frozen_at"])
    assert step.fields("frozen")["a/b"] == "1"
    assert step.fields("frozen")["version"] == version


def test_a_table_holds_until_it_is_time_for_the_next(step: Step) -> None:
    step.client.hset(step.key("record"), "revision", 1)
    began = step.now() - 59_000
    step.client.hset(step.key("counts"), mapping={"frozen_at": began})
    step.client.hset(step.key("frozen"), "version", "7-1")
    assert learn(step, counts=("a/b", 1)) == "7-1"
    assert step.fields("counts")["frozen_at"] == str(began), "the time runs on"
    step.client.hset(step.key("counts"), mapping={"frozen_at": step.now() - 60_000})
    assert learn(step, counts=("a/b", 5)).startswith("1-")
    assert step.fields("frozen")["a/b"] == "5"


# hand_out


def hand_out(step: Step, entry: str, *, last: int = 0, consumer: str = WORKER) -> int:
    part = for_lua([["n", "1"], ["n", "2"]])
    values = {"group": GROUP, "entry": entry, "consumer": consumer, "cursor": "c", "count": 2, "last": last}
    keys = step.keys("snapshots", "reply", "progress")
    return int(step.run("hand_out", **keys, **values, ttl_ms=50_000, part=part))


def test_a_part_of_a_snapshot_is_handed_out_and_how_far_that_is_is_remembered(step: Step) -> None:
    entry = step.held("snapshots")
    assert hand_out(step, entry) == 1
    assert step.entries("reply") == [{"n": "1"}, {"n": "2"}]
    assert step.fields("progress") == {"cursor": "c", "count": "2"}
    lives = [step.client.pttl(step.key(one)) for one in ("reply", "progress")]
    assert lives == [pytest.approx(50_000, abs=2_000)] * 2
    assert step.pending("snapshots") == 1
    assert hand_out(step, entry, last=1) == 1
    assert (step.pending("snapshots"), step.entries("snapshots")) == (0, [])
    assert not step.client.exists(step.key("progress"))


def test_a_snapshot_in_the_hands_of_another_is_not_handed_out(step: Step) -> None:
    entry = step.held("snapshots")
    assert hand_out(step, entry, consumer="other") == 0
    assert not step.client.exists(step.key("reply"), step.key("progress"))


# trim


def stream_of(step: Step, count: int, *groups: str) -> list[str]:
    key = step.key("stream")
    ids = [f"{9 + number // 3}-{8 + number % 3 * 2}" for number in range(count)]
    for one in ids:
        step.client.xadd(key, {"n": "x"}, id=one)
    for group in groups:
        step.client.xgroup_create(key, group, "0")
    return ids


def read(step: Step, group: str, count: int, acknowledged: int = 0) -> None:
    found: Any = step.client.xreadgroup(group, WORKER, {step.key("stream"): ">"}, count=count)
    for entry, _ in found[0][1][:acknowledged]:
        step.client.xack(step.key("stream"), group, entry)


def trim(step: Step, keep: int, *groups: str) -> int:
    return int(step.run("trim", *groups, stream=step.key("stream"), keep=keep))


def test_a_stream_that_is_not_there_is_not_cut(step: Step) -> None:
    assert trim(step, 0) == 0


@pytest.mark.parametrize(("quick", "slow"), ["ab", "ba"])
@pytest.mark.parametrize("keep", [0, 1])
def test_a_stream_is_cut_behind_its_slowest_group_and_never_under_what_is_not_acknowledged(
    step: Step, keep: int, quick: str, slow: str
) -> None:
    ids = stream_of(step, 6, "a", "b")
    read(step, quick, 6, 6)
    read(step, slow, 3, 2)
    assert trim(step, keep, "a", "b") == 2
    assert step.first_id("stream") == ids[2]


@pytest.mark.parametrize("keep", [0, 1])
def test_one_entry_that_is_not_acknowledged_keeps_all_behind_it(step: Step, keep: int) -> None:
    ids = stream_of(step, 6, "a")
    read(step, "a", 5)
    step.client.xack(step.key("stream"), "a", ids[0], *ids[2:5])
    assert trim(step, keep) == 1


@pytest.mark.parametrize("keep", [0, 1])
def test_what_all_have_read_and_acknowledged_goes_but_the_last(step: Step, keep: int) -> None:
    stream_of(step, 6, "a", "b")
    read(step, "a", 6, 6)
    read(step, "b", 6, 6)
    assert trim(step, keep) == 5
    assert trim(step, keep) == 0


def test_a_group_that_has_read_nothing_keeps_all_and_so_does_one_that_is_not_there_yet(step: Step) -> None:
    stream_of(step, 3, "a", "b")
    read(step, "a", 3, 3)
    assert [trim(step, keep, "a", "b") for keep in (0, 1)] == [0, 0]
    assert [trim(step, keep, "a", "c") for keep in (0, 1)] == [0, 0]
    assert trim(step, 0, "a") == 2, "others are not waited for"


def test_so_many_entries_are_kept_also_of_those_that_all_have_read(step: Step) -> None:
    ids = stream_of(step, 6, "a")
    read(step, "a", 6, 6)
    assert trim(step, 4, "a") == 2
    assert step.first_id("stream") == ids[2]
    assert trim(step, 4, "a") == 0


def test_a_stream_without_groups_is_cut_by_its_length_alone(step: Step) -> None:
    stream_of(step, 6)
    assert [trim(step, 4), trim(step, 4), trim(step, 0)] == [2, 0, 0]


def test_no_more_than_two_thousand_entries_are_cut_at_a_time(step: Step) -> None:
    pipe = step.client.pipeline()
    for number in range(2_005):
        pipe.xadd(step.key("stream"), {"n": "x"}, id=f"1-{number + 1}")
    pipe.execute()
    step.client.xgroup_create(step.key("stream"), "a", "0")
    read(step, "a", 3_000)
    step.client.xack(step.key("stream"), "a", *[f"1-{n + 1}" for n in range(2_005)])
    assert [trim(step, 1, "a"), trim(step, 1, "a")] == [2_000, 4]


def test_a_group_that_has_read_all_lags_behind_by_nothing(step: Step) -> None:
    key = step.key("stream")
    ids = stream_of(step, 3)
    step.client.xgroup_create(key, "a", ids[-1], entries_read=2)
    step.client.xgroup_create(key, "b", ids[0], entries_read=1)
    before: dict[str, Any] = {text(one["name"]): one["lag"] for one in step.client.xinfo_groups(key)}
    trim(step, 10, "a", "b")
    after: dict[str, Any] = {text(one["name"]): one["lag"] for one in step.client.xinfo_groups(key)}
    assert before == {"a": 1, "b": 2}, "as Redis 7.0 counts after a restart"
    assert after == {"a": 0, "b": 2}
