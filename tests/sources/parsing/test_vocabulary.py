"""The vocabulary knows every raw value that was ever seen, and says nothing about the others."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from sources.parsing import vocabulary
from sources.parsing.vocabulary import canonical, read, words
from sources.record import AnimeStatus, AnimeType, Season, Unmapped

VOCAB = Path(__file__).parents[4] / "shared" / "upstream" / "vocab"
KINDS = {
    "type": "type",
    "status": "status",
    "season": "season",
    "relation": "relation",
    "source_material": "source_material",
    "rating": "content_rating",
    "character_role": "character_role",
    "anidb_resource_types": "site",
    "kitsu_mapping_sites": "site",
}
NO_RAW_VALUE = {
    "(no field)": "the site has no such field; what can be derived is derived from dates by the parser",
    "(no attribute)": "the site has no such field; the season is derived from the start date by the parser",
    "(absent)": "no raw value: an absent field stays absent",
    "(none)": "the site has no such field",
}
OUR_WORD_DIFFERS = {
    ("status", "ONGOING"): "AIRING: the record's word for it",
    ("type", "(not anime)"): "no type of ours; the related work keeps its raw format",
    ("content_rating", "(none)"): "not adult is no rating",
    ("*", "UNKNOWN"): "null is absent: the record never says UNKNOWN for it",
}


def rows() -> Iterator[tuple[str, str, str, str]]:
    for path in sorted(VOCAB.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield KINDS[path.stem], row["source"].replace("-", "_"), row["raw"], row["suggested"]


def explained(kind: str, raw: str, suggested: str) -> bool:
    if raw == "null":
        return ("*", suggested) in OUR_WORD_DIFFERS
    return (kind, suggested) in OUR_WORD_DIFFERS


@pytest.mark.skipif(not VOCAB.is_dir(), reason="the recorded vocabularies are not here")
def test_every_recorded_raw_value_is_mapped_or_its_absence_explained() -> None:
    found = list(rows())
    assert len(found) > 300
    for kind, source, raw, suggested in found:
        if raw in NO_RAW_VALUE:
            continue
        unmapped: list[Unmapped] = []
        word = read(kind, source, raw, unmapped)
        assert not unmapped, (kind, source, raw)
        agrees = word == suggested or kind == "site"
        assert agrees or explained(kind, raw, suggested), (kind, source, raw, word)


def test_every_word_stands_in_its_enumeration_and_every_kind_has_one() -> None:
    for kind, tables in vocabulary._tables().items():
        used = {word for table in tables.values() for word in table.values()} - {""}
        assert used <= set(words(kind)), kind


def test_the_enumerations_are_those_of_the_record() -> None:
    assert words("type") == get_args(AnimeType)
    assert set(words("status")) == set(get_args(AnimeStatus))
    assert words("season") == get_args(Season)


def test_no_table_maps_one_raw_value_twice() -> None:
    for kind, tables in vocabulary._document().items():
        for source, table in tables.items():
            if source != "words":
                assert len(table) == len(vocabulary._tables()[kind][source]), (kind, source)


@pytest.mark.parametrize("raw", ["Side Story", "side story", "SIDE_STORY", " Side-Story ", "Side\u2010story"])
def test_case_spaces_and_hyphens_do_not_matter(raw: str) -> None:
    assert canonical("relation", "jikan", raw) == "SIDE_STORY"


def test_a_plus_does_matter() -> None:
    assert canonical("content_rating", "jikan", "R+ - Mild Nudity") == "R_PLUS"
    assert canonical("content_rating", "jikan", "R - 17+ (violence & profanity)") == "R17"


def test_the_word_of_a_site_wins_over_the_common_one() -> None:
    assert canonical("relation", "anime_planet", "Original") == "PARENT"
    assert canonical("source_material", "jikan", "Original") == "ORIGINAL"


def test_an_unknown_value_is_noted_raw_and_never_guessed() -> None:
    unmapped: list[Unmapped] = []
    assert read("type", "jikan", " Hologram ", unmapped, "UNKNOWN") == "UNKNOWN"
    assert unmapped == [Unmapped(field="type", raw="Hologram")]
    assert canonical("type", "jikan", "Hologram") is None


def test_a_known_value_without_a_word_of_ours_is_not_reported_as_unknown() -> None:
    unmapped: list[Unmapped] = []
    assert read("type", "anilist", "MANGA", unmapped) is None
    assert read("content_rating", "jikan", "None", unmapped) is None
    assert read("type", "jikan", None, unmapped) is None
    assert unmapped == []


def test_a_monstrous_value_is_cut_not_kept() -> None:
    unmapped: list[Unmapped] = []
    assert read("type", "jikan", "x" * 1_000_000, unmapped) is None
    assert len(unmapped[0].raw) == 200
    assert canonical("type", "jikan", "x" * 1_000_000) is None
