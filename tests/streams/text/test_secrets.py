"""Secrets never stand in what a person reads: settings, errors, findings, logs."""

from __future__ import annotations

import pytest

from streams.config.settings import Settings
from streams.config.settings_table import rows
from streams.config.values import SettingsError
from streams.operations.doctor_sites import sites
from streams.telemetry.logs import Event
from streams.text.secrets import without_secrets

SECRET = "s3cret"


@pytest.mark.parametrize(
    ("text", "shown"),
    {
        "https://me:s3cret@host:8080/x": "https://***@host:8080/x",
        "https://s3cret@host/x": "https://***@host/x",
        "redis://:s3cret@host": "redis://:***@host",
        "https://host/x?api_key=s3cret&page=2": "https://host/x?api_key=***&page=2",
        "https://host/?a=1&access_token=s3cret": "https://host/?a=1&access_token=***",
        "Authorization: s3cret": "Authorization: ***",
        "http://127.0.0.1:8080/anime/1?page=2": "http://127.0.0.1:8080/anime/1?page=2",
        "mail me@host.example": "mail me@host.example",
    }.items(),
)
def test_logins_and_secret_parameters_are_blanked_and_nothing_else(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
    assert str(Event("asked", {"url": text})) == f"asked url={shown}"


MIRROR = {
    "KITSU_BASE_URL": f"http://me:{SECRET}@127.0.0.1:9/",
    "ANIDB_TITLES_URL": f"http://me:{SECRET}@h/t.gz",
}


def test_the_password_of_a_mirror_is_not_among_the_settings() -> None:
    listed = {row.variable: row.value for row in rows(Settings.load(MIRROR, env_file=None))}
    assert listed["KITSU_BASE_URL"] == "http://***@127.0.0.1:9/"
    assert SECRET not in str(listed)


def test_an_address_that_cannot_be_used_is_named_without_its_password() -> None:
    with pytest.raises(SettingsError, match="KITSU_BASE_URL") as refused:
        Settings.load({"KITSU_BASE_URL": f"ftp://me:{SECRET}@host"}, env_file=None)
    assert SECRET not in str(refused.value)


async def test_what_is_found_out_about_a_mirror_does_not_hold_its_password() -> None:
    settings = Settings.load(MIRROR | {"ENABLED_SOURCES": "kitsu"}, env_file=None)
    (found, *_) = await sites(settings)
    assert "127.0.0.1:9" in found.found
    assert SECRET not in found.model_dump_json()
