"""Where we may connect to: looked at when the connection is made, so that no name and no redirect leads elsewhere."""

from __future__ import annotations

import errno
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import aiohttp

_NAT64 = IPv6Network("64:ff9b::/96")


class PrivateAddressError(PermissionError):
    """The address is one of this machine or of a private network."""


def is_public(address: str) -> bool:
    """Whether an IP address can be reached by anybody, an IPv4 address inside an IPv6 one included."""
    found = ip_address(address)
    inside = _inside(found) if isinstance(found, IPv6Address) else None
    return all(one.is_global and not one.is_multicast for one in (found, inside) if one is not None)


def _inside(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def public_socket(info: Any) -> socket.socket:
    """A socket for one resolved address (as ``getaddrinfo`` gives it). Raises `PrivateAddressError`."""
    family, kind, protocol, _, where = info
    if not is_public(where[0]):
        raise PrivateAddressError(errno.EACCES, f"{where[0]} is a private address")
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    return made


def connector(*, allow_private: bool) -> aiohttp.TCPConnector:
    """What makes the connections."""
    return aiohttp.TCPConnector(socket_factory=None if allow_private else public_socket)
