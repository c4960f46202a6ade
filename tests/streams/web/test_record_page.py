"""The record's page: what the record is about, and nothing in it is a program's word for a value."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from sources.record import Link, Name, ThemeSong, Title, VoiceActor
from streams.contract.record import (
    EnrichedRecord,
    MergedCharacter,
    MergedEpisode,
    MergedLink,
    MergedRelation,
    MergedStaff,
    SourceScore,
)
from streams.following.calendar import Airing
from streams.web.works.calendar import calendar_page
from streams.web.works.contents import relation_names
from streams.web.works.pictures import drawn
from streams.web.works.record import record_page
from tests.support.page import HOSTILE

WORK = EnrichedRecord(
    anime_id="mal:1",
    title="Alpha",
    streaming=[Link(site="Crunchyroll", url="https://watch.example/1", kind="streaming")],
    episodes=[
        MergedEpisode(
            number=float(n),
            titles=[Title(text=f"Session {n}", language="en")],
            aired="1998-10-24",
            duration_seconds=1440,
            filler=n == 2,
            links=[MergedLink(site="Netflix", url="https://watch.example/e")],
        )
        for n in range(1, 31)
    ],
    characters=[
        MergedCharacter(
            names=[Name(text="Spike")],
            role="MAIN",
            voice_actors=[VoiceActor(names=[Name(text="Yamadera")], language="ja")],
        )
    ],
    staff=[MergedStaff(names=[Name(text="Watanabe")], roles=["Director"])],
    relations=[
        MergedRelation(kind="SEQUEL", title="Beta", ids={"mal": "5"}),
        MergedRelation(
            kind="ADAPTATION", title="Gamma", ids={"mal": "5"}, media="manga", url="https://m.example/5"
        ),
    ],
    theme_songs=[ThemeSong(kind="opening", title="Tank!", artist="Seatbelts", number=1)],
    scores={"kitsu": SourceScore(value=82.5, scale_min=0, scale_max=100, votes=1200)},
    popularity={"kitsu": {"members": 1234.0, "popularity_rank": 9.0}},
)


def test_a_record_says_what_it_is_about() -> None:
    page = record_page(WORK).decode()
    for words in ("Session 1", "24 min", "filler", "Spike", "Yamadera", "Director", "Tank!", "Seatbelts"):
        assert words in page
    for words in ("Crunchyroll", "82.5 of 100", "1,200", "members 1,234", "/record.json?id=mal:1"):
        assert words in page
    assert "4 more episodes" in page
    assert "?, ?" not in page


def test_a_related_work_leads_to_its_record_where_we_have_one_and_a_manga_never_does() -> None:
    assert relation_names(WORK) == ["mal:5"]
    page = record_page(WORK, known={"mal:5": "mal:5"}).decode()
    assert page.count('href="/record?id=mal:5"') == 1
    assert "https://m.example/5" in page
    assert 'href="/record?id=mal:5"' not in record_page(WORK, known={"mal:5": ""}).decode()


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_a_picture_that_is_not_there_is_drawn_with_its_title_as_text(words: str) -> None:
    drawing = ET.tostring(drawn(words), encoding="unicode", method="html")
    assert "<script>" not in drawing
    assert ET.fromstring(ET.tostring(drawn(words))).tag == "svg"


def test_nothing_of_a_record_is_told_as_a_program_writes_it() -> None:
    page = record_page(WORK).decode()
    for words in ("{'", "[{", "None", "MergedEpisode"):
        assert words not in page


def test_the_calendar_says_what_airs_when_and_who_says_otherwise() -> None:
    airing = Airing(
        anime_id="mal:1",
        title="<b>Alpha",
        episode=5,
        at="2026-12-01T15:00:00Z",
        said_by=["anilist"],
        others={"kitsu": "2026-12-02T15:00:00Z"},
    )
    page = calendar_page([airing]).decode()
    assert "2026-12-01 15:00:00 UTC" in page
    assert "kitsu" in page
    assert "&lt;b&gt;Alpha" in page
    assert "FOLLOW=season" in calendar_page([]).decode()
