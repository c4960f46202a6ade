"""What the sites are searched for: at first, and once more where no answer is sure."""

from sources.base import Candidate
from streams.matching.asking import Again, first, on_disk
from streams.matching.identify import Wanted, identify
from tests.support.entries import entry, on_anilist, on_kitsu

NAME = "[Group] Strike Witches - 501 Butai - 03 [1080p].mkv"


def again(title: str, *shown: Candidate) -> Again | None:
    """What is asked for once more."""
    results: dict[str, list[Candidate]] = {}
    for one in shown:
        results.setdefault(one.source, []).append(one)
    return identify(Wanted(title), results).again


def test_a_file_is_searched_for_by_the_title_in_its_name() -> None:
    assert first(Wanted("[Group] Cowboy Bebop - 01 (1080p).mkv")) == "Cowboy Bebop"
    assert first(Wanted("Cowboy Bebop")) == "Cowboy Bebop"
    assert first(Wanted(ids={"mal": "1"})) == ""


def test_a_list_on_the_own_disk_is_searched_for_all_that_a_title_may_mean() -> None:
    assert on_disk(Wanted(NAME)) == [NAME, "Strike Witches - 501 Butai - 03", "Strike Witches - 501 Butai"]
    assert on_disk(Wanted("aot season 2")) == ["aot season 2", "aot"]
    assert on_disk(Wanted(ids={"mal": "1"})) == []


def test_the_work_with_the_nearest_title_is_asked_for_by_its_ids_where_it_was_not_shown() -> None:
    far = on_anilist(7, "Angel Heart")
    found = again("kimetsu no yaba", on_kitsu(9, "Kimetsu no Yaiba", mal=3), far)
    assert found == Again("Kimetsu no Yaiba", {"mal": "3", "kitsu": "9"}, frozenset({"kitsu"}))


def test_a_word_that_no_title_has_is_put_right_by_the_one_that_is_a_slip_away() -> None:
    shown = [on_kitsu(9, "One Piece: Episode of Sorajima"), on_kitsu(8, "Hand Island")]
    title = "One Piece: Episoode of Luffy 3 - Hand Islnd"
    assert again(title, *shown) == Again("one piece: episode of luffy 3 - hand island")
    two = on_kitsu(7, "Episoodes")
    assert again(title, *shown, two) == Again("one piece: episoode of luffy 3 - hand island")


def test_nothing_is_asked_once_more_where_no_title_is_near_or_two_works_bear_it() -> None:
    assert again("Zzyzx Quuxbar", on_kitsu(1, "Angel Heart")) is None
    assert again("Kanon", on_kitsu(1, "Kanon", mal=1), on_kitsu(2, "Kanon", mal=2)) is None


def test_a_title_that_nothing_answers_is_asked_for_in_fewer_words() -> None:
    series = [on_kitsu(1, "Black Jack", mal=1), on_anilist(1, "Black Jack")]
    found = again("Black Jack - Futari no Kuroi Isha - Manner Movie", *series)
    assert found == Again("futari no kuroi isha manner movie")
    assert again("Pandora in Crimson Shell", *series) == Again("in crimson shell")
    slip = again("Piano: The Meloay of a Young Girl's Heart Sppecials", *series)
    assert slip == Again("the melody of a young girl's heart sppecials")
    assert again("Angel Zzyzx", *series) is None


def test_a_season_by_an_alias_is_asked_for_under_the_heading_of_its_series() -> None:
    found = again("aot s3 part 2", entry("anidb", 1, "Shingeki no Kyojin", "AoT"))
    assert found
    assert found.on_disk() == ["Shingeki no Kyojin", "Shingeki no Kyojin Season 3 Part 2"]
    final = again("aot final season", entry("anidb", 1, "Shingeki no Kyojin", "AoT"))
    assert final
    assert final.beside == ("Shingeki no Kyojin Final Season",)
    unknown = again("aot s3", entry("anidb", 1, "Angel Heart"))
    assert unknown
    assert unknown.title == "aot"
