"""What stands beside a service and lets consumers in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

App = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application."""


class Door(Protocol):
    """Opened and closed with its service. ``addresses`` are its applications by the path under which they answer."""

    addresses: Mapping[str, App]

    @property
    def metrics(self) -> CollectorRegistry | None:
        """What it counts of itself."""

    async def start(self) -> None:
        """Open it."""

    async def stop(self) -> None:
        """Close it."""


class Mounted:
    """An application with others under paths of their own."""

    def __init__(self, application: App, others: Mapping[str, App]) -> None:
        self._application = application
        self._others = dict(others)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, or let answer who stands under the path."""
        path = scope.get("path", "")
        below = [
            app for prefix, app in self._others.items() if path == prefix or path.startswith(f"{prefix}/")
        ]
        await (below[0] if below else self._application)(scope, receive, send)
