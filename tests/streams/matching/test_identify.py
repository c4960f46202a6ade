"""A request means one work, several, or none; links confirm, and likeness never decides."""

import pytest

from sources.base import Candidate
from streams.matching.identify import Wanted, identify
from tests.support.entries import entry, ids, on_anilist, on_kitsu

Results = dict[str, list[Candidate]]


KON = {
    "anilist": [
        on_anilist(7791, "K-On!!", "K-ON! Season 2", "けいおん!!", type="TV", year=2010),
        on_anilist(5680, "K-On!", "けいおん!", type="TV", year=2009),
    ],
    "kitsu": [
        on_kitsu(4240, "K-On!", "けいおん!", mal=5680, type="TV", year=2009),
        on_kitsu(5103, "K-On!!", "けいおん!!", mal=7791, type="TV", year=2010),
    ],
}
BASKETS = {
    "anilist": [
        on_anilist(120, "Fruits Basket", "フルーツバスケット", type="TV", year=2001),
        on_anilist(105334, "Fruits Basket", "フルーツバスケット", mal=38680, type="TV", year=2019),
    ],
    "jikan": [
        entry("jikan", 120, "Fruits Basket", "フルーツバスケット", type="TV", year=2001),
        entry("jikan", 38680, "Fruits Basket", "フルーツバスケット", type="TV", year=2019),
    ],
}


@pytest.mark.parametrize(
    "title", ["K-On!!", "けいおん!!", "けいおん！！", "K-ON! Season 2", "k-on! 2nd season"]
)
def test_a_sequel_is_found_by_any_of_its_titles_and_never_its_first_season(title: str) -> None:
    assert ids(identify(Wanted(title), KON)) == {"anilist": "7791", "kitsu": "5103"}


def test_a_first_season_is_never_its_sequel_even_when_only_that_is_there() -> None:
    only_the_sequel = {source: [one for one in found if "!!" in one.title] for source, found in KON.items()}
    assert identify(Wanted("K-On!"), only_the_sequel).verdict != "accept"
    assert identify(Wanted("けいおん!"), only_the_sequel).verdict != "accept"


def test_a_sequel_that_lists_the_plain_title_is_not_taken_for_the_series() -> None:
    sequel = on_anilist(20853, "Aldnoah.Zero 2nd Season", "Aldnoah.Zero", type="TV", year=2015)
    assert identify(Wanted("Aldnoah.Zero"), {"anilist": [sequel]}).verdict == "ambiguous"


def test_a_title_without_its_signs_is_ambiguous_between_works_that_differ_in_them() -> None:
    identity = identify(Wanted("K-On"), KON)
    assert identity.verdict == "ambiguous"
    assert {one.title for one in identity.candidates} == {"K-On!", "K-On!!"}


def test_a_title_without_its_signs_is_found_when_the_series_goes_on_with_them() -> None:
    volleyball = {
        "anilist": [on_anilist(20464, "Haikyuu!!", mal=20583), on_anilist(20992, "Haikyuu!! Second Season")],
        "kitsu": [on_kitsu(8133, "Haikyuu!!", mal=20583)],
    }
    assert ids(identify(Wanted("Haikyuu"), volleyball)) == {"anilist": "20464", "kitsu": "8133"}
    alone = {source: found[:1] for source, found in volleyball.items()}
    assert identify(Wanted("Haikyuu"), alone).verdict == "ambiguous"


def test_an_exact_title_of_two_works_is_ambiguous_and_both_are_listed() -> None:
    identity = identify(Wanted("Fruits Basket"), BASKETS)
    assert identity.verdict == "ambiguous"
    assert not identity.chosen
    assert [one.year for one in identity.candidates] == [2001, 2019]


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("Fruits Basket", year=2019),
        Wanted("Fruits Basket (2019)"),
        Wanted("Fruits Basket", ids={"mal": "38680"}),
        Wanted(ids={"anilist": "105334"}),
    ],
)
def test_year_or_ids_decide_between_works_of_one_title(wanted: Wanted) -> None:
    assert ids(identify(wanted, BASKETS)) == {"anilist": "105334", "jikan": "38680"}


def test_an_id_of_another_part_of_the_series_than_the_title_names_is_ambiguous() -> None:
    only_the_first = {
        "anilist": [on_anilist(16498, "Shingeki no Kyojin", "Attack on Titan", type="TV", year=2013)],
    }
    first = {"mal": "16498"}
    assert identify(Wanted("Shingeki no Kyojin Season 2", ids=first), only_the_first).verdict == "ambiguous"
    assert identify(Wanted("Shingeki no Kyojin Movie 1", ids=first), only_the_first).verdict == "ambiguous"
    for title in ("Shingeki no Kyojin", "Attack on Titan", "Shingeki no Kyojin (2013)", "My own words", None):
        assert ids(identify(Wanted(title, ids=first), only_the_first)) == {"anilist": "16498"}


def test_the_type_decides_between_works_of_one_title() -> None:
    both = {
        "kitsu": [on_kitsu(1, "Ane Naru Mono", type="TV"), on_kitsu(2, "Ane Naru Mono", type="MOVIE")],
    }
    assert identify(Wanted("Ane Naru Mono"), both).verdict == "ambiguous"
    assert ids(identify(Wanted("Ane Naru Mono", type="MOVIE"), both)) == {"kitsu": "2"}


def test_a_heading_title_goes_before_the_synonym_of_another_work() -> None:
    both = {
        "anilist": [
            on_anilist(20, "Naruto", "ナルト"),
            on_anilist(1735, "Naruto: Shippuuden", "Naruto", "Naruto Hurricane Chronicles"),
        ]
    }
    assert ids(identify(Wanted("Naruto"), both)) == {"anilist": "20"}


def test_a_misspelt_title_needs_two_sites_that_agree() -> None:
    alchemist = {
        "anilist": [on_anilist(5114, "Fullmetal Alchemist: Brotherhood")],
        "kitsu": [on_kitsu(3936, "Fullmetal Alchemist: Brotherhood", mal=5114)],
    }
    wanted = Wanted("Fullmetal Alchemsit Brotherhood")
    assert ids(identify(wanted, alchemist)) == {"anilist": "5114", "kitsu": "3936"}
    assert identify(wanted, {"kitsu": alchemist["kitsu"]}).verdict == "ambiguous"


def test_a_misspelt_title_need_not_head_the_entries_if_two_sites_list_it() -> None:
    council = {
        "anilist": [on_anilist(456, "Gokujou Seitokai", "Best Student Council", type="TV", year=2005)],
        "jikan": [entry("jikan", 456, "Gokujou Seitokai", "Best Student Council", type="TV", year=2005)],
    }
    assert ids(identify(Wanted("Best Studnet Council"), council)) == {"anilist": "456", "jikan": "456"}
    council["jikan"] = [entry("jikan", 456, "Gokujou Seitokai", type="TV", year=2005)]
    assert identify(Wanted("Best Studnet Council"), council).verdict == "ambiguous"


def test_a_listed_title_that_begins_the_others_may_be_the_series_name() -> None:
    titles = ("To Be Hero X", "To Be Hero")
    only = [on_anilist(156092, "Tu Bian Yingxiong X", *titles, type="ONA", year=2025)]
    assert identify(Wanted("To Be Hero"), {"anilist": only}).verdict == "ambiguous"
    assert ids(identify(Wanted("To Be Hero", year=2025), {"anilist": only})) == {"anilist": "156092"}


def test_a_listed_title_that_begins_the_others_is_the_work_s_own_if_three_sites_and_no_other_work_bear_it() -> (
    None
):
    titles = ("Star Driver: Kagayaki no Takuto", "Star Driver", "Star Driver the Shining Takt")
    found = {
        "anilist": [on_anilist(8934, *titles, type="TV", year=2010)],
        "kitsu": [on_kitsu(5538, *titles, mal=8934, type="TV", year=2010)],
        "jikan": [entry("jikan", 8934, *titles, type="TV", year=2010)],
    }
    assert set(ids(identify(Wanted("Star Driver"), found))) == {"anilist", "kitsu", "jikan"}
    assert identify(Wanted("Star Driver"), {**found, "jikan": []}).verdict == "ambiguous"
    film = entry("jikan", 17777, "Star Driver the Movie", type="MOVIE", year=2013)
    with_film = {**found, "jikan": [*found["jikan"], film]}
    assert set(ids(identify(Wanted("Star Driver"), with_film))) == {"anilist", "kitsu", "jikan"}
    two = {**found, "jikan": [film]}
    assert identify(Wanted("Star Driver"), two).verdict == "ambiguous"


def test_the_exact_year_bears_out_a_listed_title_whose_heading_has_a_sign_more() -> None:
    found = {
        "anilist": [on_anilist(113596, "Josee, the Tiger.", "Josee, the Tiger", type="MOVIE", year=2020)]
    }
    assert ids(identify(Wanted("Josee, the Tiger", year=2020), found)) == {"anilist": "113596"}
    assert identify(Wanted("Josee, the Tiger"), found).verdict == "ambiguous"
    sequel = {"anilist": [on_anilist(2, "Aldnoah.Zero 2nd Season", "Aldnoah.Zero", year=2015)]}
    assert identify(Wanted("Aldnoah.Zero", year=2015), sequel).verdict == "ambiguous"


def test_the_series_name_means_the_season_that_later_ones_are_named_after() -> None:
    gate = [
        on_anilist(1, "Gate: Jieitai Kanochi nite", "Gate", year=2015),
        on_anilist(2, "Gate: Jieitai Kanochi nite 2nd Season", year=2016),
    ]
    assert ids(identify(Wanted("Gate"), {"anilist": gate})) == {"anilist": "1"}
    assert identify(Wanted("Gate"), {"anilist": gate[:1]}).verdict == "ambiguous"


def test_who_leaves_out_signs_inside_a_title_leaves_out_the_last_one_too() -> None:
    gian = {
        "anilist": [on_anilist(2653, "Doraemon: Ganbare! Gian!!", type="MOVIE")],
        "jikan": [entry("jikan", 2653, "Doraemon: Ganbare! Gian!!", type="MOVIE")],
    }
    assert ids(identify(Wanted("Doraemon Ganbare Gian"), gian)) == {"anilist": "2653", "jikan": "2653"}


def test_a_title_that_a_site_heads_with_more_in_brackets_is_ambiguous_too() -> None:
    both = {
        "anilist": [on_anilist(144, "Kanon", year=2002), on_anilist(1530, "Kanon (2006)", "Kanon", year=2006)]
    }
    assert identify(Wanted("Kanon"), both).verdict == "ambiguous"
    assert ids(identify(Wanted("Kanon", year=2006), both)) == {"anilist": "1530"}
    assert ids(identify(Wanted("Kanon", year=2002), both)) == {"anilist": "144"}


def test_the_name_of_a_series_with_a_year_means_the_season_of_that_year() -> None:
    gate = [on_anilist(1, "Gate", year=2015), on_anilist(2, "Gate 2nd Season", "Gate 2", year=2016)]
    assert ids(identify(Wanted("Gate (2016)"), {"anilist": gate})) == {"anilist": "2"}
    assert ids(identify(Wanted("Gate", year=2016), {"anilist": gate[1:]})) == {}
    assert ids(identify(Wanted("Gate"), {"anilist": gate})) == {"anilist": "1"}


def test_a_series_goes_before_its_specials_that_bear_the_same_native_title() -> None:
    maid = {
        "kitsu": [
            on_kitsu(12243, "Kobayashi-san Chi no Maid Dragon", "小林さんちのメイドラゴン"),
            on_kitsu(13340, "Kobayashi-san Chi no Maid Dragon Specials", "小林さんちのメイドラゴン"),
        ]
    }
    assert ids(identify(Wanted("小林さんちのメイドラゴン"), maid)) == {"kitsu": "12243"}


def test_the_beginning_of_a_title_names_the_works_it_may_mean_and_accepts_none() -> None:
    found = {
        "anilist": [
            on_anilist(154587, "Sousou no Frieren", "Frieren: Beyond Journey's End"),
            on_anilist(182255, "Sousou no Frieren 2nd Season", "Frieren: Beyond Journey's End Season 2"),
            on_anilist(1, "Frierender Regen"),
        ]
    }
    identity = identify(Wanted("Frieren"), found)
    assert identity.verdict == "ambiguous"
    assert [one.ids["anilist"] for one in identity.candidates] == ["154587", "182255"]
    assert identify(Wanted("Frieren"), {"anilist": found["anilist"][:1]}).verdict == "ambiguous"


def test_an_unsure_answer_with_one_work_left_suggests_its_title() -> None:
    only = {"kitsu": [on_kitsu(3936, "Fullmetal Alchemist: Brotherhood")]}
    again = identify(Wanted("Fullmetal Alchemsit Brotherhood"), only).again
    assert again
    assert (again.title, set(again.known)) == ("Fullmetal Alchemist: Brotherhood", {"kitsu"})
    assert identify(Wanted("Fruits Basket"), BASKETS).again is None


@pytest.mark.parametrize("title", ["Frieren 2", "Sousou no Furiiren", "Frieren: Nothing's End", "Friren"])
def test_a_merely_similar_title_is_never_accepted(title: str) -> None:
    only = {"anilist": [on_anilist(154587, "Sousou no Frieren", "Frieren: Beyond Journey's End", year=2023)]}
    assert identify(Wanted(title), only).verdict != "accept"


def test_sites_that_name_each_others_ids_form_one_work() -> None:
    identity = identify(Wanted("Sousou no Frieren"), frieren())
    assert ids(identity) == {"anilist": "154587", "jikan": "52991", "kitsu": "46474"}
    assert identity.evidence.ids == {"anilist": "154587", "mal": "52991", "kitsu": "46474", "anidb": "17617"}
    assert "linked with jikan" in identity.match["anilist"].evidence


def frieren() -> Results:
    return {
        "anilist": [on_anilist(154587, "Sousou no Frieren", mal=52991, type="TV", year=2023)],
        "jikan": [entry("jikan", 52991, "Sousou no Frieren", "Frieren", type="TV", year=2023)],
        "kitsu": [
            entry(
                "kitsu",
                46474,
                "Frieren: Beyond Journey's End",
                ids={"anilist": "154587", "anidb": "17617"},
                type="TV",
                year=2023,
            )
        ],
    }


def test_a_wrong_link_does_not_pull_a_sequel_in() -> None:
    results = {
        "anilist": [on_anilist(5680, "K-On!", type="TV", year=2009, start_date="2009-04-03")],
        "kitsu": [on_kitsu(5103, "K-On!!", mal=5680, type="TV", year=2010, start_date="2010-04-07")],
    }
    identity = identify(Wanted("K-On!"), results)
    assert ids(identity) == {"anilist": "5680"}
    assert identity.match["kitsu"].verdict == "none"


def test_a_wrong_link_does_not_part_entries_that_head_each_other() -> None:
    facts = {"type": "TV", "year": 2008}
    macross = {
        "anilist": [on_anilist(3572, "Macross F", "Macross Frontier", mal=4454, **facts)],
        "jikan": [
            entry("jikan", 3572, "Macross F", "Macross Frontier", **facts),
            entry("jikan", 4454, "Macross F Music Clip", type="MUSIC"),
        ],
    }
    assert ids(identify(Wanted("Macross Frontier"), macross)) == {"anilist": "3572", "jikan": "3572"}
    macross["jikan"][1] = entry("jikan", 4454, "Macross F", "Macross Frontier", **facts)
    assert identify(Wanted("Macross Frontier"), macross).verdict == "ambiguous"


def test_a_site_with_titles_alone_joins_the_work_it_can_only_be() -> None:
    results = {
        **frieren(),
        "anidb": [entry("anidb", 17617, "Sousou no Frieren"), entry("anidb", 1, "Frieren no Mahou")],
    }
    assert ids(identify(Wanted("Sousou no Frieren"), results))["anidb"] == "17617"


def test_titles_alone_join_a_work_by_the_native_title_though_their_heading_says_a_year_more() -> None:
    cat = {
        "jikan": [entry("jikan", 1, "Kuroneko", "黒猫", type="TV", year=2024)],
        "anidb": [entry("anidb", 9, "Kuroneko (2024)", "黒猫"), entry("anidb", 8, "Kuroneko", "くろねこ")],
    }
    assert ids(identify(Wanted("黒猫", year=2024), cat)) == {"jikan": "1", "anidb": "9"}


@pytest.mark.parametrize("title", ["Pokémon", "Pokemon", "POKÉMON"])
def test_an_exact_synonym_never_makes_the_answer_worse(title: str) -> None:
    pocket = {
        "anilist": [on_anilist(527, "Pokemon", "Pocket Monsters", "Pokémon", "Pokémon - saison 1")],
        "kitsu": [on_kitsu(486, "Pokemon", "Pokémon", mal=527)],
    }
    assert ids(identify(Wanted(title), pocket)) == {"anilist": "527", "kitsu": "486"}


@pytest.mark.parametrize("title", ["Toradora", "Kimi no Na wa"])
def test_a_title_that_sites_list_to_the_letter_is_the_work_s_though_its_heading_has_a_sign_more(
    title: str,
) -> None:
    head = {"Toradora": "Toradora!", "Kimi no Na wa": "Kimi no Na wa."}[title]
    found = {
        "anilist": [on_anilist(1, head, title)],
        "kitsu": [on_kitsu(2, head, mal=1)],
        "jikan": [entry("jikan", 1, head)],
    }
    assert set(ids(identify(Wanted(title), found))) == {"anilist", "kitsu", "jikan"}


@pytest.mark.parametrize("source", ["anilist", "kitsu", "jikan"])
def test_any_one_site_is_enough_when_the_others_are_down(source: str) -> None:
    results = {source: frieren()[source]}
    title = results[source][0].title
    assert list(identify(Wanted(title), results).chosen) == [source]


def test_an_id_that_a_site_does_not_know_is_nothing() -> None:
    assert identify(Wanted(ids={"mal": "999999"}), {"jikan": []}).verdict == "none"


def test_an_id_that_no_site_could_be_asked_about_stands_as_given() -> None:
    identity = identify(Wanted(ids={"mal": "21"}), {})
    assert (identity.verdict, identity.evidence.ids) == ("accept", {"mal": "21"})


def test_an_id_and_the_exact_title_of_another_work_contradict_each_other() -> None:
    identity = identify(Wanted("K-On!", ids={"mal": "7791"}), KON)
    assert identity.verdict == "ambiguous"
    assert {one.title for one in identity.candidates} == {"K-On!", "K-On!!"}


def test_ids_of_two_works_are_ambiguous() -> None:
    assert identify(Wanted(ids={"mal": "5680", "kitsu": "5103"}), KON).verdict == "ambiguous"


def test_nothing_found_is_none() -> None:
    identity = identify(Wanted("Cowboy Bebop"), KON)
    assert identity.verdict == "none"
    assert [one.title for one in identity.candidates] == ["K-On!", "K-On!!"]  # what the sites show first
    assert {one.rule for one in identity.candidates} == {"not_borne"}
    assert identity.match["kitsu"].verdict == "none"
    assert identify(Wanted("Cowboy Bebop"), {"kitsu": []}).candidates == []


def test_a_witness_links_but_is_never_chosen() -> None:
    results = {"anilist": frieren()["anilist"], "kitsu": [entry("kitsu", 46474, "Frieren")]}
    witness = entry(
        "offline_database",
        1,
        "Sousou no Frieren",
        "Frieren",
        ids={"anilist": "154587", "kitsu": "46474", "anime_planet": "frieren"},
    )
    identity = identify(Wanted("Sousou no Frieren"), results, witnesses=[witness])
    assert ids(identity) == {"anilist": "154587", "kitsu": "46474"}
    assert identity.evidence.ids["anime_planet"] == "frieren"


@pytest.mark.parametrize("made_up", ["2027", "2027-01-01", "2027-12-31"])
def test_a_site_that_knows_only_the_year_is_one_work_with_those_that_know_the_month(made_up: str) -> None:
    facts = {"type": "TV", "year": 2027}
    results = {
        "jikan": [entry("jikan", 777001, "Hoshi no Tanbo", "星の田んぼ", start_date=made_up, **facts)],
        "anilist": [on_anilist(778001, "Hoshi no Tanbo", mal=777001, start_date="2027-07", **facts)],
        "kitsu": [on_kitsu(779001, "Hoshi no Tanbo", mal=777001, start_date="2027-07-05", **facts)],
    }
    identity = identify(Wanted("Hoshi no Tanbo"), results)
    assert identity.verdict == "accept"
    assert ids(identity) == {"jikan": "777001", "anilist": "778001", "kitsu": "779001"}
    assert identity.evidence.start_date == "2027-07-05"


def test_a_made_up_day_is_not_taken_into_the_evidence_before_an_honest_month() -> None:
    results = {
        "jikan": [entry("jikan", 777001, "Hoshi no Tanbo", type="TV", year=2027, start_date="2027-01-01")],
        "anilist": [
            on_anilist(778001, "Hoshi no Tanbo", mal=777001, type="TV", year=2027, start_date="2027-07")
        ],
    }
    assert identify(Wanted("Hoshi no Tanbo"), results).evidence.start_date == "2027-07"
