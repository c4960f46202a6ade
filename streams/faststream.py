"""The service as an application of FastStream: ``faststream run streams.faststream:app``.

It runs what ``anime-enrich up`` runs, from the same settings, and ends as gracefully; ``faststream docs gen`` on it
writes the published contract.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator

from faststream import FastStream

from streams.broker.keys import AGGREGATE, IDENTIFY, Topology
from streams.client.session import server
from streams.config.settings import Settings
from streams.doors.opened import opened
from streams.service.app import Service
from streams.service.description import Contract, declared
from streams.service.wiring import check_files
from streams.telemetry import logs
from streams.web.beside import Beside


def application(settings: Settings, *, alone: bool = False) -> FastStream:
    """An application of all groups. Nothing connects before it runs.

    While it runs, its context holds the `Service` as ``service``, for handlers of other brokers that are added to it.
    ``alone``: the process is there for this; unless somebody has set logging up, it is, as the settings say.
    """
    groups = [IDENTIFY, *settings.active_sources, AGGREGATE]
    broker = declared(Topology(settings.stream_prefix), groups)

    @contextlib.asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        if alone and not logging.getLogger().handlers:
            logs.configure(settings.log_level, settings.log_format)
        check_files(settings)
        with server(settings) as url:
            service = Service(settings, url, broker=broker)
            both = Beside(service, opened(service))
            made.context.set_global("service", both.service)
            await both.prepare()
            try:
                yield
            finally:
                await both.stop()

    made = FastStream(
        broker, lifespan=lifespan, specification=Contract(), logger=logging.getLogger("faststream")
    )
    return made


app = application(Settings.load(), alone=True)
