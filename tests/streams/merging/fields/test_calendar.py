"""Dates, seasons, status, counts, broadcast."""

from __future__ import annotations

from typing import Any

import pytest

from sources.record import Broadcast
from streams.contract.record import EnrichedRecord
from tests.support.partials import episode, merged, partial


def test_of_dates_that_agree_the_most_precise_stands() -> None:
    record = merged(
        partial("jikan", start_date="2020"),
        partial("anilist", start_date="2020-07-03"),
        partial("anidb", start_date="2020-08-01"),
    )
    assert record.start_date == "2020-07-03"
    assert record.provenance["start_date"].rule == "most_probable"


def test_the_edge_of_a_year_that_one_site_says_goes_behind_what_others_know() -> None:
    for made_up in ("2027-01-01", "2027-12-31"):
        year = merged(partial("jikan", start_date=made_up), partial("anilist", start_date="2027"))
        assert (year.start_date, year.season, year.conflicts) == ("2027", None, [])
        month = merged(partial("jikan", start_date=made_up), partial("kitsu", start_date="2027-07"))
        assert (month.start_date, month.season, month.conflicts) == ("2027-07", "SUMMER", [])


def test_a_real_first_of_january_survives() -> None:
    alone = merged(partial("jikan", start_date="2020-01-01"))
    assert (alone.start_date, alone.season) == ("2020-01-01", "WINTER")
    two = merged(
        partial("anilist", start_date="2020"),
        partial("jikan", start_date="2020-01-01"),
        partial("anidb", start_date="2020-01-01"),
    )
    assert two.start_date == "2020-01-01"


def test_no_season_is_made_of_a_day_that_nobody_is_believed_to_have_said() -> None:
    kitsu = partial("kitsu", start_date="2027-01-01", season="WINTER", year=2027, raw={"slug": "x"})
    record = merged(kitsu, partial("anilist", start_date="2027", year=2027))
    assert (record.start_date, record.season, record.year) == ("2027", None, 2027)


def test_a_rounded_date_contradicts_nobody() -> None:
    assert (
        merged(partial("jikan", start_date="2020-07-03"), partial("anilist", start_date="2020")).conflicts
        == []
    )
    (conflict,) = merged(
        partial("jikan", end_date="2020-07"), partial("anilist", end_date="2020-08")
    ).conflicts
    assert conflict.field == "end_date"


def test_what_a_site_says_about_the_season_goes_before_what_the_date_says() -> None:
    said = merged(partial("anilist", season="WINTER", year=2024), partial("jikan", start_date="2023-12-28"))
    assert (said.season, said.year) == ("WINTER", 2024)
    derived = merged(partial("kitsu", start_date="2023-12-28"))
    assert (derived.season, derived.year) == ("FALL", 2023)
    assert derived.provenance["season"].source == "derived"


def test_the_winter_belongs_to_the_year_of_its_january() -> None:
    record = merged(partial("jikan", season="WINTER", year=2023, start_date="2023-12-28"))
    assert (record.season, record.year) == ("WINTER", 2024)
    assert "January" in record.provenance["year"].rule


def test_the_newest_status_stands_once_answers_are_a_day_apart() -> None:
    def status(anilist_at: str) -> str | None:
        return merged(
            partial("anilist", status="AIRING", at=anilist_at),
            partial("jikan", status="FINISHED", at="2026-11-24T10:00:00Z"),
        ).status

    assert status("2026-11-20T10:00:00Z") == "FINISHED"
    assert status("2026-11-24T09:00:00Z") == "AIRING"


def test_the_status_of_a_site_that_only_counts_dates_is_the_last_resort() -> None:
    late = partial("kitsu", status="AIRING", at="2026-12-24T10:00:00Z")
    assert merged(partial("anilist", status="CANCELLED"), late).status == "CANCELLED"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"start_date": "2027-04"}, "UPCOMING"),
        ({"start_date": "2020-01-05", "end_date": "2020-03-29"}, "FINISHED"),
        ({"start_date": "2020-01-05", "end_date": "2027-03-29"}, "AIRING"),
        ({"start_date": "2020-01-05", "episode_count": 1}, "FINISHED"),
        ({"start_date": "2020-01-05"}, None),
        ({}, None),
    ],
)
def test_a_status_that_nobody_says_follows_from_the_dates(
    facts: dict[str, Any], expected: str | None
) -> None:
    assert merged(partial("anidb", **facts)).status == expected


def test_episodes_aired_follow_from_a_finished_count_or_dated_episodes() -> None:
    dated = [
        episode(1, "2026-11-01"),
        episode(2, "2026-11-20"),
        episode(3, "2026-12-20"),
        episode(1, "2026-11-01", "special"),
    ]
    assert merged(partial("jikan", status="FINISHED", episode_count=12)).episodes_aired == 12
    assert merged(partial("jikan", status="AIRING", episodes=dated)).episodes_aired == 2


def slot(**parts: object) -> Broadcast:
    return Broadcast.model_validate(parts)


def broadcast(record: EnrichedRecord) -> dict[str, object]:
    return record.broadcast.model_dump(exclude_none=True) if record.broadcast else {}


def test_parts_of_a_broadcast_that_belong_together_come_from_one_source() -> None:
    record = merged(
        partial("jikan", broadcast=slot(weekday="SATURDAY", time="01:00", text="Saturdays")),
        partial(
            "animeschedule",
            broadcast=slot(
                weekday="FRIDAY", time="23:00", timezone="Asia/Tokyo", dub_at="2026-11-27T20:00:00Z"
            ),
        ),
        partial("anilist", broadcast=slot(next_episode=7, next_episode_at="2026-11-27T14:00:00Z")),
    )
    assert broadcast(record) == {
        "weekday": "SATURDAY",
        "time": "01:00",
        "text": "Saturdays",
        "next_episode": 7,
        "next_episode_at": "2026-11-27T14:00:00Z",
        "dub_at": "2026-11-27T20:00:00Z",
    }
    assert record.provenance["broadcast.weekday"].beaten[0].value == "FRIDAY"


def test_the_weekday_of_a_premiere_does_not_beat_the_slot_that_myanimelist_states() -> None:
    record = merged(
        partial("animeschedule", broadcast=slot(weekday="WEDNESDAY", time="23:15", timezone="Asia/Tokyo")),
        partial("jikan", broadcast=slot(weekday="SUNDAY", time="23:15", timezone="Asia/Tokyo")),
    )
    assert broadcast(record)["weekday"] == "SUNDAY"
    alone = merged(partial("animeschedule", broadcast=slot(weekday="WEDNESDAY", time="23:15")))
    assert broadcast(alone)["weekday"] == "WEDNESDAY"


def test_lengths_are_compared_with_a_pinch_of_salt() -> None:
    assert (
        merged(partial("jikan", duration_seconds=1440), partial("kitsu", duration_seconds=1500)).conflicts
        == []
    )
    assert merged(partial("jikan", duration_seconds=1440), partial("kitsu", duration_seconds=2880)).conflicts


def test_a_date_that_only_one_site_fills_up_with_ones_is_not_believed() -> None:
    record = merged(partial("jikan", start_date="2027-04"), partial("kitsu", start_date="2027-04-01"))
    assert record.start_date == "2027-04"
    both = merged(
        partial("kitsu", start_date="2027-04-01"),
        partial("newsite", start_date="2027-04-01"),
        partial("jikan", start_date="2027-04"),
    )
    assert both.start_date == "2027-04-01"


def test_a_series_that_starts_at_the_end_of_a_quarter_counts_to_the_next_season() -> None:
    series = merged(partial("kitsu", type="TV", start_date="2023-09-29"))
    assert (series.season, series.year) == ("FALL", 2023)
    winter = merged(partial("kitsu", type="TV", start_date="2023-12-28"))
    assert (winter.season, winter.year) == ("WINTER", 2024)
    film = merged(partial("kitsu", type="MOVIE", start_date="2023-09-29"))
    assert film.season == "SUMMER"


def test_a_season_that_a_parser_made_of_the_date_contradicts_nobody() -> None:
    made_up = partial(
        "anidb", season="SUMMER", year=2023, start_date="2023-09-29", raw={"startdate": "2023-09-29"}
    )
    record = merged(made_up, partial("animeschedule", season="FALL", year=2023, raw={"season": "Fall"}))
    assert (record.season, record.conflicts) == ("FALL", [])
    assert [b.source for b in record.provenance["season"].beaten] == ["anidb"]


def test_a_site_that_says_the_year_alone_has_not_said_the_season() -> None:
    year = partial("anime_planet", season="SUMMER", year=2023, raw={"years": "2023", "season": None})
    record = merged(
        year, partial("animeschedule", season="FALL", year=2023, raw={"season": {"season": "Fall"}})
    )
    assert (record.season, record.conflicts) == ("FALL", [])
    assert record.provenance["year"].sources == ["animeschedule", "anime_planet"]


def test_episodes_aired_are_counted_by_their_numbers_where_the_first_days_are_forgotten() -> None:
    def aired(*numbers: float, planned: int | None = None) -> int | None:
        episodes = [episode(number, "2020-01-01") for number in numbers]
        return merged(
            partial("anilist", status="AIRING", episode_count=planned, episodes=episodes)
        ).episodes_aired

    assert aired(*range(14, 25), planned=24) == 24
    assert aired(*range(13)) == 13
    assert aired(25, 26, 27, planned=12) == 3
