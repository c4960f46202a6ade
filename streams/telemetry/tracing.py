"""One trace from a request to its output: spans by OpenTelemetry, joined over all groups by ``traceparent`` fields.

Off, and free, unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set (needs the extra ``otel``).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from streams.broker.delivery import Delivery
from streams.config.settings import Settings
from streams.config.values import SettingsError

_tracer: Any = None
_provider: Any = None


def start(settings: Settings) -> Callable[[], None]:
    """Send traces where the settings say; returns what ends it. Raises `SettingsError` without the extra."""
    if not settings.otel_exporter_otlp_endpoint:
        return lambda: None
    try:
        sdk, resources = (
            import_module("opentelemetry.sdk.trace"),
            import_module("opentelemetry.sdk.resources"),
        )
        batches = import_module("opentelemetry.sdk.trace.export")
        exporters = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError as error:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but traces need the extra otel: uv sync --extra otel"
        ) from error
    address = settings.otel_exporter_otlp_endpoint.rstrip("/") + "/v1/traces"
    provider = sdk.TracerProvider(resource=resources.Resource.create({"service.name": "anime-enrich"}))
    provider.add_span_processor(batches.BatchSpanProcessor(exporters.OTLPSpanExporter(endpoint=address)))
    use(provider)
    return lambda: _end(provider)


def use(provider: Any) -> None:
    """Take spans from this provider; ``None`` for none."""
    global _tracer, _provider  # noqa: PLW0603 - one tracer a process, as OpenTelemetry has it
    _provider = provider
    _tracer = provider.get_tracer("anime-enrich") if provider is not None else None


def provider() -> Any:
    """Who spans come from; ``None`` when nothing is traced."""
    return _provider


def _end(provider: Any) -> None:
    use(None)
    provider.shutdown()


@contextlib.contextmanager
def span(name: str, parent: str | None = None, **attributes: str | int) -> Iterator[None]:
    """A step of the current task; one that has no step around it continues ``parent`` (a traceparent)."""
    if _tracer is None:
        yield
        return
    trace = import_module("opentelemetry.trace")
    inside = trace.get_current_span().get_span_context().is_valid
    context = None if inside or not parent else _propagator().extract({"traceparent": parent})
    with _tracer.start_as_current_span(name, context=context, attributes=attributes):
        yield


def note(**attributes: str | int | None) -> None:
    """Say something about the current step."""
    if _tracer is None:
        return
    current_span = import_module("opentelemetry.trace").get_current_span()
    current_span.set_attributes({key: value for key, value in attributes.items() if value is not None})


def onwards(given: str | None) -> str:
    """The traceparent for who goes on from here: the current step's, or what was ``given``."""
    if _tracer is None:
        return given or ""
    carrier: dict[str, str] = {}
    _propagator().inject(carrier)
    return carrier.get("traceparent", given or "")


def step(delivery: Delivery) -> contextlib.AbstractContextManager[None]:
    """The step of working on one entry."""
    if _tracer is None:
        return contextlib.nullcontext()
    raw = delivery.raw
    name = "accept" if delivery.stream.endswith((":requests", ":sorted")) else delivery.group
    request = raw.get(b"request_id", b"").decode(errors="replace") or raw.get(
        b"intake_id", delivery.id.encode()
    ).decode(errors="replace")
    return span(
        name,
        _parent(delivery),
        request_id=request,
        stream=delivery.stream,
        entry=delivery.id,
        deliveries=delivery.deliveries,
    )


def _parent(delivery: Delivery) -> str | None:
    """The traceparent that an entry carries, as a field of its own or in its JSON."""
    if given := delivery.raw.get(b"traceparent"):
        return given.decode(errors="replace")
    try:
        data = json.loads(delivery.raw.get(b"data", b"{}"))
    except (ValueError, RecursionError):
        return None  # whoever works on the entry says what is wrong with it
    found = data.get("traceparent") if isinstance(data, dict) else None
    return str(found) if found else None


def _propagator() -> Any:
    return import_module("opentelemetry.trace.propagation.tracecontext").TraceContextTextMapPropagator()
