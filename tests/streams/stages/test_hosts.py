"""One site behind several hosts and ways: the next is asked where one is in trouble, and all are one voice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from cache import CacheOptions, HTTPCacheManager
from cache.limits.local import LocalLimiter
from sources.base import Query, Source
from sources.errors import Reason, SourceError
from sources.hosts import PASSED_OVER, Host, Hosts, first_to_answer
from sources.http import Answer, Http
from sources.jikan import Jikan
from sources.listing import Quarter
from streams.config.settings import Settings
from streams.config.values import SettingsError
from streams.stages.source_pool import Askers
from tests.sources.jikan.test_official import NODE
from tests.support.clock import StoppedClock
from tests.support.together import serving

WORK = {
    "mal_id": 9001,
    "url": "https://myanimelist.net/anime/9001/Harbor",
    "title": "Harbor Lights",
    "title_japanese": "港の灯",
    "type": "TV",
    "source": "Manga",
    "episodes": 12,
    "status": "Finished Airing",
    "aired": {"string": "Apr 3, 2026 to Jun 19, 2026"},
    "duration": "24 min per ep",
    "rating": "PG-13 - Teens 13 or older",
    "score": 7.5,
    "scored_by": 78,
    "season": "spring",
    "year": 2026,
    "synopsis": "A lighthouse.",
    "genres": [{"mal_id": 1, "type": "anime", "name": "Action"}],
}


class Played:
    """A host that answers with ``status``, and notes what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.asked: list[str] = []
        self.keys: list[str | None] = []

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        self.asked.append(request.path)
        self.keys.append(request.headers.get("X-Server-Key") or request.headers.get("X-MAL-CLIENT-ID"))
        if self.status != 200:
            return web.json_response(
                {"status": self.status, "type": "X", "message": "no"}, status=self.status
            )
        return web.json_response(self.body(request))

    def body(self, request: web.BaseRequest) -> object:
        return {"data": WORK if request.path.endswith("/full") else [WORK], "pagination": {}}


class PlayedOfficial(Played):
    def body(self, request: web.BaseRequest) -> object:
        return NODE if request.path.endswith("9001") else {"data": [{"node": NODE}], "paging": {}}


@asynccontextmanager
async def asking(folder: Path, *hosts: Played, official: Played | None = None) -> AsyncIterator[Source]:
    async with AsyncExitStack() as stack:
        bases = [await stack.enter_async_context(serving(host)) for host in hosts]
        values = {"JIKAN_BASE_URL": ", ".join(f"{base}/v{at}" for at, base in enumerate(bases))}
        values |= {"JIKAN_SERVER_KEY": "first-only", "JIKAN_LIMITS": "off"}
        if official:
            values["MAL_BASE_URL"] = await stack.enter_async_context(serving(official))
            values["MAL_CLIENT_ID"] = "mine"
        options = CacheOptions(storage="sqlite", sqlite_path=folder / "cache.db")
        manager = await stack.enter_async_context(HTTPCacheManager(options))
        yield Askers(Settings.load(values, env_file=None), manager, LocalLimiter()).get("jikan")


async def test_a_host_that_failed_is_asked_last_for_a_while_and_then_first_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    time, asked = StoppedClock(monkeypatch), list[str]()
    trouble = {"first"}

    class Named(Http):
        async def ask(self, method: str, url: str, **_: object) -> Answer:
            asked.append(self.source)
            if self.source in trouble:
                raise SourceError(Reason.TIMEOUT, "down", source=self.source)
            return Answer(method, url, 200, {}, b"")

    async def away(_: str, __: SourceError) -> None: ...

    named = [Named(name, ClientSession, lambda _: None) for name in ("first", "second")]
    hosts = Hosts([Host(f"http://{http.source}", http.source, http) for http in named], away)
    for seconds, order in ((0, ["first", "second"]), (PASSED_OVER - 1, ["second"]), (1, ["first"])):
        time.now += seconds
        await hosts.ask("GET", "http://first/x")
        assert asked == order
        asked.clear()
        trouble.clear()


async def test_where_the_first_is_down_the_second_answers_and_the_answer_is_kept_for_both(
    tmp_path: Path,
) -> None:
    first, second = Played(), Played()
    first.status = 504
    async with asking(tmp_path, first, second) as jikan:
        record = await jikan.core("9001")
        first.status = 200
        again = await jikan.core("9001")
    assert (first.asked, second.asked) == (["/v0/anime/9001/full"], ["/v1/anime/9001/full"])
    assert str(record.raw["fetched_via"]).startswith("127.0.0.1:")
    assert again.title == "Harbor Lights"


@pytest.mark.parametrize("status", [429, 403, 500, 504])
async def test_a_host_in_trouble_is_left_alone_and_the_others_go_on(tmp_path: Path, status: int) -> None:
    first, second = Played(), Played()
    first.status = status
    async with asking(tmp_path, first, second) as jikan:
        for title in ("harbor", "lights", "both"):
            assert [found.id for found in await jikan.search(Query(title))] == ["9001"]
    assert (len(first.asked), len(second.asked)) == (1, 3)


async def test_an_answer_is_an_answer_and_nobody_else_is_asked(tmp_path: Path) -> None:
    first, second = Played(), Played()
    first.status = 404
    async with asking(tmp_path, first, second) as jikan:
        with pytest.raises(SourceError) as error:
            await jikan.core("9001")
    assert error.value.reason == Reason.NOT_FOUND
    assert second.asked == []


async def test_the_key_goes_to_the_first_host_only(tmp_path: Path) -> None:
    first, second, official = Played(), Played(), PlayedOfficial()
    first.status = second.status = 500
    async with asking(tmp_path, first, second, official=official) as jikan:
        await jikan.core("9001")
    assert (first.keys, second.keys, official.keys) == (["first-only"], [None], ["mine"])


async def test_without_any_jikan_host_the_sites_own_api_gives_most_fields_of_the_same_voice(
    tmp_path: Path,
) -> None:
    first, official = Played(), PlayedOfficial()
    async with asking(tmp_path, first, official=official) as jikan:
        whole = await jikan.core("9001")
    first.status = 503
    async with asking(tmp_path / "new", first, official=official) as jikan:
        [found] = await jikan.search(Query("harbor lights"))
        record = await jikan.fetch(found.id)
    assert (record.source, record.raw["fetched_via"]) == ("jikan", "api.myanimelist.net")
    given = {name for name, value in whole.model_dump(exclude={"raw"}).items() if value}
    also = {name for name, value in record.model_dump(exclude={"raw"}).items() if value}
    assert len(given & also) >= 0.7 * len(given)
    assert set(record.incomplete) == {"episodes", "characters", "staff"}


class PlayedSeason(PlayedOfficial):
    """Two pages of a season."""

    def body(self, request: web.BaseRequest) -> object:
        last = request.query["offset"] != "0"
        node = {**NODE, "id": 9002 if last else 9001, "updated_at": "2026-11-20T03:04:05+00:00"}
        return {"data": [{"node": node}], "paging": {} if last else {"next": "there"}}


async def test_with_a_client_id_a_season_is_read_whole_from_the_site_itself_and_else_page_by_page(
    tmp_path: Path,
) -> None:
    first, official = Played(), PlayedSeason()
    listing = next(one for one in Jikan.lists if one.kind == "season")
    season = Quarter(2027, "SPRING")
    async with asking(tmp_path, first, official=official) as jikan:
        page = await jikan.read_list(listing, 1, season)
        assert [(row.id, row.changed_at) for row in page.rows] == [
            ("9001", 1795143845.0),
            ("9002", 1795143845.0),
        ]
        assert (page.more, first.asked) == (False, [])
        official.status = 503
        summer = Quarter(2027, "SUMMER")
        assert [row.id for row in (await jikan.read_list(listing, 1, summer)).rows] == ["9001"]
        asked = len(official.asked)
        official.status = 200
        await jikan.read_list(listing, 2, summer)
    assert len(official.asked) == asked
    assert first.asked == ["/v0/seasons/2027/summer"] * 2


async def test_with_all_in_trouble_the_one_that_opens_first_is_told(tmp_path: Path) -> None:
    first, second = Played(), Played()
    first.status, second.status = 403, 504
    async with asking(tmp_path, first, second) as jikan:
        with pytest.raises(SourceError) as error:
            await jikan.core("9001")
    assert error.value.reason == Reason.UPSTREAM_ERROR


async def test_a_title_that_the_api_does_not_take_is_not_sent_there(tmp_path: Path) -> None:
    first, official = Played(), PlayedOfficial()
    first.status = 504
    async with asking(tmp_path, first, official=official) as jikan:
        with pytest.raises(SourceError):
            await jikan.search(Query("K"))
    assert official.asked == []


async def test_nothing_to_ask_is_no_silence() -> None:
    with pytest.raises(ValueError, match="nobody"):
        await first_to_answer([])


def test_each_host_and_way_has_limits_of_its_own() -> None:
    values = {"JIKAN_BASE_URL": "http://one:1/v4,http://me:secret@two/v4", "MAL_CLIENT_ID": "mine"}
    settings = Settings.load(values, env_file=None)
    assert settings.services("jikan") == ("jikan", "jikan@two", "jikan@api.myanimelist.net")
    assert settings.services("kitsu") == ("kitsu",)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"JIKAN_BASE_URL": "http://one/v4,nonsense"}, "JIKAN_BASE_URL: 'nonsense' is no address"),
        ({"KITSU_BASE_URL": "http://one,http://two"}, "KITSU_BASE_URL: kitsu is asked at one address"),
        ({"MAL_CLIENTID": "x"}, "MAL_CLIENT_ID"),
        ({"MAL_CLIENT_ID": "x", "MAL_BASE_URL": "ftp://one"}, "MAL_BASE_URL"),
    ],
)
def test_what_cannot_be_asked_is_told_at_the_start(values: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told.replace(".", r"\.")):
        Settings.load(values, env_file=None)


async def test_a_host_whose_name_ends_like_another_is_not_taken_for_it() -> None:
    async def nobody(_name: str, _error: SourceError) -> None:
        """Nobody is told."""

    made = [
        Host(f"http://{name}/v4", name, Http("jikan", ClientSession, Jikan.refuse))
        for name in ("my.org", "org")
    ]
    hosts = Hosts(made, nobody)
    reply = Answer("GET", "http://org/v4", 200, {}, b"", via="org")
    assert hosts._giver(reply) is made[1].http


async def test_a_living_host_is_filled_up_by_the_sites_own_api_in_one_request_and_stays_one_voice(
    tmp_path: Path,
) -> None:
    host, official = Played(), PlayedOfficial()
    async with asking(tmp_path, host, official=official) as jikan:
        record = await jikan.fetch("9001")
    assert (record.source, record.raw["fetched_via"]) == ("jikan", "api + api.myanimelist.net")
    assert len(official.asked) == 1
    assert not {path.rpartition("/")[2] for path in host.asked} & {"statistics", "videos", "pictures"}
    assert (record.type, record.start_date) == ("TV", "2026-04-03")  # both say something: the first stays
    assert record.popularity["watching"] == 10
    assert (record.broadcast and record.broadcast.weekday, len(record.trailers)) == ("FRIDAY", 1)


async def test_where_the_sites_own_api_is_in_trouble_the_host_is_asked_for_everything(tmp_path: Path) -> None:
    host, official = Played(), PlayedOfficial()
    official.status = 500
    async with asking(tmp_path, host, official=official) as jikan:
        record = await jikan.fetch("9001")
    assert record.raw.get("fetched_via") is None
    assert {path.rpartition("/")[2] for path in host.asked} >= {"statistics", "videos", "pictures"}
