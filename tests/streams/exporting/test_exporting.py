"""Exports: what each form says, that foreign programs can read it, and that it is there whole or not at all."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from redis.asyncio import Redis

from benchmarks.support.stored import store
from sources.parsing.links import ids_from_url
from sources.record import Synopsis
from streams.broker.fields import RecordField
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.cli.commands.bridges.export import run
from streams.cli.exit_codes import Stop
from streams.config.offline_database_file import read
from streams.contract.record import Conflict, EnrichedRecord
from streams.exporting.catalogue import Catalogue
from streams.exporting.forms import FORMS, Exported, export
from streams.exporting.ids import file_name
from streams.exporting.nfo import documents
from streams.exporting.offline_database import entry
from streams.exporting.texts import without_texts
from streams.exporting.whole import STDOUT, whole_file, whole_folder
from tests.streams.merging.golden_world import golden
from tests.support.command_line import Program
from tests.support.partials import episode, merged, partial, title

SAMPLE = Path(__file__).parents[4] / "shared" / "upstream" / "offline-database-sample.jsonl"
REQUIRED = {
    *("sources", "title", "type", "episodes", "status", "animeSeason", "picture", "thumbnail", "synonyms"),
    *("studios", "producers", "relatedAnime", "tags"),
}
"""What the data set's own schema of January 2026 asks of every entry."""
HOSTILE = "</title><plot>&\x00\x1b\ufffe]]> ../../etc"
NAMES = ("bebop", "bebop-movie", "shelter")

Exporting = Callable[..., Awaitable[Exported]]


def hostile() -> EnrichedRecord:
    return merged(
        partial(
            "anime_planet",
            source_id="..",
            ids={"anime_planet": "../../x"},
            title=HOSTILE,
            titles=[title(HOSTILE + "2")],
            episodes=[episode(1, titles=[title(HOSTILE, "en")], synopsis="A text")],
        )
    ).model_copy(update={"anime_id": "anime_planet:../../x"})


@pytest.fixture
async def exporting(redis: Redis, prefix: str) -> Exporting:
    """Exports of four known works, one of them hostile."""
    names = Topology(prefix)
    for record in (*map(golden, NAMES), hostile()):
        await store(redis, names, record)

    async def work(form: str, path: Path, *, texts: bool = True) -> Exported:
        return await export(Records(Scripts(redis), names), FORMS[form], path, texts=texts)

    return work


async def test_json_lines_are_the_records_by_their_ids(exporting: Exporting, tmp_path: Path) -> None:
    done = await exporting("jsonl", tmp_path / "out.jsonl")
    found = [EnrichedRecord.model_validate_json(line) for line in (tmp_path / "out.jsonl").open("rb")]
    assert done == Exported(4, [])
    assert [one.anime_id for one in found] == ["anime_planet:../../x", "mal:1", "mal:34240", "mal:5"]
    assert found[1] == golden("bebop")


async def test_sqlite_joins_works_with_their_ids_titles_and_labels(
    exporting: Exporting, tmp_path: Path
) -> None:
    await exporting("sqlite", tmp_path / "out.sqlite")
    with closing(sqlite3.connect(tmp_path / "out.sqlite")) as file:

        def ask(words: str) -> list[Any]:
            return file.execute(words).fetchall()

        assert ask(
            "SELECT title, year FROM works JOIN ids USING (anime_id) WHERE site = 'kitsu' AND id = '1'"
        ) == [("Cowboy Bebop", 1998)]
        assert ask("SELECT DISTINCT anime_id FROM titles WHERE text = 'カウボーイビバップ'") == [("mal:1",)]
        assert ("spoiler", "Tragedy") in ask("SELECT kind, name FROM labels WHERE anime_id = 'mal:1'")
        assert ask("SELECT name FROM labels WHERE kind = 'studio' AND anime_id = 'mal:1'") == [("Sunrise",)]
        (line,) = ask("SELECT record FROM works WHERE anime_id = 'mal:1'")
        assert EnrichedRecord.model_validate_json(line[0]) == golden("bebop")
        assert ask("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("name", ["anime.json", "anime.jsonl"])
async def test_our_own_reader_of_the_offline_database_finds_the_works_again(
    exporting: Exporting, tmp_path: Path, name: str
) -> None:
    await exporting("offline-database", tmp_path / name)
    database = read(tmp_path / name)
    assert len(database) == 4
    (found,) = database.witnesses("カウボーイビバップ")
    ids = golden("bebop").ids
    assert found.ids == {s: ids[s] for s in ("anidb", "anilist", "anime_planet", "anisearch", "kitsu", "mal")}
    assert (found.type, found.year, found.episode_count) == ("TV", 1998, 26)


def test_an_entry_has_what_the_data_set_says_that_it_must_have() -> None:
    found = entry(golden("bebop"))
    assert found.keys() - {"duration"} == REQUIRED
    assert found["animeSeason"] == {"season": "SPRING", "year": 1998}
    assert (found["status"], found["duration"]) == ("FINISHED", {"value": 1440, "unit": "SECONDS"})
    assert "https://anidb.net/anime/219" in found["relatedAnime"]
    assert found["title"] not in found["synonyms"]
    assert found["tags"] == sorted({tag.lower() for tag in found["tags"]})
    assert entry(hostile())["picture"].endswith("/no_pic.png")
    assert all(ids_from_url(url) for url in found["sources"])


@pytest.mark.skipif(not SAMPLE.exists(), reason="needs the shared sample")
def test_the_sample_of_the_data_set_names_pages_as_we_do() -> None:
    with SAMPLE.open(encoding="utf-8") as lines:
        for line, _ in zip(lines, range(300), strict=False):
            work = json.loads(line)
            ids = {site: one for site, one in work["ids"].items() if one}
            ours = entry(EnrichedRecord(anime_id="x:1", ids=ids, title=work["title"]))["sources"]
            theirs = {one.replace("www.", "") for one in work["sources"]}
            assert {one for one in theirs if ids_from_url(one)} - set(ours) == set()


async def test_the_list_of_ids_is_the_one_that_media_managers_read(
    exporting: Exporting, tmp_path: Path
) -> None:
    await exporting("ids", tmp_path / "ids.json")
    found = {one.get("mal_id"): one for one in json.loads((tmp_path / "ids.json").read_text("utf-8"))}
    assert found[1] == {
        "type": "TV",
        "mal_id": 1,
        "anilist_id": 1,
        "kitsu_id": 1,
        "anidb_id": 23,
        "anisearch_id": 1572,
        "anime-planet_id": "cowboy-bebop",
        "animenewsnetwork_id": 13,
        "tvdb_id": 76885,
    }
    assert found[5]["type"] == "MOVIE"


@pytest.mark.parametrize(("tmdb", "said"), [("tv/30991", {"tv": 30991}), ("movie/11299", {"movie": [11299]})])
def test_tmdb_has_shows_one_by_one_and_films_in_a_list(tmdb: str, said: dict[str, Any]) -> None:
    from streams.exporting.id_list import entry as ids_of

    found = ids_of(EnrichedRecord(anime_id="mal:1", ids={"tmdb": tmdb, "imdb": "tt0213338"}))
    assert (found["themoviedb_id"], found["imdb_id"]) == (said, ["tt0213338"])


async def test_nfo_files_are_named_by_ids_and_say_what_kodi_and_jellyfin_read(
    exporting: Exporting, tmp_path: Path
) -> None:
    await exporting("nfo", tmp_path / "nfo")
    show = ET.parse(tmp_path / "nfo/mal-1/tvshow.nfo").getroot()
    assert (show.tag, show.findtext("title"), show.findtext("premiered")) == (
        "tvshow",
        "Cowboy Bebop",
        "1998-04-03",
    )
    ids = {one.get("type"): (one.text, one.get("default")) for one in show.iter("uniqueid")}
    assert ids["myanimelist"] == ("1", "true")
    assert ids["anidb"] == ("23", None)
    assert "Tragedy" not in [one.text for one in show.iter("tag")]
    assert show.find("actor/role") is not None
    first = ET.parse(tmp_path / "nfo/mal-1/S01E01.nfo").getroot()
    assert (first.tag, first.findtext("season"), first.findtext("episode")) == ("episodedetails", "1", "1")
    assert [one.name for one in (tmp_path / "nfo/mal-5").iterdir()] == ["movie.nfo"]


def test_a_cast_of_thousands_does_not_fill_the_screen() -> None:
    record = golden("bebop").model_copy(update={"characters": golden("bebop").characters * 200})
    assert len(list(dict(documents(record))["tvshow.nfo"].iter("actor"))) == 100


def test_a_date_that_is_not_whole_and_an_episode_without_a_place_are_left_out() -> None:
    episodes = [episode(1, "2020-04"), episode(1.5), episode(1, kind="special"), episode(None)]
    record = merged(partial("jikan", ids={"mal": "1"}, title="A", start_date="2020-04", episodes=episodes))
    files = dict(documents(record))
    assert set(files) == {"tvshow.nfo", "S01E01.nfo"}
    assert files["tvshow.nfo"].find("premiered") is None
    assert files["S01E01.nfo"].find("aired") is None


async def test_foreign_words_stay_words_and_lead_nowhere(exporting: Exporting, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    await exporting("nfo", tmp_path / "deep/nfo")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["deep"]
    (own,) = (tmp_path / "deep/nfo").glob("anime_planet*")
    show = ET.parse(own / "tvshow.nfo").getroot()
    assert (show.findtext("title") or "").startswith("</title><plot>&]]>")
    assert ET.parse(own / "S01E01.nfo").getroot().find("plot") is not None


def test_names_of_files_are_safe_and_never_the_same() -> None:
    ids = [
        "mal:1",
        "a:../../b",
        "a:..",
        "..:..",
        "a-b:c",
        "a:b-c",
        "kitsu:" + "語" * 200,
        "kitsu:" + "語" * 199,
    ]
    names = [file_name(one) for one in ids]
    assert names[0] == "mal-1"
    assert len(set(names)) == len(ids)
    assert all("/" not in one and one.strip(".") and len(one) < 200 for one in names)


@pytest.mark.parametrize("form", FORMS)
async def test_without_texts_no_sentence_of_a_site_goes_out(
    redis: Redis, prefix: str, tmp_path: Path, form: str
) -> None:
    told = Synopsis(text="MARKED sentence", language="en")
    record = merged(
        partial(
            "jikan", ids={"mal": "1"}, title="A", synopsis=told, episodes=[episode(1, synopsis="MARKED")]
        ),
        partial(
            "kitsu",
            title="A",
            synopsis=Synopsis(text="MARKED too"),
            episodes=[episode(1, synopsis="MARKED 2")],
        ),
    )
    record.conflicts.append(Conflict(field="synopsis", values={"kitsu": "MARKED"}))
    await store(redis, Topology(prefix), record)
    for texts in (True, False):
        path = tmp_path / f"{texts}"
        await export(Records(Scripts(redis), Topology(prefix)), FORMS[form], path, texts=texts)
        files = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]
        found = any(b"MARKED" in one.read_bytes() for one in files)
        assert found == (texts and form in {"jsonl", "sqlite", "nfo"})


def test_a_record_without_texts_is_still_one_with_all_its_facts() -> None:
    record = golden("bebop").model_dump(mode="json", exclude_none=True)
    kept = EnrichedRecord.model_validate(without_texts(record))
    assert (kept.titles, kept.tags, kept.scores) == (
        golden("bebop").titles,
        golden("bebop").tags,
        golden("bebop").scores,
    )
    assert "synopsis" not in kept.provenance
    assert "title" in kept.provenance


async def test_a_damaged_record_is_named_and_the_others_go_out(
    exporting: Exporting, redis: Redis, prefix: str, tmp_path: Path
) -> None:
    await redis.hset(Topology(prefix).record("mal:5"), RecordField.DATA, b"\x01spoilt")
    await redis.hset(Topology(prefix).record("mal:34240"), RecordField.DATA, b'{"no": "record"}')
    done = await exporting("sqlite", tmp_path / "out")
    assert done == Exported(2, ["mal:34240", "mal:5"])


async def test_a_record_that_changes_meanwhile_is_there_once(
    exporting: Exporting, redis: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.exporting.catalogue.PAGE", 1)
    names, seen = Topology(prefix), list[str]()
    async for work in Catalogue(Records(Scripts(redis), names)).works(as_models=False):
        seen.append(work.anime_id)
        await redis.zadd(names.records, {"mal:1": 1, "mal:5": 2e15, work.anime_id: 3e15})
    assert seen == ["anime_planet:../../x", "mal:1", "mal:34240", "mal:5"]


@pytest.mark.parametrize("form", FORMS)
async def test_what_breaks_off_leaves_what_was_there(
    exporting: Exporting, redis: Redis, prefix: str, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "out"
    if form != "nfo":
        path.write_text("from yesterday")
    await redis.set(Topology(prefix).record("mal:34240"), "a key of another kind")
    with pytest.raises(Exception, match="WRONGTYPE"):
        await exporting(form, path)
    assert [one.name for one in tmp_path.iterdir()] == (["out"] if form != "nfo" else [])
    assert form == "nfo" or path.read_text() == "from yesterday"


@pytest.mark.parametrize("form", ["jsonl", "offline-database"])
async def test_memory_is_that_of_a_page_and_not_of_the_catalogue(
    redis: Redis, prefix: str, tmp_path: Path, form: str
) -> None:
    peaks = []
    for works in (60, 240):
        names = Topology(f"{prefix}{works}")
        for number in range(works):
            await store(redis, names, golden("shelter").model_copy(update={"anime_id": f"mal:{number}"}))
        records = Records(Scripts(redis), names)
        await export(records, FORMS[form], tmp_path / "warm")
        tracemalloc.start()
        await export(records, FORMS[form], tmp_path / "out")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_a_folder_that_holds_something_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(OSError, match="not empty"), whole_folder(tmp_path):
        pytest.fail("it is written already")


def test_a_file_that_breaks_off_is_not_seen(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), whole_file(tmp_path / "out") as file:
        file.write(b"half")
        file.flush()
        assert [one.name.startswith(".out.") for one in tmp_path.iterdir()] == [True]
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


async def test_the_command_writes_a_file_counts_and_refuses_a_folder_that_holds_something(
    exporting: Exporting, redis: Redis, prefix: str, environment: dict[str, str], server: Any, tmp_path: Path
) -> None:
    program = Program(environment | {"REDIS_URL": server.url}, tmp_path, redis)
    done = await program.arun("export")
    assert (done.code, len(done.out.splitlines())) == (0, 4)
    assert "4 works written" in done.err
    kept = tmp_path / "mine"
    kept.mkdir()
    (kept / "photo.jpg").touch()
    refused = await program.arun("export", "--form", "nfo", "--output", str(kept))
    assert (refused.code, "holds something" in refused.err) == (2, True)
    assert [one.name for one in kept.iterdir()] == ["photo.jpg"]
    with pytest.raises(Stop, match="no text for stdout"):
        run("sqlite", STDOUT, texts=True, offline=False)
