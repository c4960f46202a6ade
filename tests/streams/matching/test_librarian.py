"""What somebody who knows the shelves would refuse, and what they would hand out without asking back."""

from typing import Any

import pytest

from sources.base import Candidate
from streams.matching.identify import Identity, Wanted, identify
from streams.matching.offline_database import OfflineDatabase
from tests.support.entries import entry, ids, on_anilist, on_kitsu


def works(*rows: list[Candidate]) -> dict[str, list[Candidate]]:
    """Entries by site."""
    found: dict[str, list[Candidate]] = {}
    for one in (one for row in rows for one in row):
        found.setdefault(one.source, []).append(one)
    return found


def three(id_: int, title: str, *titles: str, **facts: Any) -> list[Candidate]:
    """A work on AniList, Kitsu and Jikan."""
    return [
        on_anilist(id_, title, *titles, **facts),
        on_kitsu(id_ + 500, title, *titles, mal=id_, **facts),
        entry("jikan", id_, title, *titles, **facts),
    ]


def listed(id_: int, title: str, *titles: str) -> list[Candidate]:
    """A work on AniList and in AniDB's list of all titles."""
    return [on_anilist(id_, title, *titles), entry("anidb", id_, title, *titles)]


def asked(text: str, *rows: list[Candidate], year: int | None = None) -> Identity:
    """What comes of a title."""
    return identify(Wanted(text, year), works(*rows))


PAN = three(1, "Mahjong Soul Kan")
OTHERS = [
    ("Comics", three(1, "Comic Girls", type="TV", year=2018)),
    ("Ryuusei no Rockman", three(1, "Ryuusei no Rockman Tribe", type="TV", year=2007)),
    ("Himawari!", three(1, "Himawari!!", "Himawari, too!")),
    ("Hypnosis Mic: Division Rap", three(1, "Hypnosis Mic: Division Battle Rap +")),
    ("sushi", three(1, "Dosukoi Sushi Zumou", "Sushi Sumo", type="TV", year=2021)),
    ("Oden-kun", three(1, "Ganbare! Oden-kun")),
    ("Yakuindomo Seitokai OVA", three(1, "Seitokai Yakuindomo* OVA")),
    ("Onimusha", three(1, "Shin Onimusha", type="OVA")),
    ("Mahjong Soul Pon", PAN),
    ("Hman Lkst", three(1, "Duman Lost")),
    ("Hmn Lst", three(1, "Human Lost")),
    ("mp100", three(1, "Mob Psycho Reigen", "MP100R")),
    ("Kimi to Boku", [on_anilist(1, "Kimi to Boku."), on_kitsu(501, "Kimi to Boku.", mal=1)]),
    ("Seitokai Yakuindomo", listed(1, "Seitokai Yakuindomo*")),
]


@pytest.mark.parametrize(("text", "other"), OTHERS, ids=[text for text, _ in OTHERS])
def test_a_work_that_is_only_like_the_one_asked_for_is_not_handed_out(
    text: str, other: list[Candidate]
) -> None:
    assert asked(text, other).verdict != "accept"


MEANT = [
    ("Gullmetal Alchemsit", three(1, "Fullmetal Alchemist")),
    ("aquatope", three(1, "Shiroi Suna no Aquatope", "Aquatope on White Sand", type="TV", year=2021)),
    ("medaka", three(1, "Medaka Box", type="TV", year=2012)),
    ("Yakuindomo Seitokai OVA", three(1, "Seitokai Yakuindomo OVA")),
    ("Hman Lkst", three(1, "Human Lost")),
    ("Tumbleina", three(1, "Oyayubi Hime", "Thumbelina")),
    ("made in abbys", three(1, "Made in Abyss")),
    ("Blleach te Movie: Memories of Nobody", three(1, "Bleach the Movie: Memories of Nobody")),
    ("Fuuma no Kojirou: Hanran-hen", three(1, "Fuuma no Kojirou: Fuuma Hanran-hen")),
    ("Sasaki and Miyano Graduation", three(1, "Sasaki to Miyano Movie", "Sasaki and Miyano: Graduation")),
    ("Haikyu Season 5", three(1, "Haikyu Part 2", "Haikyu Season 5")),
    ("86 (2021)", three(1, "86 Part 2", "86 (2021)", type="TV", year=2021)),
    ("来世は他人がいい", three(1, "Raise wa Tanin ga Ii", "来世は他人がいい")),
    ("Amazing Stranger", three(1, "Choukadou Girl ⅙", "Amazing Stranger")),
    (
        "Gundam Wing",
        [
            *three(1, "Shin Kidou Senki Gundam Wing"),
            entry("anidb", 1, "Shin Kidou Senki Gundam Wing", "Gundam Wing"),
        ],
    ),
    ("Heisei Policemen", listed(1, "Heisei Policemen!!")),
]


@pytest.mark.parametrize(("text", "work"), MEANT, ids=[text for text, _ in MEANT])
def test_what_can_mean_one_work_alone_is_handed_out(text: str, work: list[Candidate]) -> None:
    assert ids(asked(text, work)).get("anilist") == "1"


def test_the_name_that_one_site_lists_of_an_ova_is_that_of_the_series_also_when_misspelt() -> None:
    titles = ("Musha Densetsu", "Onimusha: Dawn of Dreams")
    ova = [*three(1, *titles, type="OVA"), entry("anidb", 1, *titles, "Onimusha")]
    for text in ("Onimusha", "Onimisha"):
        refused = asked(text, ova)
        assert (refused.verdict, refused.candidates[0].rule) == ("ambiguous", "name_of_the_series")
    series = [*three(1, *titles, type="TV"), entry("anidb", 1, *titles, "Onimusha")]
    twice = [*three(1, *titles, "Onimusha", type="OVA")[:2], entry("anidb", 1, *titles, "Onimusha")]
    assert ids(asked("Onimusha", series))["anilist"] == ids(asked("Onimusha", twice))["anilist"] == "1"


def test_the_second_cour_is_not_the_season_that_one_site_heads_it_as() -> None:
    first = three(1, "Mahoutsukai no Yome", "Mahoyome")
    cour = [
        *three(2, "Mahoutsukai no Yome Season 2 Part 2"),
        entry("anidb", 2, "Mahoutsukai no Yome Season 2", "Mahoutsukai no Yome Season 2 Part 2"),
    ]
    assert asked("mahoyome season 2", first, cour).verdict != "accept"
    titles = ("Mahoutsukai no Yome Season 2 Part 2", "Mahoutsukai no Yome Season 2")
    half = [on_anilist(2, *titles), on_kitsu(502, *titles[::-1], mal=2)]
    assert ids(asked("mahoyome season 2", first, half))["anilist"] == "2"


def test_a_season_listed_in_other_words_is_not_that_of_headings_that_count_another() -> None:
    cour = three(2, "Mushoku: Isekai Part 2", "Mushoku Season 2")
    assert asked("mushoku s2", cour).candidates[0].rule == "counted_otherwise"
    assert ids(asked("mushoku season 2", cour))["anilist"] == "2"
    same = three(2, "Mushoku: Isekai 2nd Season", "Mushoku Season 2")
    assert ids(asked("mushoku s2", same))["anilist"] == "2"
    part = three(2, "Titan: Finale Part 2", "Titan Season 4 Part 2")
    assert ids(asked("titan s4 part 2", part))["anilist"] == "2"
    plain = three(2, "Mushoku: Isekai Part 2", "Mushoku Second")
    assert asked("mushoku second", plain).verdict == "accept"


def test_entries_that_head_each_other_in_another_spelling_are_one_work_despite_an_id() -> None:
    native = "天空戦記シュラト"
    kitsu = on_kitsu(5, "Tenkuu Senki Shurato", native, mal=9, year=1989)
    jikan = entry("jikan", 2, "Tenkū Senki Shurato", native, year=1989)
    assert ids(identify(Wanted(native), {"kitsu": [kitsu], "jikan": [jikan]})) == {"kitsu": "5", "jikan": "2"}
    other = entry("jikan", 2, "Tenkū Senki Shurato!", native, year=1989)
    assert identify(Wanted(native), {"kitsu": [kitsu], "jikan": [other]}).verdict == "ambiguous"


def test_a_year_in_brackets_is_borne_out_by_half_of_those_who_head_it_so() -> None:
    first, *_ = three(1, "Takamine-san", year=2025)
    beside = on_kitsu(501, "Takamine-san", mal=1, year=2026)
    assert asked("Takamine-san (2025)", [first, beside]).verdict == "accept"
    assert asked("Takamine-san (2024)", [first, beside]).verdict != "accept"


def test_one_site_is_enough_for_a_long_heading_when_another_has_answered_and_shows_nothing_like_it() -> None:
    alone = [entry("jikan", 1, "Shingeki no Bahamut: Genesis")]
    other = [on_anilist(7, "Something Else")]
    for text in ("Shingeki no Bhaamut: Genesis", "Shngeki no Gahamut: Genesis"):
        assert ids(asked(text, alone, other)) == {"jikan": "1"}
        assert asked(text, alone).verdict != "accept"
    assert asked("Bhaamut Genesi", [entry("jikan", 1, "Bahamut Genesi")], other).verdict != "accept"
    unheaded = [entry("jikan", 1, "Virgin Soul", "Shingeki no Bahamut: Genesis")]
    assert asked("Shingeki no Bhaamut: Genesis", unheaded, other).verdict != "accept"


def test_signs_inside_a_long_heading_may_be_left_out_where_one_site_alone_has_it() -> None:
    def found(title: str, *beside: list[Candidate]) -> str:
        plain = title.replace("!", "").replace("?", "").replace(".", "")
        return asked(plain, [entry("jikan", 1, title)], *beside).verdict

    other = [on_anilist(7, "Something Else")]
    assert found("One Piece: Mezase! Yakyuu Ou", other) == "accept"
    assert found("One Piece: Mezase! Yakyuu Ou") != "accept"
    assert found("Mezase! Ou", other) != "accept"
    assert found("One Piece: Mezase? Yakyuu Ou", other) != "accept"
    assert found("One Piece: Mezase! Yakyuu Ou!", other) != "accept"


def test_a_title_of_which_two_in_five_letters_differ_is_no_rival_of_a_slip() -> None:
    radiant, far = three(1, "Radiant"), three(2, "Yuusha Raideen", "Raideen")
    assert ids(asked("Radiknt", radiant, far))["anilist"] == "1"
    assert asked("Radiknt", radiant, three(2, "Yuusha Raidknte", "Raidknte")).verdict != "accept"


def test_a_season_that_an_entry_is_headed_as_is_its_own_however_the_heading_goes_on() -> None:
    assert (
        ids(asked("Alpha 2nd Season", three(1, "Alpha Season 2 (2019)", "Alpha 2nd Season")[:2]))["anilist"]
        == "1"
    )
    other = three(1, "Alpha Season 3 (2019)", "Alpha 2nd Season")[:2]
    assert asked("Alpha 2nd Season", other).verdict == "ambiguous"


def test_what_is_written_as_another_works_title_begins_is_no_slip() -> None:
    oniai = three(1, "Oniichan dakedo Ai", "OniAi")
    assert ids(asked("onimai", oniai[:1], [on_kitsu(501, "OniAi", mal=1)]))["anilist"] == "1"
    meant = three(2, "Oniichan wa Oshimai!", "Onimai: I'm Now Your Sister!")
    assert asked("onimai", oniai[:1], [on_kitsu(501, "OniAi", mal=1)], meant).verdict == "ambiguous"


def entry_of_data_set(title: str, *synonyms: str) -> dict[str, object]:
    """A row of an imported data set."""
    return {"title": title, "synonyms": list(synonyms), "sources": ["https://myanimelist.net/anime/9253"]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("stiens gate", True),
        ("stiens gtae", True),
        ("stinsgete", True),
        ("stinsget", False),
        ("stiens gaxy", False),
        ("steinsgate", True),
        ("sgx season 2", True),
        ("Steins;Gate - 01 [1080p].mkv", True),
        ("sg", False),
        ("シュタインズ・ゲート", False),
    ],
)
def test_an_imported_data_set_knows_a_title_within_its_slips(text: str, found: bool) -> None:
    known = OfflineDatabase(
        [entry_of_data_set("Steins;Gate", "SGx", "シュタインズ・ゲーム"), entry_of_data_set("Other")]
    )
    assert [one.title for one in known.witnesses(text)] == ["Steins;Gate"] * found


def test_a_slip_that_a_data_set_alone_explains_is_asked_for_by_the_id_that_it_knows() -> None:
    witness = OfflineDatabase([entry_of_data_set("Steins;Gate")]).witnesses("stiens gate")
    other = [on_anilist(7, "Something Else")]
    unsure = identify(Wanted("stiens gate"), works(other), witnesses=witness)
    assert unsure.again is not None
    assert unsure.again.ids == {"mal": "9253"}
    shown = works(other, [on_anilist(9253, "Steins;Gate")])
    assert ids(identify(Wanted("stiens gate"), shown, witnesses=witness)) == {"anilist": "9253"}


def test_an_id_is_not_denied_by_a_title_of_a_work_of_another_year() -> None:
    named, other = on_kitsu(2, "Beta", mal=2, year=2010), on_kitsu(1, "Alpha", mal=1, year=2000)
    found = identify(Wanted("Alpha", year=2010, ids={"mal": "2"}), works([named, other]))
    assert ids(found) == {"kitsu": "2"}
