"""What AniList is asked at once: what it costs, what it may be, and what each entry gets of the answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import graphql
import pytest
from yarl import URL

from sources.anilist import documents, parse
from sources.anilist.batches import BATCHES
from sources.anilist.complexity import MOST_FIELDS, fields_of
from sources.batch import Question

SCHEMA = Path(__file__).parent / "schema_used.graphql"
RECORDED = Path(__file__).parents[4] / "shared" / "upstream" / "recordings" / "anilist" / "batch"
SEARCH, CORE, BY_MAL = BATCHES
JOINT = [documents.searches(SEARCH.most), documents.entries("id_in", 3), documents.entries("idMal_in", 3)]


def counted(document: str) -> int:
    """The fields of a document, as a parser of the language sees them."""
    parsed = graphql.parse(document).definitions
    fragments = {one.name.value: one for one in parsed if isinstance(one, graphql.FragmentDefinitionNode)}

    def under(selected: Any) -> int:
        if selected is None:
            return 0
        spread = [one for one in selected.selections if isinstance(one, graphql.FragmentSpreadNode)]
        fields = [one for one in selected.selections if isinstance(one, graphql.FieldNode)]
        inside = sum(1 + under(one.selection_set) for one in fields)
        return inside + sum(under(fragments[one.name.value].selection_set) for one in spread)

    return sum(under(one.selection_set) for one in parsed if isinstance(one, graphql.OperationDefinitionNode))


@pytest.mark.parametrize("document", [documents.SEARCH, documents.CORE, documents.PAGES, *JOINT])
def test_the_fields_of_a_query_are_counted_as_a_parser_counts_them(document: str) -> None:
    assert fields_of(document) == counted(document)


@pytest.mark.parametrize("document", JOINT)
def test_what_is_asked_at_once_fits_the_schema_and_the_limit(document: str) -> None:
    schema = graphql.build_schema(SCHEMA.read_text(encoding="utf-8"))
    assert graphql.validate(schema, graphql.parse(document)) == []
    assert counted(document) <= MOST_FIELDS


def test_a_request_carries_as_much_as_the_limit_allows() -> None:
    assert counted(documents.searches(SEARCH.most + 1)) > MOST_FIELDS
    assert counted(documents.entries("id_in", CORE.most // documents.ENTRIES_A_PAGE + 1)) > MOST_FIELDS


def question(operation: str, **variables: Any) -> Question:
    body = {"operationName": operation, "query": "", "variables": {**variables, "perPage": 25}}
    return Question("POST", URL("https://graphql.anilist.co"), body)


def entry(number: int) -> dict[str, Any]:
    return {"id": number, "idMal": number * 10, "title": {"romaji": f"Minato {number}"}}


def split(data: Any, errors: Any = None, *ids: int) -> list[str]:
    body = json.dumps({"data": data, **({"errors": errors} if errors else {})}).encode()
    parts = CORE.split([question("AnimeCore", id=one) for one in ids], body)
    return ["again" if part is None else str(part.status) for part in parts]


def test_who_is_not_in_the_list_does_not_exist() -> None:
    assert split({"p1": {"media": [entry(1), entry(3)]}}, None, 1, 2, 3) == ["200", "404", "200"]


def test_who_may_stand_in_what_was_left_out_is_asked_again() -> None:
    error = [{"message": "Internal Server Error", "status": 500, "path": ["p2"]}]
    assert split({"p1": {"media": [entry(1)]}, "p2": None}, error, 1, 2) == ["200", "again"]
    assert split({"p1": {"media": [entry(1), None]}}, None, 1, 2) == ["200", "again"]


def test_the_failure_of_a_part_stays_with_its_entry() -> None:
    error = {"message": "Internal Server Error", "status": 500, "path": ["p1", "media", 1, "stats"]}
    body = json.dumps({"data": {"p1": {"media": [entry(1), entry(2)]}}, "errors": [error]}).encode()
    first, second = CORE.split([question("AnimeCore", id=1), question("AnimeCore", id=2)], body)
    assert first
    assert second
    assert parse(first.body).incomplete == {}
    assert parse(second.body).incomplete == {"score": "upstream_error"}


def test_an_entry_is_found_by_the_id_that_was_asked_for() -> None:
    body = json.dumps({"data": {"p1": {"media": [entry(7)]}}}).encode()
    (part,) = BY_MAL.split([question("AnimeCoreByMal", idMal=70)], body)
    assert part
    assert parse(part.body).source_id == "7"


def test_a_search_that_failed_is_asked_again_without_the_others() -> None:
    data: dict[str, Any] = {"s0": {"media": []}, "s1": None}
    asked = [question("AnimeSearch", search=title) for title in ("Minato", "Funauta")]
    first, second = SEARCH.split(asked, json.dumps({"data": data}).encode())
    assert first
    assert json.loads(first.body) == {"data": {"Page": {"media": []}}}
    assert second is None


def test_pages_under_other_names_are_read() -> None:
    path = RECORDED / "aliased_pages_two_left.json"
    pages_of_two = {"p1": {"media": [entry(1), entry(2)]}, "p2": {"media": [entry(3)]}}
    body = path.read_bytes() if path.is_file() else json.dumps({"data": pages_of_two}).encode()
    pages = json.loads(body)["data"].values()
    known = [media["id"] for page in pages for media in page["media"]]
    parts = CORE.split([question("AnimeCore", id=one) for one in [*known, 999_999]], body)
    assert [part.status for part in parts if part] == [*[200] * len(known), 404]
