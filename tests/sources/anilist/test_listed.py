"""Lists of AniList: a season, and what changed last."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sources.anilist import documents
from sources.anilist.listed import parse_list
from sources.errors import NotAnEntry


def answer(*pages: list[dict[str, Any]]) -> bytes:
    data = {f"p{number}": {"media": page} for number, page in enumerate(pages, 1)}
    return json.dumps({"data": data}).encode()


def test_a_row_has_both_ids_and_the_time_of_the_last_change() -> None:
    (row,) = parse_list(answer([{"id": 3, "idMal": 4, "updatedAt": 1763800000}])).rows
    assert (row.id, dict(row.ids), row.changed_at) == ("3", {"anilist": "3", "mal": "4"}, 1763800000.0)


def test_an_entry_without_a_mal_id_names_its_own_alone() -> None:
    (row,) = parse_list(answer([{"id": 3, "idMal": None, "updatedAt": None}])).rows
    assert (dict(row.ids), row.changed_at) == ({"anilist": "3"}, None)


def test_what_airs_next_says_what_has_aired() -> None:
    rows = parse_list(answer([{"id": 3, "nextAiringEpisode": {"episode": 9}}, {"id": 4}])).rows
    assert [row.aired for row in rows] == [8, None]


def test_pages_go_on_while_the_last_of_them_is_full() -> None:
    full = [{"id": number} for number in range(1, documents.ENTRIES_A_PAGE + 1)]
    assert parse_list(answer(full, full)).more
    assert not parse_list(answer(full, full[:-1])).more
    assert not parse_list(answer(full, [])).more


def test_requests_for_further_pages_go_on_where_the_last_one_ended() -> None:
    asked = [page for number in (1, 2, 3) for page in documents.pages_of_a_list(number).values()]
    assert asked == list(range(1, 3 * documents.PAGES_OF_A_LIST + 1))


@pytest.mark.parametrize("body", [b"{}", b'{"data": {"Media": {"id": 1}}}', b'{"data": null}', b"[]"])
def test_anything_else_is_no_list(body: bytes) -> None:
    with pytest.raises(NotAnEntry):
        parse_list(body)
