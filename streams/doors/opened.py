"""The doors that the settings open; what is not opened is not even imported."""

from __future__ import annotations

from streams.service.app import Service
from streams.serving.door import Door


def opened(service: Service) -> list[Door]:
    """The doors of one process, not started. A fleet shares its settings: the API opens where there is a port."""
    doors: list[Door] = []
    if service.settings.http_api and service.settings.http_port is not None:
        from streams.doors.http.application import Api

        doors.append(Api(service.settings, service.url, service.names))
    if service.settings.snapshot_requests:
        from streams.doors.snapshots import SnapshotDoor

        doors.append(SnapshotDoor(service.url, service.names, service.consumer))
    return doors
