"""Streaming lists that do not fit the show: what is certain is kept, what would be a guess is left out.

Shapes after recorded answers (anilist/http/ok/anilist_get_recommendations.0.json and ..._relations.0.json): 14 listed for
K-ON!'s 13, an 11.5 between, lists with trailers, the 25 episodes of the season before.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from sources.anilist import parse, parse_page
from sources.record import Episode, SourceRecord

WEEK = 7 * 86_400
FIRST = 1_688_371_200  # 2023-07-03, 17:00 in Japan


def listed(*numbers: float | str) -> list[dict[str, Any]]:
    def item(number: float | str) -> dict[str, Any]:
        title = number if isinstance(number, str) else f"Episode {number:g} - T{number:g}"
        return {
            "title": title,
            "url": f"https://x.example/{number}",
            "site": "Crunchyroll",
            "thumbnail": None,
        }

    return [item(number) for number in numbers]


def show(count: int | None, streams: list[dict[str, Any]], **media: Any) -> SourceRecord:
    base = {
        "id": 7,
        "title": {"romaji": "A"},
        "status": "FINISHED",
        "countryOfOrigin": "JP",
        "episodes": count,
    }
    return parse(json.dumps({"data": {"Media": {**base, "streamingEpisodes": streams, **media}}}).encode())


def schedule(first: int, last: int) -> dict[str, Any]:
    return {"nodes": [{"episode": n, "airingAt": FIRST + (n - 1) * WEEK} for n in range(first, last + 1)]}


def regular(record: SourceRecord) -> list[float | None]:
    return [episode.number for episode in record.episodes if episode.kind == "regular"]


def others(record: SourceRecord) -> list[Episode]:
    return [episode for episode in record.episodes if episode.kind != "regular"]


KEPT = {
    "all": (12, [*range(1, 13)], 12),
    "counted on from the season before": (12, [*range(25, 37)], 12),
    "one missing at the end": (12, [*range(1, 12)], 11),
    "some missing at the beginning": (100, [*range(31, 60)], 29),
    "the beginning of a long show": (148, [*range(1, 76)], 75),
    "one more": (13, [*range(1, 15)], 13),
    "twice": (3, [1, 2, 3, 3, 2, 1], 3),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_list_of_the_show_itself_is_kept(name: str) -> None:
    count, numbers, kept = KEPT[name]
    record = show(count, listed(*numbers))
    assert len(regular(record)) == kept
    assert max(number or 0 for number in regular(record)) <= count
    assert all(episode.links and episode.titles for episode in record.episodes)


@pytest.mark.parametrize(
    ("count", "numbers"), [(26, range(1, 12)), (12, range(1, 26)), (3, range(1, 26)), (12, range(25, 36))]
)
def test_a_list_that_may_be_another_season_s_is_left_out(count: int, numbers: range) -> None:
    assert show(count, listed(*numbers)).episodes == []


def test_what_is_behind_or_between_the_counted_ones_is_a_special() -> None:
    (extra,) = others(show(13, listed(*range(1, 15))))
    assert (extra.kind, extra.number, extra.titles[0].text) == ("special", None, "T14")
    recap = listed(*range(1, 14)) + [
        {"title": "Episode 13.5 - A Recap", "site": "X", "url": "https://x.example/r"}
    ]
    record = show(24, [*recap, *listed(*range(14, 25))])
    assert regular(record) == [*range(1, 25)]
    assert [(e.number, e.kind, e.recap) for e in others(record)] == [(13.5, "special", True)]


def test_an_item_without_a_number_spoils_no_list() -> None:
    record = show(3, listed("Special PV", 1, 2, 3))
    assert regular(record) == [1, 2, 3]
    assert [(e.kind, e.number) for e in others(record)] == [("other", None)]


def test_an_episode_says_where_to_watch_it() -> None:
    (link,) = show(1, listed(1)).episodes[0].links
    assert (link.site, link.url, link.kind) == ("Crunchyroll", "https://x.example/1", "streaming")


def test_an_episode_0_that_counts_takes_the_first_day() -> None:
    record = show(13, listed(*range(13)), airingSchedule=schedule(1, 13))
    assert [e.number for e in record.episodes] == [*range(13)]
    assert (record.episodes[0].aired, record.episodes[12].aired) == ("2023-07-03", "2023-09-25")
    assert [e.titles[0].text for e in record.episodes] == [f"T{n}" for n in range(13)]


def test_an_episode_0_that_does_not_count_moves_no_day() -> None:
    record = show(12, listed(*range(13)), airingSchedule=schedule(1, 12))
    assert [(e.number, e.aired) for e in others(record)] == [(0, None)]
    assert next(e.aired for e in record.episodes if e.number == 1) == "2023-07-03"


def test_a_schedule_that_itself_begins_with_0_moves_no_day() -> None:
    nodes = {"nodes": [{"episode": n, "airingAt": FIRST + n * WEEK} for n in range(13)]}
    record = show(13, listed(*range(13)), airingSchedule=nodes)
    assert regular(record) == [*range(13)]
    assert (record.episodes[0].aired, record.episodes[12].aired) == ("2023-07-03", "2023-09-25")


def test_further_pages_of_the_schedule_are_moved_like_the_first() -> None:
    record = show(30, listed(*range(30)), airingSchedule=schedule(1, 25))
    page = {"data": {"Media": {"id": 7, "countryOfOrigin": "JP", "airingSchedule": schedule(26, 30)}}}
    parse_page(json.dumps(page).encode()).add_to(record)
    assert [e.number for e in record.episodes] == [*range(30)]
    assert all(e.aired for e in record.episodes)


def test_while_it_runs_the_next_episode_tells_whether_0_counts() -> None:
    airing = {"episode": 7, "airingAt": FIRST + 6 * WEEK}
    counts = show(13, listed(*range(6)), status="RELEASING", nextAiringEpisode=airing)
    assert regular(counts) == [*range(6)]
    apart = show(13, listed(*range(7)), status="RELEASING", nextAiringEpisode=airing)
    assert regular(apart) == [*range(1, 7)]


def test_an_episode_beyond_a_thousand_keeps_its_number() -> None:
    found = show(None, listed("Episode 1,000 - Overwhelming Strength", "Episode 999 - B"), status="RELEASING")
    assert [(one.number, one.titles[0].text) for one in found.episodes] == [
        (999, "B"),
        (1000, "Overwhelming Strength"),
    ]
