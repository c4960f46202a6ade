"""Titles, and the three that stand alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.config.policy_file import load_policy
from tests.support.partials import merged, partial, title


def test_one_spelling_stands_for_all_and_the_others_are_kept() -> None:
    record = merged(
        partial("jikan", title="Spy x Family", titles=[title("Spy x Family", "ja-Latn", "main")]),
        partial(
            "anilist",
            titles=[title("SPY x FAMILY", "ja-Latn", "main"), title("SPY×FAMILY", "ja", "official")],
        ),
    )
    assert [(t.text, t.language, t.sources) for t in record.titles] == [
        ("Spy x Family", "ja-Latn", ["jikan", "anilist"]),
        ("SPY×FAMILY", "ja", ["anilist"]),
    ]
    assert record.provenance["titles[0]"].beaten[0].value["text"] == "SPY x FAMILY"


def test_punctuation_tells_titles_apart() -> None:
    record = merged(partial("jikan", titles=[title("K-On!", "en"), title("K-On!!", "en")]))
    assert [t.text for t in record.titles] == ["K-On!", "K-On!!"]


def test_a_title_without_language_joins_the_one_that_has_it() -> None:
    record = merged(
        partial("kitsu", titles=[title("Keion!")]), partial("anidb", titles=[title("Keion!", "ja-Latn")])
    )
    assert [(t.language, t.sources) for t in record.titles] == [("ja-Latn", ["anidb", "kitsu"])]


def test_the_main_title_is_anidbs_and_stands_first() -> None:
    record = merged(
        partial("jikan", title="Shingeki no Kyojin", titles=[title("Shingeki no Kyojin", "ja-Latn", "main")]),
        partial(
            "anidb", title="Shingeki no Kyojin TV", titles=[title("Shingeki no Kyojin TV", "ja-Latn", "main")]
        ),
    )
    assert record.title == "Shingeki no Kyojin TV"
    assert [(t.text, t.kind) for t in record.titles] == [
        ("Shingeki no Kyojin TV", "main"),
        ("Shingeki no Kyojin", "official"),
    ]


def test_a_title_that_is_main_in_two_languages_is_main_once() -> None:
    both = [title("Cowboy Bebop", "ja-Latn", "main"), title("Cowboy Bebop", "en", "official")]
    record = merged(partial("jikan", title="Cowboy Bebop", titles=both))
    assert [(t.language, t.kind) for t in record.titles] == [("ja-Latn", "main"), ("en", "official")]


def test_an_english_title_never_stands_for_the_romaji_one() -> None:
    record = merged(
        partial(
            "kitsu",
            title="Frieren: Beyond Journey's End",
            titles=[title("Frieren: Beyond Journey's End", "en")],
        ),
        partial("anilist", title="Sousou no Frieren", titles=[title("Sousou no Frieren", "ja-Latn")]),
    )
    assert record.title == "Sousou no Frieren"


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "Frieren"), ("ja", "葬送のフリーレン"), ("ja-Latn", "Sousou")]
)
def test_the_user_chooses_the_language_of_the_title(tmp_path: Path, language: str, expected: str) -> None:
    (tmp_path / "own.toml").write_text(f'languages = ["{language}"]')
    source = partial("jikan", title="Sousou", title_english="Frieren", title_native="葬送のフリーレン")
    assert merged(source, policy=load_policy(tmp_path / "own.toml")).title == expected


def test_no_english_title_is_null_and_not_the_romaji() -> None:
    assert merged(partial("jikan", title="Teppen")).title_english is None


def test_a_more_exact_language_takes_the_less_exact_one_in() -> None:
    record = merged(
        partial("anidb", titles=[title("魔道祖师", "zh-Hans", "official")]),
        partial(
            "jikan",
            titles=[
                title("魔道祖师", "zh", "official"),
                title("One Piece", "ja"),
                title("One Piece", "ja-Latn"),
            ],
        ),
    )
    assert [(t.text, t.language, t.sources) for t in record.titles] == [
        ("魔道祖师", "zh-Hans", ["anidb", "jikan"]),
        ("One Piece", "ja", ["jikan"]),
        ("One Piece", "ja-Latn", ["jikan"]),
    ]
