"""How long a list of titles will take at each site, before it is published."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.support.servers import Server
from sources import discover
from streams.cli.commands.titles.publish import MANY, forecast
from streams.cli.main import app
from streams.config.settings import Settings
from streams.contract.events import TitleRequest
from streams.operations.sizing import per_second, requests_for, seconds_for

SETTINGS = Settings.load({"KITSU_LIMITS": "off"}, env_file=None)


def titles(count: int, **fields: object) -> list[TitleRequest]:
    return [TitleRequest.model_validate({"title": f"Show {n}", **fields}) for n in range(count)]


def test_a_catalogue_takes_minutes_where_many_are_asked_at_a_time_and_days_where_they_are_not() -> None:
    found = seconds_for(titles(10_000), SETTINGS)
    assert found["anilist"] == pytest.approx(10_000 * discover()["anilist"].cost.together * 2)
    assert found["anidb"] == pytest.approx(50 * 86_400)
    assert "kitsu" not in found
    assert found["jikan"] > 4 * seconds_for(titles(10_000, long_tail=False), SETTINGS)["jikan"]


def test_a_title_that_somebody_watches_is_asked_alone() -> None:
    alone = seconds_for(titles(10, priority="interactive"), SETTINGS)["anilist"]
    assert alone > 10 * seconds_for(titles(10), SETTINGS)["anilist"]


def test_only_the_sites_that_are_asked_take_time() -> None:
    assert set(seconds_for(titles(3, only=["anilist"]), SETTINGS)) == {"anilist"}
    assert "anilist" not in seconds_for(titles(3, skip=["anilist"]), SETTINGS)


def test_the_setting_decides_about_long_tails_where_the_request_does_not() -> None:
    short = Settings.load({"LONG_TAIL": "false", "KITSU_LIMITS": "off"}, env_file=None)
    assert seconds_for(titles(5), short) == seconds_for(titles(5, long_tail=False), SETTINGS)


@pytest.mark.parametrize("name", discover())
def test_asking_together_costs_no_more_than_asking_alone(name: str) -> None:
    cost = discover()[name].cost
    assert 0 < cost.together <= cost.alone
    assert bool(discover()[name].batches) <= (cost.together < cost.alone)
    assert requests_for(name, "bulk", long_tail=True) == cost.together + cost.tail
    assert per_second(discover()[name].limits) > 0


def test_the_forecast_names_the_slowest_first() -> None:
    told = forecast(10_000, {"anilist": 1_800.0, "jikan": 100_000.0})
    assert told == "10,000 titles; what is not cached yet takes at most: jikan 1 d 3 h, anilist 30 min"
    assert "no site has a limit" in forecast(3, {})


def test_it_is_said_before_a_long_file_is_published_and_not_before_a_short_one(
    environment: dict[str, str], server: Server, tmp_path: Path
) -> None:
    limited = {name: value for name, value in environment.items() if not name.endswith("_LIMITS")}
    for count, told in ((MANY, True), (MANY - 1, False)):
        file = tmp_path / f"{count}.txt"
        file.write_text("\n".join(f"Show {n}" for n in range(count)), "utf-8")
        words = ["publish", "--from", str(file), "--no-wait"]
        run = CliRunner().invoke(app, words, env={**limited, "REDIS_URL": server.url})
        assert run.exit_code == 0, run.output
        assert ("takes at most: anidb" in run.stderr) == told
