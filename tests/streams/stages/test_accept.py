"""Requests as people and their programs write them, through every door that takes one."""

import json
from typing import Any

import pytest

from streams.broker.delivery import MOST_FIELDS, MOST_SAVED, BadEntry, Delivery
from streams.cli.requests_file import read_requests
from streams.contract.events import MAX_ID, TitleRequest
from streams.stages.accept import claimed_id, read_request


def doors(values: dict[str, Any]) -> list[TitleRequest]:
    """The request from the field ``data``, from a line of a file, and from the library."""
    text = json.dumps(values)
    return [
        read_request({"data": text}, "1-0"),
        *read_requests([text], "bulk"),
        TitleRequest.model_validate(values),
    ]


@pytest.mark.parametrize("number", [877, "877", 877.0, " 877 "])
def test_an_id_may_be_a_number(number: Any) -> None:
    assert [one.ids for one in doors({"ids": {"mal": number}})] == [{"mal": "877"}] * 3


@pytest.mark.parametrize("name", sorted(TitleRequest.model_fields.keys() - {"title"}))
@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_null_and_empty_text_say_nothing(name: str, nothing: Any) -> None:
    plain = TitleRequest(title="Nana").model_dump(exclude={"request_id", "priority"})
    for one in doors({"title": "Nana", name: nothing}):
        assert one.model_dump(exclude={"request_id", "priority"}) == plain


def test_an_id_that_is_null_is_none() -> None:
    assert [one.ids for one in doors({"title": "Nana", "ids": {"mal": None, "kitsu": ""}})] == [{}] * 3


def test_a_title_and_a_request_may_be_called_by_a_number() -> None:
    assert [(one.title, one.request_id) for one in doors({"title": 86, "request_id": 5})] == [("86", "5")] * 3


@pytest.mark.parametrize("name", ["year", "type", "ids", "only", "skip", "priority", "deadline_s", "refresh"])
def test_an_empty_flat_field_says_nothing(name: str) -> None:
    assert read_request({"title": "Nana", name: ""}, "1-0") == read_request({"title": "Nana"}, "1-0")
    assert read_request({"data": '{"title": "Nana", "year": 2006}', "year": ""}, "1-0").year == 2006


def test_flat_ids_may_be_numbers() -> None:
    assert read_request({"ids": '{"mal": 877, "kitsu": null}'}, "1-0").ids == {"mal": "877"}


@pytest.mark.parametrize("nothing", ["null", "None", "undefined"])
@pytest.mark.parametrize("name", ["year", "type", "ids", "only", "skip", "deadline_s", "refresh"])
def test_a_word_for_nothing_in_a_flat_field_says_nothing(name: str, nothing: str) -> None:
    assert read_request({"title": "Nana", name: nothing}, "1-0") == read_request({"title": "Nana"}, "1-0")
    assert read_request({"title": nothing}, "1-0").title == nothing


def test_json_that_is_null_marked_or_written_by_php_is_read() -> None:
    nana = read_request({"title": "Nana"}, "1-0")
    assert read_request({"data": "null", "title": "Nana"}, "1-0") == nana
    assert read_request({"data": '\ufeff{"title": "\ufeffNana"}'}, "1-0") == nana
    assert read_request({"data": '{"title": "Nana", "ids": []}'}, "1-0") == nana
    with pytest.raises(BadEntry):
        read_request({"data": '{"title": "Nana", "ids": [5]}'}, "1-0")


@pytest.mark.parametrize("said", ["kitsu, jikan", "kitsu jikan", ["kitsu", None, "", "jikan"]])
def test_sources_may_be_named_in_one_text_or_beside_nothing(said: Any) -> None:
    assert [one.only for one in doors({"title": "Nana", "only": said})] == [["kitsu", "jikan"]] * 3
    assert read_request({"title": "Nana", "skip": "kitsu, jikan"}, "1-0").skip == ["kitsu", "jikan"]


@pytest.mark.parametrize("value", [True, 8.5, [877], {"id": 877}])
def test_what_names_no_entry_is_refused(value: Any) -> None:
    with pytest.raises(BadEntry):
        read_request({"data": json.dumps({"ids": {"mal": value}})}, "1-0")


def test_a_request_that_says_nothing_is_refused() -> None:
    with pytest.raises(BadEntry, match="needs a title or at least one id"):
        read_request({"data": '{"title": null, "ids": {"mal": null}}', "title": " "}, "1-0")


DEEP = "[" * 100_000


def test_json_that_is_nested_too_deeply_is_a_bad_entry() -> None:
    for fields in ({"data": DEEP}, {"title": "Nana", "ids": DEEP}):
        with pytest.raises(BadEntry, match="is not JSON"):
            read_request(fields, "1-0")


@pytest.mark.parametrize(
    ("fields", "known_as"),
    [
        ({"request_id": "x" * 10_000}, "x" * MAX_ID),
        ({"data": '{"request_id": "mine"}'}, "mine"),
        ({"request_id": "flat", "data": '{"request_id": "mine"}'}, "flat"),
        ({"request_id": "half \ud83d"}, "half \\ud83d"),
        ({"data": '{"request_id": 5}'}, "1-0"),
        ({"data": DEEP}, "1-0"),
        ({}, "1-0"),
    ],
)
def test_a_bad_entry_is_known_by_the_id_that_it_gives_as_far_as_it_is_one(
    fields: dict[str, str], known_as: str
) -> None:
    assert claimed_id(fields, "1-0") == known_as


def test_of_an_entry_of_many_fields_or_large_ones_only_so_much_is_read_and_kept() -> None:
    wide = Delivery("s", "g", "1-0", {b"%d" % n: b"" for n in range(MOST_FIELDS + 1)})
    with pytest.raises(BadEntry, match="1001 fields are too many"):
        wide.fields()
    large = Delivery("s", "g", "1-0", {b"%d" % n: b"x" * 150_000 for n in range(9)})
    saved = large.saved()
    assert list(saved) == ["0", "1"]
    assert sum(len(name) + len(value) for name, value in saved.items()) <= MOST_SAVED + 1
