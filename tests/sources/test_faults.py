"""What sites were seen to do wrong comes out right, each by the parser of its site."""

from __future__ import annotations

from cache.rules import Reply
from sources import anidb, anilist, jikan, kitsu
from sources.anidb.complaint import refusal
from streams.contract.events import PartialResult
from tests.support import faults
from tests.support.partials import merged


def test_jikan_s_dates_are_as_exact_as_their_text() -> None:
    year = jikan.parse(faults.jikan_aired("2028 to ?", "2028-01-01"))
    assert (year.start_date, year.season, year.year) == ("2028", None, 2028)
    month = jikan.parse(faults.jikan_aired("Oct 6, 1984 to Sep 1985", "1984-10-06", "1985-09-01"))
    assert (month.start_date, month.end_date) == ("1984-10-06", "1985-09")


def test_a_tab_inside_a_text_is_mended() -> None:
    body = faults.jikan(background="one\ttwo").replace(rb"\t", b"\t")
    record = jikan.parse(body)
    assert b"one\ttwo" in body
    assert (record.title, record.repaired) == (faults.NAME, ["control_characters"])


def test_an_error_for_one_part_costs_that_part() -> None:
    told = [{"message": "Internal Server Error", "status": 500, "path": ["Media", "characters"]}]
    body = faults.anilist(told, characters=None)
    record = anilist.parse(body)
    assert anilist.Anilist.refuse(Reply("POST", anilist.Anilist.base_url, 200, {}, body)) is None
    assert (record.title, record.incomplete) == (faults.NAME, {"characters": "upstream_error"})


def test_anidb_s_documents_are_mended() -> None:
    mended = {
        faults.anidb(description="One road\x0band another."): "control_characters",
        faults.anidb(before="\ufeff\n"): "leading_text",
    }
    for body, repair in mended.items():
        record = anidb.parse(body)
        assert (record.title, record.episode_count, record.repaired) == (faults.NAME, 12, [repair])
        assert refusal(Reply("GET", "https://a.example", 200, {}, body)) is None


def test_an_episode_0_does_not_move_the_days() -> None:
    schedule = faults.weekly(1, 12, 1617618600)
    body = faults.anilist(streamingEpisodes=faults.streamed(*range(12)), airingSchedule=schedule)
    days = {e.titles[0].text: e.aired for e in anilist.parse(body).episodes}
    assert (len(days), days["T0"], days["T11"]) == (12, "2021-04-05", "2021-06-21")


def test_a_recap_between_two_episodes_costs_no_title() -> None:
    numbers = [1, 2, 3, 4, 5, 6, 6.5, 7, 8, 9, 10, 11, 12]
    episodes = anilist.parse(faults.anilist(streamingEpisodes=faults.streamed(*numbers))).episodes
    titles = {e.number: e.titles[0].text for e in episodes if e.kind == "regular"}
    assert titles == {float(n): f"T{n}" for n in range(1, 13)}
    assert [(e.number, e.kind) for e in episodes if e.kind != "regular"] == [(6.5, "special")]


def test_the_numbers_of_a_purged_schedule_count_not_its_rows() -> None:
    schedule = faults.weekly(7, 12, 1621247400)
    record = anilist.parse(faults.anilist(status="RELEASING", airingSchedule=schedule))
    answer = PartialResult(
        request_id="r", source="anilist", outcome="ok", fetched_at="2021-07-01T00:00:00Z", record=record
    )
    assert merged(answer).episodes_aired == 12


def test_kitsu_s_odd_episodes_keep_their_numbers() -> None:
    told = (("T0", 1, 0), ("T1", 1, 1), ("T6.5", 1, 6.5), ("T6", 1, 6), ("OVA", 0, 1), ("TNone", 1, None))
    items = kitsu.parse_episodes(faults.kitsu_episodes(*told)).items
    found = {e.titles[0].text: (e.number, e.kind) for e in items}
    assert found["T0"] == (0, "special")
    assert found["T6.5"] == (6.5, "special")
    assert found["T6"] == (6, "regular")
    assert found["OVA"] == (1, "special")


def test_glued_songs_are_two() -> None:
    openings = ['"Asa (朝)" by Mio Kawa (eps 1-5, 7-12)#2:"Yoru☆Yoru (夜☆夜)" by Sora (CV: Haru Mise) (ep 6)']
    endings = [
        '1: "Umi (海)" by Q.A. from RST (ep 1)',
        '2: "Yuki (雪)" by Shio Tani (eps 2, 4-12)#3 "Don\'t say "good night"" by Aki, Kara (ep 3)',
        '3: "Hana - 花" by  <i>Mio</i> (eps 3,5)',
        '"END" by MIO',
    ]
    songs = jikan.parse(faults.jikan(theme={"openings": openings, "endings": endings})).theme_songs
    assert [(s.title, s.episodes) for s in songs if s.kind == "opening"] == [
        ("Asa", "1-5, 7-12"),
        ("Yoru☆Yoru", "6"),
    ]
    assert [s.title for s in songs if s.kind == "ending"] == [
        "Umi",
        "Yuki",
        'Don\'t say "good night"',
        "Hana - 花",
        "END",
    ]
