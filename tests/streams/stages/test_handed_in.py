"""What is remembered of some sources goes in with the identification; only the others are handed the title."""

# ruff: noqa: F811 - the fixtures of other files

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.exceptions import RedisError

from benchmarks.support.replies import entries
from sources import Candidate
from streams.contract.events import TitleRequest
from streams.matching.identify import identify
from streams.stages import search
from streams.stages.collect import SourceStage
from streams.stages.search import Identifier
from tests.streams.stages.test_search import askers, identified  # noqa: F401
from tests.streams.stages.test_unchanged import ALL, BEBOP, Stand, reply, stand  # noqa: F401
from tests.support.flow import service


async def forget(stand: Stand, source: str) -> None:
    for pattern in (
        f"hishel_cache:{source}:*",
        f"result_cache:{source}:*",
        "result_cache:identify:whole:*",
    ):
        if keys := await stand.keys(pattern):
            await stand.flow.redis.unlink(*keys)


async def test_one_changed_answer_is_collected_alone_and_told_with_the_six_that_are_known(
    stand: Stand,
) -> None:
    names, redis = stand.flow.names, stand.flow.redis
    before = await stand.settle()
    notices = await redis.xlen(names.partials)
    await reply(stand)
    after = await stand.ask()
    assert stand.done["kitsu"] == 1
    assert after["data"]["sources"].keys() == before["data"]["sources"].keys()
    assert int(after["revision"]) == int(before["revision"]) + 1
    newest = list((await entries(redis, names.partials)).values())[notices:]
    assert [(one["source"], one["left"]) for one in newest] == [("kitsu", "0")]


async def test_an_answer_that_is_known_is_not_given_again_where_sifting_met_a_server_in_trouble(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def troubled(*_: Any) -> Any:
        raise RedisError("the connection broke")

    names, redis = stand.flow.names, stand.flow.redis
    await stand.settle()
    notices = await redis.xlen(names.partials)
    await reply(stand)
    monkeypatch.setattr(SourceStage, "sift", troubled)
    await stand.ask()
    newest = list((await entries(redis, names.partials)).values())[notices:]
    assert [(one["source"], one["left"]) for one in newest] == [("kitsu", "0")]


async def test_all_answers_known_close_a_request_without_any_source(stand: Stand) -> None:
    names, redis = stand.flow.names, stand.flow.redis
    await stand.settle()
    await redis.unlink(*await stand.keys("result_cache:identify:whole:*"))
    lanes = [names.identified("bulk"), names.identified("interactive")]
    handed_out = [await redis.xlen(one) for one in lanes]
    assert (await stand.ask())["status"] == "complete"
    assert [await redis.xlen(one) for one in lanes] == handed_out
    assert not stand.done


async def test_an_early_record_is_made_of_what_is_known_while_a_slow_site_is_asked(stand: Stand) -> None:
    await stand.settle()
    await forget(stand, "anisearch")
    stand.world.fault("anisearch", "hang")
    async with service(stand.environment, stand.url):
        await stand.flow.publish(**BEBOP, request_id="soon", early="true")
        early = await stand.flow.told("soon", "early")
        stand.world.fault("anisearch", None)
        await stand.flow.told("soon", "asked")
    assert ALL - {"anisearch"} <= set(early["data"]["completeness"]["answered"])


async def test_answers_that_come_together_are_judged_at_once(
    askers: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: list[Any] = []

    def counted(*given: Any, **more: Any) -> Any:
        judged.append(given)
        return identify(*given, **more)

    async def candidates(_: Identifier, source: Any, __: Any) -> list[Candidate]:
        await asyncio.sleep(0.002 * sorted(ALL).index(source.name))
        return []

    monkeypatch.setattr(search, "identify", counted)
    monkeypatch.setattr(Identifier, "_candidates", candidates)
    monkeypatch.setattr(search, "TOGETHER", 5.0)
    await identified(askers, TitleRequest(title="Zzyzx", priority="interactive"))
    assert len(judged) == 4  # before and after the answers of the open sites, and of the crawled ones
