"""Every setting as a row, made from the settings object, so that no list of them is ever written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from sources import discover
from streams.config.settings import Settings
from streams.text.secrets import without_secrets

HIDDEN = "set, hidden"


class SettingRow(BaseModel):
    """One setting: the variable, what it may be, its default, what it is set to (secrets hidden), what it means."""

    variable: str
    kind: str
    default: str | None = None
    value: str | None = None
    meaning: str = ""
    source: str | None = None


def rows(settings: Settings) -> list[SettingRow]:
    """All settings: the general ones in the order of the object, then those of each source."""
    return [*_general(settings), *_of_sources(settings)]


def markdown(of: Iterable[SettingRow]) -> str:
    """A table for the documentation; what is set on this machine is not in it."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for row in of:
        meaning = (
            f"{row.meaning}; {row.kind}" if row.kind.startswith("one of") and row.meaning else row.meaning
        )
        default = f"`{row.default}`" if row.default else ""
        lines.append(f"| `{row.variable}` | {default} | {(meaning or row.kind).replace('|', '/')} |")
    return "\n".join(lines)


def _general(settings: Settings) -> Iterable[SettingRow]:
    for name, info in Settings.model_fields.items():
        if name == "sources":
            continue
        value = getattr(settings, name)
        yield SettingRow(
            variable=name.upper(),
            kind=_kind(info.annotation),
            default=_default(info),
            value=_shown(value) if name in settings.model_fields_set else None,
            meaning=info.description or "",
        )


def _default(info: FieldInfo) -> str | None:
    default = info.get_default(call_default_factory=True, validated_data={})
    return "the user's state folder" if isinstance(default, Path) else _shown(default)


def _of_sources(settings: Settings) -> Iterable[SettingRow]:
    for name, source in discover().items():
        given = settings.sources.get(name, {})
        limits = ",".join(f"{rate.permits}/{rate.seconds:g}" for rate in source.limits)
        common = {
            "BASE_URL": (source.base_url, f"where {source.label} is asked"),
            "CACHE_TTL_SECONDS": (f"{source.freshness.ttl:g}", f"lifetime of answers of {source.label}"),
            "LIMITS": (limits or "off", "requests per seconds; `off` for a server of your own"),
        }
        for word, (default, meaning) in common.items():
            yield SettingRow(
                variable=f"{name.upper()}_{word}",
                kind="text",
                default=default,
                value=_in_sight(given.get(word)),
                meaning=meaning,
                source=name,
            )
        for own in source.settings:
            value = given.get(own.name)
            yield SettingRow(
                variable=own.variable_of(name),
                kind="secret" if own.secret else "text",
                default=own.default,
                value=HIDDEN if value and own.secret else _in_sight(value),
                meaning=own.help + (f"; without it {name} is not asked" if own.required else ""),
                source=name,
            )


def _kind(annotation: Any) -> str:
    options = [one for one in get_args(annotation) if one is not type(None)]
    if options and all(isinstance(one, str) for one in options):
        return f"one of {', '.join(options)}"
    if get_origin(annotation) is list:
        return "comma separated names"
    if options:
        return _kind(options[0])
    names = {bool: "true or false", int: "whole number", float: "number", SecretStr: "secret"}
    return names.get(annotation, "text")


def _shown(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case SecretStr():
            return HIDDEN
        case list():
            return ",".join(str(one) for one in value)
        case float():
            return f"{value:g}" if value < 1e6 else f"{value:.0f}"
        case _:
            return without_secrets(str(value))


def _in_sight(value: str | None) -> str | None:
    return without_secrets(value) if value else value
