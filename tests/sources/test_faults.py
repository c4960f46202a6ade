"""The shared inputs that failed once come out right, each by the parser of its site."""

from __future__ import annotations

from cache.rules import Reply
from sources import anidb, anilist, jikan
from sources.anidb.complaint import refusal
from tests.support.faults import fault


def test_jikan_s_dates_are_as_exact_as_their_text() -> None:
    year = jikan.parse(fault("jikan-date-year-only.json"))
    assert (year.start_date, year.season, year.year) == ("2027", None, 2027)
    month = jikan.parse(fault("jikan-date-end-month-only.json"))
    assert (month.start_date, month.end_date) == ("1985-04-05", "1986-03")


def test_a_tab_inside_a_text_is_mended() -> None:
    record = jikan.parse(fault("jikan-raw-tab.json"))
    assert (record.title, record.repaired) == ("Hoshi no Tanbo", ["control_characters"])


def test_an_error_for_one_part_costs_that_part() -> None:
    body = fault("anilist-partial-error.json")
    record = anilist.parse(body)
    assert anilist.Anilist.refuse(Reply("POST", anilist.Anilist.base_url, 200, {}, body)) is None
    assert (record.title, record.incomplete) == ("Hoshi no Tanbo", {"characters": "upstream_error"})


def test_anidb_s_documents_are_mended() -> None:
    mended = {"anidb-control-char.xml": "control_characters", "anidb-bom-space.xml": "leading_text"}
    for name, repair in mended.items():
        body = fault(name)
        record = anidb.parse(body)
        assert (record.title, record.episode_count, record.repaired) == ("Hoshi no Tanbo", 12, [repair])
        assert refusal(Reply("GET", "https://a.example", 200, {}, body)) is None
