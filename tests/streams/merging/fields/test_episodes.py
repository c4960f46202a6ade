"""Episodes joined by kind and number, with an eye on titles and air dates."""

from __future__ import annotations

from sources.record import Link
from streams.contract.record import EnrichedRecord
from tests.support.partials import episode, merged, partial, title


def weekly(first: int, count: int, number: int = 1, **rest: object) -> list[object]:
    days = [f"2022-{10 + (first + 7 * n) // 28:02d}-{(first + 7 * n) % 28 + 1:02d}" for n in range(count)]
    return [episode(number + n, day, **rest) for n, day in enumerate(days)]


def numbers(record: EnrichedRecord) -> list[tuple[str, float | None, list[str]]]:
    return [(e.kind, e.number, e.sources) for e in record.episodes]


def test_an_episode_is_one_over_all_sources() -> None:
    record = merged(
        partial(
            "kitsu",
            episodes=[
                episode(
                    1,
                    "2009-04-03",
                    thumbnail="https://k.example/1.jpg",
                    titles=[title("Disband the Club!", "en", "main")],
                )
            ],
        ),
        partial(
            "jikan",
            episodes=[
                episode(1, "2009-04-03", filler=False, titles=[title("Disband the Club!", "en", "official")])
            ],
        ),
        partial(
            "anidb", episodes=[episode(1, duration_seconds=1440, titles=[title("廃部!", "ja", "official")])]
        ),
    )
    (one,) = record.episodes
    assert (one.duration_seconds, one.filler, one.thumbnail) == (1440, False, "https://k.example/1.jpg")
    assert [t.text for t in one.titles] == ["Disband the Club!", "廃部!"]
    assert one.sources == ["jikan", "anidb", "kitsu"]


def test_a_special_with_the_same_number_is_another_episode() -> None:
    record = merged(
        partial("jikan", episodes=[episode(1)]),
        partial("anidb", episodes=[episode(1, kind="special"), episode(1)]),
    )
    assert numbers(record) == [("regular", 1, ["jikan", "anidb"]), ("special", 1, ["anidb"])]


def test_a_second_cour_counted_on_is_shifted_by_its_air_dates() -> None:
    record = merged(
        partial("jikan", episodes=weekly(0, 4)),
        partial("kitsu", episodes=weekly(0, 4, number=13, season_number=1)),
    )
    assert [(e.number, e.sources) for e in record.episodes] == [(n, ["jikan", "kitsu"]) for n in (1, 2, 3, 4)]


def test_a_repeat_on_another_channel_moves_the_dates_and_not_the_numbers() -> None:
    record = merged(
        partial("jikan", episodes=[episode(n, f"1998-10-{n:02d}") for n in (1, 2, 3)]),
        partial("anidb", episodes=[episode(n, f"1998-04-{n:02d}") for n in (1, 2, 3)]),
    )
    assert len(record.episodes) == 3
    assert [c.field for c in record.conflicts] == [f"episodes[{n}].aired" for n in (0, 1, 2)]
    assert record.provenance["episodes[0].aired"].beaten[0].value == "1998-04-01"


def test_other_episodes_under_the_same_numbers_are_left_out_and_reported() -> None:
    def named(year: int, word: str) -> list[object]:
        return [episode(n, f"{year}-10-{n:02d}", titles=[title(f"{word} {n}", "en")]) for n in (1, 2, 3)]

    record = merged(
        partial("jikan", episodes=named(2009, "Tea")), partial("kitsu", episodes=named(2010, "Cake"))
    )
    assert [e.sources for e in record.episodes] == [["jikan"]] * 3
    assert [c.field for c in record.conflicts] == ["episodes"]


def test_a_title_that_only_says_the_number_gives_way_to_a_real_one() -> None:
    record = merged(
        partial("jikan", episodes=[episode(4, titles=[title("Gateway Shuffle", "en")])]),
        partial(
            "anidb",
            episodes=[
                episode(4, titles=[title("Episode 4", "en"), title("第4話", "ja")]),
                episode(5, titles=[title("Episode 5", "en")]),
            ],
        ),
    )
    assert [[t.text for t in e.titles] for e in record.episodes] == [["Gateway Shuffle"], ["Episode 5"]]
    assert {b.value["text"] for b in record.provenance["episodes[0].titles"].beaten} == {"Episode 4", "第4話"}


def test_the_usual_source_of_a_part_is_said_once_for_the_list() -> None:
    record = merged(
        partial("jikan", episodes=[episode(n, f"2009-04-{n:02d}") for n in (1, 2, 3)]),
        partial("anidb", episodes=[episode(4, "2009-04-04")]),
    )
    assert record.provenance["episodes[].aired"].source == "jikan"
    assert record.provenance["episodes[3].aired"].source == "anidb"
    assert "episodes[0].aired" not in record.provenance


def test_episode_zero_and_episodes_without_number_are_kept() -> None:
    record = merged(
        partial("anidb", episodes=[episode(None, titles=[title("Extra", "en")]), episode(1), episode(0)])
    )
    assert [e.number for e in record.episodes] == [0, 1, None]


def test_a_list_that_is_dated_otherwise_throughout_is_one_contradiction() -> None:
    days = [f"2009-04-{n:02d}" for n in range(1, 11)]
    named = [[title(f"Tea {n}", "en")] for n in range(10)]
    record = merged(
        partial("jikan", episodes=[episode(n + 1, days[n], titles=named[n]) for n in range(10)]),
        partial(
            "anidb",
            episodes=[episode(n + 1, days[n].replace("-04-", "-08-"), titles=named[n]) for n in range(10)],
        ),
    )
    (conflict,) = record.conflicts
    assert (conflict.field, conflict.values) == ("episodes[].aired", {"anidb": "other days for 10 episodes"})


def test_the_links_of_an_episode_are_joined_by_address() -> None:
    here, there = (Link(site="Crunchyroll", url=f"https://x.example/{n}", kind="streaming") for n in "12")
    record = merged(
        partial("anilist", episodes=[episode(1, links=[here])]),
        partial("kitsu", episodes=[episode(1, links=[here, there])]),
    )
    (joined,) = record.episodes
    assert {link.url: link.sources for link in joined.links} == {
        here.url: ["kitsu", "anilist"],
        there.url: ["kitsu"],
    }
    assert record.provenance["episodes[].links"].rule == "union"
