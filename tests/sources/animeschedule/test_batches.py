"""Lists of AnimeSchedule, taken apart into what each id alone would have got."""

from __future__ import annotations

import json
from typing import Any

from yarl import URL

from sources.animeschedule.batches import BATCHES
from sources.batch import Question

(LOOKUP,) = BATCHES
BASE = URL("https://animeschedule.net/api/v3/anime")


def asked(*numbers: str) -> list[Question]:
    return [Question("GET", BASE.with_query({"mal-ids": one})) for one in numbers]


def entry(route: str, mal: str) -> dict[str, Any]:
    return {"route": route, "title": route, "websites": {"mal": f"myanimelist.net/anime/{mal}/{route}"}}


def split(answer: dict[str, Any], *numbers: str) -> list[str | None]:
    parts = LOOKUP.split(asked(*numbers), json.dumps(answer).encode())
    return [
        None if part is None else "404" if part.status == 404 else json.loads(part.body)["anime"][0]["route"]
        for part in parts
    ]


def test_an_entry_goes_to_whoever_asked_for_its_whole_id() -> None:
    answer = {"page": 1, "totalAmount": 1, "anime": [entry("minato", "2167")]}
    assert split(answer, "21", "2167") == ["404", "minato"]


def test_who_may_stand_on_the_next_page_is_asked_again() -> None:
    assert split({"page": 1, "totalAmount": 2, "anime": [entry("minato", "1")]}, "1", "2") == ["minato", None]


def test_ids_of_one_site_go_together_and_any_of_them_will_do() -> None:
    joint = LOOKUP.join(asked("1", "2", "1"))
    assert list(joint.url.query.items()) == [("mt", "any"), ("mal-ids", "1"), ("mal-ids", "2")]
    assert LOOKUP.group(joint) is None
    assert LOOKUP.group(Question("GET", BASE.with_query(q="Minato"))) is None
