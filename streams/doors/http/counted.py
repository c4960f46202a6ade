"""What the API counts of itself, for Prometheus: there is none of it where the API is not opened."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from cache import clock
from streams.doors.http.desk import Places
from streams.serving.event_stream import EventStream

PREFIX = "anime_enrich_api"
_SECONDS = (0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60)


class Counted:
    """Requests by route and status, how long they took, and the streams of events that are open."""

    def __init__(self, listeners: Places) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            f"{PREFIX}_requests", "requests that were answered", ("route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            f"{PREFIX}_seconds",
            "time of an answer, streams of events left out",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        streams = Gauge(f"{PREFIX}_open_streams", "streams of events that are open", registry=self.registry)
        streams.set_function(lambda: listeners.taken)

    async def answer(
        self, route: str, began: float, response: Any, scope: Any, receive: Any, send: Any
    ) -> None:
        """Let ``response`` answer, and count it; ``began`` is when the request came (`cache.clock.monotonic`)."""
        status = 0

        async def noted(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await response(scope, receive, noted)
        finally:
            self._requests.labels(route, str(status)).inc()
            if not isinstance(response, EventStream):
                self._seconds.labels(route).observe(clock.monotonic() - began)
