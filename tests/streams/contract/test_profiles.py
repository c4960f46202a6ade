"""Which part of a record somebody gets."""

from __future__ import annotations

import json

import pytest

from streams.contract.events import TitleRequest
from streams.contract.profiles import ALWAYS, PROFILES, WHOLE, Part
from streams.contract.record import EnrichedRecord
from tests.support.partials import merged, partial

RECORD = merged(
    partial("jikan", title="Shelter", type="MUSIC", ids={"mal": "1"}), partial("kitsu", title="Shelter")
)
RAW = RECORD.model_dump_json(exclude_none=True).encode()


def of(profile: str = "", *fields: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(Part.of(profile, fields).of_json(RAW))
    return found


def test_a_whole_record_passes_through_as_it_is() -> None:
    assert Part.of().of_json(RAW) is RAW
    assert Part.of("full", ["title"]) == WHOLE


def test_slim_has_facts_and_no_notes_and_notes_have_the_rest() -> None:
    slim, notes = of("slim"), of("notes")
    assert slim["title"] == "Shelter"
    assert "provenance" not in slim
    assert notes["provenance"] == json.loads(RAW)["provenance"]
    assert slim.keys() & notes.keys() == set(ALWAYS) & slim.keys()
    assert len(Part.of("slim").of_json(RAW)) < len(RAW) / 2


def test_fields_are_added_to_a_profile_and_alone_say_it_all() -> None:
    assert of("", "title").keys() == {"title", *ALWAYS} & json.loads(RAW).keys()
    assert of("slim", "provenance").keys() == {*of("slim"), "provenance"}


@pytest.mark.parametrize(("profile", "fields"), [("slimm", ()), ("", ("titel",)), ("slim", ("data.x",))])
def test_what_there_is_not_is_named_with_what_there_is(profile: str, fields: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"slim, text, full, notes|titles"):
        Part.of(profile, fields)


def test_every_profile_names_fields_of_the_record() -> None:
    coming = {"synopses", "search_text", "search_text_hash"}
    for names in PROFILES.values():
        assert (names or set()) - coming <= EnrichedRecord.model_fields.keys()


def test_a_request_may_say_what_its_reply_carries() -> None:
    assert TitleRequest(title="Nana", profile="slim").part == Part.of("slim")
    assert TitleRequest(title="Nana").part == WHOLE
    for wrong in ({"profile": "tiny"}, {"fields": ["titel"]}):
        with pytest.raises(ValueError, match=r"tiny|titel"):
            TitleRequest.model_validate({"title": "Nana", **wrong})
