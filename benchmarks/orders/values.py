"""What a server holds, as values that are never changed in place: two servers that part ways share what they have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from redis.exceptions import ResponseError

AT_MS = 1_000_000_000_000
"""The time on the model, Unix milliseconds: it stands still; whatever has to pass is a move of its own."""


class ReplyError(ResponseError):
    """An error reply, as the server words it."""


class Hash(dict[bytes, bytes]):
    """Field to value."""

    kind = b"hash"
    __slots__ = ("token",)
    token: int


class Zset(dict[bytes, float]):
    """Member to score."""

    kind = b"zset"
    __slots__ = ("token",)
    token: int


class Row(NamedTuple):
    """One line of a pending list: whose it is, how long it has been silent (ms), how often it was delivered."""

    owner: bytes
    idle: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class Group:
    """How far a group has read, and what it has not acknowledged."""

    last: int = 0
    pending: dict[bytes, Row] = field(default_factory=dict)


class Stream:
    """Entries by id, the oldest first; ``made`` is how many there ever were. What all groups are done with goes at once."""

    kind = b"stream"
    __slots__ = ("_unread", "entries", "groups", "made", "token")
    token: int

    def __init__(
        self, entries: dict[bytes, tuple[bytes, ...]], groups: dict[bytes, Group], made: int = 0
    ) -> None:
        self.entries, self.groups, self.made = entries, groups, made
        self._unread: dict[bytes, list[bytes]] = {}

    def group(self, name: bytes) -> Group:
        try:
            return self.groups[name]
        except KeyError:
            raise ReplyError("NOGROUP No such consumer group") from None

    def with_group(self, name: bytes, group: Group) -> Stream:
        return Stream(self.entries, {**self.groups, name: group}, self.made)

    def unread(self, name: bytes) -> list[bytes]:
        """Ids that the group has not read, the oldest first."""
        found = self._unread.get(name)
        if found is None:
            last = self.groups[name].last
            found = self._unread[name] = [entry for entry in self.entries if number(entry) > last]
        return found


Value = Hash | Zset | Stream


def entry_id(made: int) -> bytes:
    return b"%d-%d" % (AT_MS, made)


@cache
def number(entry: bytes) -> int:
    """The place of an entry in its stream, from 1 on; 0 for the beginning, and beyond all for the end."""
    if entry == b"+":
        return 1 << 62
    milliseconds, _, sequence = entry.partition(b"-")
    if milliseconds in {b"", b"0"}:
        return 0
    if not milliseconds.isdigit():
        raise ReplyError("ERR Invalid stream ID specified as stream command argument")
    return int(sequence or 0) if int(milliseconds) == AT_MS else 1 << 62
