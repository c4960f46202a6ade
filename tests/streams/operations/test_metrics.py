"""Metrics of the whole fleet out of one process, and what is built on them."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.client.client import Step
from streams.operations.fleet_status import FleetStatus, GroupStatus, SourceStatus
from streams.operations.metrics import Metrics
from streams.operations.metrics_collector import was_made_before
from tests.support.page import served

DEPLOY = Path(__file__).parents[3] / "deploy"
NAME = re.compile(r"anime_enrich_\w+")


def values(text: str) -> dict[str, dict[frozenset[str], float]]:
    found: dict[str, dict[frozenset[str], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.values())] = sample.value
    return found


def told(found: dict[str, dict[frozenset[str], float]], name: str, *labels: str) -> float:
    return found.get(name, {}).get(frozenset(labels), 0.0)


async def scrape(base: str) -> dict[str, dict[frozenset[str], float]]:
    async with aiohttp.ClientSession() as session, session.get(f"{base}/metrics") as reply:
        assert reply.status == 200, await reply.text()
        return values(await reply.text())


async def test_one_process_counts_what_the_whole_fleet_does(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, world: World
) -> None:
    world.fault("anidb", "down")
    async with served(environment, server.url) as (_, base):
        await redis.xadd(f"{prefix}:requests", {"title": "Cowboy Bebop"})
        await redis.xadd(f"{prefix}:requests", {"data": "{broken"})
        async with asyncio.timeout(30):
            found = await scrape(base)
            while not told(found, "anime_enrich_outputs_emitted_total", "final", "partial"):
                await asyncio.sleep(0.2)
                found = await scrape(base)
            while not told(found, "anime_enrich_cache_answers", "kitsu", "http", "miss"):
                await asyncio.sleep(0.2)  # the cache tells its counts now and then
                found = await scrape(base)
    assert told(found, "anime_enrich_verdicts_total", "accept") == 1
    assert told(found, "anime_enrich_partials_total", "kitsu", "ok", "") == 1
    assert told(found, "anime_enrich_retries_total", "anidb", "unreachable") >= 1
    assert told(found, "anime_enrich_dead_letters", "identify", "bad_request") == 1
    assert told(found, "anime_enrich_group_consumers", "kitsu") == 1
    assert told(found, "anime_enrich_source_seconds_count", "kitsu") == 1
    assert told(found, "anime_enrich_filled_ratio_count") == 1
    assert told(found, "anime_enrich_open_requests") == 0


def test_a_ban_a_stale_answer_and_a_missed_deadline_are_told_by_site() -> None:
    metrics = Metrics()
    site = SourceStatus(source="anidb", banned_until=200.0, ban_reason="banned", waiting={"bulk": 3})
    metrics.take_fleet(FleetStatus(at=100.0, groups=[GroupStatus(group="anidb", lag=7)], sources=[site]))
    metrics.take_step(Step("r", "partial", "anidb", "blocked", "banned"))
    report = {"outcome": "timeout", "stale": True, "from_cache": True}
    metrics.take_record({"sources": {"kitsu": report}})
    found = values(metrics.render().decode())
    assert told(found, "anime_enrich_source_banned", "anidb", "banned") == 1
    assert told(found, "anime_enrich_source_waiting", "anidb", "bulk") == 3
    assert told(found, "anime_enrich_group_lag", "anidb") == 7
    assert told(found, "anime_enrich_refusals_total", "anidb", "banned") == 1
    assert told(found, "anime_enrich_stale_served_total", "kitsu") == 1
    assert told(found, "anime_enrich_deadline_closings_total", "kitsu") == 1


def test_a_record_that_is_told_again_asked_no_site() -> None:
    metrics = Metrics()
    record = {
        "generated_at": "2026-11-28T04:00:00.000Z",
        "sources": {"kitsu": {"outcome": "ok", "duration_ms": 90}},
    }
    made = int(datetime(2026, 11, 28, 4, tzinfo=UTC).timestamp() * 1000)
    for entry, cached, took in ((f"{made + 5}-0", 0, 1), (f"{made + 9_000}-0", 1, 1)):
        metrics.take_record(record, again=was_made_before(record, entry))
        found = values(metrics.render().decode())
        assert told(found, "anime_enrich_cached_answers_total", "kitsu") == cached
        assert told(found, "anime_enrich_source_seconds_count", "kitsu") == took


def test_a_ban_that_is_over_is_no_longer_told() -> None:
    metrics = Metrics()
    for until in (200.0, None):
        site = SourceStatus(source="anidb", banned_until=until, ban_reason="banned")
        metrics.take_fleet(FleetStatus(at=100.0, sources=[site]))
    assert "anime_enrich_source_banned" not in values(metrics.render().decode())


def known() -> set[str]:
    names = {family.name for family in Metrics().registry.collect()}
    return {name + end for name in names for end in ("", "_total", "_bucket", "_sum", "_count")}


@pytest.mark.parametrize("file", ["prometheus/alerts.yml", "grafana/dashboards/fleet.json"])
def test_alerts_and_dashboard_ask_for_metrics_that_exist(file: str) -> None:
    asked = set(NAME.findall((DEPLOY / file).read_text(encoding="utf-8")))
    assert asked
    assert asked - known() == set()


def test_the_dashboard_is_whole() -> None:
    board = json.loads((DEPLOY / "grafana/dashboards/fleet.json").read_text(encoding="utf-8"))
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert all(target["expr"] for panel in panels for target in panel["targets"])
    assert all(panel["datasource"]["uid"] == "prometheus" for panel in panels)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Debian's prometheus")
@pytest.mark.parametrize(
    "words", [("check", "config", "prometheus.yml"), ("test", "rules", "alerts_test.yml")], ids=" ".join
)
def test_promtool_finds_nothing_wrong(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        ["promtool", *words], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
