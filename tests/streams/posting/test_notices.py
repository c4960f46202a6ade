"""A change of health is posted once whoever looks, signed; whatever its receiver does, nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from cache.limits.fleet import FleetLimiter
from streams.broker.keys import Topology
from streams.config.settings import Settings
from streams.config.values import SettingsError
from streams.operations import health_watch
from streams.operations.health import change, trouble
from streams.operations.health_watch import CHANGED, HealthWatch
from streams.posting import notices
from streams.posting.notices import MOST_WAITING, Notices
from streams.posting.poster import Poster
from streams.records.drift import MIN_ENTRIES
from streams.records.drift_store import note
from streams.service.wiring import check_files
from tests.streams.posting.receiver import SECRET, Receiver
from tests.support.command_line import ROOT
from tests.support.page import served


def variables(url: str, **more: str) -> dict[str, str]:
    quick = {"MAX_ATTEMPTS": "3", "RETRY_BASE_SECONDS": "0.02", "WEBHOOK_ALLOW_PRIVATE": "true"}
    return {"HEALTH_WEBHOOK_URL": url, "WEBHOOK_SECRET": SECRET, **quick, **more}


@contextlib.asynccontextmanager
async def posting(url: str, **more: str) -> AsyncIterator[Notices]:
    one = Notices(Settings.load(variables(url, **more), env_file=None))
    one.start()
    yield one
    async with asyncio.timeout(10):
        await one.stop()


@pytest.fixture(autouse=True)
def _the_end_waits_for_whatever_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "STOP_SECONDS", 60.0)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    one = Receiver()
    async with one.listening():
        yield one


def lost(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [one.getMessage() for one in caplog.records]
    return [line for line in found if line.startswith("a notice was not posted")]


async def drifts(redis: Redis, names: Topology, *fields: str) -> None:
    await redis.unlink(names.drift("jikan"))
    for _ in range(MIN_ENTRIES):
        await note(redis, names.drift("jikan"), list(fields))


@contextlib.asynccontextmanager
async def lookers(redis: Redis, prefix: str, url: str) -> AsyncIterator[list[HealthWatch]]:
    """Those of two processes, which both take every turn for theirs."""
    names, settings = Topology(prefix), Settings.load(variables(url), env_file=None)
    async with posting(url) as one, posting(url) as other:
        limiter = FleetLimiter(redis, prefix)
        yield [HealthWatch(redis, names, settings, limiter, post.tell) for post in (one, other)]


async def test_a_change_is_posted_once_by_one_of_two_processes_and_nothing_without_one(
    redis: Redis, prefix: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def always(_self: health_watch.Notices) -> bool:
        return True

    monkeypatch.setattr(health_watch.Notices, "my_turn", always)
    async with lookers(redis, prefix, receiver.url) as both:
        for lost_fields in ([], ["synopsis"], ["synopsis"], []):
            await drifts(redis, Topology(prefix), *lost_fields)
            await asyncio.gather(*(one.look() for one in both))
        told = await receiver.until(3)
    assert len(receiver.received) == 3
    _, worse, over = sorted(told, key=lambda body: str(body["timestamp"]))
    assert worse["type"] == over["type"] == CHANGED
    assert (worse["data"]["fleet"], worse["data"]["before"], worse["data"]["now"]) == (
        prefix,
        "well",
        "warning",
    )
    (began,) = worse["data"]["began"]
    assert (began["what"], began["subject"]) == ("drift", "jikan")
    assert "check-source jikan" in began["next_step"]
    assert began in worse["data"]["troubles"]
    assert (over["data"]["before"], over["data"]["now"]) == ("warning", "well")
    assert [(one["what"], one["subject"], one["level"]) for one in over["data"]["over"]] == [
        ("drift", "jikan", "warning")
    ]


async def test_a_service_posts_what_its_look_finds_even_when_it_ends_at_once(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, receiver: Receiver
) -> None:
    async with served(environment | variables(receiver.url), server.url) as (service, _):
        await service.housekeeping.stop()
        await drifts(redis, Topology(prefix), "synopsis")
        await redis.unlink(f"{Topology(prefix).health}:turn")
        await next(step for _, step in service.housekeeping.more if step.__name__ == "look")()
    assert "notices" not in {task.get_name() for task in asyncio.all_tasks()}
    told = await receiver.until(1)
    assert "drift" in {one["what"] for one in told[-1]["data"]["troubles"]}


async def test_a_dead_receiver_is_tried_again_told_of_once_and_the_next_notice_goes_out(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.statuses = [503] * 3
    async with posting(receiver.url) as notices:
        notices.tell(CHANGED, 0.5, {"number": 1})
        notices.tell(CHANGED, 1.5, {"number": 2})
        told = await receiver.until(4)
    assert [one["data"]["number"] for one in told] == [1, 1, 1, 2]
    assert told[0]["timestamp"] == "1970-01-01T00:00:00.500Z"
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 2
    (line,) = lost(caplog)
    assert "upstream_error: HTTP 503" in line
    assert "attempts=3" in line


async def test_nobody_there_is_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with posting(f"http://127.0.0.1:{taken.getsockname()[1]}/key-1") as notices:
            notices.tell(CHANGED, 0.0, {})
    (line,) = lost(caplog)
    assert "unreachable" in line
    assert "key-1" not in caplog.text


async def test_a_receiver_that_wants_to_be_left_alone_for_long_gets_no_old_news(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.statuses, receiver.headers = [429], {"Retry-After": "301"}
    async with posting(receiver.url) as notices:
        notices.tell(CHANGED, 0.0, {})
        await receiver.until(1)
    assert ["attempts=1" in line for line in lost(caplog)] == [True]


async def test_whoever_tells_waits_for_nobody_and_only_so_many_wait(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.open.clear()
    async with posting(receiver.url) as notices:
        notices.tell(CHANGED, 0.0, {"number": 0})
        await receiver.until(1)
        for number in range(1, MOST_WAITING + 3):
            notices.tell(CHANGED, 0.0, {"number": number})
        assert len(lost(caplog)) == 2
        receiver.open.set()
        told = await receiver.until(1 + MOST_WAITING)
    assert [one["data"]["number"] for one in told] == [0, *range(3, MOST_WAITING + 3)]
    assert len(lost(caplog)) == 2


async def test_what_is_told_last_still_goes_out_when_the_process_ends(receiver: Receiver) -> None:
    async with posting(receiver.url) as notices:
        notices.tell(CHANGED, 0.0, {})
    assert len(receiver.received) == 1


async def test_the_end_of_the_process_waits_a_moment_only_and_says_what_is_lost(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "STOP_SECONDS", 0.1)
    receiver.open.clear()
    async with asyncio.timeout(5), posting(receiver.url) as posts:
        posts.tell(CHANGED, 0.0, {})
        posts.tell(CHANGED, 0.0, {})
        await receiver.until(1)
    assert ["the process ended" in line for line in lost(caplog)] == [True, True]


async def test_a_post_that_breaks_does_not_end_the_posting(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with posting(receiver.url) as notices:
        with monkeypatch.context() as broken:
            broken.setattr(Poster, "_try", None)
            notices.tell(CHANGED, 0.0, {"number": 1})
            async with asyncio.timeout(5):
                while "broke" not in caplog.text:
                    await asyncio.sleep(0.01)
        notices.tell(CHANGED, 0.0, {"number": 2})
        (told,) = await receiver.until(1)
    assert told["data"]["number"] == 2


async def test_a_private_address_is_refused_unless_allowed(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    async with posting(receiver.url, WEBHOOK_ALLOW_PRIVATE="false") as notices:
        notices.tell(CHANGED, 0.0, {})
    assert receiver.received == []
    (line,) = lost(caplog)
    assert "it leads to a private address" in line
    assert "name a public address in HEALTH_WEBHOOK_URL" in line
    assert "attempts=1" in line


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"WEBHOOK_SECRET": ""}, "WEBHOOK_SECRET is not set"),
        ({"WEBHOOK_SECRET": "whsec_short"}, "WEBHOOK_SECRET is whsec_"),
        ({"HEALTH_WEBHOOK_URL": "hooks.example.org/key-1"}, "HEALTH_WEBHOOK_URL"),
        ({"HEALTH_WEBHOOK_URL": "ftp://hooks.example.org/key-1"}, "HEALTH_WEBHOOK_URL"),
        ({"HEALTH_WEBHOOK_URL": "https://[::1/key-1"}, "HEALTH_WEBHOOK_URL"),
        ({"HEALTH_WEBHOOK_URL": "https:///key-1"}, "HEALTH_WEBHOOK_URL"),
    ],
)
def test_what_cannot_be_posted_is_refused_before_anything_runs(given: dict[str, str], names: str) -> None:
    settings = Settings.load(variables("https://example.org/hook") | given, env_file=None)
    with pytest.raises(SettingsError, match=names) as error:
        check_files(settings)
    assert "key-1" not in str(error.value)


def test_the_command_says_so_at_its_start() -> None:
    environment = {**os.environ, "HEALTH_WEBHOOK_URL": "https://example.org/hook"}
    code = "from streams.cli.main import main; main(['up', '--scale', '2'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
        timeout=60,
    )
    assert (done.returncode != 0, "WEBHOOK_SECRET is not set" in done.stderr) == (True, True), done.stderr


def test_what_has_begun_what_is_over_and_what_stays() -> None:
    down, slow = trouble("site_down", "kitsu", "warning", "x"), trouble("site_slow", "kitsu", "warning", "y")
    full = trouble("redis_full", "server", "fault", "z")
    told: dict[str, Any] = {one.key: one.found for one in (down, full)}
    changed = change(told, [down, slow])
    assert changed
    assert (changed.before, changed.now, changed.troubles) == ("fault", "warning", [down, slow])
    assert changed.began == [slow]
    assert [one.key for one in changed.over] == [full.key]
    assert change(told, [full, down]) is None
    worse = change({slow.key: "y"}, [slow.model_copy(update={"level": "fault"})])
    assert worse
    assert (worse.before, worse.now, len(worse.began), len(worse.over)) == ("warning", "fault", 1, 1)


def test_a_group_whose_name_has_blanks_is_over_under_its_name() -> None:
    one = trouble("output_unread", "my own site", "warning", "x")
    changed = change({one.key: "x"}, [])
    assert changed
    assert [(past.what, past.subject, past.found) for past in changed.over] == [
        ("output_unread", "my own site", "x")
    ]
