"""What may be meant where no entry bears a title: a season by an alias, words left out, a slip of the hand."""

from dataclasses import replace
from typing import Any

import pytest

from sources.base import Candidate
from streams.matching.identify import Wanted, identify
from streams.matching.rarity import WordCounts, shipped
from tests.support.entries import entry, ids, on_anilist, on_kitsu

Results = dict[str, list[Candidate]]


def shown(*works: list[Candidate]) -> Results:
    """Entries by site."""
    results: Results = {}
    for one in (one for work in works for one in work):
        results.setdefault(one.source, []).append(one)
    return results


def work(id_: int, title: str, *titles: str, after: int | None = None, **facts: Any) -> list[Candidate]:
    """A work on AniList and Kitsu; AniList knows what it follows."""
    follows = (("mal", str(after)),) if after else ()
    on_first = on_anilist(id_, title, *titles, follows=follows, **facts)
    return [on_first, on_kitsu(id_ + 500, title, *titles, mal=id_, **facts)]


TITAN = [
    work(1, "Shingeki no Kyojin", "Attack on Titan", "AoT"),
    work(2, "Shingeki no Kyojin Season 3", "Attack on Titan Season 3"),
    work(3, "Shingeki no Kyojin Season 3 Part 2", "Attack on Titan Season 3 Part 2"),
    work(4, "Shingeki no Kyojin: The Final Season", "Attack on Titan Final Season"),
]
STONE = [
    work(1, "Dr. Stone", type="TV", year=2019),
    work(2, "Dr. Stone: Stone Wars", type="TV", year=2021, after=1),
    work(3, "Dr. Stone: Ryuusui", type="SPECIAL", year=2022, after=2),
    work(4, "Dr. Stone: New World", type="TV", year=2023, after=3),
]


@pytest.mark.parametrize(
    ("title", "id_"),
    [("aot season 3", "2"), ("AoT S3 Part 2", "3"), ("attack on titan s3", "2"), ("aot final season", "4")],
)
def test_a_season_is_found_by_another_name_of_its_series(title: str, id_: str) -> None:
    assert ids(identify(Wanted(title), shown(*TITAN)))["anilist"] == id_


def test_a_season_that_no_title_counts_is_counted_along_the_sequels() -> None:
    assert ids(identify(Wanted("dr stone s3"), shown(*STONE)))["anilist"] == "4"
    assert identify(Wanted("dr stone s4"), shown(*STONE)).verdict != "accept"
    without_the_second = [one for one in STONE if one is not STONE[1]]
    assert identify(Wanted("dr stone s2"), shown(*without_the_second)).verdict != "accept"


def test_a_season_that_titles_count_goes_before_a_work_that_lists_the_words() -> None:
    tensei = [
        work(1, "Mushoku Tensei", "Mushoku Tensei: Jobless Reincarnation"),
        work(2, "Mushoku Tensei Part 2", "mushokutensei s2"),
        work(3, "Mushoku Tensei II", "Mushoku Tensei: Jobless Reincarnation Season 2"),
    ]
    assert ids(identify(Wanted("mushoku tensei s2"), shown(*tensei)))["anilist"] == "3"


@pytest.mark.parametrize("title", ["Gullmetal Alchemist", "Fulmetal Alchemsit"])
def test_a_slip_that_several_sites_agree_on_is_taken(title: str) -> None:
    assert ids(identify(Wanted(title), shown(work(1, "Fullmetal Alchemist"))))["anilist"] == "1"
    alone = {"kitsu": [on_kitsu(1, "Fullmetal Alchemist")]}
    refused = identify(Wanted(title), alone)
    assert refused.verdict == "ambiguous"
    assert refused.again
    assert refused.again.title == "Fullmetal Alchemist"


def test_a_slip_is_not_taken_where_another_title_is_nearly_as_near() -> None:
    both = shown(work(1, "Fullmetal Alchemist"), work(2, "Fullmetal Alchemists!!"))
    assert identify(Wanted("Gullmetal Alchemist"), both).verdict == "ambiguous"


@pytest.mark.parametrize("title", ["Chibinacs 4", "Chibinac", "Chibi", "Chibinacs 3 es"])
def test_other_numbers_and_longer_titles_are_no_slip(title: str) -> None:
    assert identify(Wanted(title), shown(work(1, "Chibinacs 3"))).verdict != "accept"


def test_words_left_out_are_of_the_one_title_that_has_them_all() -> None:
    kaguya = work(3, "Kaguya-sama", "Kaguya-sama: Love is War - Ultra Romantic")
    assert ids(identify(Wanted("kaguya sama ultra romantic"), shown(kaguya)))["anilist"] == "3"
    other = work(4, "Another", "Kaguya-sama: The Beautiful Ultra Romantic")
    assert identify(Wanted("kaguya sama ultra romantic"), shown(kaguya, other)).verdict == "ambiguous"


def test_an_acronym_stands_for_words_in_a_row() -> None:
    bleach = work(1, "Bleach: Sennen Kessen-hen", "Bleach: Thousand-Year Blood War")
    assert ids(identify(Wanted("bleach tybw"), shown(bleach)))["anilist"] == "1"


@pytest.mark.parametrize(
    "title", ["Gundam Wing", "Lyrical Nanoha", "Shin Koihime Musou", "Koihime Musou", "Nanoha Reflection"]
)
def test_the_beginning_the_end_or_a_few_words_of_a_title_are_not_enough(title: str) -> None:
    others = shown(
        work(1, "Shin Kidou Senki Gundam Wing: Endless Waltz"),
        work(2, "Mahou Shoujo Lyrical Nanoha Reflection Detonation"),
        work(3, "Shin Koihime Musou: Otome Tairan"),
    )
    assert identify(Wanted(title), others).verdict != "accept"


BATTLE = work(1, "Kekkai Sensen", "Blood Blockade Battlefront", type="TV", year=2015)


@pytest.mark.parametrize("title", ["blood blockade", "Blood Blockade"])
def test_a_title_that_goes_on_after_the_words_is_the_series_that_has_them_first(title: str) -> None:
    film = work(2, "Blood Blockade: Night Out", type="MOVIE", year=2020)
    assert ids(identify(Wanted(title), shown(BATTLE, film)))["anilist"] == "1"


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("one piece", work(1, "One Piece Gold", type="MOVIE", year=2016)),
        ("saekano", work(1, "Saekano Flat Again", "Saekano S2", type="TV", year=2017)),
        ("world of", work(1, "World of Dreams", type="TV", year=2017)),
        ("blood blockade", work(1, "Blood Blockade: Battlefront", type="TV", year=2015)),
        ("blood battlefront", work(1, "Blood Blockade Battlefront Days", type="TV", year=2015)),
        ("prisma illya", work(1, "Prisma Illya Zwei Herz", type="TV", year=2014)),
        ("bsd", work(1, "BSD Wan Club", type="TV", year=2021)),
        ("medaka", work(1, "Kuroiwa Medaka ni Watashi", type="TV", year=2025)),
        ("naruto next", work(1, "Naruto Next Generations Club", type="TV", year=2017, after=7)),
        ("dr stone", work(1, "Dr. Stone Stone Wars", "Dr. Stone: Stone Wars", type="TV", year=2021)),
        ("cross fight", work(1, "Cross Fight eS", type="TV", year=2012)),
        ("tensai bakabon", work(1, "Re Re Re no Tensai Bakabon", type="TV", year=1990)),
        ("heroine oosugiru", work(1, "Make Heroine ga Oosugiru!", type="TV", year=2024)),
        ("bakemono", work(1, "Hatanosuke: Bakemono Yashiki no Maki", type="TV", year=2008)),
        ("jobless reincarnation", work(1, "Mushoku II", "Mushoku: Jobless Reincarnation", type="TV")),
        (
            "kaguya-sama love is wra",
            work(1, "Kaguya?", "Kaguya-sama: Love is War", "Kaguya-sama: Love is War S2"),
        ),
        ("cutie honey", work(1, "Honey Flash", "Cutey Honey")),
        ("hamatora", work(1, "Fw:Hamatora", type="MOVIE", year=2016)),
        ("kowaremono animation", work(1, "Kowaremono: Risa The Animation", type="OVA", year=2013)),
        ("gakuen koushien", work(1, "Gakuen: Kaettekita Koushien", type="TV", year=2020)),
        ("risa animation", work(1, "Risa Plus The Animation", type="OVA", year=2017)),
        ("gravitation tv", work(1, "Gravitation: OAV", "Gravitation - OAV", type="OVA", year=1999)),
    ],
)
def test_words_that_may_be_another_title_of_the_series_are_not_enough(
    title: str, other: list[Candidate]
) -> None:
    assert identify(Wanted(title), shown(other)).verdict != "accept"


def test_a_later_work_is_not_what_words_mean_that_an_older_one_has_too() -> None:
    older = work(2, "Gekijouban: Blood Blockade - Zero", type="MOVIE", year=2009)
    assert identify(Wanted("blood blockade"), shown(BATTLE, older)).verdict != "accept"


def test_the_last_part_of_a_film_s_title_names_it() -> None:
    film = work(1, "Haikyuu!! Gomisuteba no Kessen", "Haikyu!! Movie: The Dumpster Battle", type="MOVIE")
    assert ids(identify(Wanted("dumpster battle"), shown(film)))["anilist"] == "1"
    special = work(1, "Haikyuu!! OVA: The Dumpster Battle", type="OVA")
    assert identify(Wanted("dumpster battle"), shown(special)).verdict != "accept"


@pytest.mark.parametrize("title", ["Galaxy Angel A", "Tokyo Ghoul:re"])
def test_a_letter_at_the_end_or_a_word_that_tells_works_apart_is_not_of_a_title_without(title: str) -> None:
    others = shown(work(1, "Galaxy Angel", type="TV"), work(2, "Tokyo Ghoul", type="TV"))
    assert identify(Wanted(title), others).verdict != "accept"


@pytest.mark.parametrize(
    ("title", "work_s"),
    [
        ("make ga oosugiru", "Make Heroine ga Oosugiru!"),
        ("is it wrong to pick up girls in a dungeon", "Is It Wrong to Try to Pick Up Girls in a Dungeon?"),
        ("shin koihime revolution", "Shin Koihime†: Live Revolution"),
        ("koihime revolution", "Koihime Ōka Revolution"),
    ],
)
def test_a_title_is_known_by_its_first_words_and_its_last(title: str, work_s: str) -> None:
    assert ids(identify(Wanted(title), shown(work(1, work_s))))["anilist"] == "1"


def test_a_film_s_words_are_known_without_the_word_movie() -> None:
    film = work(1, "Wonderful Precure! Movie: Dokidoki Game no Sekai de Daibouken!", type="MOVIE")
    title = "Wonderful Precure! Movie: Game no Sekai de Daibouken!"
    assert ids(identify(Wanted(title), shown(film)))["anilist"] == "1"


def test_a_word_is_put_right_and_then_the_words_are_looked_for() -> None:
    reincarnation = work(1, "Mushoku Tensei", "Mushoku Tensei: Jobless Reincarnation")
    assert ids(identify(Wanted("jobles reincarnation"), shown(reincarnation)))["anilist"] == "1"


def test_a_list_of_all_titles_alone_vouches_for_a_slip_in_a_long_one_and_it_is_asked_for() -> None:
    listed = {"anidb": [entry("anidb", 1, "Cardcaptor Sakura")]}
    identity = identify(Wanted("cardcaptr sakura"), listed)
    assert ids(identity) == {"anidb": "1"}
    assert identity.again
    assert identity.again.title == "Cardcaptor Sakura"
    assert identify(Wanted("cardcaptor sakura"), listed).again is None
    assert identify(Wanted("Narto"), {"anidb": [entry("anidb", 1, "Naruto")]}).verdict != "accept"


def test_a_list_of_all_titles_and_a_site_are_enough_where_nothing_else_is_called_so() -> None:
    titles = ("Sakura-sou no Pet na Kanojo", "Sakurasou", "Sakurasou no Pet na Kanojo")
    both = {"anidb": [entry("anidb", 1, *titles, ids={"mal": "1"})], "kitsu": [on_kitsu(1, *titles, mal=1)]}
    assert identify(Wanted("sakurasou"), both).verdict == "accept"
    sites = {"anilist": [on_anilist(1, *titles)], "kitsu": both["kitsu"]}
    assert identify(Wanted("sakurasou"), sites).verdict != "accept"


def test_a_season_counted_by_words_of_a_series_is_none_where_a_work_lists_it() -> None:
    passage = [
        work(1, "Mushishi Zoku Shou", "Mushi-Shi The Next Passage", "mushi s2"),
        work(2, "Mushishi Zoku Shou 2nd Season", "mushi s3"),
    ]
    assert ids(identify(Wanted("mushi s2"), shown(*passage)))["anilist"] == "1"


def test_a_season_may_be_counted_by_one_heading_of_many() -> None:
    part = [
        on_anilist(3, "Shingeki no Kyojin Season 3 Part 2"),
        on_kitsu(503, "Attack on Titan Season 3 (2019)", "Shingeki no Kyojin Season 3 Part 2", mal=3),
    ]
    first = work(1, "Shingeki no Kyojin", "Attack on Titan", "AoT")
    assert ids(identify(Wanted("aot s3 part 2"), shown(first, part)))["anilist"] == "3"
    listed = [replace(part[0], titles=("Attack on Titan Season 3 Part 2",)), part[1]]
    english = identify(Wanted("Attack on Titan Season 3 Part 2"), shown(listed))
    assert (ids(english)["anilist"], english.match["anilist"].rule) == ("3", "listed")


def test_articles_are_left_out_and_put_in() -> None:
    alone = {
        "kitsu": [
            on_kitsu(1, "Hoshi Matsu Hito", "The Ancient Magus' Bride", "The Ancient Magus' Bride: Star")
        ]
    }
    assert identify(Wanted("Ancient Magus' Bride"), alone).verdict != "accept"
    bride = shown(work(1, "Mahoutsukai no Yome", "The Ancient Magus' Bride"), work(2, "The Samurai"))
    assert ids(identify(Wanted("Ancient Magus' Bride"), bride))["anilist"] == "1"
    assert identify(Wanted("Samurai"), bride).verdict != "accept"


def test_a_sign_left_out_is_no_later_season_s() -> None:
    second = [*work(2, "K-On!!", "K-On! Season 2"), entry("jikan", 2, "K-On!!", "K-On! 2")]
    assert identify(Wanted("k-on"), shown(second)).verdict != "accept"
    first = [*work(1, "Haikyuu!!"), entry("jikan", 1, "Haikyuu!!")]
    beside = [*work(3, "Haikyuu!! (OVA)", type="OVA"), *work(4, "Riku vs. Kuu", "Haikyuu!!", type="OVA")]
    assert ids(identify(Wanted("haikyuu"), shown(first, beside)))["anilist"] == "1"
    listed = [*work(5, "Kage kara Mamoru!", "KKM!"), entry("jikan", 5, "Kage kara Mamoru!", "KKM!")]
    assert identify(Wanted("kkm"), shown(listed)).verdict != "accept"


def test_a_title_that_one_work_heads_is_not_left_to_another_that_lists_it() -> None:
    series = work(1, "Asari-chan", "Asari-chan: Ai no Marchen Shoujo", type="TV")
    film = work(2, "Asari-chan: Ai no Marchen Shoujo", type="MOVIE")
    found = identify(Wanted("Asari-chan: Ai no Shoujo"), shown(series, film))
    assert ids(found).get("anilist") != "1"


def test_common_words_are_not_enough() -> None:
    war = work(1, "Kaguya-sama", "Kaguya-sama: Love War")
    common = WordCounts("a list", 1000, {"love": 500, "war": 400, "kaguya": 3})
    assert identify(Wanted("love war"), shown(war), counts=common).verdict == "ambiguous"
    rare = WordCounts("a list", 1000, {"love": 2, "war": 4, "kaguya": 3})
    assert ids(identify(Wanted("love war"), shown(war), counts=rare))["anilist"] == "1"


def test_the_words_that_come_with_the_program_are_counted_of_a_list_that_is_named() -> None:
    counts = shipped()
    assert "AniDB" in counts.version
    assert counts.bits(["no"]) < counts.bits(["gundam"]) < counts.bits(["aquatope"])
    assert counts.bits(["aquatope"]) == pytest.approx(counts.bits(["neverseenbefore"]))


def test_entries_that_contradict_each_other_are_not_joined_through_one_that_says_nothing() -> None:
    results = {
        "kitsu": [on_kitsu(5, "Aikatsu", mal=1)],
        "anilist": [on_anilist(9, "Aikatsu", mal=1, year=2001)],
        "jikan": [entry("jikan", 1, "Aikatsu", year=2019)],
    }
    identity = identify(Wanted("Aikatsu"), results)
    assert identity.verdict == "ambiguous"
    assert len(identity.candidates) == 2


def test_a_refusal_always_lists_what_the_sites_show_first() -> None:
    results = shown(work(1, "Alpha"), work(2, "Beta"), work(3, "Gamma"))
    identity = identify(Wanted("Something else"), results)
    assert [one.title for one in identity.candidates] == ["Alpha", "Beta", "Gamma"]
