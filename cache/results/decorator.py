"""`cached_result`: an expensive function asked once, for all tasks, processes and machines."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, ParamSpec, TypeVar

from cache.manager import HTTPCacheManager, current_manager
from cache.results.call import ResultCall, ResultRules, result_info
from cache.results.codec import ResultCodec
from cache.results.keys import call_digest, signature_of
from cache.results.source_version import source_version
from cache.rules import DAY

__all__ = ["cached_result", "result_info"]

P = ParamSpec("P")
R = TypeVar("R")
Function = Callable[P, Awaitable[R]]

RESULT_PREFIX = "result_cache"


def cached_result(
    ttl: float = DAY,
    *,
    source: str | None = None,
    name: str | None = None,
    version: int = 1,
    helpers: Iterable[Any] = (),
    ignore: Iterable[str] = (),
    negative_ttl: float | None = None,
    grace: float = 0.0,
    jitter: float = 0.1,
    lease_seconds: float = 60.0,
    keep: Callable[[Any], bool] = lambda _: True,
    stale_on: Callable[[Exception], bool] = lambda _: True,
    manager: HTTPCacheManager | None = None,
) -> Callable[[Function[P, R]], Function[P, R]]:
    """Keep what an async function returns, under its arguments and the text of its code; spans are seconds.

    Args:
        ttl: lifetime of a result.
        source: the word for statistics and clearing; the function's module otherwise.
        name: what results are kept under instead of the function's module and name, so that they outlive its move.
        version: raise it when results of older code must not be reused although the code looks the same.
        helpers: functions, classes or plain values whose change makes results out of date as well.
        ignore: parameters that do not matter for the result (``self``, a client).
        negative_ttl: lifetime of the result ``None``; without it ``None`` is not kept.
        grace: how long past its lifetime a result may stand in for a call that fails.
        jitter: share by which lifetimes are spread.
        lease_seconds: after how long a silent caller elsewhere is replaced.
        keep: whether a result is worth keeping.
        stale_on: which failures an older result may cover (within ``grace``).
        manager: where to keep; the one named by `cache.use_manager` otherwise.

    The return annotation says how a result is stored and checked when it is read: anything pydantic knows. An exception
    is never kept; all who wait for it in this process get it.
    """
    rules = ResultRules(ttl, negative_ttl, grace, jitter, lease_seconds, keep, stale_on)

    def decorate(function: Function[P, R]) -> Function[P, R]:
        codec, signature = ResultCodec(function), signature_of(function)
        path = name or f"{function.__module__}.{function.__qualname__}"
        word = source or function.__module__.rpartition(".")[2]
        stem = f"{RESULT_PREFIX}:{word}:{path}:{source_version(function, helpers, version)}"
        ignored = frozenset(ignore)

        @functools.wraps(function)
        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            using = manager or current_manager()
            if not using.options.enabled:
                return await function(*args, **kwargs)
            key = f"{stem}:{call_digest(signature, args, kwargs, ignored)}"
            call = ResultCall(key, using.storage, lambda: function(*args, **kwargs), rules=rules, codec=codec)
            outcome = await call.look() or await using.flights.once(key, call, rules.lease_seconds)
            result: R = await call.finish(outcome)
            using.tally("result", word).count(result_info.get())
            return result

        return wrapper

    return decorate
