"""Models of which a field is described by the text beneath it, as far as somebody wants a schema."""

from __future__ import annotations

import subprocess
import sys

from pydantic import Field, create_model

from sources.described import Described, descriptions


class Animal(Described):
    name: str
    """How it is called."""
    legs: int = 4
    kind: str = Field("cat", description="said by hand")
    """Beneath it."""


class Bird(Animal):
    legs: int = 2
    """Fewer than others."""
    mate: Animal | None = None
    """Whom it nests with."""


def test_a_field_is_described_by_the_text_beneath_it() -> None:
    said = {name: one.get("description") for name, one in Animal.model_json_schema()["properties"].items()}
    assert said == {"name": "How it is called.", "legs": None, "kind": "said by hand"}


def test_a_model_describes_the_fields_of_its_base_and_of_what_it_holds() -> None:
    schema = Bird.model_json_schema()
    said = {name: one.get("description") for name, one in schema["properties"].items()}
    assert said == {
        "name": "How it is called.",
        "legs": "Fewer than others.",
        "kind": "said by hand",
        "mate": "Whom it nests with.",
    }
    assert schema["$defs"]["Animal"]["properties"]["name"]["description"] == "How it is called."


def test_a_model_that_a_function_made_has_the_words_of_its_base() -> None:
    assert descriptions(create_model("Cat", __base__=Animal, claws=(int, 18)))["name"] == "How it is called."


def test_no_source_is_read_while_nobody_wants_a_schema() -> None:
    code = (
        "import streams.contract.entries, sources.described as d; print(d.descriptions.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"  # the entries' own fields repeat the words of a request
