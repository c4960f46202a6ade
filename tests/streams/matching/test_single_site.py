"""One site's entry is, or is not, the work that is already known."""

import pytest

from sources.record import SourceRecord, Title
from streams.contract.events import Evidence
from streams.matching.comparison import compare
from streams.matching.identify import choose, confirm
from streams.matching.profile import of_candidates, of_evidence
from streams.matching.rules.one_site import SIGNS, Sign
from streams.matching.single_site import wordings
from tests.support.entries import entry

FRIEREN = Evidence(
    titles=["Sousou no Frieren", "Frieren: Beyond Journey's End", "葬送のフリーレン"],
    type="TV",
    year=2023,
    start_date="2023-09-29",
    episode_count=28,
    ids={"mal": "52991", "anilist": "154587", "kitsu": "46474"},
)
BASKET = Evidence(
    titles=["Fruits Basket", "フルーツバスケット"],
    type="TV",
    year=2019,
    episode_count=25,
    ids={"mal": "38680"},
)
KON2 = Evidence(titles=["K-On!!", "K-ON! Season 2", "けいおん!!"], type="TV", year=2010, episode_count=26)


def record(
    source: str = "anisearch", id_: str = "1", title: str = "Sousou no Frieren", **facts: object
) -> SourceRecord:
    return SourceRecord.model_validate({"source": source, "source_id": id_, "title": title, **facts})


def test_a_site_without_ids_is_matched_by_title_and_facts() -> None:
    found, report = choose(
        FRIEREN,
        [
            entry("anisearch", 2, "Frieren: Beyond Journey's End Mini", type="ONA", year=2023),
            entry("anisearch", 1, "Frieren: Beyond Journey's End", type="TV", year=2023),
        ],
    )
    assert found is not None
    assert found.id == "1"
    assert report.verdict == "accept"
    assert {"title exact", "time agrees", "type agrees"} <= set(report.evidence)


def test_a_title_alone_is_enough_where_it_is_the_only_one_like_it() -> None:
    assert choose(FRIEREN, [entry("anidb", 17617, "Sousou no Frieren")])[0] is not None


def test_the_same_title_twice_is_ambiguous_until_the_year_tells() -> None:
    old, new = (
        entry("anime_planet", slug, "Fruits Basket") for slug in ("fruits-basket", "fruits-basket-2019")
    )
    found, report = choose(BASKET, [old, new])
    assert (found, report.verdict) == (None, "ambiguous")
    assert report.runner_up is not None
    dated = [
        entry("anime_planet", "a", "Fruits Basket", year=2001),
        entry("anime_planet", "b", "Fruits Basket", year=2019),
    ]
    assert choose(BASKET, dated)[0] is dated[1]


@pytest.mark.parametrize(
    "other",
    [
        entry("anisearch", 1, "K-On!", "けいおん!", type="TV", year=2009),
        entry("anisearch", 1, "K-On!", type="TV"),
        entry("anisearch", 1, "K-On! The Movie", "K-On!!", type="MOVIE", year=2011),
        entry("anisearch", 1, "K-On!!: Ura-On!!", type="SPECIAL", year=2010),
        entry("anisearch", 1, "K-On!! 3rd Season", "K-On!!", type="TV", year=2010),
    ],
)
def test_another_part_of_the_series_is_not_chosen(other: object) -> None:
    assert choose(KON2, [other])[0] is None  # type: ignore[list-item]


def test_an_entry_that_names_another_id_is_not_chosen() -> None:
    other = entry("kitsu", 1, "Fruits Basket", "フルーツバスケット", ids={"mal": "120"}, type="TV")
    assert choose(BASKET, [other])[0] is None


def test_nothing_alike_is_none() -> None:
    assert choose(FRIEREN, [])[1].verdict == "none"
    assert choose(FRIEREN, [entry("anisearch", 1, "Cowboy Bebop")])[1].verdict == "none"


def test_an_entry_fetched_by_a_link_is_confirmed_by_title_and_time() -> None:
    report = confirm(FRIEREN, record(type="TV", start_date="2023-09-29", episode_count=28), by_id=True)
    assert report.verdict == "accept"
    assert "time agrees" in report.evidence


def test_a_link_is_believed_when_the_page_only_words_the_title_differently() -> None:
    page = record(title="Frieren - Nach dem Ende der Reise", type="TV", start_date="2023-09-29")
    assert confirm(FRIEREN, page, by_id=True).verdict == "accept"
    assert confirm(FRIEREN, page, by_id=False).verdict == "mismatch"


@pytest.mark.parametrize(
    "wrong",
    [
        record(title="Cowboy Bebop", type="TV", start_date="1998-04-03"),
        record(title="Sousou no Frieren 2nd Season", type="TV", start_date="2026-01-16"),
        record(title="Some Film", type="MOVIE", year=2023),
        record(title="Some Show", type="TV", ids={"mal": "1", "anilist": "1"}),
    ],
)
def test_a_link_to_another_work_is_a_mismatch(wrong: SourceRecord) -> None:
    assert confirm(FRIEREN, wrong, by_id=True).verdict == "mismatch"


def test_a_link_to_the_work_of_the_same_name_is_a_mismatch() -> None:
    old = record(title="Fruits Basket", type="TV", year=2001, start_date="2001-07-05", episode_count=26)
    assert confirm(BASKET, old, by_id=True).verdict == "mismatch"


def test_one_id_that_differs_does_not_outweigh_title_and_time() -> None:
    page = record(
        source="kitsu", id_="46474", type="TV", start_date="2023-09-29", ids={"mal": "1", "anilist": "154587"}
    )
    report = confirm(FRIEREN, page, by_id=True)
    assert report.verdict == "accept"
    assert "another mal id" in report.evidence


def test_ids_that_agree_outweigh_a_date_that_differs() -> None:
    page = record(
        source="kitsu",
        id_="46474",
        type="TV",
        start_date="2024-03-01",
        ids={"mal": "52991", "anilist": "154587"},
    )
    assert confirm(FRIEREN, page, by_id=True).verdict == "accept"


def test_a_record_with_little_to_say_is_believed_when_a_link_led_to_it() -> None:
    bare = record(
        source="anidb", id_="17617", title="Sousou no Frieren", titles=[Title(text="葬送のフリーレン")]
    )
    assert confirm(FRIEREN, bare, by_id=True).verdict == "accept"


def test_a_site_is_searched_by_titles_of_other_languages_before_other_spellings() -> None:
    titles = [
        "Sousou no Frieren",
        "Soso no Frieren",
        "Frieren: Beyond Journey's End",
        "葬送のフリーレン",
        "葬送",
    ]
    assert wordings(titles, 3) == [titles[0], titles[2], titles[3]]
    assert wordings(titles[:2], 3) == titles[:2]
    assert wordings([], 3) == []


def test_what_one_site_is_judged_by_is_named_with_its_weight_and_evidence() -> None:
    facts = {"type": "TV", "year": 2023}
    evidence = Evidence(titles=["Frieren", "葬送のフリーレン"], **facts)
    found, match = choose(evidence, [entry("anisearch", 1, "Frieren", "葬送のフリーレン", **facts)])
    assert found is not None
    told = {one.id: one.evidence for one in match.rules}
    assert told["title_in_common"] == "exact"
    assert {"headings", "more_titles", "time_agrees", "type_agrees"} <= told.keys()
    assert (match.rule, match.verdict) == ("borne_out", "accept")
    assert match.confidence is not None
    assert match.confidence > 0.99


@pytest.mark.parametrize("sign", SIGNS, ids=[sign.id for sign in SIGNS])
def test_every_sign_applies_to_a_pair_of_accounts_and_moves_the_confidence(sign: Sign) -> None:
    evidence = Evidence(
        titles=["Alpha", "アルファ"], type="TV", year=2010, episode_count=12, ids={"mal": "1", "anilist": "2"}
    )
    alike = entry("kitsu", 5, "Alpha", "アルファ", type="TV", year=2010, episode_count=12, ids={"mal": "1"})
    other = entry("kitsu", 5, "Beta", type="MOVIE", year=2001, episode_count=1, ids={"mal": "9"})
    part = entry("kitsu", 5, "Alpha Season 2", "Alpha 2", year=2010)
    accounts = [compare(of_evidence(evidence), of_candidates([one])) for one in (alike, other, part)]
    assert [one for one in accounts if sign.applies(one)]
    assert sign.weight != 0
