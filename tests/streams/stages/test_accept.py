"""Requests as people and their programs write them, through every door that takes one."""

import json
from typing import Any

import pytest

from streams.broker.delivery import BadEntry
from streams.cli.requests_file import read_requests
from streams.contract.events import TitleRequest
from streams.stages.accept import read_request


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


@pytest.mark.parametrize("value", [True, 8.5, [877], {"id": 877}])
def test_what_names_no_entry_is_refused(value: Any) -> None:
    with pytest.raises(BadEntry):
        read_request({"data": json.dumps({"ids": {"mal": value}})}, "1-0")


def test_a_request_that_says_nothing_is_refused() -> None:
    with pytest.raises(BadEntry, match="needs a title or at least one id"):
        read_request({"data": '{"title": null, "ids": {"mal": null}}', "title": " "}, "1-0")
