"""Remembered work: believed while every answer that it was made of lies in the store as it was read, and not otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from benchmarks.support.origin import Origin
from cache import HTTPCacheManager, ServiceRules, cached_result, clock, refreshing
from cache.http.keeping import kept
from cache.reads import Part, Reads, holds_until, noting
from cache.results import remembered
from cache.results.remembered import Memory, Recalled, key_of
from cache.results.source_version import files_version
from cache.store.codec import seal, unseal

pytest_plugins = ["tests.support.cache_fixtures"]

KEY = key_of("svc", "finding", "code 1", "works")
NOTE = {"outcome": "ok"}


class Work:
    """Something made of two answers of an origin, and a page that is kept as a result."""

    def __init__(self, manager: HTTPCacheManager, origin: Origin, session: aiohttp.ClientSession) -> None:
        self.memory, self.origin, self.session = Memory(manager), origin, session
        self.loads = 0

        @cached_result(1000, manager=manager)
        async def page(number: int) -> str:
            self.loads += 1
            return f"page {self.loads}"

        self.page = page
        origin.json("/a", {"a": 1})
        origin.json("/b", {"b": 1})

    async def read(self, path: str) -> bytes:
        async with self.session.get(self.origin.base + path) as response:
            return await response.read()

    async def make(self) -> bytes:
        return await self.read("/a") + await self.read("/b") + (await self.page(1)).encode()

    async def remember(self) -> bool:
        """Fetched once, then read again, noted and remembered."""
        await self.make()
        with noting() as reads:
            body = await self.make()
        return await self.memory.remember(KEY, NOTE, body, reads)

    async def recall(self) -> Recalled | None:
        return await self.memory.recall(KEY)


@pytest.fixture
async def work(manager: HTTPCacheManager, origin: Origin) -> AsyncIterator[Work]:
    session = manager.get_aiohttp_session("svc", ServiceRules("svc", ttl=1000, jitter=0))
    yield Work(manager, origin, session)
    await session.close()


async def test_what_was_made_is_recalled_while_its_parts_lie_there(work: Work) -> None:
    assert await work.recall() is None
    assert await work.remember()
    found = await work.recall()
    assert found is not None
    assert (found.body, found.note) == (await work.make(), NOTE)
    assert clock.now() - found.oldest < 60


async def test_whoever_recalls_has_read_the_parts(work: Work) -> None:
    await work.remember()
    with noting() as reads:
        await work.recall()
    assert len(reads.parts) == 3


async def test_what_was_fetched_just_now_is_not_remembered(work: Work) -> None:
    with noting() as reads:
        body = await work.make()
    assert not await work.memory.remember(KEY, NOTE, body, reads)


@pytest.mark.parametrize("path", ["/a", "/b"])
async def test_another_answer_in_the_place_of_a_part_ends_it(work: Work, path: str) -> None:
    await work.remember()
    with refreshing():
        await work.read(path)
    assert await work.recall() is None
    assert await work.remember()
    assert await work.recall() is not None


async def test_another_page_in_the_place_of_a_part_ends_it(work: Work) -> None:
    await work.remember()
    with refreshing():
        await work.page(1)
    assert await work.recall() is None


async def test_a_part_that_its_reader_refuses_ends_it(work: Work) -> None:
    await work.remember()
    async with work.session.get(work.origin.base + "/a") as response:
        note = kept(response)
    assert note is not None
    await note.forget()
    assert await work.recall() is None


async def test_work_that_has_shortened_the_life_of_a_part_is_not_remembered(work: Work) -> None:
    await work.make()
    with noting() as reads:
        async with work.session.get(work.origin.base + "/a") as response:
            note = kept(response)
        assert note is not None
        await note.shorten()
    assert not await work.memory.remember(KEY, NOTE, b"x", reads)


async def test_it_ends_when_the_first_part_does(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    await work.remember()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 1001)
    assert await work.recall() is None


async def test_it_ends_when_code_that_looked_at_the_clock_would_say_something_else(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    await work.make()
    with noting() as reads:
        body = await work.make()
        holds_until(clock.now() + 100)
    assert await work.memory.remember(KEY, NOTE, body, reads)
    assert await work.recall() is not None
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 101)
    assert await work.recall() is None


async def test_who_wants_the_answers_of_today_recalls_nothing(work: Work) -> None:
    await work.remember()
    with refreshing():
        assert await work.recall() is None


async def test_it_can_be_switched_off(work: Work, manager: HTTPCacheManager) -> None:
    await work.remember()
    off = Memory(manager, enabled=False)
    assert await off.recall(KEY) is None
    with noting() as reads:
        body = await work.make()
    assert not await off.remember(KEY, NOTE, body, reads)


async def stored(manager: HTTPCacheManager) -> bytes:
    (_, blob), *_ = await manager.storage().get(KEY)
    return blob


async def put(manager: HTTPCacheManager, key: str, blob: bytes) -> None:
    await manager.storage().put(key, (b"the one memory..", blob), 1000)


async def test_no_wrong_byte_is_believed(work: Work, manager: HTTPCacheManager) -> None:
    await work.remember()
    good = await stored(manager)
    for place in range(0, len(good), 7):
        await put(manager, KEY, good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert await work.recall() is None, place
    for wrong in (b"", b"x", good[:-1], good + b"x", seal([1e12], b"", 0.0), seal("x", b"", 0.0)):
        await put(manager, KEY, wrong)
        assert await work.recall() is None
    await put(manager, KEY, good)
    assert await work.recall() is not None


async def test_another_body_with_a_good_checksum_is_not_believed(
    work: Work, manager: HTTPCacheManager
) -> None:
    await work.remember()
    head, body = unseal(await stored(manager))
    await put(manager, KEY, seal(head, body + b"!", clock.now()))
    assert await work.recall() is None
    await put(manager, KEY, seal([head[0] - 1, *head[1:3], {"outcome": "no"}, head[4]], body, clock.now()))
    assert await work.recall() is None


async def test_what_was_made_for_another_key_is_not_believed(work: Work, manager: HTTPCacheManager) -> None:
    await work.remember()
    other = key_of("svc", "finding", "code 1", "another")
    await put(manager, other, await stored(manager))
    assert await work.memory.recall(other) is None


def test_inputs_that_read_alike_together_have_different_keys() -> None:
    assert key_of("s", "k", "a", "bc") != key_of("s", "k", "ab", "c")
    assert key_of("s", "k", "a", "") != key_of("s", "k", "a")


async def test_too_many_parts_are_not_remembered(work: Work) -> None:
    await work.make()
    with noting() as reads:
        body = await work.make()
    for number in range(201):
        reads.add(Part(str(number), b"x"), clock.now() + 10, clock.now())
    assert not await work.memory.remember(KEY, NOTE, body, reads)


@pytest.mark.parametrize(
    ("parts", "size", "lasting", "kept"),
    [
        *((200, 10, 90.0, True), (201, 10, 90.0, False)),
        *((1, 10, 90.0, True), (0, 10, 90.0, False)),
        *((1, 64, 90.0, True), (1, 65, 90.0, False)),
        *((1, 10, 1.5, True), (1, 10, 0.9, False)),
    ],
)
async def test_what_is_too_large_or_has_no_parts_or_no_time_is_not_remembered(
    work: Work, monkeypatch: pytest.MonkeyPatch, parts: int, size: int, lasting: float, kept: bool
) -> None:
    monkeypatch.setattr(remembered, "LARGEST", 64)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    reads = Reads(until=now + lasting)
    for number in range(parts):
        reads.add(Part(str(number), b"x"), now + lasting, now)
    assert await work.memory.remember(KEY, NOTE, b"x" * size, reads) is kept


async def test_what_is_remembered_goes_after_a_month_at_the_latest(
    work: Work, manager: HTTPCacheManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    lasted: list[float] = []

    async def put(_key: str, _variant: object, lasting: float) -> bool:
        lasted.append(lasting)
        return True

    monkeypatch.setattr(manager.storage(), "put", put)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    for days in (3, 30, 31):
        reads = Reads()
        reads.add(Part("a", b"x"), now + days * 86_400, now)
        await work.memory.remember(KEY, NOTE, b"x", reads)
    assert lasted == pytest.approx([3 * 86_400, 30 * 86_400, 30 * 86_400])


def folder(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({"a_py": "1", "sub__b_toml": "2"}, False),
        ({"a_py": "1", "sub__b_toml": "2", "a_pyc": "x"}, False),
        ({"a_py": "1", "sub__b_toml": "3"}, True),
        ({"a_py": "1", "sub__c_toml": "2"}, True),
        ({"a_py": "1"}, True),
    ],
)
def test_code_is_known_by_the_text_of_its_files(tmp_path: Path, other: dict[str, str], differs: bool) -> None:
    one = folder(tmp_path / "one" / "code", a_py="1", sub__b_toml="2")
    two = folder(tmp_path / "two" / "code", **other)
    assert (files_version(one) != files_version(two)) is differs
