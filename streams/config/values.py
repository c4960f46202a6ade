"""How the text of a setting becomes a value, and what is said of one that cannot be used."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from cache.rules import Rate
from sources import discover
from streams.text.nearest import nearest
from streams.text.secrets import without_secrets


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it and the next step."""


def default_data_dir() -> Path:
    """The user's state directory for this product."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "anime-enrich"


def check_sources(names: Iterable[str]) -> list[str]:
    """The names, once each, in order. Raises `SettingsError` naming the nearest known source."""
    for name in names:
        if name not in discover():
            near = nearest(name, discover())
            raise SettingsError(
                f"unknown source {name!r}"
                + (f"; did you mean {near}?" if near else f" (known: {', '.join(discover())})")
            )
    return list(dict.fromkeys(names))


def read_limits(variable: str, text: str) -> tuple[Rate, ...]:
    """Rates from ``3/1,60/60``. Raises `SettingsError`."""
    if text.strip().lower() == "off":
        return ()
    rates = []
    for part in text.split(","):
        permits, _, seconds = part.partition("/")
        count = number(variable, permits)
        if count < 1 or count % 1:
            raise SettingsError(
                f"{variable}: {permits!r} is no whole number of requests; one in two seconds is 1/2"
            )
        rates.append(Rate(int(count), number(variable, seconds or "1")))
    return tuple(rates)


def web_address(variable: str, text: str) -> str:
    """``text`` without a slash at its end. Raises `SettingsError` for what is no web address."""
    sound = has_sound_port(text) and urlsplit(text).netloc
    if not sound or urlsplit(text).scheme not in {"http", "https"}:
        raise SettingsError(f"{variable}: {without_secrets(text)!r} is no address such as https://host/path")
    return text.rstrip("/")


def has_sound_port(address: str) -> bool:
    """Whether an address can be taken apart; the library's own words might show a part of its password."""
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


def number(variable: str, text: str) -> float:
    """A number above 0 out of ``text``. Raises `SettingsError` naming the variable."""
    try:
        value = float(text)
    except ValueError:
        raise SettingsError(f"{variable}: {text!r} is no number") from None
    if not 0 < value < 1e9:
        raise SettingsError(f"{variable}: {text!r} is out of range")
    return value
