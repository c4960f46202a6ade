"""What airs in the next days, and who says so."""

from __future__ import annotations

import json
import time

import pytest
from redis.asyncio import Redis

from streams.broker.fields import RecordField
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.following.calendar import Airing, airing_soon, next_airing
from streams.records.looks import DAY, HOUR, Heard, Work

NOW = 1_795_514_400.0


def said(**hours: float) -> Airing | None:
    """The next episode of a work of which sources name a time so many hours from now."""
    heard = {source: Heard(NOW, airs_at=NOW + ahead * HOUR, episode=8) for source, ahead in hours.items()}
    return next_airing("mal:1", "One", heard, NOW, 7)


def test_an_episode_is_told_with_its_time_and_who_says_so() -> None:
    airing = said(anilist=24)
    assert airing is not None
    assert (airing.at, airing.episode, airing.said_by) == ("2026-11-25T10:00Z", 8, ["anilist"])


def test_sites_that_agree_are_named_together() -> None:
    airing = said(anilist=24, animeschedule=24.5)
    assert airing is not None
    assert (airing.said_by, airing.others) == (["anilist", "animeschedule"], {})


def test_a_site_that_says_otherwise_is_told_with_its_time() -> None:
    airing = said(anilist=24, kitsu=24, animeschedule=12)
    assert airing is not None
    assert (airing.said_by, airing.others) == (["anilist", "kitsu"], {"animeschedule": "2026-11-24T22:00Z"})


def test_of_as_many_that_say_otherwise_the_earlier_time_is_told() -> None:
    airing = said(anilist=48, animeschedule=24)
    assert airing is not None
    assert (airing.said_by, list(airing.others)) == (["animeschedule"], ["anilist"])


def test_the_number_is_that_of_whoever_names_one() -> None:
    heard = {"anilist": Heard(NOW, airs_at=NOW + HOUR), "kitsu": Heard(NOW, airs_at=NOW + HOUR, episode=8)}
    airing = next_airing("mal:1", "One", heard, NOW, 7)
    assert airing is not None
    assert (airing.said_by, airing.episode) == (["anilist", "kitsu"], 8)


@pytest.mark.parametrize("hours", [{"anilist": -1.0}, {"anilist": 24.0 * 8}, {}])
def test_what_has_aired_or_is_far_off_is_not_told(hours: dict[str, float]) -> None:
    assert said(**hours) is None


async def test_the_records_of_works_that_air_are_gone_through_in_order_of_time(
    redis: Redis, prefix: str
) -> None:
    names, now = Topology(prefix), time.time()
    for number, (status, ahead) in enumerate(
        [("AIRING", 10), ("UPCOMING", 30), ("FINISHED", 20), ("AIRING", 900)]
    ):
        work = Work(
            f"mal:{number}", status, heard={"anilist": Heard(now, airs_at=now + ahead * HOUR, episode=3)}
        )
        facts = {RecordField.LOOKS: work.packed(), RecordField.HASH: "h", RecordField.TITLE: f"Show {number}"}
        await redis.hset(names.record(work.anime_id), mapping={str(k): v for k, v in facts.items()})
        await redis.zadd(names.records, {work.anime_id: number})
    await redis.hset(
        names.record("mal:9"), mapping={str(RecordField.HASH): "h", str(RecordField.LOOKS): "damaged"}
    )
    await redis.zadd(names.records, {"mal:9": 9, "mal:8": 8})
    found = await airing_soon(Records(Scripts(redis), names), now)
    assert [(one.anime_id, one.title) for one in found] == [("mal:0", "Show 0"), ("mal:1", "Show 1")]
    assert json.loads(found[0].model_dump_json())["at"] < found[1].at
    assert await airing_soon(Records(Scripts(redis), names), now + 40 * DAY) == []
