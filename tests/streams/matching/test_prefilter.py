"""Only what bears on a request is compared."""

from streams.matching.hits import Wanted
from streams.matching.prefilter import relevant
from tests.support.entries import entry, on_anilist, on_kitsu

SHOWN = {
    "anilist": [on_anilist(5114, "Fullmetal Alchemist: Brotherhood"), on_anilist(1, "Cowboy Bebop")],
    "kitsu": [on_kitsu(3936, "Hagane no Renkinjutsushi", mal=5114), on_kitsu(2, "Metal Fighter Miku")],
    "anidb": [entry("anidb", 6107, "Hagane no Renkinjutsushi")],
}


def test_entries_without_a_part_in_the_answer_are_left_out() -> None:
    kept = relevant(Wanted("Fullmetal Alchemist: Brotherhood"), SHOWN)
    assert {source: [one.id for one in found] for source, found in kept.items()} == {
        "anilist": ["5114"],
        "kitsu": ["3936"],
        "anidb": ["6107"],
    }


def test_an_id_or_the_users_word_is_enough_to_stay() -> None:
    assert relevant(Wanted(ids={"kitsu": "2"}), SHOWN)["kitsu"][0].id == "2"
    same = [{"anilist": "1", "kitsu": "2"}]
    assert relevant(Wanted("Cowboy Bebop"), SHOWN, same)["kitsu"][0].id == "2"
