"""A file's name is cut where its title ends, and not inside it."""

import pytest

from streams.matching.alternatives import readings
from streams.matching.file_names import cuts
from streams.matching.identify import Wanted, identify
from tests.support.entries import entry, ids, on_anilist, on_kitsu


@pytest.mark.parametrize(
    ("name", "longest", "shortest"),
    [
        (
            "[Grp] Fairy Tail - 100 Years Quest - 01 (1080p) [1107F3A9].mkv",
            None,
            "Fairy Tail - 100 Years Quest",
        ),
        (
            "[Grp] Strike Witches - 501 Butai Hasshin! - 03 [1080p].mkv",
            None,
            "Strike Witches - 501 Butai Hasshin!",
        ),
        (
            "[Grp] Conan - 10 Nengo no Stranger [720p].mkv",
            "Conan - 10 Nengo no Stranger",
            "Conan - 10 Nengo no Stranger",
        ),
        ("[Grp] Sword Art Online - 14.5 [720p].mkv", None, "Sword Art Online"),
        ("Title Ep 5.mkv", None, "Title"),
        ("Title - 01 [BD]", None, "Title"),
        ("[Grp] Title (01-12) [BD 1080p]", "Title", "Title"),
        ("[Grp] Title S2 [BD] - 01.mkv", None, "Title S2"),
        ("World Wide Web Episode 3.mkv", None, "World Wide Web"),
        ("My DVD Days - 02.mkv", None, "My DVD Days"),
        (
            "Mob.Psycho.100.S02E04.1080p.WEB.x264-GRP.mkv",
            "Mob Psycho 100 Season 2",
            "Mob Psycho 100 Season 2",
        ),
        ("[Grp] [Oshi no Ko] - 05 [1080p].mkv", None, "[Oshi no Ko]"),
        ("Claymore_-_26_[720p].mkv", None, "Claymore"),
        ("One Piece 1071.mkv", "One Piece 1071", "One Piece"),
    ],
)
def test_a_name_is_cut_at_the_episode_and_the_longest_title_comes_first(
    name: str, longest: str | None, shortest: str
) -> None:
    found = [cut.title for cut in cuts(name)]
    assert found[-1] == shortest
    assert longest is None or found[0] == longest
    assert [one.title for one in readings(Wanted(name))][: len(found)] == found


def test_the_longest_title_that_a_site_bears_is_the_one() -> None:
    tail = {
        "anilist": [
            on_anilist(6702, "Fairy Tail"),
            on_anilist(139095, "Fairy Tail: 100 Years Quest", mal=49785),
        ]
    }
    name = "[Grp] Fairy Tail - 100 Years Quest - 01 (1080p) [1107F3A9].mkv"
    assert ids(identify(Wanted(name), tail)) == {"anilist": "139095"}


def test_two_cuts_that_two_works_bear_are_ambiguous() -> None:
    film = on_kitsu(1, "Strong World", mal=1)
    zero = on_kitsu(2, "Strong World Episode 0", mal=2)
    name = "[Grp] Strong World - Episode 0 [720p].mkv"
    assert identify(Wanted(name), {"kitsu": [film, zero]}).verdict == "ambiguous"
    assert ids(identify(Wanted("[Grp] Strong World - Episode 3 [720p].mkv"), {"kitsu": [film]})) == {
        "kitsu": "1"
    }


@pytest.mark.parametrize("name", ["[Grp] Alpha - 00 [720p].mkv", "[Grp] Alpha - 2199 - 01 [720p].mkv"])
def test_a_number_that_may_name_a_work_of_its_own_is_not_taken_for_an_episode(name: str) -> None:
    assert identify(Wanted(name), {"jikan": [entry("jikan", 1, "Alpha")]}).verdict == "ambiguous"
