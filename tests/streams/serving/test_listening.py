"""What is served goes out at once."""

from __future__ import annotations

import socket

import pytest

from streams.serving.listening import listen


def test_connections_send_each_part_of_an_answer_at_once() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_port_that_is_taken_is_an_error_that_says_so() -> None:
    with listen("127.0.0.1", 0) as listening, pytest.raises(OSError, match="in use"):
        listen(*listening.getsockname())
