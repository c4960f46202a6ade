"""FastStream's own middlewares, when the settings switch them on: they see each batch as it is handed to a worker.

They tell of the reading: how many entries came, how long a worker took to take them. What becomes of an entry is told
by our own metrics and traces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streams.config.settings import Settings
from streams.config.values import SettingsError
from streams.engine.dispatch import Broker
from streams.telemetry import tracing

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


def watch(broker: Broker, settings: Settings) -> CollectorRegistry | None:
    """Add what is switched on to ``broker``; returns where it counts. Raises `SettingsError` without the extra."""
    if settings.faststream_opentelemetry:
        _trace(broker)
    return _count(broker) if settings.faststream_prometheus else None


def _count(broker: Broker) -> CollectorRegistry:
    from faststream.redis.prometheus import RedisPrometheusMiddleware
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry()
    labels: Any = {"group": _group}
    broker.add_middleware(RedisPrometheusMiddleware(registry=registry, custom_labels=labels))
    return registry


def _group(message: Mapping[str, Any] | None) -> str:
    """Several groups read one stream; the metrics tell them apart by this label."""
    return str(message.get("group", "")) if message else ""


def _trace(broker: Broker) -> None:
    try:
        from faststream.redis.opentelemetry import RedisTelemetryMiddleware
    except ImportError as error:
        raise SettingsError(
            "FASTSTREAM_OPENTELEMETRY is set, but traces need the extra otel: uv sync --extra otel"
        ) from error
    broker.add_middleware(RedisTelemetryMiddleware(tracer_provider=tracing.provider()))
