"""When a source is asked again, and what a site that got poorer sets off. Pure but for one tally."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from cache.limits.limiter import Banned, LimitWait
from sources import Reason, SourceError
from sources.record import SourceRecord
from streams.broker.keys import Topology
from streams.config.settings import Settings
from streams.contract.codec import pack
from streams.contract.events import IdentifiedTitle, PartialResult, TitleRequest
from streams.records.drift_store import alarms, newly_lost, note
from streams.records.known import Gathered, Known, gather, known_as
from streams.stages.retries import Wait, waiting

SETTINGS = Settings.load({"RETRY_BASE_SECONDS": "1", "MAX_ATTEMPTS": "3"}, env_file=None)
NOW = 1_000.0


def event(*, wait: bool = False, deadline: float = NOW + 60) -> IdentifiedTitle:
    request = TitleRequest(title="x", wait_for_blocked=wait)
    return IdentifiedTitle(request_id="r", request=request, deadline_at=deadline * 1000)


def error(reason: Reason, cause: Exception | None = None, after: float | None = None) -> SourceError:
    made = SourceError(reason, "why", retry_after=after)
    made.__cause__ = cause
    return made


def test_what_may_pass_is_tried_again_ever_later_and_then_given_up() -> None:
    trouble = error(Reason.TIMEOUT)
    assert [waiting(trouble, event(), n, SETTINGS, NOW) for n in (1, 2, 3)] == [Wait(1.0), Wait(2.0), None]


def test_what_is_final_is_not_tried_again() -> None:
    for reason in (Reason.NOT_FOUND, Reason.CHANGED_LAYOUT, Reason.NOT_CONFIGURED):
        assert waiting(error(reason), event(), 1, SETTINGS, NOW) is None


def test_a_turn_that_did_not_come_never_counts() -> None:
    late = error(Reason.RATE_LIMITED, LimitWait("kitsu", 30.0))
    assert waiting(late, event(), 99, SETTINGS, NOW) == Wait(30.0, counts=False)


def test_retry_after_is_waited_for_only_when_the_deadline_allows_it() -> None:
    limited = error(Reason.RATE_LIMITED, after=20)
    assert waiting(limited, event(), 1, SETTINGS, NOW) == Wait(20.0)
    assert waiting(limited, event(deadline=NOW + 10), 1, SETTINGS, NOW) is None


@pytest.mark.parametrize("reason", [Reason.BANNED, Reason.CHALLENGE])
def test_a_ban_is_waited_for_only_on_request_and_without_asking_the_site(reason: Reason) -> None:
    latched = error(reason, Banned("kitsu", 100.0, reason.value), after=100)
    assert waiting(latched, event(), 1, SETTINGS, NOW) is None
    assert waiting(latched, event(wait=True), 5, SETTINGS, NOW) == Wait(100.0, counts=False)
    assert waiting(error(reason, after=50), event(wait=True), 3, SETTINGS, NOW) is None


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
