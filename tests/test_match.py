"""A request means one work, several, or none; likeness never decides."""

from sources.base import Candidate
from streams.match import Wanted, identify


def entry(source: str, id_: str, title: str, *titles: str, **facts: object) -> Candidate:
    return Candidate(source, id_, title, titles, **facts)  # type: ignore[arg-type]


def test_a_sequel_is_never_its_first_season() -> None:
    results = {"anilist": [entry("anilist", "5680", "K-On!"), entry("anilist", "7791", "K-On!!")]}
    assert identify(Wanted("K-On!!"), results).chosen["anilist"].id == "7791"
    assert identify(Wanted("K-On!"), results).chosen["anilist"].id == "5680"


def test_an_exact_title_of_two_works_is_ambiguous_until_the_year_decides() -> None:
    results = {
        "anilist": [
            entry("anilist", "120", "Fruits Basket", year=2001),
            entry("anilist", "105334", "Fruits Basket", year=2019),
        ]
    }
    assert identify(Wanted("Fruits Basket"), results).verdict == "ambiguous"
    assert identify(Wanted("Fruits Basket", year=2019), results).chosen["anilist"].id == "105334"
