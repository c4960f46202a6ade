"""What each step of a request's life writes, field by field: the scripts themselves on a server."""

from __future__ import annotations

from typing import Any

import pytest

from streams.broker.request_state import read_state
from tests.streams.broker.steps import DAY_MS, GROUP, WORKER, Step, text

# accept


def accept(step: Step, entry: str, *, reply_to: str = "", part: str = "1", data: str = "") -> str:
    values = {
        "group": GROUP,
        "entry": entry,
        "request": "r",
        "body": "{}",
        "deadline_ms": 5000,
        "traceparent": "t",
    }
    keys = step.keys("stream", "state", "deadlines", "lane", "enriched")
    return text(step.run("accept", **keys, **values, reply_to=reply_to, part=part, data=data))


def ended(step: Step, *, outputs: int | None = None) -> str:
    """A request that has its output already."""
    done = text(
        step.client.xadd(step.key("enriched"), {"output_id": "a@1", "final": "true", "data": "whole"})
    )
    step.state(request="{}", done=done, **({"outputs": outputs} if outputs else {}))
    return done


def test_a_request_is_taken_in_once_with_its_deadline_and_lies_on_its_lane(step: Step) -> None:
    assert accept(step, step.held(), reply_to="me", part="title") == "new"
    state = step.fields()
    assert step.is_at(state.pop("accepted_at"))
    due = state.pop("deadline_at")
    assert step.is_at(due, 5000)
    assert state == {"request": "{}", "have": "0", "reply:me": "title"}
    assert step.members("deadlines") == {"r": float(due)}
    assert step.entries("lane") == [{"request_id": "r", "data": "{}", "deadline_at": due, "traceparent": "t"}]
    assert step.pending() == 0


def test_a_request_that_wants_no_reply_has_no_reply_stream(step: Step) -> None:
    accept(step, step.held())
    assert [name for name in step.fields() if name.startswith("reply:")] == []


def test_who_was_slower_takes_nothing_in(step: Step) -> None:
    entry = step.held()
    step.client.xack(step.key("stream"), GROUP, entry)
    assert accept(step, entry) == "lost"
    assert step.client.keys(f"{step.prefix}:*") == [step.key("stream").encode()]


def test_a_request_that_comes_again_while_it_is_open_only_wants_to_be_answered_there_too(step: Step) -> None:
    step.state(request="{}", have=0)
    assert accept(step, step.held()) == "duplicate"
    assert step.fields() == {"request": "{}", "have": "0"}
    assert accept(step, step.held(), reply_to="me", part="title") == "duplicate"
    assert step.fields() == {"request": "{}", "have": "0", "reply:me": "title"}
    assert not step.client.exists(step.key("lane"), step.key("deadlines"))
    assert step.pending() == 0


def test_a_request_that_comes_again_after_its_end_gets_its_output_as_it_was(step: Step) -> None:
    ended(step)
    assert accept(step, step.held(), reply_to=step.key("me")) == "duplicate"
    assert step.entries("me") == [{"output_id": "a@1", "final": "true", "data": "whole"}]
    assert "outputs" not in step.fields()
    assert f"reply:{step.key('me')}" not in step.fields()


def test_without_a_reply_stream_nothing_is_said_again(step: Step) -> None:
    ended(step)
    assert accept(step, step.held(), part="title") == "duplicate"
    assert set(step.fields()) == {"request", "done"}


def test_a_part_of_an_output_is_asked_for_before_anything_is_done_and_has_a_name_of_its_own(
    step: Step,
) -> None:
    ended(step, outputs=9_000_000_000_000)
    entry = step.held()
    assert accept(step, entry, reply_to=step.key("me"), part="title") == "again"
    assert step.pending() == 1
    assert accept(step, entry, reply_to=step.key("me"), part="title", data="part") == "duplicate"
    assert step.entries("me") == [{"output_id": "r#9000000000001", "final": "true", "data": "part"}]
    assert step.fields()["outputs"] == "9000000000001"


def test_the_first_part_is_named_by_the_second_it_was_given_out_in(step: Step) -> None:
    ended(step)
    accept(step, step.held(), reply_to=step.key("me"), part="title", data="part")
    number = int(step.fields()["outputs"])
    assert step.entries("me")[0]["output_id"] == f"r#{number}"
    assert step.between[0] - 1000 <= number <= step.between[1]


def test_a_request_that_ended_without_a_word_has_nothing_to_say_again(step: Step) -> None:
    step.state(request="{}", done="")
    assert accept(step, step.held(), reply_to=step.key("me"), part="title") == "duplicate"
    assert not step.client.exists(step.key("me"))


def test_a_reply_stream_that_is_none_does_not_stop_a_request_from_being_taken_in_again(step: Step) -> None:
    ended(step)
    step.client.set(step.key("me"), "no stream")
    assert accept(step, step.held(), reply_to=step.key("me")) == "duplicate"


# partial


def partial(step: Step, entry: str, *letter: str, source: str = "a", answered: int = 1) -> int:
    values = {
        "group": GROUP,
        "entry": entry,
        "request": "r",
        "source": source,
        "body": "packed",
        "outcome": "ok",
    }
    more = {"reason": "why", "channel": "c", "answered": answered, "traceparent": "t", "mark": "m"}
    keys = step.keys("stream", "state", "partials", "dead", "failed")
    return int(step.run("partial", *letter, **keys, **values, **more))


def test_an_answer_lies_in_the_state_and_the_aggregators_hear_how_many_are_left(step: Step) -> None:
    step.state(request='{"early":true}', asked=3, have=1, version=4, p__b="b")
    assert partial(step, step.held()) == 1
    state = step.fields()
    assert (state["p:a"], state["g:a"], state["have"], state["version"]) == ("packed", "ok m", "2", "5")
    told = {"request_id": "r", "source": "a", "outcome": "ok", "reason": "why", "left": "1", "early": "1"}
    assert step.entries("partials") == [{**told, "traceparent": "t"}]
    assert step.pending() == 0


def test_the_first_answer_of_all_is_one_of_one(step: Step) -> None:
    step.state(request="{}", asked=1)
    partial(step, step.held())
    state = step.fields()
    assert (state["have"], state["version"]) == ("1", "1")
    assert (step.entries("partials")[0]["left"], step.entries("partials")[0]["early"]) == ("0", "0")


def test_an_answer_before_it_is_known_who_was_asked_leaves_less_than_none(step: Step) -> None:
    step.state(request="{}")
    partial(step, step.held())
    assert step.entries("partials")[0]["left"] == "-1"


def test_a_source_that_answers_again_is_counted_once_and_seen_as_new(step: Step) -> None:
    step.state(request="{}", asked=2, have=1, version=1, p__a="old")
    partial(step, step.held())
    assert (step.fields()["have"], step.fields()["version"]) == ("1", "2")


def test_an_answer_for_a_forgotten_request_is_done_with_and_leaves_nothing(step: Step) -> None:
    assert partial(step, step.held()) == 2
    assert step.pending() == 0
    assert not step.client.exists(step.key("state"), step.key("partials"), step.key("failed"))


def test_a_slower_worker_hands_nothing_in(step: Step) -> None:
    step.state(request="{}", asked=2)
    entry = step.held()
    step.client.xack(step.key("stream"), GROUP, entry)
    assert partial(step, entry, "reason", "x") == 0
    assert step.fields() == {"request": "{}", "asked": "2"}
    assert not step.client.exists(step.key("partials"), step.key("dead"))


@pytest.mark.parametrize("field", ["have", "version", "asked"])
def test_counts_that_are_no_numbers_stop_an_answer_before_it_has_done_anything(
    step: Step, field: str
) -> None:
    step.state(request="{}", asked=2)
    step.state(**{field: "many"})
    entry = step.held()
    with pytest.raises(Exception, match="WRONGKEY"):
        partial(step, entry)
    assert step.pending() == 1


def test_a_failure_has_a_letter_and_is_on_the_list_of_those_to_be_asked_again(step: Step) -> None:
    step.state(request="{}", asked=2)
    partial(step, step.held(), "reason", "http_500", answered=0)
    assert step.entries("dead") == [{"reason": "http_500"}]
    assert step.fields()["d:a"] == step.first_id("dead")
    since = step.members("failed")["r"]
    assert step.between[0] - 1000 <= since <= step.between[1]
    assert since % 1000 == 0


def test_a_failure_without_a_letter_is_on_the_list_all_the_same(step: Step) -> None:
    step.state(request="{}", asked=2)
    partial(step, step.held(), answered=0)
    assert "d:a" not in step.fields()
    assert list(step.members("failed")) == ["r"]


def test_an_answer_takes_its_letter_and_its_place_on_the_list_away(step: Step) -> None:
    letters = [text(step.client.xadd(step.key("dead"), {"n": str(n)})) for n in range(2)]
    step.client.zadd(step.key("failed"), {"r": 1, "s": 2})
    step.state(request="{}", asked=2, d__a=letters[0])
    partial(step, step.held())
    assert step.entries("dead") == [{"n": "1"}]
    assert "d:a" not in step.fields()
    assert list(step.members("failed")) == ["s"]


def test_the_list_of_failures_is_bounded(step: Step) -> None:
    step.client.zadd(step.key("failed"), {str(number): number for number in range(100_000)})
    step.state(request="{}", asked=2)
    partial(step, step.held(), answered=0)
    assert step.client.zcard(step.key("failed")) == 100_000
    assert step.client.zscore(step.key("failed"), "0") is None
    assert step.client.zscore(step.key("failed"), "r") is not None


def test_an_answer_is_waited_for_no_longer_and_one_to_a_replay_is_marked_as_come_in(step: Step) -> None:
    step.state(request="{}", asked=2, w__a="replay", w__b="http_500", r__a="asked")
    partial(step, step.held())
    state = step.fields()
    assert (state.get("w:a"), state["w:b"], state["r:a"]) == (None, "http_500", "in")
    partial(step, step.held(), source="b")
    assert "r:b" not in step.fields()


# reask, reopen, retry


def reask(step: Step, letter: str = "") -> int:
    return int(
        step.run(
            "reask", **step.keys("state", "lane", "failed", "dead"), request="r", source="a", letter=letter
        )
    )


def test_a_source_that_failed_is_asked_again_once(step: Step) -> None:
    step.state(request="{}", identified="who")
    step.client.zadd(step.key("failed"), {"r": 1})
    assert [reask(step), reask(step)] == [1, 0]
    assert step.entries("lane") == [{"request_id": "r", "data": "who"}]
    assert (step.fields()["w:a"], step.fields()["r:a"]) == ("replay", "asked")


def test_a_source_that_did_not_fail_is_not_asked_again_but_by_its_letter(step: Step) -> None:
    step.state(request="{}", identified="who")
    assert reask(step) == 0
    letter = text(step.client.xadd(step.key("dead"), {"a": "b"}))
    assert [reask(step, letter), reask(step, letter)] == [1, 0]
    assert step.client.xlen(step.key("dead")) == 0
    assert step.client.xlen(step.key("lane")) == 1


def test_a_source_that_is_waited_for_already_is_not_asked_twice(step: Step) -> None:
    step.state(request="{}", identified="who", w__a="http_500")
    step.client.zadd(step.key("failed"), {"r": 1})
    letter = text(step.client.xadd(step.key("dead"), {"a": "b"}))
    assert [reask(step), reask(step, letter)] == [0, 0]
    assert not step.client.exists(step.key("lane"))


def test_a_state_that_is_of_no_use_keeps_the_letter(step: Step) -> None:
    letter = text(step.client.xadd(step.key("dead"), {"a": "b"}))
    assert reask(step, letter) == -1
    step.state(request="{}", identified="who", compact=1)
    assert reask(step, letter) == -1
    assert step.client.xlen(step.key("dead")) == 1


def test_an_answer_to_a_replay_that_is_not_told_yet_stays_one(step: Step) -> None:
    step.state(request="{}", identified="who", r__a="in")
    step.client.zadd(step.key("failed"), {"r": 1})
    assert reask(step) == 1
    assert step.fields()["r:a"] == "in"


def reopen(step: Step, letter: str = "") -> int:
    values = {"request": "r", "body": "{}", "identified": "who", "deadline_ms": 5000, "letter": letter}
    return int(step.run("reopen", **step.keys("state", "deadlines", "lane", "dead"), **values))


def test_a_work_is_asked_for_again_by_a_request_that_is_identified_already(step: Step) -> None:
    assert [reopen(step), reopen(step)] == [1, 0]
    state = step.fields()
    due = state.pop("deadline_at")
    assert state.pop("accepted_at") <= due
    assert state == {"request": "{}", "have": "0", "identified": "who", "verdict": "accept", "asked": "1"}
    assert step.members("deadlines") == {"r": float(due)}
    assert step.entries("lane") == [{"request_id": "r", "data": "who"}]


def test_its_deadline_counts_from_now(step: Step) -> None:
    reopen(step)
    state = step.fields()
    assert step.is_at(state["accepted_at"])
    assert step.is_at(state["deadline_at"], 5000)


def test_a_letter_that_is_gone_opens_nothing_and_one_that_is_there_is_used_up(step: Step) -> None:
    assert reopen(step, "1-1") == 0
    assert not step.client.exists(step.key("state"))
    letter = text(step.client.xadd(step.key("dead"), {"a": "b"}))
    assert reopen(step, letter) == 1
    assert step.client.xlen(step.key("dead")) == 0


def retry(step: Step, entry: str, delay_ms: int = 3000) -> float:
    values = {"group": GROUP, "entry": entry, "delay_ms": delay_ms, "member": "m", "body": "b", "source": "a"}
    keys = step.keys("stream", "state", "delayed", "bodies")
    return float(step.run("retry", **keys, **values, reason="http_500", request="r", channel="c"))


def test_work_is_put_off_until_it_is_due_and_the_state_says_why(step: Step) -> None:
    step.state(request="{}")
    due = retry(step, step.held())
    assert step.is_at(due, 3000)
    assert (step.members("delayed"), step.fields("bodies")) == ({"m": due}, {"m": "b"})
    assert step.fields() == {"request": "{}", "w:a": "http_500"}
    assert step.pending() == 0


def test_work_of_a_forgotten_request_brings_no_state_back(step: Step) -> None:
    retry(step, step.held())
    assert not step.client.exists(step.key("state"))
    step.state(outputs=1)
    retry(step, step.held())
    assert step.fields() == {"outputs": "1"}
    step.client.delete(step.key("state"))
    step.client.set(step.key("state"), "somebody else's")
    assert retry(step, step.held()) > 0


def test_a_slower_worker_puts_nothing_off(step: Step) -> None:
    entry = step.held()
    step.client.xack(step.key("stream"), GROUP, entry)
    assert retry(step, entry) == 0
    assert not step.client.exists(step.key("delayed"))


# bury


def bury(step: Step, entry: str, *, incoming: int = 0, request: str = "r", output: bool = True) -> int:
    rest = ["reason", "internal", *(("status", "failed") if output else ())]
    keys = step.keys("stream", "dead", "enriched", "state", "deadlines", "closed")
    values = {"group": GROUP, "entry": entry, "request": request, "incoming": incoming, "letter_fields": 2}
    return int(step.run("bury", *rest, **keys, **values))


def test_a_request_that_is_given_up_has_a_letter_and_its_one_output(step: Step) -> None:
    step.state(request="{}", outputs=9_000_000_000_000)
    step.client.zadd(step.key("deadlines"), {"r": 1})
    assert bury(step, step.held()) == 1
    assert step.entries("dead") == [{"reason": "internal"}]
    assert step.entries("enriched") == [{"output_id": "r#9000000000001", "status": "failed"}]
    done = step.first_id("enriched")
    told = {"done": done, "status": "failed", "buried": "1", "outputs": "9000000000001"}
    assert step.fields() == {"request": "{}", **told}
    assert step.members("deadlines") == {}
    closed = step.members("closed")["r"]
    assert step.between[0] - 1000 <= closed <= step.between[1]
    assert step.pending() == 0


def test_an_output_of_a_request_that_had_none_is_named_by_the_time(step: Step) -> None:
    bury(step, step.held())
    assert step.is_at(step.fields()["outputs"])
    assert step.fields()["request"] == "{}"


def test_what_is_given_up_twice_has_one_output(step: Step) -> None:
    assert [bury(step, step.held()), bury(step, step.held())] == [1, 1]
    assert (len(step.entries("dead")), len(step.entries("enriched"))) == (2, 1)


def test_a_deadline_gives_nothing_up_that_has_ended(step: Step) -> None:
    step.held()
    step.state(request="{}", done="1-1")
    step.client.zadd(step.key("deadlines"), {"r": 1})
    assert bury(step, "") == 0
    assert not step.client.exists(step.key("dead"), step.key("enriched"), step.key("deadlines"))


def test_a_deadline_gives_up_what_is_open(step: Step) -> None:
    step.held()
    step.state(request="{}")
    step.client.zadd(step.key("deadlines"), {"r": 1})
    assert bury(step, "") == 1
    assert len(step.entries("enriched")) == 1


def test_a_slower_worker_gives_nothing_up(step: Step) -> None:
    entry = step.held()
    step.client.xack(step.key("stream"), GROUP, entry)
    assert bury(step, entry) == 0
    assert not step.client.exists(step.key("dead"), step.key("enriched"), step.key("state"))


def test_a_bad_request_of_the_id_of_one_under_way_leaves_that_alone(step: Step) -> None:
    step.state(request="{}")
    assert bury(step, step.held(), incoming=1) == 1
    assert len(step.entries("dead")) == 1
    assert step.fields() == {"request": "{}"}
    assert not step.client.exists(step.key("enriched"))


def test_a_bad_request_of_an_id_that_nobody_else_has_gets_its_output(step: Step) -> None:
    assert bury(step, step.held(), incoming=1) == 1
    assert len(step.entries("enriched")) == 1


def test_what_is_given_up_keeps_its_request(step: Step) -> None:
    step.state(request='{"title":"x"}')
    bury(step, step.held())
    assert step.fields()["request"] == '{"title":"x"}'


def test_where_somebody_else_s_key_lies_what_is_neither_open_nor_new_has_ended(step: Step) -> None:
    step.client.set(step.key("state"), "somebody else's")
    assert bury(step, step.held()) == 1
    assert (len(step.entries("dead")), len(step.entries("enriched"))) == (1, 0)


def test_what_is_no_request_has_a_letter_alone(step: Step) -> None:
    assert [bury(step, step.held(), request=""), bury(step, step.held(), output=False)] == [1, 1]
    assert len(step.entries("dead")) == 2
    assert not step.client.exists(step.key("enriched"), step.key("state"))


def test_where_somebody_else_s_key_lies_the_list_of_the_open_ones_says_what_has_ended(step: Step) -> None:
    step.client.set(step.key("state"), "somebody else's")
    step.client.zadd(step.key("deadlines"), {"r": 1})
    assert [bury(step, step.held()), bury(step, step.held())] == [1, 1]
    assert (len(step.entries("dead")), len(step.entries("enriched"))) == (2, 1)
    assert step.members("deadlines") == {}
    assert step.client.get(step.key("state")) == b"somebody else's"


def test_a_request_as_it_came_in_has_its_output_where_somebody_else_s_key_lies(step: Step) -> None:
    step.client.set(step.key("state"), "somebody else's")
    assert bury(step, step.held(), incoming=1) == 1
    assert len(step.entries("enriched")) == 1


# what is moved, swept and cut


def test_what_is_forgotten_is_older_than_its_time_and_no_more_than_were_asked_for(step: Step) -> None:
    now = step.now()
    step.client.zadd(
        step.key("closed"), {"a": now - 3 * DAY_MS, "b": now - 2 * DAY_MS, "c": now - DAY_MS // 2}
    )
    for name in "abc":
        step.client.set(step.key(f"s:{name}"), "x")
    told = [
        int(step.run("sweep", closed=step.key("closed"), prefix=step.key("s:"), age_ms=DAY_MS, most=1))
        for _ in range(3)
    ]
    assert told == [1, 1, 0]
    assert (list(step.members("closed")), step.client.exists(step.key("s:c"))) == (["c"], 1)
    assert step.client.exists(step.key("s:a"), step.key("s:b")) == 0


def forget(step: Step, keep: int = 10) -> int:
    keys = step.keys("records", "aliases", "refresh", "forgotten", "floor")
    return int(step.run("forget", **keys, prefix=step.key("rec:"), age_ms=DAY_MS, most=10, keep=keep))


def test_a_record_is_forgotten_with_the_ids_that_lead_to_it_and_no_others(step: Step) -> None:
    step.client.zadd(step.key("records"), {"a": step.now() - 2 * DAY_MS, "b": step.now()})
    step.client.zadd(step.key("refresh"), {"a": 1, "b": 2})
    step.client.hset(step.key("rec:a"), mapping={"aliases": "mal:1\nkitsu:2\n", "revision": 7})
    step.client.hset(step.key("aliases"), mapping={"mal:1": "a", "kitsu:2": "b"})
    assert forget(step) == 1
    assert step.fields("aliases") == {"kitsu:2": "b"}
    assert (list(step.members("records")), list(step.members("refresh"))) == (["b"], ["b"])
    assert not step.client.exists(step.key("rec:a"))
    assert step.members("forgotten") == {"a": 7}


def test_of_too_many_last_revisions_the_lowest_go_and_nobody_begins_below_them(step: Step) -> None:
    step.client.zadd(step.key("forgotten"), {"a": 3, "b": 9, "c": 5, "d": 8})
    forget(step, keep=2)
    assert (step.members("forgotten"), step.fields("floor")) == ({"d": 8, "b": 9}, {"revision": "5"})
    step.client.zadd(step.key("forgotten"), {"e": 4})
    forget(step, keep=2)
    assert (list(step.members("forgotten")), step.fields("floor")) == (["d", "b"], {"revision": "5"})


def test_what_lies_in_the_place_of_a_record_is_forgotten_too(step: Step) -> None:
    step.client.zadd(step.key("records"), {"a": 1, "b": 2})
    step.client.set(step.key("rec:a"), "somebody else's")
    step.client.hset(step.key("rec:b"), "request_id", "r")
    assert forget(step) == 2
    assert not step.client.exists(step.key("rec:a"), step.key("rec:b"), step.key("forgotten"))


def test_an_entry_that_is_handed_on_leaves_its_stream_once(step: Step) -> None:
    entry = step.held()
    values = {"group": GROUP, "entry": entry}
    told = [int(step.run("requeue", "a", "b", **step.keys("stream", "lane"), **values)) for _ in range(2)]
    assert told == [1, 0]
    assert (step.entries("lane"), step.pending()) == ([{"a": "b"}], 0)


def test_requests_are_sorted_once_each_known_by_its_entry(step: Step) -> None:
    entries = [step.held() for _ in range(3)]
    step.client.xack(step.key("stream"), GROUP, entries[0])
    told = [word for entry in entries for word in (entry, 4, "a", entry, "b", "c")]
    assert int(step.run("sort", *told, **step.keys("stream", "lane"), group=GROUP)) == 2
    assert step.entries("lane") == [{"a": one, "b": "c", "intake_id": one} for one in entries[1:]]
    assert step.pending() == 0


def test_a_letter_becomes_a_request_once(step: Step) -> None:
    letter = text(step.client.xadd(step.key("dead"), {"a": "b"}))
    told = [
        text(step.run("republish", "t", "x", **step.keys("dead", "requests"), letter=letter))
        for _ in range(2)
    ]
    assert told == [step.first_id("requests"), ""]
    assert (step.entries("requests"), step.entries("dead")) == ([{"t": "x"}], [])


def test_a_look_is_put_off_unless_another_time_was_found_meanwhile(step: Step) -> None:
    step.client.zadd(step.key("refresh"), {"a": 1000})
    told = [
        int(step.run("put_off", refresh=step.key("refresh"), anime=anime, seen=seen, at=5000))
        for anime, seen in (("a", 999), ("b", 1000), ("a", 1000))
    ]
    assert (told, step.members("refresh")) == ([0, 0, 1], {"a": 5000})


def identified(step: Step, entry: str, asked: int, *known: str) -> int:
    keys = step.keys("stream", "state", "lane", "partials")
    values = {"group": GROUP, "entry": entry, "request": "r", "body": "who", "asked": asked}
    return int(
        step.run("identified", *known, **keys, **values, verdict="accept", channel="c", traceparent="t")
    )


def test_the_sources_are_asked_for_what_was_identified_or_it_is_finished_at_once(step: Step) -> None:
    step.state(request="{}")
    assert identified(step, step.held(), 1) == 1
    assert step.fields() == {"request": "{}", "identified": "who", "verdict": "accept", "asked": "1"}
    assert step.entries("lane") == [{"request_id": "r", "data": "who", "known": ""}]
    assert not step.client.exists(step.key("partials"))
    assert identified(step, step.held(), 0) == 1
    told = {"request_id": "r", "source": "", "outcome": "accept", "left": "0", "early": "0"}
    assert step.entries("partials") == [{**told, "traceparent": "t"}]
    assert len(step.entries("lane")) == 1


@pytest.mark.parametrize(
    ("request_", "asked", "lane", "notice"),
    [
        ("{}", 3, "a b", None),
        ("{}", 2, None, ("0", "0")),
        ('{"early":true}', 3, "a b", ("1", "1")),
        ('{"early":true}', 2, None, ("0", "1")),
    ],
)
def test_what_is_known_of_sources_goes_in_with_the_identification_and_they_are_not_asked(
    step: Step, request_: str, asked: int, lane: str | None, notice: tuple[str, str] | None
) -> None:
    step.state(request=request_)
    identified(step, step.held(), asked, "a", "main a", "ok", "", "m", "b", "main b", "ok", "", "n")
    state = step.fields()
    assert (state["p:a"], state["g:a"], state["p:b"], state["g:b"]) == ("main a", "ok m", "main b", "ok n")
    assert (state["have"], state["version"], state["asked"]) == ("2", "2", str(asked))
    assert [one["known"] for one in step.entries("lane")] == ([lane] if lane else [])
    told = [(one["left"], one["early"]) for one in step.entries("partials")]
    assert told == ([notice] if notice else [])


def test_what_is_closed_or_gone_or_another_s_is_not_identified(step: Step) -> None:
    assert identified(step, step.held(), 1) == 2
    step.state(request="{}", done="")
    assert identified(step, step.held(), 1) == 2
    entry = step.held()
    step.client.xack(step.key("stream"), GROUP, entry)
    assert identified(step, entry, 1) == 0
    assert (step.fields(), step.pending()) == ({"request": "{}", "done": ""}, 0)
    assert not step.client.exists(step.key("lane"))


def test_only_leases_that_are_still_held_are_renewed(step: Step) -> None:
    mine, taken, done = (step.held() for _ in range(3))
    key = step.key("stream")
    step.client.xclaim(key, GROUP, "other", 0, [taken], idle=50_000)
    step.client.xclaim(key, GROUP, WORKER, 0, [mine], idle=50_000)
    step.client.xack(key, GROUP, done)
    lost = step.run("heartbeat", mine, taken, done, stream=key, group=GROUP, consumer=WORKER)
    assert [text(one) for one in lost] == [taken]
    rows: Any = step.client.xpending_range(key, GROUP, "-", "+", 10)
    idle = {
        text(row["message_id"]): (text(row["consumer"]), row["time_since_delivered"] < 40_000) for row in rows
    }
    assert idle == {mine: (WORKER, True), taken: ("other", False)}


def test_what_was_given_up_when_its_state_was_forgotten_has_nothing_to_gather() -> None:
    assert read_state({b"request": b"{}", b"done": b"1-1", b"status": b"failed"}) is None
