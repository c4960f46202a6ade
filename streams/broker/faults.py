"""Tells the server's own troubles, which pass, from what is wrong with one key or one entry, which stays."""

from __future__ import annotations

from typing import Any

from redis.exceptions import (
    AskError,
    AuthenticationError,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)

WRONG_KEY = "WRONGKEY"
"""What our scripts answer, before they write anything, when the key of one request or work holds another type."""
FIXED_KEY = "FIXEDKEY"
"""The same for a key that all requests share: nothing can go on until somebody mends it."""
_OF_SERVER = (
    AskError,  # and so MovedError: another node of the cluster has the slot now
    AuthenticationError,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
)
_WORDS = {
    *("BUSY", "CLUSTERDOWN", FIXED_KEY, "LOADING", "MASTERDOWN", "MISCONF", "NOAUTH", "NOGROUP", "NOPERM"),
    *("NOREPLICAS", "NOSCRIPT", "OOM", "READONLY", "TRYAGAIN", "UNBLOCKED"),
}


def is_server_trouble(error: RedisError) -> bool:
    """Whether an error is the server's (or the way to it): trying again later helps, and nothing counts as an attempt."""
    if not isinstance(error, ResponseError) or isinstance(error, _OF_SERVER):
        return True
    said = str(error)
    return said.partition(" ")[0] in _WORDS or "OOM" in said or "max number of clients" in said


def is_wrong_type(error: ResponseError) -> bool:
    """Whether a key holds another type than it should."""
    return str(error).startswith(("WRONGTYPE", WRONG_KEY))


def sound_reply(reply: Any, empty: list[Any]) -> list[Any]:
    """A reply of a pipeline; ``empty`` where the key holds another type, so that one bad state hides no other."""
    if not isinstance(reply, Exception):
        return list(reply)
    if isinstance(reply, ResponseError) and is_wrong_type(reply):
        return empty
    raise reply
