"""The last changes of a record: kept beside it, bounded, each with why."""

from __future__ import annotations

from redis.asyncio import Redis

from benchmarks.support.servers import Server
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.contract.events import EnrichedTitle
from streams.contract.record import Change, EnrichedRecord, Provenance
from streams.records.history import MOST, MOST_BYTES, recall, remember
from tests.support.flow import Flow, service


def output(revision: int, *changes: Change) -> EnrichedTitle:
    said = Provenance(source="kitsu", rule="majority")
    record = EnrichedRecord(
        anime_id="mal:1", provenance={"episode_count": said}, generated_at="2026-01-02T03:04:05Z"
    )
    return EnrichedTitle(
        request_id="r", status="complete", revision=revision, record=record, changes=list(changes), why="late"
    )


def test_a_change_says_what_was_what_is_and_why() -> None:
    change = Change(path="episode_count", kind="rose", before=12, after=24)
    (one,) = recall(remember("", output(2, change)))
    assert (one.revision, one.path, one.before, one.after) == (2, "episode_count", "12", "24")
    assert one.why == "late; kitsu, majority"


def test_the_newest_come_first_and_the_oldest_go() -> None:
    kept = ""
    for revision in range(MOST + 10):
        kept = remember(kept, output(revision, Change(path="year", kind="rose", before=1, after=2)))
    told = recall(kept)
    assert [one.revision for one in told] == list(range(MOST + 9, 9, -1))


def test_what_is_kept_stays_below_its_bound_whatever_the_values() -> None:
    kept = ""
    for revision in range(MOST):
        long = Change(path="synopsis.text", kind="changed", before="日本" * 900, after={"a": ["b" * 900] * 9})
        kept = remember(kept, output(revision, long, long))
    assert len(kept.encode()) <= MOST_BYTES
    assert recall(kept)[0].revision == MOST - 1


async def test_a_second_revision_leaves_its_changes_with_the_record(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str
) -> None:
    async with service(environment, server.url):
        flow = Flow(redis, prefix)
        first = await flow.ask(request_id="a", title="Cowboy Bebop", only="kitsu")
        second = await flow.ask(request_id="b", title="Cowboy Bebop", only="kitsu jikan", amend="true")
    records = Records(Scripts(redis), Topology(prefix))
    told = recall(await records.history(second["anime_id"]))
    assert second["revision"] > first["revision"] == "1"
    assert told
    assert {one.revision for one in told} == {2}
    assert all(one.why.startswith("amend") for one in told)
