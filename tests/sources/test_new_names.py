"""A single value under a name that nobody has seen before is noted on every site, and costs nothing."""

from __future__ import annotations

import re

from sources.check.altered import facts
from sources.discovery import discover
from sources.parsing.names import NEW_NAME, known_names, new_names, strange
from sources.record import SourceRecord
from tests.sources.test_fuzz import every_source, parser, read, seeds
from tests.support.source_recordings import recordings

FIRST_NAME = re.compile(rb'"(?:@type|id|mal_id|route|titles)"\s*:')


def noted(record: SourceRecord) -> list[str]:
    return [value.raw for value in record.unmapped if value.field == NEW_NAME]


def with_a_new_name(body: bytes) -> bytes:
    """``body`` with one more value: in its first object, or among the elements of its root."""
    if FIRST_NAME.search(body):
        return FIRST_NAME.sub(lambda found: b'"brandNew": 3, ' + found[0], body, count=1)
    return body.replace(b"</anime>", b"<brandNew>3</brandNew></anime>")


@every_source
def test_a_value_under_a_new_name_is_noted_and_costs_nothing(name: str) -> None:
    changed = [body for body in seeds(name) if with_a_new_name(body) != body]
    assert changed
    for body in changed:
        before, after = parser(name)(body), parser(name)(with_a_new_name(body))
        assert noted(before) == []
        assert noted(after) == ["brandNew"]
        assert facts(after) == facts(before)
        assert after.incomplete == before.incomplete


@every_source
def test_no_recorded_reply_holds_a_name_that_is_new(name: str) -> None:
    given = recordings(name.replace("_", "-"))
    files = [
        file for file in given.files if "synthetic" not in file and file.endswith(("json", "xml", "html"))
    ]
    records = (read(name, given.body(file)) for file in files[:12])
    assert [noted(record) for record in records if record and noted(record)] == []


def test_a_field_of_anisearch_and_a_part_of_anime_planet_that_are_new_are_noted() -> None:
    field = b'<div class="budget"><span class="header">Budget:</span> 5</div><div class="status">'
    page = next(seed for seed in seeds("anisearch") if b'<div class="status">' in seed)
    assert noted(parser("anisearch")(page.replace(b'<div class="status">', field, 1))) == ["Budget:"]
    section = b'<section class="EntryPage__content__section__news"></section><footer'
    page = seeds("anime_planet")[0].replace(b"<footer", section, 1)
    assert noted(parser("anime_planet")(page)) == ["news"]


def test_an_attribute_of_anidb_that_is_new_is_noted() -> None:
    body = next(seed for seed in seeds("anidb") if b"<episode " in seed)
    assert noted(parser("anidb")(body.replace(b"<episode ", b'<episode filler="true" '))) == ["filler"]


def test_names_that_are_data_and_places_of_a_list_are_none() -> None:
    said = {"titles": {"xx_yy": "A"}, "episodeCount": {"0": 1}, "slug": [{"New": [{"newer": 1}]}]}
    assert [value.raw for value in new_names("kitsu", said)] == ["New", "newer"]
    assert [value.raw for value in strange("kitsu", {"a\x1b[2Jb", "slug", ""})] == ["a[2Jb"]
    assert len(new_names("kitsu", {f"n{number}": 1 for number in range(99)})) == 20


def test_a_reply_as_deep_as_one_likes_is_walked() -> None:
    deep: object = 1
    for _ in range(20_000):
        deep = {"new": deep}
    assert [value.raw for value in new_names("jikan", deep)] == ["new"]
    while isinstance(deep, dict):  # taken apart by hand, since freeing it all at once would be as deep
        deep = deep["new"]


def test_every_source_of_the_house_has_its_names() -> None:
    assert all(len(known_names(name)) > 15 for name in discover())
