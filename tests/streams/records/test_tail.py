"""A look at the main document alone leaves the rest of what a site told as it was."""

from __future__ import annotations

from sources.jikan.filling import fill
from sources.jikan.official import WAY
from sources.record import SourceRecord
from streams.broker.records import Known
from streams.contract.codec import pack
from streams.contract.events import PartialResult
from streams.records.known import gather
from streams.records.tail import carry_tails, with_tail
from tests.support.partials import character, episode, partial, record, title

SKIPPED = {"details": "skipped"}


def names(of: SourceRecord) -> list[str]:
    return [one.names[0].text for one in of.characters]


def known(*partials: PartialResult) -> Known:
    return Known("mal:1", 1, said={one.source: pack(one) for one in partials})


def test_people_that_the_main_document_leaves_out_stay_and_new_ones_come() -> None:
    old = record("anilist", characters=[character("A", role="MAIN"), character("B")])
    new = record("anilist", characters=[character("A"), character("C")], incomplete=SKIPPED)
    joined = with_tail(new, old)
    assert names(joined) == ["A", "B", "C"]
    assert joined.characters[0].role == "MAIN"


def test_an_episode_that_the_main_document_shows_is_taken_from_there() -> None:
    old = record("anilist", episodes=[episode(1, "2026-11-01"), episode(2, "2026-11-08")])
    new = record("anilist", episodes=[episode(2, "2026-11-15")], incomplete=SKIPPED)
    assert [(e.number, e.aired) for e in with_tail(new, old).episodes] == [
        (2, "2026-11-15"),
        (1, "2026-11-01"),
    ]


def test_what_the_site_tells_in_its_main_document_is_taken_from_there_alone() -> None:
    old = record("jikan", genres=["Action"], popularity={"rank": 1.0, "watching": 5.0})
    new = record("jikan", popularity={"rank": 2.0}, incomplete=SKIPPED)
    joined = with_tail(new, old)
    assert (joined.genres, joined.popularity) == ([], {"rank": 2.0, "watching": 5.0})


def test_what_was_told_whole_before_counts_as_told() -> None:
    old = record("jikan", incomplete={"staff": "timeout"})
    new = record("jikan", incomplete={**SKIPPED, "score": "upstream_error"})
    assert with_tail(new, old).incomplete == {"staff": "timeout", "score": "upstream_error"}


def test_only_an_answer_that_leaves_the_rest_out_by_choice_is_added_to() -> None:
    before = known(partial("jikan", at="2026-01-01T00:00:00Z", characters=[character("A")]))
    for lacks, kept in ((SKIPPED, ["A"]), ({"details": "timeout"}, []), ({}, [])):
        found = gather({"jikan": partial("jikan", incomplete=lacks)}, before, amend=True)
        carry_tails(found, before)
        answer = found.partials["jikan"].record
        assert answer is not None
        assert names(answer) == kept
        assert found.carried == ({"jikan"} if kept else set())


def test_what_another_way_to_the_site_filled_in_stays_too() -> None:
    old = record("jikan", further={"nsfw": "white"}, duration_seconds=60)
    first = record("jikan", genres=["Action"], further={"background": "x"}, incomplete=SKIPPED)
    fill(old, record("jikan", type="TV", genres=["Drama"], further={"created_at": "2026"}), "other way")
    second, third = with_tail(first, old), with_tail(first, with_tail(first, old))
    assert (second.type, second.genres, second.duration_seconds) == ("TV", ["Action"], None)
    assert second.further == {"nsfw": "white", "created_at": "2026", "background": "x"}
    assert second.model_dump() == third.model_dump()
    moved = with_tail(first.model_copy(update={"type": "OVA"}), old)
    assert moved.type == "OVA"


def test_a_way_that_tells_less_takes_nothing_away() -> None:
    lacking = {"fetched_via": WAY.name}
    old = record("jikan", producers=["A"], titles=[title("Haus", "de")], genres=["Drama"])
    new = record("jikan", titles=[title("Haus", "de"), title("House")], raw=lacking, incomplete=SKIPPED)
    joined = with_tail(new, old)
    assert (joined.producers, [one.text for one in joined.titles]) == (["A"], ["Haus", "House"])
    assert joined.genres == []
    assert with_tail(new.model_copy(update={"raw": {"fetched_via": "api"}}), old).producers == []
