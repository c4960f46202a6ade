"""The last hour of the fleet: what a look counts, and what is read back minute by minute."""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from redis.asyncio import Redis

from streams.broker.answers import Answers, Tally
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.operations.fleet_status import FleetStatus, GroupStatus, SourceStatus
from streams.operations.past.samples import DAY, FLEET, MONTH, Span, past, sampled
from streams.web.charts.draw import bars, lines, stretches
from streams.web.charts.fleet_charts import charts

STATUS = FleetStatus(
    at=100.0,
    groups=[GroupStatus(group="identify"), GroupStatus(group="kitsu", lag=4)],
    sources=[
        SourceStatus(source="kitsu", banned_until=101.0, used={"3/1s": 2}),
        SourceStatus(source="jikan", banned_until=99.0, drift="lost its titles"),
    ],
)


def test_a_look_counts_what_is_unread_who_shuts_us_out_now_and_who_seems_changed() -> None:
    assert sampled(STATUS) == {"looks": 1, "lag/kitsu": 4, "ban/kitsu": 1, "drift/jikan": 1}


async def test_the_last_hour_is_read_back_by_the_minute(redis: Redis, prefix: str) -> None:
    answers, tally = Answers(Scripts(redis), Topology(prefix)), Tally()
    tally.answered("kitsu", "ok", seconds=0.2)
    tally.answered("kitsu", "ok", cached=True)
    for status in ("complete", "complete", "failed"):
        tally.put_out(status)
    await answers.tell(tally)
    for lag in (4, 0):
        seen = STATUS.model_copy(update={"groups": [GroupStatus(group="kitsu", lag=lag)]})
        await answers.count(FLEET, sampled(seen))
    found = await past(answers, ["kitsu", "jikan"])
    assert len(found.outputs["complete"]) == 60
    assert [sum(value or 0 for value in found.outputs[word]) for word in ("complete", "failed")] == [2, 1]
    kitsu, jikan = found.sources["kitsu"], found.sources["jikan"]
    assert [value for value in kitsu.cached if value is not None] == [0.5]
    assert all(0.1 < value < 0.3 for value in kitsu.p50 if value is not None)
    assert max(value or 0 for value in kitsu.banned) > 0
    assert sum(value or 0 for value in jikan.banned) == 0
    assert max(value or 0 for value in found.lag["kitsu"]) <= 4
    drawn = ET.tostring(charts(STATUS, found), encoding="unicode")
    for words in ("outputs a minute in the last hour: 2 complete, 1 failed", "2 of 3/1s", "lost its titles"):
        assert words in drawn


@pytest.mark.parametrize("span", [DAY, MONTH], ids=lambda one: one.name)
async def test_a_day_and_a_month_are_read_back_from_the_hours(redis: Redis, prefix: str, span: Span) -> None:
    names = Topology(prefix)
    hour = int((await redis.time())[0]) // 3600
    last = span.count * span.hours - 1
    for back in (0, last, last + 1):
        counted: dict[str, dict[Any, Any]] = {
            "kitsu": {"ok": 10, "cached": 4, "t5": 6},
            "-outputs": {"complete": back + 1},
            "-fleet": {"looks": 360, "ban/kitsu": 90},
        }
        for name, told in counted.items():
            await redis.hset(f"{names.answers(name)}h{hour - back}", mapping=told)
    found = await past(Answers(Scripts(redis), names), ["kitsu"], span)
    complete = found.outputs["complete"]
    assert (len(complete), complete[0], complete[-1], sum(one or 0 for one in complete[1:-1])) == (
        span.count,
        last + 1,
        1,
        0,
    )
    kitsu = found.sources["kitsu"]
    assert (kitsu.cached[0], kitsu.cached[-1], kitsu.banned[-1], kitsu.p50[1]) == (0.4, 0.4, 0.25, None)
    drawn = ET.tostring(charts(STATUS, found, span), encoding="unicode")
    assert f"shut out in 2 of the last {span.count} {span.steps}" in drawn
    assert span.ago in drawn


async def test_before_anything_happened_the_hour_is_empty(redis: Redis, prefix: str) -> None:
    found = await past(Answers(Scripts(redis), Topology(prefix)), ["kitsu"])
    assert (found.outputs, found.lag, set(found.sources["kitsu"].p50)) == ({}, {}, {None})
    assert "nothing was left unread" in ET.tostring(charts(STATUS, found), encoding="unicode")


@pytest.mark.parametrize("values", [[], [None], [0.0], [1.0], [None, 3.0, None, 0.0, 5.0], [0.0] * 60])
def test_whatever_was_counted_the_drawing_stays_within_its_frame(values: list[float | None]) -> None:
    for node in (
        bars({"a": values, "b": values}, {}, "w"),
        lines({"a": values}, "w"),
        stretches(values, "bad", "w"),
    ):
        assert node.get("aria-label") == "w"
        for one in node.iter("rect"):
            y, high = float(one.get("y", "")), float(one.get("height", ""))
            assert y >= -0.1 and y + high <= 120.1
        numbers = [
            float(word)
            for one in node.iter("path")
            for word in one.get("d", "").replace("M", " ").replace("L", " ").replace("h1", "").split()
        ]
        assert all(math.isfinite(one) for one in numbers)


def test_a_line_is_broken_where_nothing_is_known() -> None:
    (path,) = lines({"a": [1.0, None, 1.0]}, "w").iter("path")
    assert path.get("d", "").count("M") == 2
