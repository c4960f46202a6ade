"""Lists of Kitsu, taken apart into what each question alone would have got."""

from __future__ import annotations

import json
from typing import Any

from yarl import URL

from sources.batch import Question
from sources.kitsu.batches import BATCHES

CORE, SLUG, MAPPING = BATCHES
BASE = URL("https://kitsu.app/api/edge")


def entry(number: str, *genres: str) -> dict[str, Any]:
    data = [{"type": "genres", "id": one} for one in genres]
    return {"type": "anime", "id": number, "attributes": {}, "relationships": {"genres": {"data": data}}}


def genre(number: str) -> dict[str, Any]:
    return {"type": "genres", "id": number, "attributes": {"name": number}}


def entries(*numbers: int) -> list[Question]:
    return [Question("GET", (BASE / "anime" / str(one)).with_query(include="genres")) for one in numbers]


def test_each_entry_has_what_it_refers_to_and_nothing_else() -> None:
    answer = {
        "data": [entry("1", "5"), entry("2")],
        "included": [genre("5"), genre("6")],
        "meta": {"count": 2},
    }
    first, second, third = CORE.split(entries(1, 2, 3), json.dumps(answer).encode())
    assert first
    assert second
    assert third
    assert json.loads(first.body) == {"data": entry("1", "5"), "included": [genre("5")]}
    assert json.loads(second.body) == {"data": entry("2")}
    assert third.status == 404


def test_who_may_stand_on_another_page_is_asked_again() -> None:
    answer = {"data": [entry("1")], "meta": {"count": 2}}
    assert CORE.split(entries(1, 2), json.dumps(answer).encode())[1] is None


def test_entries_with_the_same_parts_go_into_one_list() -> None:
    (one, two), bare = entries(1, 2), Question("GET", BASE / "anime" / "3")
    assert CORE.group(one) == CORE.group(two) != CORE.group(bare)
    assert dict(CORE.join([one, two]).url.query) == {
        "filter[id]": "1,2",
        "include": "genres",
        "page[limit]": "20",
    }


def test_a_mapping_goes_to_whoever_asked_for_its_id() -> None:
    query = {"filter[externalSite]": "anilist", "include": "item"}
    asked = [
        Question("GET", (BASE / "mappings").with_query({**query, "filter[externalId]": one}))
        for one in ("anime/1", "anime/2")
    ]
    row = {"type": "mappings", "id": "9", "attributes": {"externalSite": "anilist", "externalId": "anime/2"}}
    parts = MAPPING.split(asked, json.dumps({"data": [row], "meta": {"count": 1}}).encode())
    assert [json.loads(part.body)["data"] for part in parts if part] == [[], [row]]
    assert MAPPING.group(MAPPING.join(asked)) is None


def test_a_search_by_title_goes_alone() -> None:
    search = Question("GET", (BASE / "anime").with_query({"filter[text]": "Minato"}))
    assert not [batch.name for batch in BATCHES if batch.group(search)]
