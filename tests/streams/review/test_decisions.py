"""Decisions on a real server, with the fleet that heeds them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from benchmarks.support.replies import entries
from benchmarks.support.servers import Server
from streams.broker.keys import Topology
from streams.broker.review import decisions as owner
from streams.broker.review.decisions import Decisions
from streams.broker.scripts import Scripts
from streams.contract.codec import pack
from streams.contract.decisions import Decision
from streams.contract.events import TitleRequest
from streams.contract.record import CandidateReport
from streams.review import desk as desk_module
from streams.review.corrections import Corrections
from streams.review.deciding import NONE
from streams.review.desk import IMPORT, Desk, Told
from streams.review.items import Item, of_refusal, value_key
from tests.support.flow import Flow, service, until

BASKET = {"title": "Fruits Basket"}


@pytest.fixture
def decisions(redis: Redis, prefix: str) -> Decisions:
    return Decisions(Scripts(redis), Topology(prefix))


@pytest.fixture
def desk(decisions: Decisions) -> Desk:
    return Desk(decisions)


@pytest.fixture
async def flow(environment: dict[str, str], server: Server, redis: Redis, prefix: str) -> AsyncIterator[Flow]:
    async with service(environment, server.url):
        yield Flow(redis, prefix)


async def line_up(decisions: Decisions, count: int) -> list[Item]:
    """So many ambiguous titles that wait."""
    candidates = [CandidateReport(title="A", ids={"mal": n}) for n in "12"]
    asked = (TitleRequest(title=f"Title {number}", request_id=f"r{number}") for number in range(count))
    items = [item for number, one in enumerate(asked) if (item := of_refusal(one, candidates, number))]
    await decisions.line_up([owner.Put(one.key, one.score, pack(one), one.mark) for one in items])
    return items


async def decide_first(desk: Desk, **facts: int) -> Told:
    """Choose the first work with those facts for what waits first."""
    (item,) = await desk.waiting(0, 1)
    number = next(
        n for n, one in enumerate(item.choices, 1) if all(getattr(one, k) == v for k, v in facts.items())
    )
    return await desk.decide(item.key, item.mark, number, "page")


async def test_a_decided_title_is_a_revision_and_is_never_asked_about_again(flow: Flow, desk: Desk) -> None:
    asked = await flow.ask(**BASKET, request_id="r")
    assert asked["status"] == "ambiguous"
    told = await decide_first(desk, year=2019)
    out = await flow.told(told.request_id, "decision")
    before = [one for one in await flow.outputs() if one["request_id"] == told.request_id]
    assert [(one["why"], one["final"], one["parent"]) for one in before[:-1]] == [("early", "false", "r")]
    assert (out["why"], out["final"], out["parent"], out["status"]) == ("decision", "false", "r", "complete")
    assert out["data"]["year"] == 2019
    again = await flow.ask(**BASKET, request_id="again")
    assert (again["anime_id"], again["status"], again["why"]) == (out["anime_id"], "complete", "asked")
    assert await desk.waiting() == []


async def test_a_decision_that_is_taken_back_waits_again_and_the_title_is_ambiguous_again(
    flow: Flow, desk: Desk
) -> None:
    await flow.ask(**BASKET, request_id="r")
    told = await decide_first(desk, year=2001)
    await flow.output(told.request_id)
    assert told.decision
    undone = await desk.undo(told.decision.key, told.decision.decision_id, "page")
    assert (await flow.output(undone.request_id))["status"] == "ambiguous"
    assert [one.title for one in await desk.waiting()] == ["Fruits Basket"]
    assert (await desk.undo(told.decision.key, told.decision.decision_id, "page")).word == "gone"


async def test_none_of_them_is_remembered(flow: Flow, desk: Desk) -> None:
    await flow.ask(**BASKET, request_id="r")
    (item,) = await desk.waiting()
    told = await desk.decide(item.key, item.mark, NONE, "page")
    assert (await flow.output(told.request_id))["status"] == "not_found"
    assert (await flow.ask(**BASKET, request_id="s"))["status"] == "not_found"
    assert await desk.waiting() == []


async def test_entries_that_are_said_to_be_different_part_and_join_again_when_that_is_taken_back(
    flow: Flow, desk: Desk
) -> None:
    first = await flow.ask(title="Cowboy Bebop", year="1998")
    kitsu = first["data"]["ids"]["kitsu"]
    apart = Decision(decision_id="d", kind="different", key="k", ids={"mal": "1", "kitsu": kitsu})
    out = await flow.output((await desk.put_down(apart)).request_id)
    assert (out["why"], out["revision"], out["data"]["sources"]["kitsu"]["outcome"]) == (
        "decision",
        "2",
        "mismatch",
    )
    assert out["status"] == "complete"
    assert [(one.kind, one.source) for one in await desk.waiting()][:1] == [("entry", "kitsu")]
    out = await flow.output((await desk.undo("k", "d", "page")).request_id)
    assert (out["revision"], out["data"]["sources"]["kitsu"]["outcome"]) == ("3", "ok")
    assert "entry" not in [one.kind for one in await desk.waiting()]


async def test_a_decided_value_stands_in_the_record_and_stays_with_the_next_answer(
    flow: Flow, desk: Desk
) -> None:
    await flow.ask(title="Cowboy Bebop", year="1998")
    pinned = Decision(decision_id="d", kind="value", key="v", ids={"mal": "1"}, values={"episode_count": 27})
    out = await flow.output((await desk.put_down(pinned)).request_id)
    assert (out["why"], out["data"]["episode_count"]) == ("decision", 27)
    later = await flow.ask(title="Cowboy Bebop", year="1998", request_id="later")
    assert (later["revision"], later["data"]["episode_count"]) == (out["revision"], 27)


async def test_an_entry_that_belongs_to_another_record_joins_the_work_that_was_decided(
    flow: Flow, desk: Desk
) -> None:
    await flow.ask(title="Cowboy Bebop", year="1998")
    other = await flow.ask(title="Fruits Basket", year="2019")
    ids = {"mal": "1", "kitsu": other["data"]["ids"]["kitsu"]}
    same = Decision(decision_id="d", kind="same", key="k", ids=ids)
    out = await flow.output((await desk.put_down(same)).request_id)
    assert (out["anime_id"], out["data"]["sources"]["kitsu"]["outcome"]) == ("mal:1", "ok")


async def test_a_title_that_waits_and_comes_out_unchanged_waits_no_longer(
    flow: Flow, desk: Desk, decisions: Decisions
) -> None:
    asked = {"title": "Cowboy Bebop", "year": "1998"}
    for number in range(3):
        await flow.ask(**asked, request_id=f"r{number}")
        await flow.quiet()
    request = TitleRequest.model_validate(asked)
    item = of_refusal(request, [CandidateReport(title="A", ids={"mal": "2"})], 1)
    assert item is not None
    await decisions.line_up([owner.Put(item.key, item.score, pack(item), item.mark)])
    assert item.key in [one.key for one in await desk.waiting(0, 100)]
    again = await flow.ask(**asked, request_id="again")
    assert again["revision"] == "1"

    async def gone() -> bool:
        return item.key not in [one.key for one in await desk.waiting(0, 100)]

    await until(gone, 10)


async def test_a_view_of_some_sources_settles_nothing(flow: Flow, desk: Desk, decisions: Decisions) -> None:
    await flow.ask(title="Cowboy Bebop", year="1998")
    await flow.quiet()
    key = value_key("mal:1", "episode_count")
    item = Item(key=key, mark="m", kind="value", at_ms=1)
    await decisions.line_up([owner.Put(key, 1, pack(item), "m")])
    await flow.ask(title="Cowboy Bebop", year="1998", only="jikan", request_id="view")
    assert key in [one.key for one in await desk.waiting(0, 100)]


async def test_a_quick_double_press_is_one_decision(decisions: Decisions, redis: Redis, prefix: str) -> None:
    (item,) = await line_up(decisions, 1)
    other = Desk(Decisions(Scripts(redis), Topology(prefix)))
    told = await asyncio.gather(
        *(one.decide(item.key, item.mark, 1, "page") for one in [Desk(decisions), other] * 4)
    )
    assert sorted(one.word for one in told) == ["already"] * 7 + ["decided"]
    assert (
        len(await entries(redis, f"{prefix}:decisions"))
        == len(await entries(redis, f"{prefix}:requests"))
        == 1
    )


async def test_what_was_decided_on_other_evidence_than_what_is_shown_is_not_decided(
    decisions: Decisions, desk: Desk
) -> None:
    (item,) = await line_up(decisions, 1)
    assert (await desk.decide(item.key, "another", 1, "page")).word == "changed"
    assert (await desk.decide("title:nothing||", item.mark, 1, "page")).word == "gone"
    assert await decisions.count() == 1


async def test_fifty_decisions_are_taken_back_one_after_another(decisions: Decisions, desk: Desk) -> None:
    items = await line_up(decisions, 60)
    told = [await desk.decide(one.key, one.mark, 1, "page") for one in items[:50]]
    assert await decisions.count() == 10
    for one in reversed(told):
        assert one.decision
        assert (await desk.undo(one.decision.key, one.decision.decision_id, "page")).word == "decided"
    assert [one.key for one in await desk.waiting(0, 100)] == [one.key for one in items]
    assert (await decisions.all())[1] == {}
    counts = await decisions.counts()
    assert (counts["kind/work"], counts["kind/undo"], counts["place/title/1"]) == (0, 50, 0)


async def test_what_was_decided_elsewhere_and_long_ago_is_taken_back_the_newest_first(
    decisions: Decisions, redis: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "AT_ONCE", 3)
    items = await line_up(decisions, 8)
    before = Desk(decisions)
    told = [await before.decide(one.key, one.mark, 1, "page") for one in items]
    assert told[6].decision
    await before.undo(items[6].key, told[6].decision.decision_id, "page")
    await before.put_down(
        Decision(decision_id="i", kind="work", key="i", title="A", ids={"mal": "1"}, by=IMPORT)
    )
    later = Desk(Decisions(Scripts(redis), Topology(prefix)))
    assert [one.title for one in await later.lately(4)] == ["Title 7", "Title 5", "Title 4", "Title 3"]
    taken = [await later.undo_last("page") for _ in range(8)]
    assert [one.of.title if one.of else one.word for one in taken[:2]] == ["Title 7", "Title 5"]
    assert [one.word for one in taken] == ["decided"] * 7 + ["gone"]
    assert await decisions.count() == 8
    assert set((await decisions.all())[1]) == {"i"}


async def test_what_held_before_holds_again(decisions: Decisions, desk: Desk) -> None:
    first = Decision(decision_id="1", kind="work", key="k", title="A", ids={"mal": "1"})
    second = first.model_copy(update={"decision_id": "2", "ids": {"mal": "2"}})
    assert [(await desk.put_down(one)).word for one in (first, first, second)] == [
        "decided",
        "already",
        "decided",
    ]
    assert (await desk.undo("k", "1", "page")).word == "gone"
    await desk.undo("k", "2", "page")
    assert (await Corrections(decisions).now()).pinned("A") == {"mal": "1"}


async def test_another_process_heeds_a_decision_with_its_next_request(
    decisions: Decisions, desk: Desk, server: Server, prefix: str
) -> None:
    other_client = Redis.from_url(server.url)
    other = Corrections(Decisions(Scripts(other_client), Topology(prefix)))
    assert (await other.now()).pinned("A") == {}
    await desk.put_down(Decision(decision_id="1", kind="work", key="k", title="A", ids={"mal": "1"}))
    assert (await other.now()).pinned("a") == {"mal": "1"}
    await desk.put_down(Decision(decision_id="2", kind="work", key="l", title="B", ids={"mal": "2"}))
    assert (await other.now()).pinned("b") == {"mal": "2"}
    await other_client.aclose()


async def test_what_was_decided_on_the_same_evidence_does_not_wait_again_but_on_other_evidence_does(
    decisions: Decisions, desk: Desk
) -> None:
    (item,) = await line_up(decisions, 1)
    await desk.decide(item.key, item.mark, NONE, "page")
    await line_up(decisions, 1)
    assert await decisions.count() == 0
    await decisions.line_up([owner.Put(item.key, 1, pack(item), "another")])
    assert await decisions.count() == 1


async def test_what_holds_never_expires_and_what_waits_is_bounded(
    decisions: Decisions, desk: Desk, redis: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, "MOST_WAITING", 5)
    monkeypatch.setattr(owner, "MOST_SETTLED", 2)
    items = await line_up(decisions, 9)
    assert [one.key for one in await desk.waiting(0, 100)] == [one.key for one in items[:5]]
    for one in items[:4]:
        await desk.decide(one.key, one.mark, 1, "page")
    names = Topology(prefix)
    assert await redis.ttl(names.decided) == -1
    assert await redis.hlen(names.decided) == 1 + 4
    assert await redis.hlen(names.review_items) == 1 + 2
