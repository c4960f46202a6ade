"""How the fleet stands: what waits where, how the sites' limits stand, and how long the backlog will take."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from cache import clock
from cache.limits.limiter import Limiter
from sources import discover
from streams.broker.answers import ENTRY, FOUND, Answers, Counted, Heard
from streams.broker.connection import text
from streams.broker.dead_letters import DeadLetters
from streams.broker.delayed import Delayed
from streams.broker.following.budget import Budget, Spent
from streams.broker.groups import Heard as Worker
from streams.broker.groups import Presence
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.following import pace
from streams.following.site import Site, sites, wishes
from streams.operations.health import REFUSALS, Level, Setup, Trouble, judge, level_of
from streams.operations.output_groups import unread_groups
from streams.operations.sizing import requests_for
from streams.records.believed import value_drifts
from streams.records.drift_store import alarms


class GroupStatus(BaseModel):
    """One group, over all its streams. ``lag`` is what nobody has read yet, ``pending`` what is being worked on.

    ``oldest_seconds`` is the age of the oldest entry that is not done; ``consumers`` counts the workers that read,
    ``silent`` those that have stopped without a word (stuck or killed), by name with the seconds since.
    """

    group: str
    lag: int = 0
    pending: int = 0
    oldest_seconds: float = 0.0
    consumers: int = 0
    silent: dict[str, float] = Field(default_factory=dict)
    missing: bool = False


class Answered(BaseModel):
    """What a source answered in some stretch of time: how often, from the cache how often, how well filled, how fast.

    ``failed`` counts by reason; ``from_cache`` and ``filled`` are shares, 0 to 1; ``p50`` and ``p95`` are in seconds and
    without what came from the cache.
    """

    ok: int = 0
    not_found: int = 0
    failed: dict[str, int] = Field(default_factory=dict)
    refused: dict[str, int] = Field(default_factory=dict)
    from_cache: float | None = None
    filled: float | None = None
    p50: float | None = None
    p95: float | None = None


class BudgetStatus(BaseModel):
    """Requests to a site in the last day: those of people, those of following; and what is left.

    ``a_day`` is what the site may get, ``share`` what following may take of it, ``left`` what following may send now,
    ``forecast`` what the day will come to if the last hours go on.
    """

    a_day: int = 0
    people: int = 0
    following: int = 0
    share: int = 0
    left: int = 0
    forecast: int = 0


class SourceStatus(BaseModel):
    """One site: how much of its limit is used, whether it shuts us out, how much waits, and for how long.

    ``hour`` and ``day`` say what it answered; the times of its last answer and failure are Unix seconds, 0 for never.
    ``used`` maps windows such as ``3/1s`` to requests within them; ``forecast_seconds`` is the time for the backlog, asked
    in bulk with nothing cached.
    """

    source: str
    used: dict[str, int] = Field(default_factory=dict)
    next_free_seconds: float = 0.0
    banned_until: float | None = None
    ban_reason: str = ""
    waiting: dict[str, int] = Field(default_factory=dict)
    delayed: int = 0
    backlog: int = 0
    forecast_seconds: float = 0.0
    drift: str = ""
    hour: Answered = Answered()
    day: Answered = Answered()
    last_ok_at: float = 0.0
    last_failed_at: float = 0.0
    last_failure: str = ""
    budget: BudgetStatus = BudgetStatus()


class FleetStatus(BaseModel):
    """Everything that ``anime-enrich status`` shows; ``troubles`` is what is wrong, the worst first.

    ``unread_outputs`` maps groups of readers of the output to the age, in seconds, of what they have not read.
    """

    at: float
    level: Level = "well"
    troubles: list[Trouble] = Field(default_factory=list)
    groups: list[GroupStatus] = Field(default_factory=list)
    sources: list[SourceStatus] = Field(default_factory=list)
    open_requests: int = 0
    overdue: int = 0
    delayed: int = 0
    dead_letters: int = 0
    outputs: int = 0
    unread_output_entries: int = 0
    unread_output_groups: list[str] = Field(default_factory=list)
    records: int = 0
    memory_bytes: int = 0
    memory_limit_bytes: int = 0
    server: str = ""
    server_version: str = ""
    unread_outputs: dict[str, float] = Field(default_factory=dict)


async def fleet_status(redis: Redis, names: Topology, settings: Settings, limiter: Limiter) -> FleetStatus:
    """The state of everything right now. Raises `redis.exceptions.RedisError` when the server is out of reach."""
    scripts = Scripts(redis)
    heard = await Presence(scripts, names).heard()
    groups = await asyncio.gather(
        *(group_status(redis, names, one, heard) for one in _groups(names, settings))
    )
    requests = Requests(scripts, names)
    delayed = await Delayed(scripts, names).counts()
    drifting = {one.source: one.message for one in await alarms(redis, names, settings.active_sources)}
    for source, sentences in (await value_drifts(scripts, names)).items():
        drifting[source] = "; ".join([*filter(None, [drifting.get(source)]), *sentences])
    backlog = {one.group: one.lag + one.pending for one in groups}
    told = await Answers(scripts, names).heard(settings.active_sources)
    sources = await asyncio.gather(
        *(
            _source(
                settings,
                limiter,
                name,
                delayed.get(name, 0),
                backlog.get(name, 0),
                drifting.get(name, ""),
                told[name],
            )
            for name in settings.active_sources
        )
    )
    budgets = await _budgets(scripts, names, settings)
    sources = [one.model_copy(update={"budget": budgets[one.source]}) for one in sources]
    unread = await unread_groups(redis, names)
    info: dict[str, Any] = await redis.info()
    name = str(info.get("server_name", "redis"))
    status = FleetStatus(
        at=clock.now(),
        groups=groups,
        sources=list(sources),
        open_requests=await requests.count_open(),
        overdue=await requests.count_open(overdue=True),
        delayed=delayed.total(),
        dead_letters=await DeadLetters(scripts, names).count(),
        outputs=await redis.xlen(names.enriched),
        unread_output_entries=max((one.entries for one in unread), default=0),
        unread_output_groups=[one.group for one in unread],
        records=await Records(scripts, names).count(),
        memory_bytes=int(info.get("used_memory", 0)),
        memory_limit_bytes=int(info.get("maxmemory", 0)),
        server=name,
        server_version=str(info.get(f"{name}_version") or info.get("redis_version", "")),
        unread_outputs=await _unread_outputs(redis, names),
    )
    status.troubles = judge(status, told, _setup(settings))
    status.level = level_of(status.troubles)
    return status


async def _budgets(scripts: Scripts, names: Topology, settings: Settings) -> dict[str, BudgetStatus]:
    spent = await Budget(scripts, names).spent(settings.active_sources)
    return {name: _budget(spent[name], site, settings) for name, site in sites(settings).items()}


def _budget(spent: Spent, site: Site, settings: Settings) -> BudgetStatus:
    wanted = wishes(settings)
    share = wanted.share if wanted.kinds else 0.0
    return BudgetStatus(
        a_day=site.budget,
        people=sum(spent.people),
        following=sum(spent.following),
        share=pace.share_of(site.budget, share),
        left=pace.left(spent, site.budget, share),
        forecast=pace.forecast(spent),
    )


def _setup(settings: Settings) -> Setup:
    """Of the user's choices, what the judgement needs."""
    wanted = {name: discover()[name].settings for name in settings.active_sources}
    given = {name for name, own in wanted.items() if any(settings.source(name, one.name) for one in own)}
    return Setup(settings.bulk_deadline_seconds, frozenset(given))


async def _unread_outputs(redis: Redis, names: Topology) -> dict[str, float]:
    try:
        rows = await redis.xinfo_groups(names.enriched)
    except ResponseError:
        return {}  # nothing came out yet
    seconds, _ = await redis.time()
    found = {}
    for row in rows:
        last = text(row["last-delivered-id"])
        first: Any = await redis.xrange(names.enriched, f"({last}", "+", count=1)
        if first:
            found[text(row["name"])] = max(0.0, seconds - int(text(first[0][0]).split("-")[0]) / 1000)
    return found


async def group_status(redis: Redis, names: Topology, group: str, heard: Sequence[Worker]) -> GroupStatus:
    """One group over all its streams; ``heard`` are the workers of all groups."""
    own = [one for one in heard if one.group == group]
    status = GroupStatus(
        group=group,
        consumers=sum(one.reads for one in own),
        silent={one.consumer: one.seconds for one in own if not one.reads},
    )
    seconds, _ = await redis.time()
    for stream in names.feeds(group):
        try:
            rows = await redis.xinfo_groups(stream)
        except ResponseError:
            status.missing = True
            continue
        row = next((candidate for candidate in rows if text(candidate["name"]) == group), None)
        if row is None:
            status.missing = True
            continue
        status.lag += row["lag"] or 0
        status.pending += row["pending"]
        oldest = await _oldest_ms(redis, stream, group, text(row["last-delivered-id"]), row)
        if oldest:
            status.oldest_seconds = max(status.oldest_seconds, seconds - oldest / 1000, 0.0)
    return status


def _groups(names: Topology, settings: Settings) -> list[str]:
    return list(dict.fromkeys(group for _, group in names.groups(settings.active_sources)))


async def _oldest_ms(redis: Redis, stream: str, group: str, last: str, row: dict[str, Any]) -> int:
    """Time of the oldest entry that the group has not finished; 0 when there is none."""
    if row["pending"]:
        summary: dict[str, Any] = await redis.xpending(stream, group)
        if summary["min"] is not None:  # what was pending a moment ago may be done by now
            return int(text(summary["min"]).split("-")[0])
    first: Any = await redis.xrange(stream, f"({last}", "+", count=1) if row["lag"] else []
    return int(text(first[0][0]).split("-")[0]) if first else 0


async def _source(
    settings: Settings,
    limiter: Limiter,
    source: str,
    delayed: int,
    waiting: int,
    drift: str,
    heard: Heard,
) -> SourceStatus:
    state = await limiter.state(source)
    backlog = waiting + delayed
    asked = math.ceil(backlog * requests_for(source, "bulk", long_tail=settings.long_tail))
    forecast = await limiter.forecast(source, asked, settings.limits(source)) if backlog else 0.0
    return SourceStatus(
        source=source,
        used={f"{rate.permits}/{rate.seconds:g}s": used for rate, used in state.used.items()},
        next_free_seconds=state.next_free_seconds,
        banned_until=state.banned_until,
        ban_reason=state.reason,
        waiting={str(name): count for name, count in state.waiting.items()},
        delayed=delayed,
        backlog=backlog,
        forecast_seconds=forecast,
        drift=drift,
        hour=_answered(heard.hour),
        day=_answered(heard.day),
        last_ok_at=heard.ok_at,
        last_failed_at=heard.failed_at,
        last_failure=f"{heard.reason}: {heard.message}" if heard.reason else "",
    )


def _answered(counted: Counted) -> Answered:
    ok = sum(counted.words.get(word, 0) for word in (ENTRY, FOUND))
    failures = counted.failures
    refused = {reason: count for reason, count in failures.items() if reason in REFUSALS}
    return Answered(
        ok=ok,
        not_found=counted.answered - ok,
        failed={reason: count for reason, count in failures.items() if reason not in refused},
        refused=refused,
        from_cache=counted.from_cache / counted.answered if counted.answered else None,
        filled=counted.filled,
        p50=counted.seconds(0.5),
        p95=counted.seconds(0.95),
    )
