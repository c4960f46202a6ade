"""Each kind of trouble is named by status, doctor, page, metrics and alert alike, with its next step; without any, all say well."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis
from redis.exceptions import RedisError
from rich.console import Console

from benchmarks.support.server_binaries import SERVERS
from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.broker.answers import KEEP_HOURS, KEEP_MINUTES, TELL_SECONDS, Answers, Counted, Heard, Tally
from streams.broker.groups import BEAT_SECONDS, FORGET_SECONDS, SILENT_SECONDS
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.cli.commands.fleet.status import look_once
from streams.cli.errors import explained
from streams.config.settings import Settings
from streams.operations import doctor_server, health
from streams.operations.doctor import examine
from streams.operations.fleet_status import FleetStatus
from streams.operations.fleet_view import as_table
from streams.operations.health_watch import LOOK_SECONDS, HealthWatch
from streams.records.drift import MIN_ENTRIES
from streams.records.drift_store import note
from streams.service.app import Service
from tests.support.flow import Flow
from tests.support.page import served

yaml = pytest.importorskip("yaml", reason="PyYAML comes with the extra crawl")
RULES = Path(__file__).parents[3] / "deploy" / "prometheus" / "alerts.yml"


@dataclass
class Stage:
    """A running fleet on a server of its own."""

    world: World
    server: Server
    redis: Redis
    names: Topology
    service: Service
    monkeypatch: pytest.MonkeyPatch

    async def ask(self, *titles: str) -> None:
        """Ask, and let every process tell what it heard."""
        flow = Flow(self.redis, self.names.prefix)
        for title in titles or ("Cowboy Bebop",):
            await flow.ask(title=title, deadline_s="15")
        await self.service.tell_answers()


Makes = Callable[[Stage], Awaitable[None]]
TROUBLES: dict[str, tuple[str, Makes]] = {}


def makes(what: str, subject: str) -> Callable[[Makes], Makes]:
    def keep(make: Makes) -> Makes:
        TROUBLES[what] = subject, make
        return make

    return keep


@makes("site_down", "kitsu")
async def a_site_down(stage: Stage) -> None:
    stage.world.fault("kitsu", "down")
    await stage.ask()


@makes("site_changed", "jikan")
async def a_site_changed(stage: Stage) -> None:
    stage.world.fault("jikan", "garbage")
    await stage.ask()


@makes("site_bans", "anidb")
async def a_site_that_bans(stage: Stage) -> None:
    stage.world.fault("anidb", "ban")
    await stage.ask()


@makes("site_slow", "jikan")
async def a_site_that_is_slow(stage: Stage) -> None:
    stage.monkeypatch.setattr(health, "SLOW_SECONDS", 0.5)
    stage.world.fault("jikan", "slow", seconds=1.0)
    await stage.ask()


@makes("credentials", "animeschedule")
async def a_site_that_does_not_take_our_credentials(stage: Stage) -> None:
    stage.world.fault("animeschedule", "forbidden")
    await stage.ask()


@makes("group_unread", "kitsu")
async def a_group_that_nobody_reads(stage: Stage) -> None:
    await stage.service.housekeeping.stop()
    await stage.service.alive.presence.leave(stage.service.consumer, ["kitsu"])


@makes("output_unread", "my-site")
async def a_group_on_the_output_that_nobody_reads(stage: Stage) -> None:
    before = int((time.time() - 40) * 1000)
    await stage.redis.xadd(stage.names.enriched, {"status": "complete"}, id=f"{before}-0")
    await stage.redis.xgroup_create(stage.names.enriched, "my-site", id="0")


@makes("redis_full", "server")
async def a_full_server(stage: Stage) -> None:
    used = (await stage.redis.info("memory"))["used_memory"]
    await stage.redis.config_set("maxmemory", int(used * 1.02))


@makes("redis_gone", "server")
async def a_server_that_is_gone(stage: Stage) -> None:
    stage.server.kill()


@makes("redis_old", "server")
async def an_old_server(stage: Stage) -> None:
    for module in (health, doctor_server):
        stage.monkeypatch.setattr(module, "OLDEST_SERVER", 99)


@makes("worker_stuck", "")
async def a_worker_that_is_stuck(stage: Stage) -> None:
    await stage.service.housekeeping.stop()
    members: Any = await stage.redis.zrange(stage.names.workers, 0, -1)
    for member in members:
        await stage.redis.zincrby(stage.names.workers, -45_000, member)


@makes("drift", "jikan")
async def a_site_that_gets_poorer(stage: Stage) -> None:
    for _ in range(MIN_ENTRIES):
        await note(stage.redis, stage.names.drift("jikan"), ["synopsis"])


@makes("backlog", "kitsu")
async def a_backlog_beyond_the_deadline(stage: Stage) -> None:
    later = (time.time() + 600) * 1000
    await stage.redis.zadd(stage.names.delayed, {f"kitsu:r{i}": later for i in range(9)})


@pytest.fixture(params=SERVERS)
def own_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "own", binary=request.param) as running:
        yield running


@dataclass
class Told:
    """What each place tells of the troubles that are no choice of the user's."""

    status: str
    page: str
    doctor: list[tuple[str, str]]
    metrics: set[tuple[str, str]]
    alerts: set[str]


async def told(settings: Settings, server: Server, base: str) -> tuple[list[health.Trouble], Told]:
    metrics = await fetched(f"{base}/metrics")
    page = await fetched(base)
    checks = await examine(settings, server.url)
    try:
        seen = await look_once(settings)
        troubles, shown = seen.status.troubles, printed(as_table(seen))
    except RedisError as error:
        stop = explained(error)
        assert stop
        troubles, shown = [health.server_gone(error)], f"{stop.message} {stop.next_step}"
    series = {
        (sample.labels["what"], sample.labels["subject"]): sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == "anime_enrich_health"
    }
    bad = {key for key, value in series.items() if value > 1}
    return troubles, Told(
        shown,
        page,
        [(one.subject, one.next_step) for one in checks if one.state in {"warning", "fault"}],
        bad,
        {what for what, rule in rules().items() if any(key[0] == what for key in bad) and rule},
    )


async def fetched(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        return await reply.text()


def printed(shown: Any) -> str:
    console = Console(width=400, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(shown)
    return capture.get()


def steady(words: str) -> str:
    """Without the numbers, which are others a moment later."""
    return re.sub(r"[\d.]+", "#", words)


def rules() -> dict[str, dict[str, Any]]:
    """The alert of each kind of trouble."""
    listed = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"]
    found = {}
    for rule in listed:
        if kind := re.fullmatch(r'anime_enrich_health\{what="(\w+)"\} > 1', rule["expr"]):
            found[kind[1]] = rule
    return found


def settings_of(environment: dict[str, str], server: Server) -> Settings:
    return Settings.load(environment | {"REDIS_URL": server.url}, env_file=None)


def variables_for(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"KITSU_LIMITS": "1/60", "BULK_DEADLINE_SECONDS": "300"}


@pytest.mark.parametrize("what", TROUBLES)
async def test_a_trouble_is_named_alike_everywhere_with_its_next_step(
    what: str,
    environment: dict[str, str],
    world: World,
    tmp_path: Path,
    prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subject, make = TROUBLES[what]
    if what == "backlog":
        environment = variables_for(environment)
    with Server(tmp_path / "own") as server:
        settings = settings_of(environment, server)
        async with served(environment, server.url) as (service, base):
            redis = Redis.from_url(server.url)
            await make(Stage(world, server, redis, Topology(prefix), service, monkeypatch))
            troubles, seen = await told(settings, server, base)
    named = [one for one in troubles if one.what == what and subject in one.subject]
    assert named, troubles
    (one, *_) = named
    assert (one.what, one.subject) in seen.metrics
    assert seen.metrics == {(other.what, other.subject) for other in troubles if other.level != "note"}
    assert what in seen.alerts
    for place in (unescape(seen.page), seen.status):
        assert steady(one.found) in steady(place)
        assert one.next_step in place
    assert one.subject in {about for about, _ in seen.doctor}
    assert one.next_step.startswith(health.NEXT_STEPS[what].partition("{")[0])


async def test_without_trouble_all_say_well(
    environment: dict[str, str],
    own_server: Server,
    prefix: str,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_of(environment, own_server)
    async with served(environment, own_server.url) as (service, base):
        redis = Redis.from_url(own_server.url)
        stage = Stage(world, own_server, redis, Topology(prefix), service, monkeypatch)
        await stage.ask("Cowboy Bebop", "K-On!", "Zzyzx Quuxbar")
        troubles, seen = await told(settings, own_server, base)
    assert troubles == []
    assert "all is well" in seen.page
    assert "all is well" in seen.status
    assert seen.metrics == set() == seen.alerts
    assert [about for about, _ in seen.doctor if about not in {"server memory", "server disk"}] == []


def test_every_kind_of_trouble_has_an_alert_with_the_same_next_step_and_a_test() -> None:
    steps = {what: rule["annotations"]["next_step"] for what, rule in rules().items()}
    assert steps == {w: step.format(subject="{{ $labels.subject }}") for w, step in health.NEXT_STEPS.items()}
    assert TROUBLES.keys() == health.NEXT_STEPS.keys()


async def test_a_change_of_health_is_told_once_whoever_looks(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    names, settings = Topology(prefix), settings_of(environment, server)
    async with served(environment, server.url) as (service, _):
        await service.housekeeping.stop()
        looks = [HealthWatch(redis, names, settings, service.limiter) for _ in range(3)]
        for lost in (["synopsis"], []):
            await redis.unlink(names.drift("jikan"))
            for _ in range(MIN_ENTRIES):
                await note(redis, names.drift("jikan"), lost)
            await redis.unlink(f"{names.health}:turn")
            await asyncio.gather(*(one.look() for one in looks))
    lines = [one.getMessage() for one in caplog.records if one.name.endswith("health")]
    assert [sum(word in line for line in lines) for word in ("health: warning", "health: over")] == [1, 1]


def heard(*minutes: dict[str, int]) -> Heard:
    return Heard([Counted(one) for one in minutes])


def judged(heard: Heard) -> str:
    found = health._refuses("jikan", heard, health.Setup(60.0))
    return found.what if found else ""


def test_one_failure_among_answers_is_no_trouble_and_a_recovered_site_is_well() -> None:
    assert judged(heard({"timeout": 1, "ok": 40})) == ""
    assert judged(heard({"ok": 6}, {"unreachable": 500})) == ""
    assert judged(heard({"unreachable": 1})) == "site_down"
    assert judged(heard({}, {}, {"unreachable": 3, "ok": 2})) == "site_down"


def test_a_reader_of_the_output_that_took_entries_and_died_is_named_once() -> None:
    setup = health.Setup(600, frozenset())
    for behind in ({}, {"my-site": 0.0}, {"my-site": 600.0}):
        status = FleetStatus(at=0, unread_outputs=behind, unread_output_groups=["my-site"])
        named = [one.subject for one in health.judge(status, {}, setup) if one.what == "output_unread"]
        assert named == ["my-site"]


def test_answers_from_the_cache_do_not_vouch_for_a_site() -> None:
    assert judged(heard({"ok": 50, "cached": 50, "unreachable": 1})) == "site_down"


@pytest.mark.slow
async def test_a_month_of_answers_stays_below_8_megabytes(own_server: Server, prefix: str) -> None:
    redis, names = Redis.from_url(own_server.url), Topology(prefix)
    before = (await redis.info("memory"))["used_memory"]
    words = ["ok", "found", "not_found", "cached", "filled", "timeout", "unreachable", "bad_reply", "banned"]
    counts: dict[Any, Any] = dict.fromkeys([*words, *(f"t{index}" for index in range(12))], 1000)
    sources = ["jikan", "anilist", "kitsu", "anidb", "animeschedule", "anisearch", "anime_planet"]
    buckets = [f"m{29_000_000 + i}" for i in range(KEEP_MINUTES // 60)]
    buckets += [f"h{480_000 + i}" for i in range(KEEP_HOURS // 3600)]
    for source in sources:
        pipe = redis.pipeline(transaction=False)
        for bucket in buckets:
            pipe.hset(names.answers(source) + bucket, mapping=counts)
            pipe.expire(names.answers(source) + bucket, KEEP_HOURS)
        await pipe.execute()
    used = (await redis.info("memory"))["used_memory"] - before
    assert used < 8_000_000, f"{used / 1e6:.1f} MB"


async def test_what_a_process_heard_is_added_to_what_others_heard_and_goes_by_itself(
    redis: Redis, prefix: str
) -> None:
    answers = Answers(Scripts(redis), Topology(prefix))
    for _ in range(2):
        tally = Tally()
        tally.answered("kitsu", "ok", seconds=0.2, filled=0.5)
        tally.answered("kitsu", "ok", cached=True, seconds=0.001, filled=0.7)
        tally.failed("kitsu", "timeout", "kitsu did not answer in time")
        await answers.tell(tally)
        assert not tally.counts
    told = (await answers.heard(["kitsu", "jikan"]))["kitsu"]
    for counted in (told.hour, told.day):
        assert (counted.answered, counted.from_cache, counted.failures) == (4, 2, {"timeout": 2})
        assert counted.filled == pytest.approx(0.6)
        assert 0.1 < (counted.seconds(0.5) or 0) < 0.3
    assert told.message == "kitsu did not answer in time"
    keys = [key async for key in redis.scan_iter(f"{prefix}:answers:*")]
    assert all([await redis.ttl(key) > 0 for key in keys])


def test_what_is_wrong_is_named_everywhere_within_a_minute() -> None:
    """The log, one look after it was told; a scrape, one after that; a worker and a reader, once they are silent long enough."""
    asked = yaml.safe_load((RULES.parent / "prometheus.yml").read_text(encoding="utf-8"))["global"]
    seen = sum(int(asked[name].removesuffix("s")) for name in ("scrape_interval", "evaluation_interval"))
    for known_after in (TELL_SECONDS, SILENT_SECONDS, health.UNREAD_SECONDS):
        assert known_after + LOOK_SECONDS <= 60
        assert known_after + seen <= 60


async def test_every_process_tells_what_it_heard_and_looks_at_the_fleet_as_often_as_that(
    environment: dict[str, str], server: Server
) -> None:
    async with served(environment, server.url) as (service, _):
        every = {step.__name__: seconds for seconds, step in service.housekeeping.more}
    assert (every["tell_answers"], every["look"], every["prove_alive"]) == (
        TELL_SECONDS,
        LOOK_SECONDS,
        BEAT_SECONDS,
    )


def test_a_silent_worker_is_told_of_longer_than_an_alert_waits() -> None:
    assert FORGET_SECONDS > 2 * 60
