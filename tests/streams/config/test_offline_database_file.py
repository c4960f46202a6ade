"""An imported data set is a witness among others, and a list to count in."""

import json
from pathlib import Path

import pytest

from streams.config import offline_database_file
from streams.matching.identify import Wanted, identify
from streams.matching.offline_database import OfflineDatabase
from tests.support.entries import entry

HARBOR = {
    "title": "Tokeijikake no Minato",
    "synonyms": ["Clockwork Harbor", "時計仕掛けの港"],
    "sources": [
        "https://myanimelist.net/anime/990002",
        "https://anilist.co/anime/990002",
        "https://anime-planet.com/anime/clockwork-harbor",
        "https://livechart.me/anime/5",
    ],
    "type": "TV",
    "episodes": 0,
    "animeSeason": {"season": "SPRING", "year": 2027},
}
VELVET = {
    "title": "Velvet Hour",
    "sources": ["https://kitsu.app/anime/7"],
    "type": "UNKNOWN",
    "animeSeason": {"year": None},
}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "set.json"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"license": {}, "data": [HARBOR, VELVET]}),
        json.dumps([HARBOR, VELVET]),
        "\n".join(
            [json.dumps({"license": {}, "repository": ""}), json.dumps(HARBOR), "", json.dumps(VELVET)]
        ),
        "\n".join([json.dumps(HARBOR), json.dumps(VELVET)]),
    ],
)
def test_both_forms_of_the_file_give_the_same_entries(tmp_path: Path, text: str) -> None:
    database = offline_database_file.read(write(tmp_path, text))
    assert len(database) == 2
    harbor = database.entry(0)
    assert harbor.ids == {"mal": "990002", "anilist": "990002", "anime_planet": "clockwork-harbor"}
    assert (harbor.type, harbor.year, harbor.episode_count) == ("TV", 2027, None)
    assert (database.entry(1).type, database.entry(1).year) == (None, None)


@pytest.mark.parametrize("title", ["clockwork harbor", "Tokeijikake no Minato!", "時計仕掛けの港"])
def test_an_entry_is_found_by_any_of_its_titles(title: str) -> None:
    assert [one.title for one in OfflineDatabase([HARBOR, VELVET]).witnesses(title)] == [HARBOR["title"]]


def test_an_entry_is_found_by_an_id() -> None:
    assert [one.title for one in OfflineDatabase([HARBOR, VELVET]).witnesses(None, {"kitsu": "7"})] == [
        "Velvet Hour"
    ]


def test_a_witness_carries_ids_to_sites_that_have_no_links() -> None:
    results = {"anilist": [entry("anilist", 990002, "Tokeijikake no Minato")]}
    witnesses = OfflineDatabase([HARBOR]).witnesses("Clockwork Harbor")
    identity = identify(Wanted("Clockwork Harbor"), results, witnesses=witnesses)
    assert identity.chosen["anilist"].id == "990002"
    assert identity.evidence.ids["anime_planet"] == "clockwork-harbor"
    assert "offline_database" not in identity.evidence.ids


def test_a_number_out_of_range_says_what_there_is() -> None:
    with pytest.raises(IndexError, match="0 to 0"):
        OfflineDatabase([HARBOR]).entry(3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"title": "A"}\n{broken', "set.json: line 2 is no JSON"),
        ('{"data": [{"title": ""}]}', "set.json: entry 0 has no title"),
        ('{"anime": []}', "set.json: neither"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        offline_database_file.read(write(tmp_path, text))


def test_a_title_may_hold_signs_that_end_lines_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    rows = [{**VELVET, "title": "Velvet\u2028Hour"}, VELVET]
    path.write_text("\ufeff" + "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n\ufeff\n")
    assert len(offline_database_file.read(path).entries) == 2
