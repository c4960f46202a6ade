"""The HTTP API and who means no good: each gets in nowhere, is told why, and keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from itertools import product

import pytest
from redis.asyncio import Redis

from benchmarks.doors.works import Works
from benchmarks.support.servers import Server
from cache.rules import Rate
from streams.doors.http import visits
from streams.doors.http.desk import Places
from streams.doors.http.entry import Entry
from streams.doors.http.problems import Problem
from streams.doors.http.visits import Visit
from streams.serving import tokens
from streams.web import doors
from tests.support.api import ADMIN, PUBLISHER, READER, TOKENS, Answer, Api, api


@pytest.fixture
async def closed(environment: dict[str, str], server: Server, redis: Redis) -> AsyncIterator[Api]:
    """An API with tokens, and a visitor without one."""
    async with api(environment | {"API_TOKENS": TOKENS}, server, redis) as visitor:
        await visitor.works.emit("mal:1")
        yield visitor


@pytest.fixture
async def here(environment: dict[str, str], server: Server, redis: Redis) -> AsyncIterator[Api]:
    """An API without tokens, and a visitor on this machine."""
    async with api(environment, server, redis) as visitor:
        await visitor.works.emit("mal:1")
        yield visitor


async def as_(
    visitor: Api, token: str, path: str, method: str = "GET", body: object = None
) -> tuple[int, str]:
    visitor.token = token
    answer = await visitor.ask(path, method, **({"json": body} if body else {}))
    return answer.status, answer.code


async def test_each_token_opens_what_its_right_is(closed: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "GUESS_SECONDS", 0.001)
    look, post = ("/v1/anime/mal:1",), ("/v1/enrich", "POST", {"title": "Nana"})
    assert await as_(closed, "", *look) == (401, "no-token")
    assert await as_(closed, "wrong", *look) == (401, "wrong-token")
    assert await as_(closed, READER, *look) == (200, "")
    assert await as_(closed, "", *post) == (401, "no-token")
    assert await as_(closed, READER, *post) == (403, "not-allowed")
    assert await as_(closed, PUBLISHER, *post) == (202, "")
    assert await as_(closed, ADMIN, *post) == (202, "")
    for scheme in (f"Basic {READER}", READER, "Bearer", f"Bearer{READER}", f"Bearer {READER}\x00"[:-1] + "x"):
        answer = await closed.ask("/v1/snapshot", headers={"Authorization": scheme})
        assert (answer.status, answer.headers["WWW-Authenticate"][:6]) == (401, "Bearer")


async def test_without_tokens_there_is_only_reading_and_only_here(here: Api) -> None:
    assert await as_(here, "", "/v1/anime/mal:1") == (200, "")
    assert await as_(here, "", "/v1/enrich", "POST", {"title": "Nana"}) == (401, "no-token")
    for header in ("Forwarded", "X-Forwarded-For", "X-Real-IP"):
        answer = await here.ask("/v1/anime/mal:1", headers={header: "127.0.0.1"})
        assert (answer.status, answer.code) == (403, "not-from-here")


@pytest.mark.parametrize(
    ("peer", "let_in"),
    {"127.0.0.1": True, "::1": True, "10.0.0.5": False, "": False, "127.0.0.1.evil.example": False}.items(),
)
async def test_only_this_machine_reads_without_a_token(peer: str, let_in: bool) -> None:
    scope = {"method": "GET", "path": "/v1/snapshot", "client": (peer, 1), "headers": []}
    entry = Entry([], [Rate(5, 1)], open_to_this_machine=True)
    refused = contextlib.nullcontext() if let_in else pytest.raises(Problem, match="not-from-here")
    with refused:
        await entry.admit(Visit(scope, None), "read")


async def test_guessing_is_slow_and_keeps_nobody_out(closed: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "GUESS_SECONDS", 2.0)
    guess = {"Authorization": "Bearer guess"}
    guesses = [asyncio.create_task(closed.ask("/v1/snapshot", headers=guess)) for _ in range(12)]
    told, _ = await asyncio.wait(guesses, return_when=asyncio.FIRST_COMPLETED)
    assert {(one.result().status, one.result().code) for one in told} == {(429, "too-often")}
    assert await as_(closed, READER, "/v1/snapshot") == (200, "")
    for one in guesses:
        one.cancel()


async def test_who_asks_too_often_is_told_when_to_ask_again(
    environment: dict[str, str], server: Server, redis: Redis
) -> None:
    given = environment | {"API_TOKENS": f"{TOKENS}, slow:read:secret-of-the-slow-one:2/60"}
    async with api(given, server, redis, "secret-of-the-slow-one") as slow:
        answers = [await slow.ask("/v1/snapshot") for _ in range(3)]
        assert [one.status for one in answers] == [200, 200, 429]
        assert 50 <= int(answers[-1].headers["Retry-After"]) <= 60
        assert await as_(slow, READER, "/v1/snapshot") == (200, "")


async def test_a_token_in_an_address_is_refused_even_if_it_is_right(closed: Api) -> None:
    closed.token = READER
    for name in ("token", "access_token", "API_KEY"):
        answer = await closed.ask(f"/v1/snapshot?{name}={READER}")
        assert (answer.status, answer.code) == (400, "token-in-address")
        assert READER.encode() not in answer.body


OTHER_SITES = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1"},
]


async def test_pages_of_other_sites_may_neither_post_nor_read(closed: Api) -> None:
    closed.token = PUBLISHER
    addresses = (("POST", "/v1/enrich"), ("GET", "/v1/snapshot"))
    for headers, (method, path) in product(OTHER_SITES, addresses):
        answer = await closed.ask(path, method, headers=headers, json={"title": "Nana"})
        assert (answer.status, answer.code) == (403, "cross-site")
        assert "Access-Control-Allow-Origin" not in answer.headers
    own = {"Sec-Fetch-Site": "same-origin", "Origin": closed.base}
    assert (await closed.ask("/v1/snapshot", headers=own)).status == 200


async def test_a_form_of_another_site_is_no_request(closed: Api) -> None:
    closed.token = PUBLISHER
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = await closed.ask(
            "/v1/enrich", "POST", data='{"title": "Nana"}', headers={"Content-Type": kind}
        )
        assert (answer.status, answer.code) == (415, "not-json")


async def test_a_foreign_name_that_is_pointed_at_us_gets_nothing(here: Api) -> None:
    answer = await here.ask("/v1/anime/mal:1", headers={"Host": "evil.example"})
    assert answer.status == 421
    assert b"mal:1" not in answer.body


async def raw(visitor: Api, *parts: bytes) -> bytes:
    """What comes back for bytes that no honest client sends."""
    host, port = visitor.base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for part in parts:
        writer.write(part)
        await writer.drain()
    found = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return found


TRICKS = [
    *(
        "/v1/../metrics",
        "/v1/anime/../../healthz",
        "/v1/anime/%2e%2e/%2e%2e/healthz",
        "/v1/anime/..%2f..%2fhealthz",
    ),
    *(
        "/v1/anime/..\\..\\healthz",
        "/v1/anime/mal:1%00",
        "/v1/anime/mal:1%0d%0aSet-Cookie:x",
        "/v1/./anime/mal:1",
    ),
    *(
        "/v1/anime/mal:" + "1" * 4000,
        "/v1/requests/" + "r" * 4000,
        "/v1/anime/record:mal:1",
        "/v1/anime/%ff%fe",
    ),
]


async def test_a_trick_in_a_path_leads_nowhere(here: Api) -> None:
    for path in TRICKS:
        asked = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        head, _, body = (await raw(here, asked.encode())).partition(b"\r\n\r\n")
        assert head.split()[1] in {b"400", b"404"}, path
        assert b"set-cookie" not in head.lower()
        assert json.loads(body)["status"] in {400, 404}


async def test_a_body_that_is_too_large_is_not_read(closed: Api) -> None:
    closed.token = PUBLISHER
    answer = await closed.ask("/v1/enrich", "POST", json={"title": "N" * 100_000})
    assert (answer.status, answer.code) == (413, "too-large")
    head = f"POST /v1/enrich HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {PUBLISHER}\r\nConnection: close\r\n"
    kind = "Content-Type: application/json\r\n"
    told = await raw(closed, f"{head}{kind}Content-Length: 99999999999\r\n\r\n".encode())
    assert told.split()[1] == b"413"
    chunk = b"1000\r\n" + b"1" * 4096 + b"\r\n"
    told = await raw(closed, f"{head}{kind}Transfer-Encoding: chunked\r\n\r\n".encode(), *[chunk] * 17)
    assert told.split()[1] == b"413"
    assert (await closed.ask("/v1/snapshot?fields=" + "x," * 10_000)).status in {400, 413}


async def test_a_body_that_does_not_end_is_given_up(closed: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "BODY_SECONDS", 0.3)
    head = f"POST /v1/enrich HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {PUBLISHER}\r\nConnection: close\r\n"
    told = await raw(closed, f"{head}Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{{".encode())
    assert told.split()[1] == b"408"


NO_REQUESTS = [
    *(
        "",
        "[]",
        "1",
        "{",
        "[" * 50_000,
        '{"title": ""}',
        '{"title": "' + "N" * 501 + '"}',
        '{"title": "\\ud800"}',
    ),
    *(
        '{"ids": {"mal": "../x"}}',
        '{"title": "N", "only": ["nobody"]}',
        '{"title": "N", "deadline_s": 1e400}',
    ),
    *(
        '{"title": "N", "reply_to": "anime:requests"}',
        '{"title": "N", "why": "refresh"}',
        '{"title": "N", "parent": "x"}',
    ),
]


async def test_a_body_that_is_no_request_is_refused_and_put_nowhere(closed: Api, redis: Redis) -> None:
    closed.token = PUBLISHER
    headers = {"Content-Type": "application/json"}
    for body in NO_REQUESTS:
        answer = await closed.ask("/v1/enrich", "POST", data=body.encode(), headers=headers)
        assert (answer.status, answer.code) == (400, "bad-request"), answer.body
    assert await redis.xlen(closed.works.names.requests) == 0


async def test_who_does_not_read_loses_the_place(
    environment: dict[str, str], server: Server, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "READ_SECONDS", 0.5)
    async with api(environment, server, redis) as here:
        here.works = Works(here.works.scripts, here.works.names)
        await here.works.fill(30)
        host, port = here.base.removeprefix("http://").split(":")
        length = len((await here.ask("/v1/snapshot?profile=full")).body)
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(b"GET /v1/snapshot?profile=full HTTP/1.1\r\nHost: localhost\r\n\r\n" * 16)
        await asyncio.sleep(1)
        taken = 0
        with contextlib.suppress(ConnectionError):
            while part := await asyncio.wait_for(reader.read(65_536), 10):
                taken += len(part)
        assert taken < 16 * length
        writer.close()
        assert len((await here.get("/v1/snapshot", profile="full"))["records"]) > 10


async def test_who_comes_when_all_places_are_taken_is_sent_away_and_places_are_given_back() -> None:
    places = Places(1)
    for _ in range(3):
        async with places.one():
            with pytest.raises(Problem, match="busy"):
                async with places.one():
                    pass


async def listen(visitor: Api) -> Answer | None:
    """Take a place among the listeners; the answer when there is none."""
    asked = {"Accept": "text/event-stream"}
    reply = await visitor.session.get(f"{visitor.base}/v1/changes?since=0", headers=asked)
    if reply.status == 200:
        await reply.content.readline()
        return None
    return Answer(reply.status, reply.headers, await reply.read())


async def test_more_listeners_than_there_are_places_are_sent_away_and_others_are_answered(here: Api) -> None:
    told = [answer for _ in range(22) if (answer := await listen(here))]
    assert [(one.status, one.code) for one in told] == [(503, "busy")] * 2
    assert (await here.ask("/v1/anime/mal:1")).status == 200


async def test_an_answer_is_never_taken_for_a_page(here: Api) -> None:
    for path in ("/v1/anime/mal:1", "/v1/anime/nope", "/v1/<script>"):
        headers = (await here.ask(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Content-Type"].startswith("application/")
