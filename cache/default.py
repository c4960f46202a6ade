"""The manager that `cached_result` functions use when they name none."""

from __future__ import annotations

from cache.manager import HTTPCacheManager

_DEFAULT: list[HTTPCacheManager] = []


def use_manager(manager: HTTPCacheManager) -> None:
    """Make ``manager`` the one that `cached_result` uses in this process from now on."""
    _DEFAULT[:] = [manager]


def current_manager() -> HTTPCacheManager:
    """The manager in use; one by the environment's settings when none was named."""
    if not _DEFAULT:
        use_manager(HTTPCacheManager())
    return _DEFAULT[0]
