"""How a service is put together from the settings: cache, crawling, corrections."""

from __future__ import annotations

from collections.abc import Sequence

from cache import CacheOptions
from sources.crawling.browser import BrowserOptions
from sources.crawling.crawlers import CrawlOptions
from streams.broker.connection import read_sentinel
from streams.broker.keys import Topology
from streams.config import offline_database_file
from streams.config.overrides_file import load as load_overrides
from streams.config.policy_file import load_policy
from streams.config.settings import Settings
from streams.config.values import SettingsError
from streams.engine.dispatch import Broker
from streams.matching.offline_database import OfflineDatabase
from streams.matching.overrides import NOTHING, Overrides
from streams.telemetry.logs import logger

log = logger("wiring")


def cache_options(settings: Settings, url: str) -> CacheOptions:
    """The cache as the settings want it; it shares the server unless another is named or Sentinels watch over that."""
    other: str | None = settings.redis_cache_url.get_secret_value() if settings.redis_cache_url else url
    storage = settings.http_cache_storage
    if other and read_sentinel(other):
        if storage == "redis":
            log.warning(
                "the cache does not ask Sentinels; it is kept in a file. Set REDIS_CACHE_URL to share it"
            )
        other, storage = None, "sqlite"
    return CacheOptions(
        enabled=settings.enable_http_cache,
        storage=storage,
        redis_url=other,
        sqlite_path=settings.data_dir / "http_cache.db",
    )


def crawl_options(settings: Settings) -> CrawlOptions:
    """How the crawled sites are read."""
    browser = BrowserOptions(cdp_url=settings.browser_cdp_url, path=settings.browser_path)
    return CrawlOptions(engine=settings.crawl_engine, browser=browser)


def corrections(settings: Settings) -> Overrides:
    """The user's corrections, if there are any. Raises `PolicyError`."""
    return load_overrides(settings.overrides_file) if settings.overrides_file else NOTHING


def witness(settings: Settings) -> OfflineDatabase | None:
    """The imported data set, if there is one. Raises `SettingsError` or ``OSError`` for a file that is none."""
    if settings.offline_database_file is None:
        return None
    try:
        return offline_database_file.read(settings.offline_database_file)
    except ValueError as error:
        raise SettingsError(f"OFFLINE_DATABASE_FILE: {error}") from error


def check_files(settings: Settings) -> None:
    """Read what the settings name: the policy, the overrides, the address that is told of the fleet's health.

    Raises `PolicyError`, naming the line, `SettingsError` or ``OSError``.
    """
    load_policy(settings.policy_file)
    corrections(settings)
    if settings.health_webhook_url:
        from streams.posting.notices import checked

        checked(settings)


def undescribed(names: Topology, groups: Sequence[str]) -> Broker:
    """A broker with a subscriber for each group, of which no document is made: what describes the streams is not loaded."""
    broker = Broker()
    for group in groups:
        broker.group(group, names.feeds(group)[-1])
    return broker
