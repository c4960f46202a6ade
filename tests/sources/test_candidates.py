"""An entry as a search result."""

from __future__ import annotations

from sources.base import Candidate
from sources.candidates import from_entry
from sources.record import SourceRecord, Title


def test_an_entry_bears_every_title_that_it_says_once() -> None:
    titles = [Title(text="Bebop"), Title(text="Cowboy Bebop")]
    found = from_entry(
        SourceRecord(
            source="kitsu",
            source_id="1",
            title="Cowboy Bebop",
            title_native="カウボーイビバップ",
            titles=titles,
        )
    )
    assert (found.title, found.titles) == ("Cowboy Bebop", ("カウボーイビバップ", "Bebop", "Cowboy Bebop"))


def test_an_entry_without_a_main_title_goes_by_the_first_that_it_has() -> None:
    found = from_entry(SourceRecord(source="kitsu", source_id="1", title_english="Planetes"))
    assert found.title == "Planetes"


def test_a_result_is_called_by_its_heading_and_its_other_titles_and_by_no_empty_one() -> None:
    assert Candidate("kitsu", "1", "Alpha", ("", "Beta")).called == ("Alpha", "Beta")
    assert Candidate("kitsu", "1", "", ("Beta",)).called == ("Beta",)
