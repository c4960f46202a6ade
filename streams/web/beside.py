"""The status page and the metrics beside a service, when a port is set for them; traces, when there is somewhere to send them."""

from __future__ import annotations

import asyncio

from streams.operations.health_watch import LOOK_SECONDS, HealthWatch
from streams.operations.metrics_collector import Meter
from streams.service.app import Service
from streams.telemetry import tracing
from streams.web.serve import Page
from streams.web.site import Desk


class Beside:
    """Starts and stops a service together with its page."""

    def __init__(self, service: Service) -> None:
        self.service = service
        settings = service.settings
        self.meter = Meter(service.client, service.names, settings, service.limiter, service.workers)
        self.watch = HealthWatch(service.client, service.names, settings, service.limiter)
        service.housekeeping.more.append((LOOK_SECONDS, self.watch.look))
        desk = Desk(service.client, service.names, settings, service.limiter, service.alive, self.meter)
        self.page = Page(desk, settings.http_host, settings.http_port or 0)
        self._end_tracing = tracing.start(settings)

    async def start(self) -> None:
        """Start both."""
        await self.prepare()
        await self.service.broker.start()

    async def prepare(self) -> None:
        """Start all but the reading, which the service's broker starts."""
        await self.service.prepare()
        self.meter.also = self.service.metrics
        if self.service.settings.http_port is not None:
            self.meter.start()
            self.page.start()

    async def stop(self) -> None:
        """Stop the page first, then the service."""
        await self.page.stop()
        await self.meter.stop()
        await self.service.stop()
        await asyncio.to_thread(self._end_tracing)
