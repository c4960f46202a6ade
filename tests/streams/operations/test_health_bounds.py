"""Where well ends and trouble begins: each bound of the judgement, on it and just beyond."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sources import Reason
from streams.broker.answers import Counted, Heard
from streams.broker.keys import AGGREGATE, IDENTIFY
from streams.operations.fleet_status import FleetStatus, GroupStatus, SourceStatus
from streams.operations.health import Setup, Trouble, judge, level_of, newest, trouble

SETUP = Setup(deadline_seconds=600.0, with_credentials=frozenset({"anidb"}))
NOW = 1000.0


def read(group: str, **facts: Any) -> GroupStatus:
    return GroupStatus(group=group, **{"consumers": 1, **facts})


def found(heard: Mapping[str, Heard] | None = None, **facts: Any) -> list[tuple[str, str, str]]:
    status = FleetStatus(at=NOW, **{"groups": [read("kitsu")], **facts})
    return [(one.what, one.subject, one.level) for one in judge(status, heard or {}, SETUP)]


def site(name: str = "kitsu", **facts: Any) -> dict[str, Any]:
    return {"sources": [SourceStatus(source=name, **facts)]}


def minutes(*counts: dict[str, int], source: str = "kitsu") -> dict[str, Heard]:
    return {source: Heard([Counted(one) for one in counts])}


WELL: Any = []
FULL = {"memory_limit_bytes": 1000}


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"server_version": "7.0.0"}, WELL),
        ({"server_version": "6.2.14"}, [("redis_old", "server", "fault")]),
        ({"server_version": ""}, WELL),
        ({"memory_bytes": 900, **FULL}, WELL),
        ({"memory_bytes": 901, **FULL}, [("redis_full", "server", "warning")]),
        ({"memory_bytes": 999, **FULL}, [("redis_full", "server", "warning")]),
        ({"memory_bytes": 1000, **FULL}, [("redis_full", "server", "fault")]),
        ({"memory_bytes": 10**12}, WELL),
        ({"unread_outputs": {"site": 30.0}}, WELL),
        ({"unread_outputs": {"site": 30.1}}, [("output_unread", "site", "warning")]),
        ({"unread_output_groups": ["site"]}, [("output_unread", "site", "warning")]),
        (
            {"unread_outputs": {"site": 30.0}, "unread_output_groups": ["site"]},
            [("output_unread", "site", "warning")],
        ),
        ({"overdue": 1}, [("backlog", "requests", "fault")]),
    ],
)
def test_the_server_the_readers_of_the_output_and_what_is_overdue(facts: dict[str, Any], told: Any) -> None:
    assert found(**facts) == told


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ([read("kitsu"), read("anidb", consumers=0)], [("group_unread", "anidb", "warning")]),
        ([read("kitsu"), read("anidb", consumers=0, lag=1)], [("group_unread", "anidb", "fault")]),
        ([read("kitsu"), read("anidb", consumers=0, pending=1)], [("group_unread", "anidb", "fault")]),
        ([read("kitsu"), read("anidb", missing=True)], [("group_unread", "anidb", "warning")]),
        ([read("kitsu", consumers=0), read("anidb", missing=True)], [("group_unread", "workers", "note")]),
        (
            [read("kitsu", consumers=0), read("anidb", consumers=0, lag=1)],
            [("group_unread", "anidb", "fault"), ("group_unread", "kitsu", "warning")],
        ),
        (
            [read("kitsu", consumers=0, silent={"w": 40.0})],
            [("group_unread", "kitsu", "warning"), ("worker_stuck", "w", "warning")],
        ),
        (
            [read("kitsu", silent={"w": 40.0}), read("anidb", silent={"w": 40.0})],
            [("worker_stuck", "w", "warning")],
        ),
        ([read(IDENTIFY, oldest_seconds=300.0), read(AGGREGATE, oldest_seconds=300.0)], WELL),
        ([read(IDENTIFY, oldest_seconds=300.1)], [("worker_stuck", IDENTIFY, "fault")]),
        ([read(AGGREGATE, oldest_seconds=301.0)], [("worker_stuck", AGGREGATE, "fault")]),
        ([read("kitsu", oldest_seconds=9000.0)], WELL),
        (
            [read(IDENTIFY, consumers=0, lag=1, oldest_seconds=301.0), read("kitsu")],
            [("group_unread", IDENTIFY, "fault")],
        ),
    ],
)
def test_groups_and_workers(groups: list[GroupStatus], told: Any) -> None:
    assert found(groups=groups) == told


BANNED: dict[str, Any] = {"banned_until": NOW + 0.1, "ban_reason": "banned"}


@pytest.mark.parametrize(
    ("name", "facts", "told"),
    [
        ("kitsu", {"banned_until": NOW}, ""),
        ("kitsu", BANNED, "site_bans"),
        ("kitsu", {"banned_until": NOW + 1}, "site_bans"),
        ("anidb", {**BANNED, "ban_reason": Reason.FORBIDDEN.value}, "credentials"),
        ("kitsu", {**BANNED, "ban_reason": Reason.FORBIDDEN.value}, "site_bans"),
        ("kitsu", {"drift": "lost its titles"}, "drift"),
        ("kitsu", {"forecast_seconds": 600.0}, ""),
        ("kitsu", {"forecast_seconds": 600.1}, "backlog"),
    ],
)
def test_what_is_known_of_a_site(name: str, facts: dict[str, Any], told: str) -> None:
    assert [what for what, _, _ in found(**site(name, **facts))] == ([told] if told else [])


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"ok": 3, "timeout": 3}, ""),
        ({"ok": 3, "timeout": 4}, "site_down"),
        ({"ok": 5, "cached": 2, "timeout": 4}, "site_down"),
        ({"not_found": 4, "timeout": 4}, ""),
        ({"timeout": 1, "changed_layout": 2}, "site_changed"),
        ({"bad_reply": 1}, "site_changed"),
        ({"internal": 1}, "site_down"),
        ({"robots": 1}, "site_bans"),
        ({"not_configured": 1}, "credentials"),
        # times are counted in buckets: the tenth is from 8.2 to 16.4 s, the eleventh goes on from there
        ({"ok": 9, "t10": 100, "t11": 60}, ""),
        ({"ok": 9, "t10": 100, "t11": 78}, "site_slow"),
        ({"ok": 9, "t11": 9}, "site_slow"),
        ({"ok": 9, "t11": 4, "t3": 5}, ""),
    ],
)
def test_what_a_site_answered(counts: dict[str, int], told: str) -> None:
    assert [what for what, _, _ in found(minutes(counts), **site())] == ([told] if told else [])


def test_a_site_is_judged_by_its_newest_answers_as_far_back_as_needed_and_no_further() -> None:
    old = Counted({"timeout": 100})
    for recent, judged in ((5, 5), (4, 104)):
        counted = newest([Counted({"ok": recent}), old])
        assert counted.answered + sum(counted.failures.values()) == judged
    cached = newest([Counted({"ok": 50, "cached": 50}), old])
    assert cached.failures == {"timeout": 100}


def test_the_sentences_say_what_of_whom_and_why() -> None:
    heard = Heard([Counted({"timeout": 4, "ok": 1})], reason="timeout", message="no answer in 10 s")
    silent = [read("kitsu", silent={"w": 40.0}), read("anidb"), read("jikan", silent={"w": 40.0})]
    status = FleetStatus(at=NOW, groups=silent, sources=[SourceStatus(source="kitsu")])
    worker, down = [one.found for one in judge(status, {"kitsu": heard}, SETUP)]
    assert worker == "the worker w (kitsu, jikan) is stuck or was killed: not heard of for 40 s"
    assert down == "kitsu does not answer (timeout): 4 of the last 5 questions; no answer in 10 s"
    for left, words in ((0.9, "for a moment"), (1.0, "for 1 s")):
        banned = FleetStatus(at=NOW, **site(banned_until=NOW + left))
        assert [one.found for one in judge(banned, {}, SETUP)] == [
            f"kitsu shuts us out (banned), left alone {words}"
        ]
    other = Heard([Counted({"internal": 4, "ok": 1})], reason="timeout", message="no answer in 10 s")
    (fails,) = [
        one.found for one in judge(FleetStatus(at=NOW, sources=status.sources), {"kitsu": other}, SETUP)
    ]
    assert fails == "kitsu fails (internal): 4 of the last 5 questions"


def test_while_a_site_shuts_us_out_its_failures_are_not_told_again() -> None:
    assert [what for what, _, _ in found(minutes({"unreachable": 9}), **site(**BANNED))] == ["site_bans"]


def test_the_worst_comes_first_and_a_note_alone_leaves_all_well() -> None:
    told = found(server_version="6.0", unread_outputs={"a": 99.0}, overdue=1)
    assert [level for _, _, level in told] == ["fault", "fault", "warning"]
    one: dict[Any, Trouble] = {
        level: trouble("drift", "kitsu", level, "x") for level in ("note", "warning", "fault")
    }
    assert level_of([]) == level_of([one["note"]]) == "well"
    assert level_of([one["note"], one["warning"]]) == "warning"
    assert level_of([one["fault"], one["note"]]) == "fault"
