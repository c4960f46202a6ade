"""A small server in this process: the commands that the scripts and their owners use, on values that can be shared.

It says of itself no more than the stories that are played on a real one too (`benchmarks.orders.stories`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from benchmarks.orders.values import (
    AT_MS,
    Group,
    Hash,
    ReplyError,
    Row,
    Stream,
    Value,
    Zset,
    entry_id,
    number,
)

V = TypeVar("V", Hash, Zset, Stream)
Words = Sequence[bytes]
OK = {b"ok": b"OK"}
WRONG = "WRONGTYPE Operation against a key holding the wrong kind of value"


class Server:
    """``keys`` may be taken out and put in at any time: that is a copy of all there is."""

    def __init__(self, keys: dict[bytes, Value] | None = None, at_ms: int = AT_MS) -> None:
        self.keys: dict[bytes, Value] = keys if keys is not None else {}
        self.at_ms = at_ms
        self.said: list[bytes] = []
        """What was published on channels."""
        self._touched: set[bytes] = set()

    def command(self, *words: Any) -> Any:
        """Run one command; replies are those of RESP2. Raises `ReplyError`."""
        name, *rest = [plain(word) for word in words]
        reply = COMMANDS[name.upper()](self, rest)
        return reply[b"ok"] if isinstance(reply, dict) else reply

    def scripted(self, name: bytes, *words: Any) -> Any:
        """The same from within a script; a status comes as a table."""
        return COMMANDS[name.upper()](self, [plain(word) for word in words])

    def tidy(self) -> None:
        """Drop the entries that every group has read and acknowledged."""
        for key in self._touched:
            stream = self.keys.get(key)
            if isinstance(stream, Stream) and stream.groups:
                kept = {entry: f for entry, f in stream.entries.items() if _is_needed(stream, entry)}
                self.keys[key] = Stream(kept, stream.groups, stream.made)
        self._touched.clear()

    def find(self, key: bytes, kind: type[V]) -> V | None:
        value = self.keys.get(key)
        if value is None or isinstance(value, kind):
            return value
        raise ReplyError(WRONG)

    def hash(self, key: bytes) -> Hash:
        return self.find(key, Hash) or Hash()

    def zset(self, key: bytes) -> Zset:
        return self.find(key, Zset) or Zset()

    def stream(self, key: bytes) -> Stream:
        return self.find(key, Stream) or Stream({}, {})

    def keep(self, key: bytes, value: Value) -> None:
        if isinstance(value, Stream) or value:
            self.keys[key] = value
        else:
            self.keys.pop(key, None)

    # hashes

    def hset(self, words: Words) -> int:
        key, before = words[0], self.hash(words[0])
        after = Hash({**before, **dict(zip(words[1::2], words[2::2], strict=True))})
        self.keep(key, after)
        return len(after) - len(before)

    def hsetnx(self, words: Words) -> int:
        return 0 if words[1] in self.hash(words[0]) else self.hset(words)

    def hget(self, words: Words) -> bytes | None:
        return self.hash(words[0]).get(words[1])

    def hmget(self, words: Words) -> list[bytes | None]:
        found = self.hash(words[0])
        return [found.get(field) for field in words[1:]]

    def hgetall(self, words: Words) -> list[bytes]:
        return [part for pair in self.hash(words[0]).items() for part in pair]

    def hkeys(self, words: Words) -> list[bytes]:
        return list(self.hash(words[0]))

    def hexists(self, words: Words) -> int:
        return int(words[1] in self.hash(words[0]))

    def hdel(self, words: Words) -> int:
        before, gone = self.hash(words[0]), set(words[1:])
        self.keep(words[0], Hash({name: value for name, value in before.items() if name not in gone}))
        return len(gone & before.keys())

    def hincrby(self, words: Words) -> int:
        try:
            value = int(self.hash(words[0]).get(words[1], b"0")) + int(words[2])
        except ValueError:
            raise ReplyError("ERR hash value is not an integer") from None
        self.hset([*words[:2], b"%d" % value])
        return value

    # sorted sets

    def zadd(self, words: Words) -> int:
        before, greater = self.zset(words[0]), words[1] == b"GT"
        pairs = words[1 + greater :]
        given = {member: float(score) for score, member in zip(pairs[::2], pairs[1::2], strict=True)}
        if greater:
            given = {member: max(score, before.get(member, score)) for member, score in given.items()}
        after = Zset({**before, **given})
        self.keep(words[0], after)
        return len(after) - len(before)

    def zrem(self, words: Words) -> int:
        before, gone = self.zset(words[0]), set(words[1:])
        self.keep(words[0], Zset({member: score for member, score in before.items() if member not in gone}))
        return len(gone & before.keys())

    def zscore(self, words: Words) -> bytes | None:
        score = self.zset(words[0]).get(words[1])
        return None if score is None else _score(score)

    def zcard(self, words: Words) -> int:
        return len(self.zset(words[0]))

    def zrange(self, words: Words) -> list[bytes]:
        assert words[3].upper() == b"BYSCORE", "the scripts' owners use no other form"
        return self.zrangebyscore([words[0], words[1], words[2], *words[4:]])

    def zrangebyscore(self, words: Words) -> list[bytes]:
        low, high = float(words[1]), float(words[2])
        found = [member for member, score in _ranked(self.zset(words[0])) if low <= score <= high]
        if len(words) > 3:
            start, most = int(words[4]), int(words[5])
            found = found[start : start + most if most >= 0 else None]
        return found

    def zremrangebyrank(self, words: Words) -> int:
        start, stop = int(words[1]), int(words[2])
        members = [member for member, _ in _ranked(self.zset(words[0]))]
        last = stop if stop >= 0 else len(members) + stop
        return self.zrem([words[0], *members[start : last + 1]])

    def zintercard(self, words: Words) -> int:
        """0: the scripts' owners ask with a key that is not there, to look whether all others are what they should be."""
        keys = words[1 : 1 + int(words[0])]
        return min(len(self.zset(key)) for key in keys)

    # streams

    def xread(self, words: Words) -> None:
        """Nothing: the scripts' owners ask for what comes after the last entry."""
        keys = words[1 : 1 + len(words[1:]) // 2]
        assert set(words[1 + len(keys) :]) == {b"$"}
        for key in keys:
            self.stream(key)

    def xadd(self, words: Words) -> bytes | None:
        key, at = words[0], 1
        most = None
        while words[at] != b"*":
            if words[at].upper() == b"NOMKSTREAM":
                if key not in self.keys:
                    return None
                at += 1
            else:
                assert words[at].upper() == b"MAXLEN"
                most = int(words[at + 2 if words[at + 1] in {b"~", b"="} else at + 1])
                at += 3 if words[at + 1] in {b"~", b"="} else 2
        if len(words) - at - 1 < 2 or (len(words) - at - 1) % 2:
            raise ReplyError("ERR wrong number of arguments for 'xadd' command")
        stream = self.stream(key)
        entry = entry_id(stream.made + 1)
        assert most is None or len(stream.entries) < most, "the model cuts no stream"
        self.keys[key] = Stream(
            {**stream.entries, entry: tuple(words[at + 1 :])}, stream.groups, stream.made + 1
        )
        return entry

    def xdel(self, words: Words) -> int:
        before, gone = self.stream(words[0]), {entry_id(number(entry)) for entry in words[1:]}
        if key_gone := gone & before.entries.keys():
            kept = {entry: fields for entry, fields in before.entries.items() if entry not in key_gone}
            self.keys[words[0]] = Stream(kept, before.groups, before.made)
        return len(key_gone)

    def xrange(self, words: Words) -> list[list[Any]]:
        low, high = number(words[1] if words[1] != b"-" else b"0"), number(words[2])
        found = [[e, list(f)] for e, f in self.stream(words[0]).entries.items() if low <= number(e) <= high]
        return found[: int(words[4])] if len(words) > 3 else found

    def xlen(self, words: Words) -> int:
        return len(self.stream(words[0]).entries)

    def xgroup(self, words: Words) -> Any:
        assert words[0].upper() == b"CREATE"
        stream = self.stream(words[1])
        self.keys[words[1]] = stream.with_group(words[2], Group())
        return OK

    def xreadgroup(self, words: Words) -> list[Any] | None:
        group, consumer = words[1], words[2]
        most, key = int(words[words.index(b"COUNT") + 1]), words[words.index(b"STREAMS") + 1]
        stream = self.stream(key)
        taken = stream.unread(group)[:most]
        if not taken:
            return None
        before = stream.group(group)
        rows = {**before.pending, **{entry: Row(consumer, 0, 1) for entry in taken}}
        self.keys[key] = stream.with_group(group, Group(number(taken[-1]), rows))
        return [[key, [[entry, list(stream.entries[entry])] for entry in taken]]]

    def xack(self, words: Words) -> int:
        found = self.find(words[0], Stream)
        before = found.groups.get(words[1]) if found else None
        if found is None or before is None:
            return 0
        if not all(words[2:]):
            raise ReplyError("ERR Invalid stream ID specified as stream command argument")
        gone = set(words[2:]) & before.pending.keys()
        if gone:
            rows = {entry: row for entry, row in before.pending.items() if entry not in gone}
            self.keys[words[0]] = found.with_group(words[1], Group(before.last, rows))
            self._touched.add(words[0])
        return len(gone)

    def xpending(self, words: Words) -> list[list[Any]]:
        low, high, most = number(words[2] if words[2] != b"-" else b"0"), number(words[3]), int(words[4])
        rows = self.stream(words[0]).group(words[1]).pending
        found = sorted((entry for entry in rows if low <= number(entry) <= high), key=number)[:most]
        return [[entry, *rows[entry]] for entry in found]

    def xclaim(self, words: Words) -> list[Any]:
        """With ``IDLE n JUSTID``, as the leases are renewed; what is not pending stays so."""
        key, group, consumer, least, entry = words[:5]
        assert words[5].upper() == b"IDLE"
        assert words[7].upper() == b"JUSTID"
        stream = self.stream(key)
        row = stream.group(group).pending.get(entry)
        if row is None or row.idle < int(least):
            return []
        self._hand(key, group, entry, Row(consumer, int(words[6]), row.deliveries))
        return [entry]

    def xautoclaim(self, words: Words) -> list[Any]:
        key, group, consumer, least, _, _, count = words
        rows = self.stream(key).group(group).pending
        old = sorted((e for e, r in rows.items() if r.idle >= int(least)), key=number)
        entries = self.stream(key).entries
        taken = old[: int(count)]
        for entry in taken:
            self._hand(key, group, entry, Row(consumer, 0, rows[entry].deliveries + 1))
        return [b"0-0", [[entry, list(entries[entry])] for entry in taken], []]

    def _hand(self, key: bytes, group: bytes, entry: bytes, row: Row) -> None:
        stream = self.stream(key)
        before = stream.group(group)
        self.keys[key] = stream.with_group(group, Group(before.last, {**before.pending, entry: row}))

    # all kinds

    def type(self, words: Words) -> dict[bytes, bytes]:
        value = self.keys.get(words[0])
        return {b"ok": value.kind if value is not None else b"none"}

    def unlink(self, words: Words) -> int:
        return sum(self.keys.pop(key, None) is not None for key in words)

    def exists(self, words: Words) -> int:
        return sum(key in self.keys for key in words)

    def time(self, _: Words) -> list[bytes]:
        return [b"%d" % (self.at_ms // 1000), b"%d" % (self.at_ms % 1000 * 1000)]

    def publish(self, words: Words) -> int:
        self.said.append(words[1])
        return 0


def _is_needed(stream: Stream, entry: bytes) -> bool:
    return any(number(entry) > one.last or entry in one.pending for one in stream.groups.values())


def _ranked(members: Zset) -> Iterable[tuple[bytes, float]]:
    return sorted(members.items(), key=lambda pair: (pair[1], pair[0]))


def _score(score: float) -> bytes:
    return b"%d" % score if score == int(score) else repr(score).encode()


def plain(word: Any) -> bytes:
    """A word as the server gets it."""
    if isinstance(word, bytes):
        return word
    if isinstance(word, str):
        return word.encode()
    return b"%d" % word if word == int(word) else b"%.17g" % word


COMMANDS: dict[bytes, Callable[[Server, Words], Any]] = {
    name.upper().encode(): getattr(Server, name)
    for name in (
        *("hset", "hsetnx", "hget", "hmget", "hgetall", "hkeys", "hexists", "hdel", "hincrby"),
        *("zadd", "zrem", "zscore", "zcard", "zrange", "zrangebyscore", "zremrangebyrank", "zintercard"),
        *(
            "xread",
            "xadd",
            "xdel",
            "xrange",
            "xlen",
            "xgroup",
            "xreadgroup",
            "xack",
            "xpending",
            "xclaim",
            "xautoclaim",
        ),
        *("type", "unlink", "exists", "time", "publish"),
    )
}
