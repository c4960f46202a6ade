"""Webhooks: signed as the standard has it, tried again as the retry policy says, and never led to where they may not go."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from multidict import CIMultiDict
from redis.asyncio import Redis
from standardwebhooks.webhooks import Webhook as Standard
from standardwebhooks.webhooks import WebhookVerificationError

from benchmarks.support.stored import store
from sources import Reason
from streams.bridges.outputs import Outputs
from streams.bridges.webhooks import ONE_BY_ONE, Webhook, group_of, urls_of
from streams.broker.dead_letters import Letter
from streams.broker.keys import Topology
from streams.config.settings import Settings
from streams.config.values import SettingsError
from streams.contract.events import EnrichedTitle
from streams.engine.cancellation import end
from streams.operations.dead_letters import list_letters, replay
from streams.posting.addresses import connector, is_public
from streams.posting.poster import judge
from streams.posting.signing import keys_of
from tests.streams.merging.golden_world import golden
from tests.streams.posting.receiver import SECRET, Receiver

OLD = "whsec_" + "T2xk" * 8


class Posting(Receiver):
    """A receiver of our own, and a webhook that posts to it."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        super().__init__()
        self.redis, self.names = redis, Topology(prefix)
        self.session: aiohttp.ClientSession | None = None
        self.running: set[asyncio.Task[None]] = set()

    async def start(self, url: str = "", *, private: bool = True, **options: bool) -> None:
        given = {"WEBHOOK_SECRET": f"{SECRET} {OLD}", "MAX_ATTEMPTS": "3", "RETRY_BASE_SECONDS": "0.02"}
        settings = Settings.load(given, env_file=None)
        outputs = Outputs(self.redis, self.names, "webhook", ONE_BY_ONE)
        await outputs.prepare()
        self.session = aiohttp.ClientSession(connector=connector(allow_private=private))
        webhook = Webhook(outputs, url or self.url, settings, self.session, **options)
        self.running.add(asyncio.create_task(webhook.run()))

    async def until_done(self) -> None:
        async with asyncio.timeout(20):
            while True:
                (group,) = await self.redis.xinfo_groups(self.names.enriched)
                if group["pending"] + group["lag"] == 0:
                    return
                await asyncio.sleep(0.02)

    async def letters(self) -> list[Letter]:
        return await list_letters(self.redis, self.names)


@pytest.fixture
async def posting(redis: Redis, prefix: str) -> AsyncIterator[Posting]:
    one = Posting(redis, prefix)
    async with one.listening():
        await store(redis, one.names, golden("velvet"))
        yield one
        await end(one.running)
        if one.session:
            await one.session.close()


@pytest.mark.parametrize("secret", [SECRET, OLD])
async def test_a_receiver_of_the_standard_believes_it_with_either_secret(
    posting: Posting, secret: str
) -> None:
    await posting.start()
    await posting.until_done()
    ((headers, body),) = posting.received
    event = EnrichedTitle.model_validate(Standard(secret).verify(body, headers))
    assert (headers["webhook-id"], event.output_id) == ("mal:990001@1", "mal:990001@1")
    assert event.record == golden("velvet")


async def test_what_was_forged_on_the_way_is_not_believed(posting: Posting) -> None:
    await posting.start()
    await posting.until_done()
    ((headers, body),) = posting.received
    for forged, told in ((headers, body + b" "), (headers | {"webhook-id": "mal:1@2"}, body)):
        with pytest.raises(WebhookVerificationError):
            Standard(SECRET).verify(told, forged)


async def test_trouble_that_passes_is_tried_again_with_a_new_time(posting: Posting) -> None:
    posting.statuses = [500, 503]
    await posting.start()
    await posting.until_done()
    assert len(posting.received) == 3
    assert len({headers["webhook-id"] for headers, _ in posting.received}) == 1
    assert await posting.letters() == []


async def test_one_that_stays_dead_ends_in_a_dead_letter_and_the_next_output_goes_out(
    posting: Posting, redis: Redis
) -> None:
    posting.statuses = [500] * 3
    await store(redis, posting.names, golden("shelter"))
    await posting.start()
    await posting.until_done()
    (found,) = await posting.letters()
    letter = found.letter
    assert (letter.reason, letter.attempts, letter.message) == ("upstream_error", 3, "HTTP 500")
    assert "replay" in letter.next_step
    assert posting.received[-1][0]["webhook-id"] == "mal:34240@1"
    assert await replay(redis, posting.names, found.entry) == "asked"
    async with asyncio.timeout(10):
        while len(posting.received) < 5:
            await asyncio.sleep(0.02)
    assert posting.received[-1][0]["webhook-id"] == "mal:990001@1"


async def test_one_that_is_slow_is_not_waited_for_for_ever(
    posting: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.posting.poster.SECONDS", aiohttp.ClientTimeout(total=0.2))
    posting.statuses = [0, 0, 0]
    await posting.start()
    await posting.until_done()
    (found,) = await posting.letters()
    assert (found.letter.reason, found.letter.attempts) == ("timeout", 3)


async def test_nobody_there_is_tried_again_too(posting: Posting) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        await posting.start(f"http://127.0.0.1:{taken.getsockname()[1]}/hook")
        await posting.until_done()
    (found,) = await posting.letters()
    assert (found.letter.reason, found.letter.attempts) == ("unreachable", 3)


async def test_what_a_receiver_has_is_not_posted_again_after_a_break(posting: Posting, redis: Redis) -> None:
    posting.statuses = [200, 0]
    await store(redis, posting.names, golden("shelter"))
    await posting.start()
    async with asyncio.timeout(10):
        while len(posting.received) < 2:
            await asyncio.sleep(0.01)
    await end(posting.running)
    assert posting.session
    await posting.session.close()
    await posting.start()
    await posting.until_done()
    told = [headers["webhook-id"] for headers, _ in posting.received]
    assert told == ["mal:990001@1", "mal:34240@1", "mal:34240@1"]


async def test_an_entry_that_is_no_output_is_a_dead_letter_and_holds_up_nobody(
    posting: Posting, redis: Redis
) -> None:
    for broken in ({"data": "{"}, {"data": "[]"}, {"data": "{}", "revision": "x"}, {"other": "field"}):
        fields: Any = {"anime_id": "", "request_id": "r", **broken}
        await redis.xadd(posting.names.enriched, fields)
    await store(redis, posting.names, golden("shelter"))
    await posting.start(everything=True)
    await posting.until_done()
    told = [headers["webhook-id"] for headers, _ in posting.received]
    assert (told[0], told[-1]) == ("mal:990001@1", "mal:34240@1")
    assert len(await posting.letters()) + len(told) == 6


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_a_private_address_is_refused_when_connecting_and_not_tried_again(
    posting: Posting, host: str
) -> None:
    await posting.start(f"http://{host}:{posting.port}/hook", private=False)
    await posting.until_done()
    (found,) = await posting.letters()
    assert (found.letter.reason, found.letter.attempts) == ("misconfigured", 1)
    assert "private address" in found.letter.message
    assert posting.received == []


async def test_a_redirect_is_not_followed_wherever_it_leads(posting: Posting) -> None:
    posting.statuses, posting.headers = [307], {"Location": f"http://127.0.0.1:{posting.port}/hook"}
    await posting.start()
    await posting.until_done()
    (found,) = await posting.letters()
    assert (found.letter.reason, found.letter.message) == ("misconfigured", "HTTP 307: redirected")
    assert len(posting.received) == 1


async def test_only_what_made_a_revision_is_posted_unless_all_is_asked_for(
    posting: Posting, redis: Redis
) -> None:
    answer: Any = {"request_id": "r", "output_id": "r#1", "anime_id": "", "status": "not_found", "data": "{}"}
    await redis.xadd(posting.names.enriched, answer)
    await posting.start(everything=True, cloud_event=True)
    await posting.until_done()
    assert [headers["webhook-id"] for headers, _ in posting.received] == ["mal:990001@1", "r#1"]
    assert posting.received[0][0]["Content-Type"] == "application/cloudevents+json"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *[(one, True) for one in ("8.8.8.8", "2606:4700::1111", "64:ff9b::808:808")],
        *[(one, False) for one in ("10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1")],
        *[(one, False) for one in ("::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1")],
        *[(one, False) for one in ("2002:a00:1::", "255.255.255.255", "192.168.1.1")],
    ],
)
def test_which_addresses_anybody_can_reach(address: str, public: bool) -> None:
    assert is_public(address) == public


def test_how_long_a_receiver_wants_to_be_left_alone_is_heard() -> None:
    told = judge(429, CIMultiDict({"Retry-After": "7"}), "WEBHOOK_URLS")
    assert told
    assert (told.reason, told.again_in) == (Reason.RATE_LIMITED, 7.0)
    gone = judge(410, {}, "WEBHOOK_URLS")
    assert gone
    assert gone.reason == Reason.MISCONFIGURED


@pytest.mark.parametrize(
    "secret", ["", "short", "whsec_c2hvcnQ=", "whsec_***", SECRET.removeprefix("whsec_")]
)
def test_a_secret_that_is_none_is_refused_before_anything_is_posted(secret: str) -> None:
    with pytest.raises(SettingsError, match="WEBHOOK_SECRET") as error:
        keys_of(Settings.load({"WEBHOOK_SECRET": secret}, env_file=None))
    assert not secret or secret not in str(error.value)


@pytest.mark.parametrize("urls", ["", "ftp://host/", "https://", "nonsense"])
def test_an_address_that_is_none_is_refused(urls: str) -> None:
    with pytest.raises(SettingsError, match="WEBHOOK_URLS"):
        urls_of(Settings.load({"WEBHOOK_URLS": urls}, env_file=None))


def test_the_group_of_an_address_tells_nothing_of_its_path() -> None:
    one, other = (group_of(f"https://u:p@host.example/{path}") for path in ("secret-1", "secret-2"))
    assert one != other
    assert one.startswith("webhook-host.example-")
    assert "secret" not in one
