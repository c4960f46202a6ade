"""The shared inputs that failed once come out right, each by the parser of its site."""

from __future__ import annotations

from cache.rules import Reply
from sources import anidb, anilist, jikan, kitsu
from sources.anidb.complaint import refusal
from streams.contract.events import PartialResult
from tests.support.faults import fault
from tests.support.partials import merged


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


def test_an_episode_0_does_not_move_the_days() -> None:
    days = {e.titles[0].text: e.aired for e in anilist.parse(fault("anilist-ep0-schedule.json")).episodes}
    assert (len(days), days["T0"], days["T12"]) == (13, "2023-07-03", "2023-09-25")


def test_a_recap_between_two_episodes_costs_no_title() -> None:
    episodes = anilist.parse(fault("anilist-stream-13_5.json")).episodes
    titles = {e.number: e.titles[0].text for e in episodes if e.kind == "regular"}
    assert titles == {float(n): f"T{n}" for n in range(1, 25)}
    assert [(e.number, e.kind) for e in episodes if e.kind != "regular"] == [(13.5, "special")]


def test_the_numbers_of_a_purged_schedule_count_not_its_rows() -> None:
    record = anilist.parse(fault("anilist-schedule-purged.json"))
    answer = PartialResult(
        request_id="r", source="anilist", outcome="ok", fetched_at="2021-04-01T00:00:00Z", record=record
    )
    assert merged(answer).episodes_aired == 24


def test_kitsu_s_odd_episodes_keep_their_numbers() -> None:
    found = {
        e.titles[0].text: (e.number, e.kind)
        for e in kitsu.parse_episodes(fault("kitsu-episodes-odd.json")).items
    }
    assert found["T0"] == (0, "special")
    assert found["T13.5"] == (13.5, "special")
    assert found["T13"] == (13, "regular")
    assert found["OVA"] == (1, "special")


def test_glued_songs_are_two() -> None:
    songs = jikan.parse(fault("jikan-themes-glued.json")).theme_songs
    assert [(s.title, s.episodes) for s in songs if s.kind == "opening"] == [
        ("Asagiri", "1-5, 7-12"),
        ("Yoru☆Yoru☆Panic", "6"),
    ]
    assert [s.title for s in songs if s.kind == "ending"] == [
        "Umi",
        "Fubuku",
        'Don\'t say "so long"',
        "Hana - 華",
        "LAST",
    ]
