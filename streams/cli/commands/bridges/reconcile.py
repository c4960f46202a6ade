"""Serves the Reconciliation API."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from redis.asyncio import Redis

from streams.bridges.reconciliation import Reconciler
from streams.bridges.reconciliation_server import ReconciliationApp, ReconciliationServer
from streams.bridges.resolving import resolver
from streams.broker.keys import Topology
from streams.cli.commands.bridges.carrying import Work, carry
from streams.cli.exit_codes import Exit, Stop
from streams.client.session import server
from streams.config.settings import Settings
from streams.service.wiring import check_files
from streams.serving.listening import listen
from streams.telemetry import logs

log = logs.logger("reconciliation")


def run(host: str, port: int) -> Exit:
    """Serve until told to stop. Raises `Stop` for an address that cannot be used, `SettingsError`, `PolicyError`."""
    settings = Settings.load()
    logs.configure(settings.log_level, settings.log_format)
    check_files(settings)
    try:
        listening = listen(host, port)
    except OSError as error:
        raise Stop(f"{host}:{port} cannot be used: {error.strerror}", "choose another with --port") from error
    stack = contextlib.AsyncExitStack()
    hosts = {host, *(settings.http_allowed_hosts or ())}

    async def begin(redis: Redis, names: Topology) -> Sequence[Work]:
        url = stack.enter_context(server(settings))
        found = await stack.enter_async_context(resolver(settings, url, redis))
        app = ReconciliationApp(Reconciler(found), redis, names)
        log.info("serving", address=f"http://{host}:{listening.getsockname()[1]}/")
        return [ReconciliationServer(app, listening, hosts).run]

    with listening:
        return carry(settings, begin, stack.aclose)
