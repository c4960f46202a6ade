"""The socket that a server listens on."""

from __future__ import annotations

import socket

BACKLOG = 128


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, whose connections send each part of an answer at once. Raises ``OSError``.

    Without that the last part of every answer but the first waits 40 ms for the visitor to confirm the part before: an event
    loop turns it off only for sockets that were made for TCP by name.
    """
    listening = socket.create_server((host, port), backlog=BACKLOG)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
