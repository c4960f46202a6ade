"""The page and the metrics beside a service, when a port is set for them; traces and notices, when there is somewhere to send them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from streams.config.settings import Settings
from streams.operations.health_watch import LOOK_SECONDS, HealthWatch
from streams.operations.metrics_collector import Meter
from streams.service.app import Service
from streams.serving.door import Door
from streams.telemetry import tracing
from streams.web.serve import Page
from streams.web.site import Desk

if TYPE_CHECKING:
    from streams.posting.notices import Notices


class Beside:
    """Starts and stops a service together with its page."""

    def __init__(self, service: Service, doors: Sequence[Door] = ()) -> None:
        self.service = service
        self.doors = doors
        settings = service.settings
        self.meter = Meter(service.client, service.names, settings, service.limiter, service.workers)
        self.notices = _notices(settings)
        notify = self.notices.tell if self.notices else None
        self.watch = HealthWatch(service.client, service.names, settings, service.limiter, notify)
        service.housekeeping.more.append((LOOK_SECONDS, self.watch.look))
        desk = Desk(service.client, service.names, settings, service.limiter, service.alive, self.meter)
        others = {path: app for door in doors for path, app in door.addresses.items()}
        self.page = Page(desk, settings.http_host, settings.http_port or 0, others)
        self._end_tracing = tracing.start(settings)

    async def start(self) -> None:
        """Start both."""
        await self.prepare()
        await self.service.broker.start()

    async def prepare(self) -> None:
        """Start all but the reading, which the service's broker starts."""
        await self.service.prepare()
        if self.notices:
            self.notices.start()
        self.meter.also = [self.service.metrics, *(door.metrics for door in self.doors)]
        for door in self.doors:
            await door.start()
        if self.service.settings.http_port is not None:
            self.meter.start()
            self.page.start()

    async def stop(self) -> None:
        """Stop the page first, then the service."""
        await self.page.stop()
        for door in self.doors:
            await door.stop()
        await self.meter.stop()
        await self.service.stop()
        if self.notices:
            await self.notices.stop()
        await asyncio.to_thread(self._end_tracing)


def _notices(settings: Settings) -> Notices | None:
    """What posts notices, where the settings name somebody to post to; otherwise it is not even imported."""
    if settings.health_webhook_url is None:
        return None
    from streams.posting.notices import Notices

    return Notices(settings)
