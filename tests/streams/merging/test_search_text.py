"""The text for search: what goes in, what it does not move with, and in which language it is."""

from __future__ import annotations

from typing import Any

from sources.record import Score, Synopsis, Tag
from streams.contract.record import EnrichedRecord
from streams.merging.search_text import search_text
from tests.streams.merging.golden_world import golden
from tests.support.partials import merged, partial, title

FACTS: dict[str, Any] = {
    "title": "Uchuu no Mise",
    "title_native": "宇宙の店",
    "titles": [title("Laden im All", "de"), title("Space Shop", "en"), title("SpSh", "en", "short")],
    "type": "TV",
    "year": 2020,
    "genres": ["Comedy"],
    "tags": [Tag(name="comedy"), Tag(name="Space"), Tag(name="It was all a dream", spoiler=True)],
    "studios": ["Sunrise"],
    "synopsis": Synopsis(text="A shop\n\nin  space.", language="en"),
}


def shop(**other: Any) -> EnrichedRecord:
    return merged(partial("jikan", ids={"mal": "1"}, **{**FACTS, **other}))


def test_a_line_each_says_how_it_is_called_what_it_is_and_what_it_is_about() -> None:
    assert shop().search_text == (
        "Uchuu no Mise; Space Shop; 宇宙の店\nTV, 2020\nComedy, Space\nSunrise\nA shop in space."
    )


def test_the_language_is_the_reader_s_choice() -> None:
    assert search_text(shop(), "de").startswith("Uchuu no Mise; Laden im All; 宇宙の店\n")
    assert "Laden" not in search_text(shop(titles=[title("Laden im All", "de")]), "d")


def test_a_description_in_the_language_goes_before_the_one_that_was_chosen() -> None:
    german = Synopsis(text="Ein Laden im All.", language="de")
    both = merged(
        partial("jikan", ids={"mal": "1"}, **FACTS), partial("anisearch", ids={"mal": "1"}, synopsis=german)
    )
    assert search_text(both, "de").endswith("\nEin Laden im All.")
    assert search_text(both, "en").endswith("\nA shop in space.")
    assert search_text(both, "fr").endswith("\nA shop in space.")


def test_romaji_is_no_japanese_script_and_british_english_is_english() -> None:
    titles = [title("Uchū no Mise", "ja-Latn"), title("うちゅうのみせ", "ja"), title("Space Store", "en-GB")]
    assert "Uchū" not in search_text(shop(titles=titles), "ja")
    assert "うちゅうのみせ" in search_text(shop(titles=titles), "ja")
    assert "Space Store" in search_text(shop(titles=titles), "en")


def test_what_moves_every_week_does_not_move_it() -> None:
    before = shop(score=Score(value=8, scale_min=1, scale_max=10), episodes_aired=3, status="AIRING")
    after = shop(score=Score(value=7, scale_min=1, scale_max=10), episodes_aired=4, status="FINISHED")
    weighed = shop(tags=[Tag(name="Space", weight=0.2), Tag(name="comedy", weight=0.9)])
    assert before.content_hash != after.content_hash
    assert len({one.search_text_hash for one in (before, after, weighed, shop())}) == 1


def test_another_description_moves_the_hash() -> None:
    assert shop().search_text_hash != shop(synopsis=Synopsis(text="A shop on Mars.")).search_text_hash


def test_the_text_is_made_of_the_content_and_adds_nothing_to_its_hash() -> None:
    record = shop()
    from streams.merging.content_hash import content_hash

    bare = record.model_copy(update={"search_text": None, "search_text_hash": None})
    assert content_hash(bare) == content_hash(record) == record.content_hash


def test_many_titles_and_tags_leave_it_short() -> None:
    titles = [title(f"Name {number:02}", "en") for number in range(30)]
    lines = search_text(shop(titles=titles, tags=[Tag(name=f"tag {n:02}") for n in range(50)]), "en").split(
        "\n"
    )
    assert (lines[0].count(";"), lines[2].count(",")) == (7, 20)


def test_a_word_that_says_nothing_is_left_out() -> None:
    assert "OTHER" not in search_text(shop(source_material="OTHER"), "en")


def test_two_spellings_of_one_title_are_one() -> None:
    assert search_text(shop(titles=[title("UCHUU no  mise", "en")]), "en").startswith("Uchuu no Mise; 宇")


def test_a_real_record_has_it() -> None:
    assert golden("bebop").search_text_hash
