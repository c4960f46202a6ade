"""Prometheus metrics: gauges of the whole fleet, looked up when asked; counters of what the fleet tells as it works.

The counters are fed by the progress channel and the output stream, so one process that serves ``/metrics`` counts
for all; what happens while it is down is not counted.
"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from streams.broker.dead_letters import Letter
from streams.client.client import Step
from streams.operations.fleet_status import FleetStatus, GroupStatus, SourceStatus
from streams.operations.health import LEVELS, Trouble

PREFIX = "anime_enrich"
_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_REFUSALS = {"banned", "challenge", "forbidden", "rate_limited", "changed_layout"}
_GROUP = ("lag", "pending", "oldest_seconds", "consumers")
_SOURCE = ("next_free_seconds", "delayed", "backlog", "forecast_seconds")
_FLEET = (
    "open_requests",
    "overdue",
    "delayed",
    "outputs",
    "unread_output_entries",
    "records",
    "memory_bytes",
    "memory_limit_bytes",
)


class Metrics:
    """All metrics of one process that serves them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._group = {name: self._gauge(f"group_{name}", _TOLD[name], "group") for name in _GROUP}
        self._source = {name: self._gauge(f"source_{name}", _TOLD[name], "source") for name in _SOURCE}
        self._fleet = {name: self._gauge(name, _TOLD[name]) for name in _FLEET}
        self._in_flight = self._gauge("in_flight", "entries in work in this process", "group")
        self._banned = self._gauge(
            "source_banned", "1 while the site shuts the fleet out", "source", "reason"
        )
        self._banned_until = self._gauge("source_banned_until_seconds", "Unix time; 0: open", "source")
        self._waiting = self._gauge("source_waiting", "requests that wait for a turn", "source", "lane")
        self._drift = self._gauge("source_drift", "1 while a site newly lacks what it had", "source")
        self._health = self._gauge(
            "health",
            "what is wrong: 1 a note, 2 a warning, 3 a fault; no series: all is well",
            "what",
            "subject",
        )
        self._dead = self._gauge("dead_letters", "dead letters that lie there", "group", "reason")
        self._cache = self._gauge(
            "cache_answers", "answers of the last weeks: hit, stale or miss", "source", "kind", "from"
        )
        self._verdicts = self._counter("verdicts", "what titles were identified as", "verdict")
        self._partials = self._counter("partials", "what sources answered", "source", "outcome", "reason")
        self._refusals = self._counter("refusals", "a site shut us out or changed", "source", "reason")
        self._retries = self._counter("retries", "questions put off", "source", "reason")
        self._outputs = self._counter("outputs_emitted", "output entries", "mode", "status")
        self._closings = self._counter("deadline_closings", "sources missed at the deadline", "source")
        self._stale = self._counter("stale_served", "answers past their time that were used", "source")
        self._from_cache = self._counter("cached_answers", "sources answered from the cache", "source")
        self._unmapped = self._counter("unmapped_values", "values no table knows", "source", "field")
        self._repaired = self._counter(
            "repaired_replies", "replies mended before reading", "source", "repair"
        )
        self._duration = self._histogram("source_seconds", "time of one source for one title", "source")
        self._filled = Histogram(
            f"{PREFIX}_filled_ratio",
            "share of the record's fields that have a value",
            buckets=[step / 10 for step in range(1, 11)],
            registry=self.registry,
        )

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        return Gauge(f"{PREFIX}_{name}", told, labels, registry=self.registry)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", told, labels, registry=self.registry)

    def _histogram(self, name: str, told: str, *labels: str) -> Histogram:
        return Histogram(f"{PREFIX}_{name}", told, labels, buckets=_BUCKETS, registry=self.registry)

    def take_step(self, step: Step) -> None:
        """Count one step of a request."""
        match step.step:
            case "identified":
                self._verdicts.labels(step.detail).inc()
            case "partial":
                self._partials.labels(step.source, step.detail, step.reason).inc()
                if step.reason in _REFUSALS:
                    self._refusals.labels(step.source, step.reason).inc()
            case "retry":
                self._retries.labels(step.source, step.detail).inc()
            case "final" | "revision" | "early":
                if step.entry:
                    self._outputs.labels(step.step, step.detail).inc()
            case _:
                return

    def take_record(self, record: Mapping[str, Any], *, again: bool = False) -> None:
        """Take what a record (or a refusal) says about its sources; those of one that is told ``again`` were not asked."""
        for source, report in record.get("sources", {}).items():
            if report.get("outcome") == "timeout":
                self._closings.labels(source).inc()
            if report.get("stale"):
                self._stale.labels(source).inc()
            if report.get("from_cache") or (again and report.get("outcome") == "ok"):
                self._from_cache.labels(source).inc()
            for value in report.get("unmapped", ()):
                self._unmapped.labels(source, value["field"]).inc()
            for repair in report.get("repaired", ()):
                self._repaired.labels(source, repair).inc()
            if report.get("duration_ms") is not None and not again:
                self._duration.labels(source).observe(report["duration_ms"] / 1000)
        if "completeness" in record:
            self._filled.observe(record["completeness"].get("filled", 0.0))

    def take_health(self, troubles: Iterable[Trouble]) -> None:
        """Take what is wrong, as `streams.operations.health` judges it."""
        self._health.clear()
        for one in troubles:
            self._health.labels(one.what, one.subject).set(LEVELS.index(one.level))

    def take_fleet(self, status: FleetStatus) -> None:
        """Set the gauges of the fleet."""
        self.take_health(status.troubles)
        for name, gauge in self._fleet.items():
            gauge.set(getattr(status, name))
        for group in status.groups:
            self._take_group(group)
        self._banned.clear()
        for source in status.sources:
            self._take_source(source, status.at)

    def _take_group(self, group: GroupStatus) -> None:
        for name, gauge in self._group.items():
            gauge.labels(group.group).set(getattr(group, name))

    def _take_source(self, source: SourceStatus, now: float) -> None:
        for name, gauge in self._source.items():
            gauge.labels(source.source).set(getattr(source, name))
        until = source.banned_until or 0.0
        self._banned_until.labels(source.source).set(until)
        if until > now:
            self._banned.labels(source.source, source.ban_reason).set(1)
        self._drift.labels(source.source).set(bool(source.drift))
        for lane, count in source.waiting.items():
            self._waiting.labels(source.source, lane).set(count)

    def take_dead(self, letters: Iterable[Letter]) -> None:
        """Count the dead letters that lie there."""
        self._dead.clear()
        counts = Count((dead.letter.group, dead.letter.reason) for dead in letters)
        for (group, reason), count in counts.items():
            self._dead.labels(group, reason).set(count)

    def take_cache(self, kind: str, source: str, counted: Mapping[str, int]) -> None:
        """Take the cache's own counters of one source."""
        for word, count in counted.items():
            self._cache.labels(source, kind, word).set(count)

    def take_in_flight(self, group: str, count: int) -> None:
        """Take how much of a group is in work in this process."""
        self._in_flight.labels(group).set(count)

    def render(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)

    def render_health(self) -> bytes:
        """The health alone: without a server the other gauges would tell of the past."""
        return generate_latest(self.registry.restricted_registry([f"{PREFIX}_health"]))


_TOLD = {
    "lag": "entries nobody has read yet",
    "pending": "entries in work",
    "oldest_seconds": "age of the oldest entry that is not done",
    "consumers": "workers that read it, by their own heartbeat",
    "next_free_seconds": "until the site's limit lets the next request through",
    "delayed": "questions put off",
    "backlog": "titles to ask about",
    "forecast_seconds": "time for the backlog, asked in bulk with nothing cached",
    "open_requests": "requests without their final output",
    "overdue": "requests past their deadline",
    "outputs": "output entries that lie there",
    "unread_output_entries": "output entries that a group nobody reads keeps from being cut",
    "records": "records that are known",
    "memory_bytes": "the server's memory",
    "memory_limit_bytes": "the server's maxmemory; 0: none",
}
