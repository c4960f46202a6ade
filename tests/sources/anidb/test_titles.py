"""AniDB's titles: found in every spelling, and the dump asked for once a day by all processes together."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cache.rules import DAY, Reply
from sources.anidb import title_index
from sources.anidb.daily import DailyTitles
from sources.anidb.dump import Listed, read_dump
from sources.demo.world import World
from sources.errors import Reason, SourceError
from sources.record import Title
from tests.support.clock import StoppedClock

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "sources" / "demo" / "anidb" / "titles.xml"
RECORDED = (
    ROOT.parent / "shared" / "upstream" / "recordings" / "anidb" / "titles" / "anime-titles.2024-04-17.xml.gz"
)
FAMOUS = {
    9541: ("Shingeki no Kyojin", "Attack on Titan"),
    6107: ("Hagane no Renkinjutsushi: Fullmetal Alchemist", "Fullmetal Alchemist: Brotherhood"),
    979: ("Hagane no Renkinjutsushi", "Fullmetal Alchemist"),
    1218: ("Howl no Ugoku Shiro", "Howl`s Moving Castle"),
    13871: ("Tensei Shitara Slime Datta Ken", "That Time I Got Reincarnated as a Slime"),
    11829: ("Kimi no Na wa.", "Your Name."),
    4: ("Seikai no Monshou", "Crest of the Stars"),
}
"""Ids and titles as AniDB has them, for where its whole list is not."""
URL = "https://anidb.test/titles.xml.gz"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    path = tmp_path / "titles.sqlite3"
    title_index.build(path, read_dump(DEMO.read_bytes()))
    return path


@pytest.fixture(scope="module")
def many() -> list[Listed]:
    """All titles of AniDB where they were recorded; a few of them, among those of the demo, elsewhere."""
    if RECORDED.is_file():
        return list(read_dump(RECORDED.read_bytes()))
    famous = [
        Listed(aid, [Title(text=main, kind="main"), Title(text=english, kind="official", language="en")])
        for aid, (main, english) in FAMOUS.items()
    ]
    return [*famous, *read_dump(DEMO.read_bytes())]


@pytest.fixture(scope="module")
def index_of_many(tmp_path_factory: pytest.TempPathFactory, many: list[Listed]) -> Path:
    path = tmp_path_factory.mktemp("titles") / "titles.sqlite3"
    assert title_index.build(path, many) == (15_323 if RECORDED.is_file() else len(many))
    return path


def found(path: Path, *titles: str, limit: int = 5) -> list[int]:
    return [hit.aid for hit in title_index.search(path, titles, limit)]


@pytest.mark.parametrize("asked", ["million lives", "tanya the evil", "bocchi rock", "Bocchi"])
def test_a_title_is_found_by_words_that_are_all_in_it(tmp_path: Path, asked: str) -> None:
    texts = ["I'm Standing on a Million Lives", "Saga of Tanya the Evil", "Bocchi the Rock!", "Million Doll"]
    listed = [
        Listed(aid, [Title(text=text, kind="main")])
        for aid, text in enumerate([*texts, "Bocchan", "Vile"], 1)
    ]
    title_index.build(tmp_path / "few.sqlite3", listed)
    best = found(tmp_path / "few.sqlite3", asked)[0]
    assert set(asked.lower().split()) <= set(texts[best - 1].lower().rstrip("!").split())


class Dump:
    """A played dump: counts who asks, and answers or fails as told."""

    def __init__(self, body: bytes | None = None) -> None:
        self.body = body if body is not None else gzip.compress(DEMO.read_bytes())
        self.asked: list[dict[str, str]] = []
        self.error: SourceError | None = None
        self.status = 200
        self.etag = '"1"'

    async def __call__(self, headers: Mapping[str, str]) -> Reply:
        self.asked.append(dict(headers))
        await asyncio.sleep(0.01)
        if self.error:
            raise self.error
        return Reply("GET", URL, self.status, {"etag": self.etag}, self.body if self.status == 200 else b"")


async def test_one_spoilt_character_does_not_cost_all_titles_of_the_day(tmp_path: Path) -> None:
    spoilt = DEMO.read_bytes().replace(b"One Piece", b"One Piece\x02 &nbsp;", 1)
    titles = DailyTitles(tmp_path, URL)
    assert found(await titles.index(Dump(spoilt)), "One Piece") == [69]


@pytest.mark.parametrize(
    ("asked", "aid"),
    [
        ("One Piece", 69),
        ("ワンピース", 69),
        ("海贼王", 69),
        ("one piece", 69),
        ("Ｏｎｅ　Ｐｉｅｃｅ", 69),
        ("Frieren: Beyond Journey's End", 17617),
        ("Frieren Beyond Journeys End", 17617),
        ("Sousou no Freiren", 17617),
        ("Cowbow Bebop", 23),
        ("魔道祖師", 13810),
        ("Fruits Basket 1st Season", 14488),
        ("OP", 69),
    ],
)
def test_a_title_is_found_in_any_language_and_spelling(index: Path, asked: str, aid: int) -> None:
    assert found(index, asked)[0] == aid


def test_signs_tell_two_seasons_apart(index: Path) -> None:
    assert found(index, "K-On!")[:2] == [6257, 7307]
    assert found(index, "K-On!!")[:2] == [7307, 6257]


def test_a_common_title_finds_all_who_bear_it(index: Path) -> None:
    assert set(found(index, "Fruits Basket")[:2]) == {33, 14488}


def test_nothing_like_it_finds_nothing(index: Path) -> None:
    assert found(index, "Zzyzx Qwrtp") == []
    assert found(index, "") == []
    assert found(index, 'x" OR "y', "*", "%") == []


def test_another_known_title_helps(index: Path) -> None:
    assert found(index, "Zzyzx Qwrtp", "Shelter") == [12482]


def test_a_title_of_signs_alone_keeps_its_signs() -> None:
    assert title_index.title_key("!!!") == "!!!"
    assert title_index.title_key("Pokémon: ポケモン") == "pokemon ポケモン"


def test_misspelt_titles_are_found_among_all_of_them(index_of_many: Path) -> None:
    asked = {
        "Shingeki no Kyojn": 9541,
        "Atack on Titan": 9541,
        "Fullmetal Alchmist Brotherhod": 6107,
        "Howls Moving Castle": 1218,
        "that time i got reincarnated as a slime": 13871,
        "kimi no na wa": 11829,
    }
    assert {title: found(index_of_many, title)[0] for title in asked} == asked


def test_every_main_title_finds_its_own_anime(index_of_many: Path, many: list[Listed]) -> None:
    listed = [item for item in many if item.aid % 200 == 0] if len(many) > 1000 else many
    missed = [item.aid for item in listed if item.aid not in found(index_of_many, _main(item), limit=3)]
    assert missed == []


def _main(item: Listed) -> str:
    return next(title.text for title in item.titles if title.kind == "main")


async def test_many_askers_at_once_ask_the_site_once(tmp_path: Path) -> None:
    dump, titles = Dump(), DailyTitles(tmp_path, URL)
    paths = await asyncio.gather(*(titles.index(dump) for _ in range(20)))
    assert len(dump.asked) == 1
    assert found(paths[0], "Shelter") == [12482]


async def test_the_dump_is_asked_for_again_after_a_day_and_only_if_it_changed(
    tmp_path: Path, clock: StoppedClock
) -> None:
    dump = Dump()
    titles = DailyTitles(tmp_path, URL)
    await titles.index(dump)
    clock.now += DAY - 1
    await titles.index(dump)
    assert dump.asked == [{}]
    clock.now += 1
    dump.status = 304
    path = await titles.index(dump)
    assert dump.asked[1:] == [{"If-None-Match": '"1"'}]
    assert found(path, "Shelter") == [12482]
    clock.now += DAY
    await titles.index(dump)
    assert dump.asked[2:] == [{"If-None-Match": '"1"'}]


@pytest.mark.parametrize(
    ("reason", "pause"),
    [(Reason.UNREACHABLE, 600), (Reason.BANNED, DAY), (Reason.FORBIDDEN, DAY), (Reason.NOT_FOUND, DAY)],
)
async def test_after_a_failure_nobody_asks_again_for_a_while(
    tmp_path: Path, clock: StoppedClock, reason: Reason, pause: float
) -> None:
    dump = Dump()
    dump.error = SourceError(reason, "no")
    titles = DailyTitles(tmp_path, URL)
    for _ in range(3):
        with pytest.raises(SourceError) as caught:
            await titles.index(dump)
        assert caught.value.reason is reason
        assert caught.value.retry_after == pytest.approx(pause)
    assert len(dump.asked) == 1
    clock.now += pause
    dump.error = None
    assert (await titles.index(dump)).exists()


async def test_failures_in_a_row_make_the_pause_longer(tmp_path: Path, clock: StoppedClock) -> None:
    dump = Dump()
    dump.error = SourceError(Reason.TIMEOUT, "slow")
    titles = DailyTitles(tmp_path, URL)
    pauses = []
    for _ in range(9):
        with pytest.raises(SourceError) as caught:
            await titles.index(dump)
        assert caught.value.retry_after
        pauses.append(caught.value.retry_after)
        clock.now += caught.value.retry_after
    assert pauses[:3] == [600, 1200, 2400]
    assert pauses[-1] == DAY


@pytest.mark.parametrize(
    "body", [b"", b"<html>no</html>", b"<error>Banned</error>", b"\x1f\x8bcut", b"<animetitles/>"]
)
async def test_a_broken_dump_never_replaces_a_good_index(
    tmp_path: Path, clock: StoppedClock, body: bytes
) -> None:
    dump = Dump()
    titles = DailyTitles(tmp_path, URL)
    await titles.index(dump)
    clock.now += DAY
    dump.body = body
    path = await titles.index(dump)
    assert found(path, "Shelter") == [12482]
    assert not list(tmp_path.glob("*.tmp"))


async def test_who_gives_up_waiting_does_not_break_off_the_download(tmp_path: Path) -> None:
    dump, titles = Dump(), DailyTitles(tmp_path, URL)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(titles.index(dump), 0.001)
    assert found(await titles.index(dump), "Shelter") == [12482]
    assert len(dump.asked) == 1


async def test_the_wait_that_a_site_asks_for_is_kept(tmp_path: Path, clock: StoppedClock) -> None:
    dump = Dump()
    dump.error = SourceError(Reason.RATE_LIMITED, "wait", retry_after=5000)
    with pytest.raises(SourceError) as caught:
        await DailyTitles(tmp_path, URL).index(dump)
    assert caught.value.retry_after == 5000


async def test_another_address_has_an_index_of_its_own(tmp_path: Path) -> None:
    one, other = (
        Dump(),
        Dump(b'<animetitles><anime aid="9"><title type="main">Solo</title></anime></animetitles>'),
    )
    await DailyTitles(tmp_path, URL).index(one)
    path = await DailyTitles(tmp_path, URL + "?2").index(other)
    assert found(path, "Solo") == [9]
    assert len(one.asked) == len(other.asked) == 1


async def test_a_damaged_state_file_or_index_heals(tmp_path: Path) -> None:
    dump = Dump()
    titles = DailyTitles(tmp_path, URL)
    path = await titles.index(dump)
    path.with_suffix(".json").write_text("{")
    await titles.index(dump)
    titles.discard()
    assert found(await titles.index(dump), "Shelter") == [12482]


async def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SourceError) as caught:
        await DailyTitles(blocked, URL).index(Dump())
    assert caught.value.reason is Reason.UNAVAILABLE
    assert caught.value.next_step


PROCESS = """
import asyncio, json, sys
from pathlib import Path
import aiohttp
from sources.anidb import AniDB
from sources.base import Query, SourceContext
from sources.http import Http

async def main(base, folder):
    async with aiohttp.ClientSession() as session:
        http = Http("anidb", lambda: session, AniDB.refuse)
        values = {"CLIENT": "demo", "CLIENTVER": "1", "TITLES_URL": base + "/titles_url"}
        anidb = AniDB(SourceContext(base, http, values, data_dir=Path(folder)))
        hits = await asyncio.gather(*(anidb.search(Query(t)) for t in ["Shelter", "K-On!", "One Piece"]))
        print(json.dumps([found[0].id for found in hits]))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_processes_that_share_a_folder_ask_once_together(tmp_path: Path) -> None:
    async with World() as world:
        base = world.sites["anidb"].base
        running = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", PROCESS, base, str(tmp_path), stdout=asyncio.subprocess.PIPE, cwd=ROOT
            )
            for _ in range(3)
        ]
        outputs = [json.loads((await process.communicate())[0]) for process in running]
        assert outputs == [["12482", "6257", "69"]] * 3
        assert [asked.path for asked in world.asked("anidb")] == ["/titles_url"]
        assert "anime-enrich" in world.asked("anidb")[0].headers["User-Agent"]
