"""What is known beside what came in now, and what a site that got poorer sets off."""

from __future__ import annotations

from redis.asyncio import Redis

from sources.record import SourceRecord
from streams.broker.keys import Topology
from streams.broker.records import Known
from streams.contract.codec import pack
from streams.contract.events import PartialResult
from streams.records.drift_store import alarms, newly_lost, note
from streams.records.known import Gathered, gather, known_as


def partial(source: str, at: str = "2026-01-01T00:00:00Z", **record: object) -> PartialResult:
    facts = SourceRecord.model_validate({"source": source, "source_id": "1", **record})
    return PartialResult(request_id="r", source=source, outcome="ok", record=facts, fetched_at=at)


def known(*partials: PartialResult) -> Known:
    said = {one.source: pack(one) for one in partials}
    return Known("mal:1", 3, "h", b"", 0, said, {one.source: one.fetched_at or "" for one in partials})


def failed(source: str, outcome: str = "failed") -> PartialResult:
    return PartialResult.model_validate({"request_id": "r", "source": source, "outcome": outcome})


def test_an_answer_beats_a_failure_and_the_newer_answer_the_older() -> None:
    before = known(partial("kitsu", "2026-01-02T00:00:00Z"), partial("jikan"), partial("anidb"))
    now = {"kitsu": partial("kitsu"), "jikan": failed("jikan"), "anidb": failed("anidb", "not_found")}
    found = gather(now, before, amend=False)
    assert found.partials["kitsu"].fetched_at == "2026-01-02T00:00:00Z"
    assert (found.partials["jikan"].outcome, found.partials["jikan"].stale) == ("ok", True)
    assert found.partials["anidb"].outcome == "not_found"
    assert (found.copy, found.drop, found.failed) == ([], ["anidb"], {"jikan": "failed"})


def test_one_wrong_cross_link_does_not_make_two_works_one() -> None:
    assert known_as({"mal": "2", "anidb": "23"}, {"anidb:23": "mal:1"}) == ""
    assert known_as({"mal": "9", "anilist": "5"}, {"anilist:5": "anilist:5"}) == "anilist:5"


async def test_a_site_that_newly_lacks_a_field_in_many_entries_sets_off_an_alarm(
    redis: Redis, prefix: str
) -> None:
    names, old = Topology(prefix), partial("kitsu", genres=["Action"], title="A")
    new = partial("kitsu", "2026-02-01T00:00:00Z", title="A")
    lost = newly_lost(known(old), Gathered({"kitsu": new}, copy=["kitsu"]))
    assert lost == {"kitsu": ("genres",)}
    for _ in range(30):
        await note(redis, names.drift("kitsu"), lost["kitsu"])
    (alarm,) = await alarms(redis, names, ["kitsu", "jikan"])
    assert (alarm.source, list(alarm.fields)) == ("kitsu", ["genres"])
