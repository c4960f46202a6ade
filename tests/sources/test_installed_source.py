"""A source that another package brings: found without anybody editing ours, off until named, and never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.support.servers import Server
from sources.check import check
from sources.demo.world import World
from sources.discovery import RESERVED, broken, discover, shipped
from streams import Enricher
from streams.broker.keys import AGGREGATE, IDENTIFY
from streams.config.policy_file import load_policy
from streams.config.settings import Settings, contested_variables, source_variables
from streams.config.values import SettingsError
from streams.matching.offline_database import NAME
from streams.operations import doctor_sites
from streams.operations.check import Check
from tests.support.added_source import installed, sample_package, write_replies

NOTHING = Settings.load({}, env_file=None)


def left_out(settings: Settings) -> list[Check]:
    """What doctor says of the sources of other packages."""
    return list(doctor_sites.installed(settings))


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Path]:
    """The package ``shows`` with the source ``sample``; the folder that it lies in."""
    folder = tmp_path / "packages"
    with installed(folder, "shows", "sample = shows:Sample", sample_package("shows")):
        write_replies(folder / "shows" / "demo" / "sample")
        yield folder


@pytest.mark.usefixtures("sample")
def test_it_is_found_and_off_until_the_settings_name_it() -> None:
    assert "sample" in discover()
    assert "sample" not in shipped()
    assert "sample" not in NOTHING.active_sources
    on = Settings.load({"ENABLED_SOURCES": "kitsu,sample"}, env_file=None)
    assert on.active_sources == ["kitsu", "sample"]
    assert ("note", "installed, and off") in {(one.state, one.found) for one in left_out(NOTHING)}
    assert left_out(on) == []


@pytest.mark.usefixtures("sample")
def test_it_ranks_last_until_a_policy_names_it() -> None:
    policy = load_policy()
    assert policy.id_order[-1] == "sample"
    assert policy.ranked("title_english", ["sample", "anisearch"]) == ["anisearch", "sample"]


@pytest.mark.usefixtures("sample")
async def test_it_is_held_to_the_contract_as_the_seven_are() -> None:
    findings = await check(discover()["sample"], titles=["Cowboy Bebop"], timeout_seconds=1)
    assert [one.rule for one in findings if not one.ok] == ["lookup by mal"]


@pytest.mark.usefixtures("sample")
async def test_a_request_goes_through_the_pipeline_with_it(
    server: Server, prefix: str, tmp_path: Path
) -> None:
    values = {"STREAM_PREFIX": prefix, "DATA_DIR": str(tmp_path / "data"), "REDIS_URL": server.url}
    async with World() as world:
        off = {"SAMPLE_LIMITS": "off", "ENABLED_SOURCES": "sample"}
        settings = Settings.load({**values, **world.environment(), **off}, env_file=None)
        async with Enricher(settings) as enricher:
            found = await enricher.enrich_all(["One Piece", "Cowboy Bebop"], deadline_s=10)
    assert [(one.status, one.anime_id) for one in found] == [
        ("complete", "sample:12"),
        ("complete", "sample:11"),
    ]


FOREIGN = """
from tests.support.sample_source import Sample
from sources.base import Setting

class {cls}(Sample):
    name = "{name}"
    settings = ({settings})
"""


def foreign(name: str, *settings: str, cls: str = "Foreign") -> dict[str, str]:
    declared = "".join(f'Setting("{one}", "a key", secret=True), ' for one in settings)
    return {"foreign/__init__.py": FOREIGN.format(cls=cls, name=name, settings=declared)}


BROKEN = {
    "an import that fails": (
        "foreign = foreign:Foreign",
        {"foreign/__init__.py": "import no_such_module"},
        "no_such",
    ),
    "a module that ends the process": (
        "foreign = foreign:X",
        {"foreign/__init__.py": "raise SystemExit(3)"},
        "SystemExit",
    ),
    "a class that is not there": ("foreign = foreign:Other", foreign("foreign"), "Other"),
    "no class of ours": ("foreign = foreign:Setting", foreign("foreign"), "no subclass"),
    "a function that is missing": (
        "foreign = foreign:Source",
        {"foreign/__init__.py": "from sources import Source"},
        "lacks name, label, base_url, limits, core, search",
    ),
    "a name of the seven": ("kitsu = foreign:Foreign", foreign("kitsu"), "the name kitsu is taken"),
    "a name of a group": ("identify = foreign:Foreign", foreign("identify"), "can be no name"),
    "a name with other signs": ("My-Site = foreign:Foreign", foreign("My-Site"), "can be no name"),
    "two names": ("foreign = foreign:Foreign", foreign("other"), "calls itself 'other'"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_one_is_named_and_left_out_and_the_others_go_on(case: str, tmp_path: Path) -> None:
    entry, modules, why = BROKEN[case]
    seven = shipped()
    with installed(tmp_path, "foreign", entry, modules):
        assert discover() == seven
        assert [(one.package, why in one.why) for one in broken()] == [("foreign", True)]
        told = [one for one in left_out(NOTHING) if one.state == "warning"]
        assert [(one.next_step, why in one.found) for one in told] == [("mend or uninstall foreign", True)]
        name = entry.partition(" ")[0]
        named = Settings.load({"ENABLED_SOURCES": f"anilist,{name}"}, env_file=None)
        assert named.active_sources == ["anilist", *({"kitsu"} & {name})]


def test_where_only_a_broken_one_is_enabled_nothing_starts(tmp_path: Path) -> None:
    with (
        installed(tmp_path, "foreign", "foreign = foreign:X", {}),
        pytest.raises(SettingsError, match="names no source"),
    ):
        Settings.load({"ENABLED_SOURCES": "foreign"}, env_file=None)


def test_of_two_packages_with_one_name_the_first_by_name_is_taken(tmp_path: Path) -> None:
    with ExitStack() as stack:
        for package in ("bbb", "aaa"):
            stack.enter_context(
                installed(tmp_path / package, package, f"sample = {package}:Sample", sample_package(package))
            )
        assert discover()["sample"].__module__ == "aaa"
        assert [(one.package, one.why) for one in broken()] == [("bbb", "the name sample is taken")]


def test_it_gets_its_own_settings_and_nobody_else_s(tmp_path: Path) -> None:
    with installed(tmp_path, "foreign", "redis = foreign:Foreign", foreign("redis", "URL", "KEY")):
        assert source_variables()["REDIS_KEY"] == ("redis", "KEY")
        given = {"REDIS_URL": "redis://:secret@host:1", "REDIS_KEY": "own", "ANIMESCHEDULE_TOKEN": "hidden"}
        settings = Settings.load({**given, "ENABLED_SOURCES": "redis"}, env_file=None)
        assert settings.sources["redis"] == {"KEY": "own"}
        assert settings.source("redis", "URL") is None
        assert contested_variables() == {"redis": ["REDIS_URL"]}
        assert any("does not get REDIS_URL" in one.found for one in left_out(settings))


def test_a_source_cannot_take_the_setting_of_another_by_the_way_its_name_is_cut(tmp_path: Path) -> None:
    modules = foreign("anime", "PLANET_BASE_URL")
    with installed(tmp_path, "foreign", "anime = foreign:Foreign", modules):
        assert source_variables()["ANIME_PLANET_BASE_URL"] == ("anime_planet", "BASE_URL")
        assert contested_variables() == {"anime": ["ANIME_PLANET_BASE_URL"]}


def test_the_words_that_no_source_may_have_are_those_of_the_groups() -> None:
    assert {IDENTIFY, AGGREGATE, NAME} == RESERVED
