"""Settings: one typed object, and a hint for every slip of the pen."""

from __future__ import annotations

from pathlib import Path

import pytest

from cache.rules import Rate
from sources import discover
from streams.config.settings import Settings
from streams.config.values import SettingsError, check_sources


def load(env_file: Path | None = None, /, **environ: str) -> Settings:
    return Settings.load(environ, env_file)


def test_without_any_setting_the_documented_defaults_hold() -> None:
    settings = load()
    assert settings.redis_url is None
    assert (settings.enable_http_cache, settings.http_cache_storage, settings.stream_prefix) == (
        True,
        "redis",
        "anime",
    )
    assert settings.active_sources == list(discover())


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("REDIS_ULR", "REDIS_URL"),
        ("KITSU_BASE_ULR", "KITSU_BASE_URL"),
        ("ANIME_ENRICH_REDIS_URL", "REDIS_URL"),
        ("ANIDB_CLIENT_VER", "ANIDB_CLIENTVER"),
        ("ENABLE_HTTP_CACH", "ENABLE_HTTP_CACHE"),
    ],
)
def test_a_misspelt_name_is_pointed_out_with_the_nearest_known_one(name: str, nearest: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}; did you mean {nearest}"):
        load(**{name: "x"})


def test_other_programs_variables_are_none_of_our_business() -> None:
    assert load(PATH="/bin", REDIS_HOST="db", LANG="C", HOME="/root", LOG_DIR="/tmp").redis_url is None


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("STREAM_PREFIX=file\nLOG_LEVEL=DEBUG\n")
    settings = load(file, STREAM_PREFIX="environment")
    assert (settings.stream_prefix, settings.log_level) == ("environment", "DEBUG")


def test_an_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("WHATEVER=1\n")
    with pytest.raises(SettingsError, match="unknown setting WHATEVER"):
        load(file)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_CACHE_STORAGE", "tape"),
        ("KITSU_LIMITS", "fast"),
        ("ENABLED_SOURCES", "kitsu,kitus"),
        ("HTTP_PORT", "-1"),
        ("REDIS_URL", "nonsense"),
        ("REDIS_URL", "http://localhost"),
        ("KITSU_BASE_URL", "nonsense"),
        ("KITSU_BASE_URL", "http://[::1"),
        ("KITSU_BASE_URL", "http://localhost:99999"),
        ("KITSU_LIMITS", "0.5/1"),
        ("KITSU_LIMITS", "1.5/1"),
        ("ENABLED_SOURCES", ","),
        ("REDIS_URL", "redis://localhost:door"),
        ("REDIS_URL", "sentinel://one:26379"),
        ("REDIS_URL", "sentinel://one:door/mymaster"),
        ("REDIS_URL", "sentinel://one:26379/mymaster/first"),
        ("REQUEST_DEADLINE_SECONDS", "inf"),
        ("STATE_RETENTION_SECONDS", "inf"),
        ("EMBEDDED_MAXMEMORY", "lots"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: (?!Value error)"):
        load(**{name: value})


def test_a_password_that_breaks_its_address_is_not_shown() -> None:
    with pytest.raises(SettingsError, match=r"%2F") as told:
        load(REDIS_URL="redis://:hunter/2@localhost:6379/0")
    assert "hunter" not in str(told.value)


def test_secrets_do_not_show_in_what_is_printed() -> None:
    settings = load(REDIS_URL="redis://:hunter2@localhost", ADMIN_TOKEN="swordfish")
    assert "hunter2" not in repr(settings)
    assert "swordfish" not in repr(settings)


def test_limits_are_windows_or_off() -> None:
    assert load(JIKAN_LIMITS="3/1,60/60").limits("jikan") == (Rate(3, 1), Rate(60, 60))
    assert load(JIKAN_LIMITS="off").limits("jikan") == ()
    assert load().limits("jikan") == discover()["jikan"].limits


def test_every_source_can_be_pointed_elsewhere() -> None:
    for name in discover():
        assert load(**{f"{name.upper()}_BASE_URL": "http://mirror:1/"}).base_url(name) == "http://mirror:1"


def test_the_general_lifetime_never_makes_anidb_asked_more_often() -> None:
    assert load(CACHE_TTL_SECONDS="60").ttl("anidb") is None
    assert load(CACHE_TTL_SECONDS="60").ttl("kitsu") == 60
    assert load(ANIDB_CACHE_TTL_SECONDS="60").ttl("anidb") == 60


def test_an_unknown_source_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match="did you mean kitsu"):
        check_sources(["kitus"])
