"""What one step of the limiter decides, to the microsecond: the scripts themselves, on a server, without waiting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from benchmarks.support.servers import Server
from cache.lua_script import lua_script

SECOND = 1_000_000
MINUTE = 60 * SECOND
WINDOW = 1000 * SECOND
LENGTH = WINDOW + SECOND // 4
"""What a window of a thousand seconds is held for."""


class Site:
    """One site's limit on the server."""

    def __init__(self, server: Server, prefix: str) -> None:
        self.client = server.client
        self.site, self.grants, self.queue, self.leases = (f"{prefix}{name}" for name in ("s", "g", "q", "l"))
        self.keys = [self.site, self.grants, self.queue, self.leases]
        self.windows = f"2:{WINDOW}"

    def now(self) -> int:
        seconds, micros = self.client.time()
        return seconds * SECOND + micros

    def run(self, name: str, *args: str | int) -> Any:
        """The script's answer; the server's time before and after it is in ``between``."""
        script = self.client.register_script(lua_script("cache", "limit", f"limit_{name}").source)
        before = self.now()
        answer: Any = script(self.keys, args)
        self.between = before, self.now()
        return answer

    def ask(
        self,
        waiter: str,
        priority: str = "interactive",
        behind: int = 0,
        ahead: int = 0,
        most: int = -1,
        owed: Sequence[int] = (),
    ) -> list[Any]:
        ages = ",".join(map(str, owed))
        answer: list[Any] = self.run("acquire", waiter, priority, behind, ahead, most, self.windows, ages)
        return answer

    def granted(self, ages: dict[str, int]) -> None:
        now = self.now()
        self.client.zadd(self.grants, {name: now - age for name, age in ages.items()})

    def is_at(self, moment: float, after: int) -> bool:
        """Whether that is so many microseconds after the script's own time."""
        before, later = self.between
        return before + after <= moment <= later + after


@pytest.fixture
def site(server: Server, prefix: str) -> Site:
    return Site(server, prefix)


def score(site: Site, key: str, member: str) -> float:
    found = site.client.zscore(key, member)
    assert found is not None
    return found


def test_turns_are_granted_at_once_until_the_window_is_full(site: Site) -> None:
    assert [site.ask("a"), site.ask("b")] == [[b"granted", 0, b""]] * 2
    assert site.ask("c")[0] == b"wait"
    assert site.client.zcard(site.grants) == 2


@pytest.mark.parametrize(("window", "held_for"), [(2 * SECOND, 2_200_000), (1000 * SECOND, LENGTH)])
def test_a_window_is_held_a_tenth_longer_but_no_more_than_a_quarter_of_a_second(
    site: Site, window: int, held_for: int
) -> None:
    site.windows = f"1:{window}"
    site.ask("a")
    _, wait, _ = site.ask("b")
    before, after = site.between
    assert before + wait <= score(site, site.grants, "a") + held_for <= after + wait + 1


@pytest.mark.parametrize(
    ("priority", "seconds", "turns"),
    [
        ("interactive", 10, 20),
        ("bulk", 10, 18),
        ("following", 10, 18),
        ("interactive", 9, 20),
        ("bulk", 9, 15),
    ],
)
def test_a_tenth_of_a_window_is_left_to_who_looks_on_and_a_quarter_of_one_under_ten_seconds(
    site: Site, priority: str, seconds: int, turns: int
) -> None:
    site.windows = f"20:{seconds * SECOND}"
    site.granted({str(number): 0 for number in range(turns - 1)})
    assert [site.ask(waiter, priority)[0] for waiter in ("a", "b")] == [b"granted", b"wait"]


def test_who_asks_again_has_the_turn_that_was_granted(site: Site) -> None:
    site.ask("a")
    verdict, age, _ = site.ask("a")
    assert verdict == b"granted"
    assert 0 <= age <= site.between[1] - score(site, site.grants, "a")
    assert site.client.zcard(site.grants) == 1
    site.ask("b")
    assert site.ask("a")[0] == b"granted"


def test_a_turn_granted_by_a_clock_that_was_set_back_is_not_from_the_future(site: Site) -> None:
    site.granted({"a": -5 * SECOND})
    assert site.ask("a") == [b"granted", 0, b""]


def test_a_list_stands_behind_who_looks_on_for_a_minute_and_what_nobody_asked_for_for_two(site: Site) -> None:
    site.granted({"x": 0, "y": 0})
    for waiter, after in (("interactive", 0), ("bulk", 60 * SECOND), ("following", 120 * SECOND)):
        site.ask(waiter, waiter)
        assert site.is_at(score(site, site.queue, waiter), after)


def test_who_waits_keeps_the_place_that_it_came_for(site: Site) -> None:
    site.granted({"x": 0, "y": 0})
    site.client.zadd(site.queue, {"a": 1})
    site.client.zadd(site.leases, {"a": site.now() + 60 * SECOND})
    site.ask("a")
    assert score(site, site.queue, "a") == 1


def test_who_is_not_heard_of_for_two_and_a_half_seconds_loses_its_place(site: Site) -> None:
    site.granted({"x": 0, "y": 0})
    site.ask("a")
    assert site.is_at(score(site, site.leases, "a"), 2_500_000)
    site.client.zadd(site.leases, {"a": site.now() - 1})
    site.ask("b")
    assert site.client.zrange(site.queue, 0, -1) == [b"b"]
    assert site.client.hkeys(site.site) == [b"windows", b"line:b"]


def test_a_waiter_that_is_next_is_heard_of_until_a_second_and_a_half_after_its_turn(site: Site) -> None:
    site.windows = f"1:{WINDOW}"
    site.granted({"x": LENGTH - 9 * SECOND // 10})
    _, wait, _ = site.ask("a")
    assert site.is_at(score(site, site.leases, "a"), wait + 1_500_000)


def test_who_stands_behind_others_of_its_process_is_told_the_wait_and_takes_no_place(site: Site) -> None:
    site.windows = f"1:{WINDOW}"
    assert site.ask("c", ahead=2) == [b"wait", 2 * LENGTH, b""]
    site.client.zadd(site.queue, {"x": 1, "y": 2, "z": site.now() + 30 * SECOND})
    assert site.ask("c", ahead=1) == [
        b"wait",
        3 * LENGTH,
        b"",
    ]  # x and y, and again, before it and who is ahead
    assert site.client.zcard(site.queue) == 3
    assert not site.client.exists(site.grants, site.leases)
    assert not site.client.hexists(site.site, "line:c")


def test_no_turn_is_granted_past_others_of_the_same_process(site: Site) -> None:
    assert site.ask("b", ahead=1) == [b"wait", 0, b""]
    assert not site.client.exists(site.grants)


def test_a_wait_is_too_long_only_beyond_the_longest(site: Site) -> None:
    site.windows = f"1:{WINDOW}"
    assert site.ask("c", ahead=2, most=2 * LENGTH)[0] == b"wait"
    assert site.ask("c", ahead=2, most=2 * LENGTH - 1) == [b"too_long", 2 * LENGTH, b""]
    site.granted({"x": 0})
    assert site.ask("d", most=0)[0] == b"too_long"
    assert not site.client.exists(site.queue, site.leases)


def test_a_process_says_how_many_wait_in_it(site: Site) -> None:
    site.granted({"x": 0, "y": 0})
    site.ask("a", behind=2)
    site.ask("b", "following", behind=4)
    assert site.client.hmget(site.site, "line:a", "line:b") == [b"interactive:3", b"bulk:5"]


def test_what_was_granted_while_the_server_was_away_counts_from_when_it_was(site: Site) -> None:
    assert site.ask("a", owed=[3 * SECOND, 7 * SECOND])[0] == b"wait"
    found: Any = site.client.zrange(site.grants, 0, -1, withscores=True)
    ages: dict[bytes, float] = dict(found)
    assert len(ages) == 2
    assert [site.is_at(at, -age * SECOND) for at, age in zip(sorted(ages.values()), (7, 3), strict=True)] == [
        True
    ] * 2


def test_grants_are_forgotten_after_the_longest_window_and_those_from_the_future_too(site: Site) -> None:
    site.windows = f"1:{SECOND},1000:{WINDOW}"
    site.granted(
        {"old": LENGTH + MINUTE, "kept": LENGTH - MINUTE, "soon": MINUTE - LENGTH, "far": -LENGTH - MINUTE}
    )
    site.ask("a")
    left = set(site.client.zrange(site.grants, 0, -1)) - {b"a"}
    assert left == {b"kept", b"soon"}


def test_every_window_holds_in_a_plan(site: Site) -> None:
    site.windows = f"2:{WINDOW},3:{3 * WINDOW}"
    long = 3 * WINDOW + SECOND // 4
    waits = [site.ask("x", ahead=ahead)[1] for ahead in range(1, 7)]
    assert waits == [0, LENGTH, long, long, long + LENGTH, 2 * long]


def test_a_plan_for_thousands_goes_on_at_the_pace_of_the_slowest_window(site: Site) -> None:
    site.windows = f"1:{WINDOW},1000:{SECOND}"
    assert site.ask("x", ahead=1500)[1] == 1500 * LENGTH


def test_a_ban_ends_when_it_ends(site: Site) -> None:
    site.client.hset(site.site, mapping={"banned_until": site.now() + 60 * SECOND, "reason": "banned"})
    verdict, left, reason = site.ask("a")
    assert (verdict, reason) == (b"banned", b"banned")
    assert site.is_at(float(site.client.hget(site.site, "banned_until") or 0), left)
    assert not site.client.exists(site.queue)
    site.client.hset(site.site, "banned_until", site.now() - 1)
    assert site.ask("a")[0] == b"granted"


def latch(site: Site, seconds: int, longest: int = 0) -> int:
    left: int = site.run("latch", seconds * SECOND, "banned", longest * SECOND)
    return int(round(left / SECOND, -1))


def ends(site: Site, seconds_ago: float) -> None:
    site.client.hset(site.site, "banned_until", site.now() - round(seconds_ago * SECOND))


def test_a_ban_on_the_heels_of_the_last_one_doubles_up_to_the_longest(site: Site) -> None:
    found = [latch(site, 100, 500)]
    for _ in range(4):
        ends(site, 1)
        found.append(latch(site, 100, 500))
    assert found == [100, 200, 400, 500, 500]


def test_a_ban_long_after_the_last_one_is_a_first_one(site: Site) -> None:
    latch(site, 100, 500)
    ends(site, 1)
    assert latch(site, 100, 500) == 200
    ends(site, 101)
    assert latch(site, 100, 500) == 100


def test_a_refusal_during_a_ban_neither_doubles_nor_shortens_it(site: Site) -> None:
    latch(site, 100, 500)
    assert [latch(site, 100, 500), latch(site, 10), latch(site, 10), latch(site, 300)] == [100, 100, 100, 300]
    assert site.client.hget(site.site, "strikes") == b"0"


def test_a_ban_without_a_longest_never_doubles_and_one_that_is_longer_is_not_cut(site: Site) -> None:
    latch(site, 100)
    ends(site, 1)
    assert latch(site, 100) == 100
    ends(site, 1)
    assert latch(site, 100, 50) == 100


def look(site: Site, requests: int) -> list[Any]:
    found: list[Any] = site.run("state", requests, site.windows)
    return found


def test_the_state_counts_who_waits_in_all_processes_and_what_each_window_holds(site: Site) -> None:
    site.windows = f"2:{WINDOW},9:{3 * WINDOW}"
    site.granted({"x": SECOND, "y": LENGTH + MINUTE, "z": LENGTH - MINUTE})
    site.client.hset(
        site.site,
        mapping={
            "line:a": "interactive:3",
            "line:b": "bulk:5",
            "line:c": "bulk:1",
            "reason": "bulk:7",
            "line:d": "bulk",
        },
    )
    ready, ban, reason, windows, interactive, bulk, short, long = look(site, 0)
    assert (ban, reason, windows.decode()) == (0, b"", site.windows)
    assert (interactive, bulk, short, long) == (3, 6, 2, 3)
    assert ready > 0


def test_the_state_looks_ahead_from_the_end_of_a_ban(site: Site) -> None:
    site.client.hset(
        site.site,
        mapping={"banned_until": site.now() + 60 * SECOND, "reason": "banned", "windows": f"1:{WINDOW}"},
    )
    ready, ban, reason, windows, *_ = look(site, 3)
    assert (reason, windows.decode()) == (b"banned", f"1:{WINDOW}")
    assert ready == ban + 2 * LENGTH
    assert site.is_at(float(site.client.hget(site.site, "banned_until") or 0), ban)


def test_who_is_dead_does_not_wait(site: Site) -> None:
    site.granted({"x": 0, "y": 0})
    site.ask("a")
    site.client.zadd(site.leases, {"a": site.now() - 1})
    assert look(site, 1)[4:6] == [0, 0]


def refused(site: Site, document: str, after: int = 3, enough: int = 3) -> int:
    keys = [f"{site.site}:t:{document}", f"{site.site}:r:{document}", f"{site.site}:row"]
    script = site.client.register_script(lua_script("cache", "limit_refused").source)
    found: Any = script(keys, [document, after, 1_000_000, 3_000_000, enough, "mismatch"])
    return int(found)


def rests(site: Site, document: str) -> int:
    return round(site.client.pttl(f"{site.site}:r:{document}") / 100_000)


def test_a_document_rests_after_so_many_refusals_and_ever_longer(site: Site) -> None:
    found = []
    for _ in range(5):
        refused(site, "a", enough=9)
        found.append(rests(site, "a"))
    assert found == [0, 0, 10, 20, 30]
    assert site.client.get(f"{site.site}:r:a") == b"mismatch"
    assert round(site.client.pttl(f"{site.site}:t:a") / 100_000) == 60
    assert round(site.client.pttl(f"{site.site}:row") / 100_000) == 30


def test_so_many_different_documents_in_a_row_are_enough_and_the_row_begins_anew(site: Site) -> None:
    assert [refused(site, name) for name in ("a", "b", "b", "c", "d")] == [0, 0, 0, 1, 0]
