"""One typed object for all settings: environment first, then the ``.env`` file, then the defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from rapidfuzz.distance import OSA

from cache.rules import DAY
from sources import discover
from sources.discovery import broken, shipped
from streams.config import env_file as dotenv
from streams.config.source_settings import SourceSettings
from streams.config.tokens import Token, tokens_of
from streams.config.values import (
    SettingsError,
    check_sources,
    default_data_dir,
    has_sound_port,
    number,
)
from streams.contract.validation_text import said
from streams.text.nearest import nearest

COMMON = ("BASE_URL", "CACHE_TTL_SECONDS", "LIMITS")
"""Settings that every source has besides its own."""


_SCHEMES = ("redis", "rediss", "unix", "sentinel", "sentinels")


class Settings(SourceSettings):
    """Every field is the variable of the same name in capitals; ``sources`` holds those of the single sources."""

    redis_url: SecretStr | None = Field(
        None, description="streams and state; unset: an embedded server is started"
    )
    redis_cache_url: SecretStr | None = Field(None, description="cache; unset: the same server")
    enable_http_cache: bool = Field(True, description="whether answers are cached at all")
    http_cache_storage: Literal["redis", "sqlite"] = Field("redis", description="where the HTTP cache lives")
    remember_work: bool = Field(
        True, description="keep beside the cached answers what was made of them, while nothing of it changes"
    )
    cache_ttl_seconds: float | None = Field(
        None, gt=0, description="lifetime of answers; unset: each source's own"
    )
    enabled_sources: list[str] | None = Field(
        None, description="sources of the whole fleet, comma separated; unset: all that are shipped"
    )
    crawl_engine: Literal["auto", "browser", "http"] = Field(
        "auto", description="how the crawled sites are read"
    )
    browser_cdp_url: str | None = Field(None, description="a running browser's DevTools address")
    browser_path: str | None = Field(None, description="the browser's executable; unset: looked for")
    stream_prefix: str = Field("anime", min_length=1, description="first word of every stream and key")
    request_deadline_seconds: float = Field(
        120.0, gt=0, description="until a request is closed with what is there"
    )
    bulk_deadline_seconds: float = Field(21_600.0, gt=0, description="the same for bulk requests")
    lease_seconds: float = Field(
        10.0, ge=0.5, description="after which a silent worker's entries are taken over"
    )
    attempt_seconds: float = Field(
        300.0, gt=0, description="longest a source may take for one title before the attempt counts as failed"
    )
    max_attempts: int = Field(
        4, ge=1, description="how often a source is asked before a dead letter is written"
    )
    max_deliveries: int = Field(
        10, ge=2, description="workers that may die over one entry before it is given up"
    )
    publish_copies: int = Field(0, ge=0, description="replicas that must have what counts as published")
    retry_base_seconds: float = Field(
        1.0,
        gt=0,
        description="first pause before asking again; doubles each time (a site that is away rests 15 of it)",
    )
    bulk_wait_seconds: float = Field(
        2.0, ge=0, le=60, description="how long a bulk question waits for others that can be asked with it"
    )
    worker_concurrency: int = Field(16, ge=1, description="titles in flight per source and process")
    request_max_bytes: int = Field(
        65_536, ge=1_024, le=16_777_216, description="largest entry that is taken as a request"
    )
    dead_maxlen: int = Field(10_000, ge=1, description="dead letters kept; the oldest go first")
    output_maxlen: int = Field(10_000, ge=1, description="output entries kept for readers without a group")
    state_retention_seconds: float = Field(
        86_400.0, gt=0, description="how long finished requests are remembered"
    )
    late_retention_seconds: float = Field(
        604_800.0, gt=0, description="the same for requests that a source still owes an answer"
    )
    record_retention_seconds: float = Field(
        2_592_000.0, gt=0, description="how long an unchanged record is remembered"
    )
    long_tail: bool = Field(
        True,
        description="ask for episodes, people and pictures too; a request's own `long_tail` goes before it",
    )
    refresh_records: bool = Field(False, description="the same as `known` in FOLLOW")
    follow: list[Literal["season", "airing", "changes", "known"]] = Field(
        default_factory=list,
        description="what is followed without being asked for, comma separated: season, airing, changes, known",
    )
    follow_share: float = Field(
        0.5, ge=0, le=1, description="share of each site's requests a day that following may use"
    )
    follow_seasons: int = Field(
        2,
        ge=1,
        le=40,
        description="seasons that are followed: this one, the next, then earlier ones; AniList's terms forbid to collect "
        "its catalogue, AniDB's to download it, so more than 2 is for those who have their leave",
    )
    data_dir: Path = Field(
        default_factory=default_data_dir, description="embedded server, SQLite cache, title index"
    )
    embedded_maxmemory: str = Field(
        "512mb", pattern=r"(?i)^\d+([kmg]b?)?$", description="memory of the embedded server"
    )
    policy_file: Path | None = Field(None, description="which source wins for which field (TOML)")
    overrides_file: Path | None = Field(None, description="corrections: pin, same, different, value (TOML)")
    offline_database_file: Path | None = Field(
        None, description="an anime-offline-database file, as one more witness"
    )
    contact: str | None = Field(
        None, description="address or page that the User-Agent names, for the sites' operators"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="the least that is logged"
    )
    log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="auto: text on a terminal, JSON elsewhere"
    )
    http_port: int | None = Field(
        None, ge=0, le=65_535, description="status page, health and metrics; unset: none"
    )
    http_host: str = Field("127.0.0.1", description="address the status page listens on")
    http_allowed_hosts: list[str] | None = Field(
        None,
        description="names with a dot under which the page may be asked for, comma separated; addresses always may",
    )
    alive_file: Path | None = Field(
        None, description="touched every few seconds while the work goes on, for container checks"
    )
    admin_token: SecretStr | None = Field(None, description="allows changes from the status page")
    http_api: bool = Field(
        False,
        description="open the door `/v1` on the port of the status page, where `HTTP_PORT` gives it one",
    )
    snapshot_requests: bool = Field(
        False, description="open the door `snapshots`: hand all records to who asks for them on that stream"
    )
    api_tokens: SecretStr | None = Field(
        None,
        description="who may come through the doors: `name:read:secret`, `publish` or `admin` for `read`, comma separated; "
        "`:50/1` after a secret is its own limit. Unset: reading alone, from this machine alone",
    )
    api_limit: str = Field(
        "50/1", description="requests per seconds of a token that names no limit of its own"
    )
    webhook_urls: list[str] | None = Field(
        None, description="addresses that `anime-enrich webhooks` posts outputs to, comma separated"
    )
    webhook_secret: SecretStr | None = Field(
        None,
        description="signs them (Standard Webhooks: whsec_ and base64); several, by spaces, while one is changed",
    )
    webhook_allow_private: bool = Field(
        False, description="post to addresses of this machine and of private networks, too"
    )
    health_webhook_url: SecretStr | None = Field(
        None,
        description="address to which workers post a change of health, signed and guarded as those of WEBHOOK_URLS are",
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        None, description="where traces go (needs the extra otel)"
    )
    faststream_prometheus: bool = Field(
        False, description="FastStream's own metrics of each batch that is read, beside ours on `/metrics`"
    )
    faststream_opentelemetry: bool = Field(
        False, description="FastStream's own span for each batch that is read (needs the extra otel)"
    )

    @field_validator("enabled_sources", "http_allowed_hosts", "follow", "webhook_urls", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("enabled_sources")
    @classmethod
    def _known(cls, value: list[str] | None) -> list[str] | None:
        if value is not None:
            left_out = {one.name for one in broken()}.difference(discover())
            value = [name for name in value if name not in left_out]
        if value == []:
            raise ValueError(f"names no source (known: {', '.join(discover())})")
        return check_sources(value) if value is not None else None

    @field_validator("redis_url", "redis_cache_url")
    @classmethod
    def _address(cls, value: SecretStr | None) -> SecretStr | None:
        address = value.get_secret_value() if value is not None else ""
        if address and address.partition("://")[0] not in _SCHEMES:
            raise ValueError(
                f"not an address of a server; it begins with one of {', '.join(_SCHEMES)}, then ://"
            )
        if address.startswith("sentinel"):
            from streams.broker.connection import read_sentinel

            read_sentinel(address)
        elif address and not has_sound_port(address):
            raise ValueError(
                "its port is no number; signs like / # ? @ of a password are written as %2F %23 ..."
            )
        return value

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Self:
        """Settings from ``environ`` and ``env_file``. Raises `SettingsError` for a wrong value or a misspelt name."""
        environ = os.environ if environ is None else environ
        try:
            from_file = dotenv.read(env_file) if env_file else {}
        except ValueError as error:
            raise SettingsError(f"{env_file}: {error}") from None
        known = variables()
        for name in from_file:
            if name not in known:
                raise SettingsError(_unknown(name, known))
        for name in environ:
            if name not in known and _meant_for_us(name, known):
                raise SettingsError(_unknown(name, known))
        found = {k: v for k, v in {**from_file, **environ}.items() if k in known and v != ""}
        return cls.from_values(found)

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Settings from variables by name; what is absent has its default."""
        names = source_variables()
        plain = {k.lower(): v for k, v in values.items() if k not in names}
        of_sources: dict[str, dict[str, str]] = {}
        for variable, value in values.items():
            if variable in names:
                source, setting = names[variable]
                of_sources.setdefault(source, {})[setting] = str(value)
        try:
            settings = cls(**plain, sources=of_sources)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"]).upper()
            raise SettingsError(f"{name}: {said(first['msg'])}") from None
        for source in of_sources:
            settings.check_source(source)
        tokens_of(settings.api_tokens, settings.admin_token, settings.api_limit)
        return settings

    def check_source(self, name: str) -> None:
        """Raise `SettingsError` for a setting of a source that cannot be used; better at the start than at work."""
        self.services(name)
        for way in self.ways(name):
            self.way_address(name, way)
        self.ttl(name)
        self.limits(name)

    def ttl(self, name: str) -> float | None:
        """Lifetime of a source's answers in seconds; ``None``: its own.

        The general setting never shortens what a source declares as longer than a day: AniDB bans who asks too often.
        """
        if given := self.source(name, "CACHE_TTL_SECONDS"):
            return number(f"{name.upper()}_CACHE_TTL_SECONDS", given)
        own = discover()[name].freshness.ttl
        return self.cache_ttl_seconds if own <= DAY else None

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Everybody who is known at the doors, `admin_token` among them."""
        return tokens_of(self.api_tokens, self.admin_token, self.api_limit)

    @property
    def active_sources(self) -> list[str]:
        """The fleet's sources, by name."""
        return sorted(self.enabled_sources) if self.enabled_sources is not None else list(shipped())

    def with_values(self, **values: Any) -> Self:
        """A copy with some fields replaced (checked)."""
        return type(self).model_validate({**dict(self), **values})


def source_variables() -> dict[str, tuple[str, str]]:
    """Variables of the single sources: name -> (source, setting)."""
    owners, general = _owners(), _general_variables()
    return {name: owned[0] for name, owned in owners.items() if name not in general}


def contested_variables() -> dict[str, list[str]]:
    """Settings that a source asks for and does not get, by source: the service, or a source before it, has that name."""
    general = _general_variables()
    found: dict[str, list[str]] = {}
    for variable, owned in _owners().items():
        for source, _ in owned if variable in general else owned[1:]:
            found.setdefault(source, []).append(variable)
    return found


def _owners() -> dict[str, list[tuple[str, str]]]:
    """Who would have each variable of a source, shipped sources first."""
    owners: dict[str, list[tuple[str, str]]] = {}
    for source, cls in discover().items():
        named = {setting: f"{source.upper()}_{setting}" for setting in COMMON}
        named |= {setting.name: setting.variable_of(source) for setting in cls.settings}
        for setting, variable in named.items():
            owners.setdefault(variable, []).append((source, setting))
    return owners


def _general_variables() -> set[str]:
    return {name.upper() for name in Settings.model_fields if name != "sources"}


def variables() -> set[str]:
    """Every variable that means something."""
    return _general_variables() | set(source_variables())


def _meant_for_us(name: str, known: set[str]) -> bool:
    """Whether an unknown variable of the environment is ours: one of a source, our prefix, or a slip of the pen."""
    ours = ("ANIME_ENRICH_", "MAL_", *(f"{source.upper()}_" for source in shipped()))
    if name.startswith(ours):
        return True
    return len(name) >= 8 and any(
        OSA.distance(name, other, score_cutoff=2) <= 2
        for other in known
        if other[0] == name[0] and len(other) >= 8
    )


def _unknown(name: str, known: set[str]) -> str:
    near = nearest(name.removeprefix("ANIME_ENRICH_"), known)
    return f"unknown setting {name}" + (
        f"; did you mean {near}?" if near else "; `anime-enrich settings` lists all"
    )
