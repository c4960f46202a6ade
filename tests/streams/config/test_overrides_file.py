"""The user's corrections go first, and a mistake in them is named with its line."""

from pathlib import Path

import pytest

from sources.record import SourceRecord, Title
from streams.config.overrides_file import load
from streams.config.toml_file import PolicyError
from streams.contract.events import Evidence
from streams.matching.identify import Wanted, choose, confirm, identify
from streams.matching.overrides import Overrides
from tests.support.entries import entry, on_anilist, on_kitsu

FILE = """\
# corrections
[[pin]]
title = "Fruits Basket"
ids = { mal = 38680 }

[[pin]]
title = "Fruits Basket"
year = 2001
ids = { mal = 120 }

[[same]]
ids = { mal = 38680, anime_planet = "fruits-basket-2019" }

[[different]]
ids = { mal = 120, kitsu = 41995 }

[[value]]
ids = { mal = 38680 }
set = { episode_count = 25 }
"""

BASKETS = {
    "anilist": [
        on_anilist(120, "Fruits Basket", type="TV", year=2001),
        on_anilist(105334, "Fruits Basket", mal=38680, type="TV", year=2019),
    ]
}


def read(tmp_path: Path, text: str = FILE) -> Overrides:
    path = tmp_path / "overrides.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_pinned_title_means_its_work_though_it_is_ambiguous(tmp_path: Path) -> None:
    identity = identify(Wanted("fruits  basket"), BASKETS, overrides=read(tmp_path))
    assert identity.chosen["anilist"].id == "105334"


def test_a_pin_with_the_year_goes_before_the_one_without(tmp_path: Path) -> None:
    identity = identify(Wanted("Fruits Basket", year=2001), BASKETS, overrides=read(tmp_path))
    assert identity.chosen["anilist"].id == "120"


def test_a_pin_holds_while_every_site_is_down(tmp_path: Path) -> None:
    identity = identify(Wanted("Fruits Basket"), {}, overrides=read(tmp_path))
    assert identity.verdict == "accept"
    assert identity.evidence.ids == {"mal": "38680", "anime_planet": "fruits-basket-2019"}


def test_entries_said_to_be_the_same_are_joined_against_their_facts() -> None:
    results = {
        "anilist": [on_anilist(1, "Tokeijikake no Minato", type="TV", year=2001)],
        "kitsu": [on_kitsu(2, "Clockwork Harbor", type="MOVIE", year=2019)],
    }
    same = Overrides(same=({"anilist": "1", "kitsu": "2"},))
    identity = identify(Wanted("Tokeijikake no Minato"), results, overrides=same)
    assert {source: one.id for source, one in identity.chosen.items()} == {"anilist": "1", "kitsu": "2"}


def test_entries_said_to_be_different_stay_apart_against_their_links() -> None:
    results = {
        "anilist": [on_anilist(1, "Velvet Hour", mal=7)],
        "kitsu": [on_kitsu(2, "Velvet Hour", mal=7)],
    }
    different = Overrides(different=({"anilist": "1", "kitsu": "2"},))
    assert identify(Wanted("Velvet Hour"), results).verdict == "accept"
    assert identify(Wanted("Velvet Hour"), results, overrides=different).verdict == "ambiguous"


def test_a_page_said_to_be_another_work_is_not_chosen_and_not_confirmed() -> None:
    evidence = Evidence(titles=["Fruits Basket"], ids={"mal": "38680"})
    page = entry("anime_planet", "fruits-basket", "Fruits Basket")
    record = SourceRecord(source="anime_planet", source_id="fruits-basket", title="Fruits Basket")
    different = Overrides(different=({"mal": "38680", "anime_planet": "fruits-basket"},))
    assert choose(evidence, [page])[0] is page
    assert choose(evidence, [page], different)[0] is None
    assert confirm(evidence, record, by_id=True, overrides=different).verdict == "mismatch"


def test_a_page_said_to_be_the_work_is_confirmed_against_its_facts() -> None:
    evidence = Evidence(titles=["Clockwork Harbor"], year=2027, ids={"mal": "5"})
    record = SourceRecord(
        source="anisearch",
        source_id="9",
        title="Uhrwerkhafen",
        year=1999,
        titles=[Title(text="Uhrwerkhafen")],
    )
    same = Overrides(same=({"mal": "5", "anisearch": "9"},))
    assert confirm(evidence, record, by_id=True).verdict == "mismatch"
    assert confirm(evidence, record, by_id=True, overrides=same).verdict == "accept"


def test_values_are_pinned_to_a_work_by_any_of_its_ids(tmp_path: Path) -> None:
    overrides = read(tmp_path)
    assert overrides.values_for({"anilist": "105334", "mal": "38680"}) == {"episode_count": 25}
    assert overrides.values_for({"mal": "120"}) == {}


@pytest.mark.parametrize(
    ("text", "line", "names"),
    [
        ('[[pin]]\ntitle = "X"\nids = { myanimelist = 1 }', 3, "unknown source 'myanimelist'"),
        ("[[same]]\nids = { mal = 1 }", 2, "2 or more"),
        ("[[same]]\nids = { mal = 1, kitsu = 2 }\n\n[[same]]\nids = { mal = 1, kitsuu = 2 }", 5, "'kitsuu'"),
        ("[[value]]\nids = { mal = 1 }\nset = { epsiode_count = 3 }", 3, "epsiode_count"),
        ('[[value]]\nids = { mal = 1 }\n[value.set]\nepisode_count = "many"', 4, "episode_count"),
        ('[[pin]]\ntitel = "X"\nids = { mal = 1 }', 2, "'titel'"),
        ("\n[[pin]]\nids = { mal = 1 }", 2, "needs 'title'"),
        ('[[pin]]\ntitle = "X"\nyear = "2019"\nids = { mal = 1 }', 3, "year"),
        ('[[pins]]\ntitle = "X"', 1, "did you mean 'pin'"),
        ("[same]\nids = { mal = 1, kitsu = 2 }", 1, "[[same]]"),
        ("[[different]]\nids = { mal = true, kitsu = 2 }", 2, "a text or a number"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, names: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"overrides.toml, line {line}: ")
    assert names in str(caught.value)


def test_a_file_that_is_missing_or_no_toml_is_an_error_and_not_nothing(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        load(tmp_path / "absent.toml")
    with pytest.raises(PolicyError, match=r"overrides\.toml"):
        read(tmp_path, "[[pin]")
