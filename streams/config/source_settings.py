"""The settings of the single sources: where each is asked, how often, and how long its answers are kept."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from cache.rules import Rate
from sources import discover
from sources.base import Way
from sources.hosts import service_name
from streams.config.values import SettingsError, read_limits, web_address


class SourceSettings(BaseModel):
    """The part of the settings that is about sources; ``sources`` maps a source to its settings by `Setting.name`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    sources: dict[str, dict[str, str]] = Field(default_factory=dict)

    def source(self, name: str, setting: str) -> str | None:
        """One setting of one source, its declared default included."""
        given = self.sources.get(name, {}).get(setting)
        declared = {s.name: s.default for s in discover()[name].settings}
        return given if given is not None else declared.get(setting)

    def base_url(self, name: str) -> str:
        """Where a source is asked first. Raises `SettingsError` for what is no web address."""
        return self.base_urls(name)[0]

    def base_urls(self, name: str) -> tuple[str, ...]:
        """Where a source is asked, one host after another. Raises `SettingsError`; so do two hosts where one is known."""
        cls, variable = discover()[name], f"{name.upper()}_BASE_URL"
        given = (self.source(name, "BASE_URL") or cls.base_url).split(",")
        found = tuple(dict.fromkeys(web_address(variable, one.strip()) for one in given))
        if len(found) > 1 and not cls.many_hosts:
            raise SettingsError(f"{variable}: {name} is asked at one address, not at {len(found)}")
        return found

    def ways(self, name: str) -> tuple[Way, ...]:
        """The other ways of a source that are set up."""
        return tuple(way for way in discover()[name].ways if self.source(name, way.needs))

    def services(self, name: str) -> tuple[str, ...]:
        """The names under which a source is limited and latched: its own, then those of further hosts and ways."""
        hosts = [service_name(name, base, at) for at, base in enumerate(self.base_urls(name))]
        return (*hosts, *(f"{name}@{way.name}" for way in self.ways(name)))

    def way_address(self, name: str, way: Way) -> str:
        """Where another way of a source is asked. Raises `SettingsError` for what is no web address."""
        variables = {s.name: s.variable_of(name) for s in discover()[name].settings}
        return web_address(variables[way.address], self.source(name, way.address) or "")

    def limits(self, name: str) -> tuple[Rate, ...]:
        """A source's limits: ``3/1,60/60`` is 3 a second and 60 a minute, ``off`` none."""
        given = self.source(name, "LIMITS")
        return read_limits(f"{name.upper()}_LIMITS", given) if given else discover()[name].limits
