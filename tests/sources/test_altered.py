"""What changes nothing of what a reply says changes nothing of the record, and what takes a part away is named: on every site."""

from __future__ import annotations

import pytest

from sources.check.altered import Altered, altered, broken, facts, lost
from sources.record import SourceRecord
from tests.sources.test_fuzz import every_source, parser, read, seeds

REPLIES, EACH = 2, 60


@every_source
def test_an_altered_reply_gives_no_other_facts_and_loses_none_silently(name: str) -> None:
    wrong = []
    for seed, body in enumerate(seeds(name)[:REPLIES]):
        before = parser(name)(body)
        for one in altered(body, EACH, seed):
            found = broken(one, before, read(name, one.body))
            wrong += [(one.name, one.place, found)] if found else []
    assert wrong == []


def test_the_rules_that_hold_are_told_apart() -> None:
    before = SourceRecord(source="x", source_id="1", genres=["A"], episode_count=12)
    other = before.model_copy(update={"genres": [], "episode_count": 1})
    named = other.model_copy(update={"incomplete": {"genres": "changed_layout"}})
    assert facts(before)["genres"] == ["A"]
    assert lost(before, other) == ["genres"]
    rules = {kind: Altered("", kind, b"", "") for kind in ("same", "named", "refused", "numbers", "kept")}
    assert broken(rules["same"], before, before) == broken(rules["named"], before, named) == []
    assert broken(rules["refused"], before, None) == broken(rules["kept"], before, other) == []
    assert broken(rules["same"], before, other) == ["episode_count: 12 -> 1", "genres: ['A'] -> None"]
    assert broken(rules["named"], before, other) == ["genres"]
    assert broken(rules["refused"], before, before) == ["half a reply was taken for a whole one"]
    assert broken(rules["numbers"], before, other) == ["episode_count 12.0 -> 1.0"]
    many = before.model_copy(update={"genres": list("ABCDE")})
    assert broken(rules["kept"], many, other) == ["genres"]


@pytest.mark.parametrize("start", [b"{", b"<!DOCTYPE html>\n<html", b"<anime"])
def test_every_kind_of_reply_has_rules_that_keep_and_rules_that_take_away(start: bytes) -> None:
    body = next(
        seed
        for name in ("jikan", "anisearch", "anidb")
        for seed in seeds(name)
        if start.lower() in seed[:200].lower()
    )
    assert {"same", "named", "refused"} <= {one.kind for one in altered(body, 40, 1)}
