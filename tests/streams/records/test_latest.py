"""Snapshot and tail: whoever joins at any time gets every record and then every change, once, in its order."""

from __future__ import annotations

import asyncio
import json
import random

import pytest
from redis.asyncio import Redis

from benchmarks.doors.works import Works
from benchmarks.support.replies import add
from streams.broker import records as stored
from streams.broker.catalogue.outputs import EntryId
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.client.catalogue import Catalogue
from streams.contract.profiles import Part
from streams.engine.cancellation import end
from streams.records import latest
from streams.records.latest import Cursor, Latest, TooOldError
from tests.support.flow import until


@pytest.fixture
def names(prefix: str) -> Topology:
    return Topology(prefix)


@pytest.fixture
def works(redis: Redis, names: Topology) -> Works:
    return Works(Scripts(redis), names, small=True)


class Consumer:
    """Somebody who keeps what he is given and minds its order."""

    def __init__(self, redis: Redis, names: Topology, resume: str = "") -> None:
        self.catalogue = Catalogue(redis, names, part=Part.of("slim"), resume=resume)
        self.has: dict[str, tuple[int, str]] = {}
        self.wrong: list[str] = []

    async def follow(self, pause: float = 0.0) -> None:
        """``pause`` is how long it takes over each record, in seconds."""
        async for one in self.catalogue.follow():
            record = json.loads(one.record)
            before = self.has.get(one.anime_id, (0, ""))
            if not before[0] < one.revision or record["revision"] != one.revision:
                self.wrong.append(f"{one.anime_id}: {one.revision} after {before[0]}")
            self.has[one.anime_id] = (one.revision, one.made)
            if pause:
                await asyncio.sleep(pause)

    async def catch_up(self, works: Works) -> None:
        """Follow until it has what went out."""
        following = asyncio.create_task(self.follow())
        await self.has_all(works)
        await end([following])

    async def has_all(self, works: Works) -> None:
        """Return when it has."""

        async def equal() -> bool:
            return self.has == ours(works)

        await until(equal, 20)


def ours(works: Works) -> dict[str, tuple[int, str]]:
    return {anime: (revision, works.made[anime]) for anime, revision in works.revision.items()}


async def test_who_joins_at_any_moment_gets_everything_once_and_in_order(
    redis: Redis, names: Topology, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latest, "PAGE", 7)
    monkeypatch.setattr(Latest.page, "__defaults__", (7,))
    await works.fill(120)
    chance = random.Random(21)
    changing = asyncio.create_task(works.change(300, 150, chance))
    joined = []
    for number in range(12):
        await asyncio.sleep(chance.random() / 20)
        consumer = Consumer(redis, names)
        joined.append((consumer, asyncio.create_task(consumer.follow(pause=0.001 * (number % 3)))))
    await changing
    for consumer, following in joined:
        await consumer.has_all(works)
        await end([following])
        assert not consumer.wrong


async def snapshot(latest_: Latest, cursor: Cursor, most: int) -> tuple[list[tuple[str, int]], EntryId]:
    found: list[tuple[str, int]] = []
    place: Cursor | None = cursor
    while place is not None:
        page = await latest_.page(Cursor.read(place.write()), most)
        assert len(page.found) <= most
        found += [(one.anime_id, one.revision) for one in page.found]
        place = page.cursor
    return found, page.resume


async def test_a_record_that_is_looked_at_while_the_snapshot_is_read_is_not_missed(
    redis: Redis, names: Topology, works: Works
) -> None:
    """It moves behind all others, whether it was read already or not."""
    await works.fill(6)
    read = Latest(Scripts(redis), names)
    first = await read.page(Cursor(), 3)
    assert [one.anime_id for one in first.found] == ["mal:1", "mal:2", "mal:3"]
    await works.emit("mal:5", changed=False)
    await works.emit("mal:2")
    assert first.cursor
    rest, resume = await snapshot(read, first.cursor, 2)
    assert rest == [("mal:4", 1), ("mal:6", 1), ("mal:5", 1), ("mal:2", 2)]
    assert str(resume) == works.made["mal:2"]
    assert (await read.changes(resume)).items == []


async def test_records_of_one_millisecond_are_all_read(redis: Redis, names: Topology, works: Works) -> None:
    await works.fill(10)
    await redis.zadd(names.records, dict.fromkeys(works.revision, 1700000000000))
    read = Latest(Scripts(redis), names)
    found, _ = await snapshot(read, Cursor(), 3)
    assert dict(found) == works.revision
    page = await read.page(Cursor(), 4)
    await works.emit(page.found[-1].anime_id)  # the one that was read last is gone from there
    assert page.cursor
    rest, _ = await snapshot(read, page.cursor, 3)
    assert {anime for anime, _ in rest} >= works.revision.keys() - {one.anime_id for one in page.found}


async def test_a_page_is_bounded_by_bytes_and_by_what_is_passed_by(
    redis: Redis, names: Topology, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    await works.fill(60)
    read = Latest(Scripts(redis), names)
    since = EntryId.read(works.made["mal:60"])
    await works.emit("mal:60")
    monkeypatch.setattr(stored, "MOST_LOOKS", 25)
    empty = await read.page(Cursor.after_entry(since))
    assert ([one.anime_id for one in empty.found], empty.cursor is None) == ([], False)
    assert (await snapshot(read, Cursor.after_entry(since), 5))[0] == [("mal:60", 2)]
    monkeypatch.setattr(latest, "PAGE_BYTES", 1)
    assert len((await read.page(Cursor())).found) == 1
    assert len((await snapshot(read, Cursor(), 5))[0]) == 60


async def test_a_snapshot_since_an_entry_has_what_was_made_after_it(
    redis: Redis, names: Topology, works: Works
) -> None:
    await works.fill(5)
    since = EntryId.read(max(works.made.values(), key=EntryId.read))
    await works.emit("mal:2")
    await works.emit("mal:3", changed=False)
    await works.emit("mal:4")
    read = Latest(Scripts(redis), names)
    assert (await snapshot(read, Cursor.after_entry(since), 1))[0] == [("mal:2", 2), ("mal:4", 2)]


async def test_a_record_of_an_older_version_is_in_every_snapshot(
    redis: Redis, names: Topology, works: Works
) -> None:
    await works.fill(2)
    await redis.hdel(names.record("mal:1"), "made")
    read = Latest(Scripts(redis), names)
    since = EntryId.read(works.made["mal:2"])
    page = await read.page(Cursor.after_entry(since))
    assert [(one.anime_id, one.made) for one in page.found] == [("mal:1", "")]


async def test_a_record_that_is_no_json_any_more_keeps_no_other_from_who_wants_a_part(
    redis: Redis, names: Topology, works: Works
) -> None:
    await works.fill(3)
    await redis.hset(names.record("mal:2"), "data", b'{"torn')
    page = await Latest(Scripts(redis), names).page(Cursor())
    assert [one.anime_id for one in page.revisions(Part.of("slim"))] == ["mal:1", "mal:3"]


async def test_the_records_are_in_the_order_of_the_output_whatever_the_clock_does(
    redis: Redis, names: Topology, works: Works
) -> None:
    await works.fill(3)
    ahead = int(works.made["mal:2"].split("-")[0]) + 3_600_000
    await redis.xadd(names.enriched, {"title": "before the clock was set back"}, id=f"{ahead}-0")
    for anime in ("mal:3", "mal:2", "mal:1"):
        await works.emit(anime)
    read = Latest(Scripts(redis), names)
    page = await read.page(Cursor(), 2)
    assert [one.anime_id for one in page.found] == ["mal:3", "mal:2"]
    await works.emit("mal:3")
    assert page.cursor
    found, _ = await snapshot(read, page.cursor, 5)
    assert found == [("mal:1", 2), ("mal:3", 3)]
    before = await redis.zscore(names.records, "mal:3") or 0
    await works.emit("mal:3", changed=False)
    assert (await redis.zscore(names.records, "mal:3") or 0) > before >= ahead
    await works.emit("mal:3", changed=False, told=False)
    assert (await redis.zscore(names.records, "mal:3") or 0) > before, (
        "a look that tells nothing goes by the clock"
    )


async def test_the_changes_are_the_outputs_that_made_a_revision(
    redis: Redis, names: Topology, works: Works
) -> None:
    await works.fill(1)
    first = works.made["mal:1"]
    await works.emit("mal:1", changed=False)
    await add(redis, names.enriched, {"request_id": "r", "anime_id": "", "revision": "0", "output_id": "r#1"})
    await works.emit("mal:1")
    found = await Latest(Scripts(redis), names).changes(EntryId())
    assert [(one.anime_id, one.revision, one.made) for one in found.items] == [
        ("mal:1", 1, first),
        ("mal:1", 2, works.made["mal:1"]),
    ]
    assert str(found.resume) == works.made["mal:1"]
    assert not found.more


async def test_an_entry_that_is_older_than_the_tail_or_of_another_life_leads_to_the_snapshot(
    redis: Redis, names: Topology, works: Works
) -> None:
    read = Latest(Scripts(redis), names)
    assert (await read.changes(EntryId())).items == []
    await works.fill(5)
    assert len((await read.changes(EntryId())).items) == 5
    made = [EntryId.read(works.made[f"mal:{number}"]) for number in range(1, 6)]
    await redis.xtrim(names.enriched, maxlen=2, approximate=False)
    for since in (
        EntryId(),
        made[1],
        made[2],
    ):  # the last trimmed one would do, but nobody knows that it was the last
        with pytest.raises(TooOldError) as told:
            await read.changes(since)
        assert not told.value.ahead
    assert len((await read.changes(made[3])).items) == 1
    await redis.xtrim(names.enriched, maxlen=0, approximate=False)
    assert (await read.changes(made[4])).items == []
    with pytest.raises(TooOldError) as told:
        await read.changes(EntryId(made[4].ms, made[4].number + 1))
    assert told.value.ahead


async def test_who_was_away_for_longer_than_the_tail_gets_what_changed_meanwhile(
    redis: Redis, names: Topology, works: Works
) -> None:
    await works.fill(5)
    consumer = Consumer(redis, names)
    await consumer.catch_up(works)
    resume = max(works.made.values(), key=EntryId.read)
    for _ in range(3):
        await works.emit("mal:3")
    await redis.xtrim(names.enriched, maxlen=1, approximate=False)
    late = Consumer(redis, names, resume)
    late.has = dict(consumer.has)
    await late.catch_up(works)
    assert not late.wrong


async def test_a_server_that_lost_what_it_said_is_read_anew(
    redis: Redis, names: Topology, works: Works
) -> None:
    await works.fill(2)
    consumer = Consumer(redis, names, "99999999999999-0")
    await consumer.catch_up(works)
    assert consumer.has == ours(works)


@pytest.mark.parametrize("written", ["", "x", "bnVsbA==", "WzEsMiwzXQ==", "WyJuYW4iLCAiIiwgIiJd", "é"])
def test_a_cursor_that_nobody_gave_is_none(written: str) -> None:
    with pytest.raises(ValueError, match="no cursor"):
        Cursor.read(written)


@pytest.mark.parametrize("written", ["", "1-", "-1", "1-2-3", "١-0", "9" * 20, "1-0 "])
def test_what_is_no_id_of_an_entry_is_told(written: str) -> None:
    with pytest.raises(ValueError, match="no id of an entry"):
        EntryId.read(written)
