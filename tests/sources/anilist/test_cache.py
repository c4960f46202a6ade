"""AniList asks everything by POST: what of it the cache keeps, and what never."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from cache.manager import HTTPCacheManager
from cache.options import CacheOptions
from sources.anilist import Anilist
from sources.base import SourceContext
from sources.demo.world import FaultKind, World
from sources.errors import SourceError
from sources.http import Http
from tests.support.source_bench import made_up


@asynccontextmanager
async def cached(folder: Path) -> AsyncIterator[tuple[Anilist, World]]:
    manager = HTTPCacheManager(CacheOptions(storage="sqlite", sqlite_path=folder / "cache.db"))
    async with World() as world:
        base = world.sites["anilist"].base
        async with manager.get_aiohttp_session("anilist", Anilist.rules(base)) as session:
            yield Anilist(SourceContext(base, Http("anilist", lambda: session, Anilist.refuse))), world
    await manager.aclose()


async def test_the_same_query_is_asked_once_and_another_one_anew(tmp_path: Path) -> None:
    async with cached(tmp_path) as (source, world):
        titles = [(await source.core(number)).title for number in ("5680", "5680", "7791", "5680")]
        assert titles == ["K-ON!", "K-ON!", "K-ON!!", "K-ON!"]
        assert len(world.asked("anilist")) == 2


async def test_that_there_is_no_such_entry_is_remembered(tmp_path: Path) -> None:
    async with cached(tmp_path) as (source, world):
        assert [await source.lookup({"mal": "404404"}) for _ in range(3)] == [None, None, None]
        assert len(world.asked("anilist")) == 1


@pytest.mark.parametrize("kind", ["forbidden", "error", "challenge", "garbage", "rate_limited"])
async def test_no_failure_is_ever_kept(tmp_path: Path, kind: FaultKind) -> None:
    async with cached(tmp_path) as (source, world):
        world.fault("anilist", kind)
        with pytest.raises(SourceError):
            await source.core("1")
        world.fault("anilist", None)
        assert (await source.core("1")).title == "Cowboy Bebop"


async def test_an_answer_of_which_a_part_failed_is_read_and_not_kept(tmp_path: Path) -> None:
    """In the shape of GraphQL's partial answers: data with a null, and an error that names its path (a guess of ours)."""
    show = {"id": 7, "title": {"romaji": "Minato"}, "characters": None, "genres": ["Drama"]}
    error = {"message": "Internal Server Error", "status": 500, "path": ["Media", "characters"]}
    asked = 0

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        whole = {"edges": [{"role": "MAIN", "node": {"id": 1, "name": {"full": "Rei"}}}]}
        if asked == 1:
            return web.json_response({"data": {"Media": show}, "errors": [error]})
        return web.json_response({"data": {"Media": {**show, "characters": whole}}})

    async with made_up(Anilist, handler) as bare:
        manager = HTTPCacheManager(CacheOptions(storage="sqlite", sqlite_path=tmp_path / "cache.db"))
        base = bare.context.base_url
        async with manager.get_aiohttp_session("anilist", Anilist.rules(base)) as session:
            source = Anilist(SourceContext(base, Http("anilist", lambda: session, Anilist.refuse)))
            partial, whole, again = [await source.core("7") for _ in range(3)]
        await manager.aclose()
    assert (partial.title, partial.genres, partial.characters) == ("Minato", ["Drama"], [])
    assert partial.incomplete == {"characters": "upstream_error"}
    assert (len(whole.characters), whole.incomplete, asked) == (1, {}, 2)
    assert again == whole
